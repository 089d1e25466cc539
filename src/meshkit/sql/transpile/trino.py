"""Trino's and Athena's dialect, by Trino's documentation. It is not run here."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import strict
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.posix import Flavour, posix
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import at_least, call, cast_as, number, text, texts_only

_JONI = Flavour(end="\\z", knows_words=False, has_classes=False, nests=True)
_UNITS = ("year", "quarter", "month", "day", "hour", "minute", "second")


def _written(value: str, kind: Kind) -> exp.Expr:
    if kind is Kind.DATE:
        return cast_as(text(value), "DATE", "DATE")
    if kind is Kind.TIMESTAMP:
        return cast_as(text(value), "TIMESTAMP(6)", "TIMESTAMP")
    return cast_as(text(value.removesuffix("+00") + " UTC"), "TIMESTAMP(6) WITH TIME ZONE", "TIMESTAMPTZ")


def _naive(value: exp.Expr, kind: Kind) -> exp.Expr:
    if kind is Kind.ZONED:
        value = exp.AtTimeZone(this=value.copy(), zone=text("UTC"))
    return cast_as(value, "TIMESTAMP(6)", "TIMESTAMP")


def _seconds(later: exp.Expr, earlier: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Sub(this=call("TO_UNIXTIME", later), expression=call("TO_UNIXTIME", earlier)))


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, of=node)
    if unit not in _UNITS:
        context.refuse(node, f"in {unit}s")
    context.note(f"date_diff counts the boundaries of a {unit}: both sides are truncated to it first")
    ends = [
        cast_as(p, "TIMESTAMP(6)", "TIMESTAMP") if kind_of(p) is Kind.DATE else p for p in (node.expression, node.this)
    ]
    return call("DATE_DIFF", text(unit), *(call("DATE_TRUNC", text(unit), end) for end in ends))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    parts = [number(at_least(node.args.get("start"), 1, node, context))]
    length = node.args.get("length")
    parts += [number(at_least(length, 0, node, context))] if length is not None else []
    return call("SUBSTR", node.this, *parts)


_RULES: Mapping[type[exp.Expr] | str, Rule] = {exp.Like: _like, exp.DateDiff: _date_diff, exp.Substring: _substring}
TRINO = strict.dialect(
    strict.Spec(
        name="trino",
        writes="trino",
        floats="DOUBLE",
        integers="DECIMAL(38, 0)",
        decimals=lambda places: f"DECIMAL(38, {places})",
        written=_written,
        naive=_naive,
        seconds=_seconds,
        length=lambda value: call("LENGTH", value),
        as_text=lambda value: cast_as(value, "VARCHAR", "VARCHAR"),
        is_nan=lambda value: call("IS_NAN", value),
        matches=lambda value, pattern: call("REGEXP_LIKE", value, text(posix(pattern, _JONI))),
        most_members=10_000,
        rules=_RULES,
        same=frozenset(["Escape", "Except", "Intersect"]),
    )
)
