"""Oracle's dialect, by its SQL language reference (19c). It is not run here.

An empty text is NULL there: texts '' are refused. Texts are equal as they are where NLS_COMP is BINARY, which is the default.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import strict
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.posix import Flavour, posix
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, cast_as, literal_text, number, text, typed

_FLAVOUR = Flavour(knows_words=False, has_classes=False)
_LONGEST_PATTERN = 512
_MOST_MEMBERS = 1_000
_TYPES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.ZONED: "TIMESTAMPTZ"}


def _written(value: str, kind: Kind) -> exp.Expr:
    """Write a literal of the standard: a cast of a text would depend on the session's formats."""
    assert set(value) <= set("0123456789-:. +T"), "texts of days and times hold nothing else"
    if kind is Kind.ZONED:
        value = value.removesuffix("+00") + " +00:00"
    made: exp.Expr = exp.var(f"{'DATE' if kind is Kind.DATE else 'TIMESTAMP'} '{value}'")
    made.type = exp.DataType.build(_TYPES[kind], dialect="duckdb")
    return made


def _naive(value: exp.Expr, kind: Kind) -> exp.Expr:
    return cast_as(call("SYS_EXTRACT_UTC", value) if kind is Kind.ZONED else value, "TIMESTAMP(6)", "TIMESTAMP")


def _seconds(later: exp.Expr, earlier: exp.Expr) -> exp.Expr:
    passed = exp.Paren(this=exp.Sub(this=_naive(later, Kind.TIMESTAMP), expression=_naive(earlier, Kind.TIMESTAMP)))
    whole: exp.Expr | None = None
    for unit, seconds in (("DAY", 86400), ("HOUR", 3600), ("MINUTE", 60), ("SECOND", 1)):
        part: exp.Expr = exp.Extract(this=exp.var(unit), expression=passed.copy())
        part = exp.Mul(this=part, expression=number(seconds)) if seconds > 1 else part
        whole = part if whole is None else exp.Add(this=whole, expression=part)
    assert whole is not None
    return exp.Paren(this=whole)


def _matches(value: exp.Expr, pattern: str) -> exp.Expr:
    made = posix(pattern, _FLAVOUR)
    if len(made.encode()) > _LONGEST_PATTERN:
        raise ValueError(f"with a pattern of more than {_LONGEST_PATTERN} bytes")
    return call("REGEXP_LIKE", value, text(made), text("c"))


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    if not literal_text(node.expression):
        context.refuse(node, "with a pattern that is empty or computed")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, of=node)
    unit = node.args["unit"].name.lower().rstrip("s")
    if unit != "day":
        context.refuse(node, f"in {unit}s")
    return exp.Paren(this=exp.Sub(this=call("TRUNC", node.this), expression=call("TRUNC", node.expression)))


def _compared(node: exp.Expr, context: Context) -> exp.Expr:
    if {kind_of(node.this), kind_of(node.expression)} == {Kind.DATE, Kind.TIMESTAMP}:
        sides = [_naive(p, Kind.DATE) if kind_of(p) is Kind.DATE else p for p in (node.this, node.expression)]
        return type(node)(this=sides[0].copy(), expression=sides[1].copy())
    return _STRICT.rules[exp.LT](node, context)


def _from_dual(query: exp.Query) -> exp.Query:
    """Select from DUAL where nothing else is selected from."""
    for select in query.find_all(exp.Select):
        if select.args.get("from_") is None:
            select.set("from_", exp.From(this=exp.Table(this=exp.Identifier(this="DUAL", quoted=False))))
    return query


_BASE = strict.Spec(
    name="oracle",
    writes="oracle",
    floats="BINARY_DOUBLE",
    integers="NUMBER(38, 0)",
    decimals=lambda places: f"NUMBER(38, {places})",
    written=_written,
    naive=_naive,
    seconds=_seconds,
    length=lambda value: call("LENGTH", value),
    as_text=lambda value: call("TO_CHAR", value),
    is_nan=lambda value: exp.EQ(this=value.copy(), expression=_float("NaN")),
    matches=_matches,
    most_members=_MOST_MEMBERS,
    nan_is_last=True,
    has_booleans=False,
    finish=_from_dual,
)


def _float(written: str) -> exp.Expr:
    """Write a float without the session's decimal mark."""
    made: exp.Expr = exp.var("BINARY_DOUBLE_NAN" if written == "NaN" else f"{written}D")
    made.type = exp.DataType.build("DOUBLE", dialect="duckdb")
    return made


def _cast(node: exp.Expr, context: Context) -> exp.Expr:
    assert isinstance(node, exp.Cast)
    written = literal_text(node.this)
    found = _STRICT.rules[exp.Cast](node, context)
    if written is not None and kind_of(node) is Kind.FLOAT:
        return _float(written)
    if written is not None and kind_of(node) is Kind.DECIMAL:
        bare = exp.Literal.number(written.lstrip("-"))
        return typed(exp.Neg(this=bare) if written.startswith("-") else bare, node.to.sql("duckdb"))
    return found


_STRICT = strict.dialect(_BASE)
_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Like: _like,
    exp.DateDiff: _date_diff,
    exp.Cast: _cast,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _compared),
}
ORACLE = strict.dialect(_BASE._replace(rules=_RULES))
