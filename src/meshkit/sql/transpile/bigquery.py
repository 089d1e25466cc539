"""BigQuery's dialect, by its documentation: GoogleSQL reference. It is not run here."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import strict
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    at_least,
    call,
    cast_as,
    exact_product,
    filled_text,
    literal_text,
    number,
    texts_only,
)

_NAMES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "DATETIME", Kind.ZONED: "TIMESTAMP"}
_TYPES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.ZONED: "TIMESTAMPTZ"}
_PLACES = 9
_UNITS = ("year", "quarter", "month", "day", "hour", "minute", "second")


def _written(value: str, kind: Kind) -> exp.Expr:
    return cast_as(exp.Literal.string(value), _NAMES[kind], _TYPES[kind])


def _naive(value: exp.Expr, kind: Kind) -> exp.Expr:
    if kind is Kind.DATE:
        return cast_as(value, "DATETIME", "TIMESTAMP")
    made = call("DATETIME", value, exp.Literal.string("UTC"))
    made.type = exp.DataType.build("TIMESTAMP", dialect="duckdb")
    return made


def _seconds(later: exp.Expr, earlier: exp.Expr) -> exp.Expr:
    passed = call("DATETIME_DIFF", later, earlier, exp.var("MICROSECOND"))
    return exp.Div(this=passed, expression=number(1_000_000), typed=False, safe=False)


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    pattern = literal_text(node.expression)
    if pattern is None or "\\" in pattern or isinstance(node.parent, exp.Escape):
        context.refuse(node, "with a backslash, an escape, or a pattern that is computed")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, of=node)
    if unit not in _UNITS:
        context.refuse(node, f"in {unit}s")
    ends = [cast_as(p, "DATETIME", "TIMESTAMP") if kind_of(p) is Kind.DATE else p for p in (node.this, node.expression)]
    return call("DATETIME_DIFF", *ends, exp.var(unit.upper()))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    parts = [number(at_least(node.args.get("start"), 1, node, context))]
    length = node.args.get("length")
    parts += [number(at_least(length, 0, node, context))] if length is not None else []
    return call("SUBSTR", node.this, *parts)


def _start(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        filled_text(node.expression, node, context)
        return call(name, node.this, node.expression)

    return apply


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Like: _like,
    exp.Mul: lambda node, context: exact_product(_PLACES, node, context),
    exp.DateDiff: _date_diff,
    exp.Substring: _substring,
    exp.StartsWith: _start("STARTS_WITH"),
    exp.EndsWith: _start("ENDS_WITH"),
}
BIGQUERY = strict.dialect(
    strict.Spec(
        name="bigquery",
        writes="bigquery",
        floats="FLOAT64",
        integers="BIGNUMERIC",
        decimals=lambda places: "BIGNUMERIC",
        written=_written,
        naive=_naive,
        seconds=_seconds,
        length=lambda value: call("CHAR_LENGTH", value),
        as_text=lambda value: cast_as(value, "STRING", "VARCHAR"),
        is_nan=lambda value: call("IS_NAN", value),
        matches=lambda value, pattern: call("REGEXP_CONTAINS", value, exp.Literal.string(pattern)),
        most_members=10_000,
        rules=_RULES,
    )
)
