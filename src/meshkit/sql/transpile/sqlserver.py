"""SQL Server's dialect, by Microsoft's Transact-SQL reference. It is not run here.

Texts are compared as UTF-16 code units and with their blanks: a binary collation, and a mark behind them, since `=` passes over
blanks at the end whatever the collation is.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared, strict
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, cast_as, literal_integer, literal_text, number, text

_EXACT = "Latin1_General_100_BIN2"
_CHARACTERS = "Latin1_General_100_CI_AS_SC"
_MOST_MEMBERS = 2_000
_FEW_DIGITS = 18
_NAMES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "DATETIME2(6)", Kind.ZONED: "DATETIMEOFFSET(6)"}
_TYPES = {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.ZONED: "TIMESTAMPTZ"}
_UNITS = ("year", "quarter", "month", "day", "hour", "minute", "second")
_BASE = strict.Spec(
    name="sqlserver",
    writes="tsql",
    floats="FLOAT",
    integers="NUMERIC(38, 0)",
    decimals=lambda places: f"NUMERIC(38, {places})",
    written=lambda value, kind: cast_as(
        text(value + ":00" if kind is Kind.ZONED and value.endswith("+00") else value), _NAMES[kind], _TYPES[kind]
    ),
    naive=lambda value, kind: cast_as(
        call("SWITCHOFFSET", value, text("+00:00")) if kind is Kind.ZONED else value, "DATETIME2(6)", "TIMESTAMP"
    ),
    seconds=lambda later, earlier: exp.Div(
        this=cast_as(call("DATEDIFF_BIG", exp.var("MICROSECOND"), earlier, later), "FLOAT", "DOUBLE"),
        expression=number(1_000_000),
        typed=True,
        safe=False,
    ),
    length=lambda value: exp.Paren(
        this=exp.Sub(this=call("LEN", _collated(_marked(value), _CHARACTERS)), expression=number(1))
    ),
    as_text=lambda value: cast_as(value, "NVARCHAR(40)", "VARCHAR"),
    is_nan=lambda value: exp.NEQ(this=value.copy(), expression=value.copy()),  # it holds no NaN; NULL stays NULL
    matches=None,
    most_members=_MOST_MEMBERS,
    nan_is_last=True,
    has_booleans=False,
)


def _marked(value: exp.Expr) -> exp.Expr:
    found = literal_text(value)
    if found is not None:
        return exp.National(this=found + ".")
    return exp.Paren(this=exp.Add(this=value.copy(), expression=exp.National(this=".")))


def _collated(value: exp.Expr, collation: str = _EXACT) -> exp.Expr:
    return exp.Collate(this=value.copy(), expression=exp.var(collation))


def _exact(value: exp.Expr) -> exp.Expr:
    """Write a text so that equal means the same characters, blanks at the end included."""
    return _collated(_marked(value))


def _equal(node: exp.Expr, context: Context) -> exp.Expr:
    if {kind_of(node.this), kind_of(node.expression)} == {Kind.TEXT}:
        context.note("texts are compared by a binary collation, blanks at the end included")
        return type(node)(this=_exact(node.this), expression=_exact(node.expression))
    return _STRICT.rules[exp.LT](node, context)


def _one_of(node: exp.Expr, context: Context) -> exp.Expr:
    found = _STRICT.rules[exp.In](node, context)
    if kind_of(found.this) is not Kind.TEXT:
        return found
    if found.args.get("query") is not None:
        context.refuse(node, "of a sub-query that selects texts")
    context.note("texts are compared by a binary collation, blanks at the end included")
    return exp.In(this=_exact(found.this), expressions=[_marked(e) for e in found.expressions])


def _group(node: exp.Expr, context: Context) -> exp.Expr:
    found = _STRICT.rules[exp.Group](node, context)
    keys = found.expressions
    if any(kind_of(k) is Kind.TEXT for k in keys):
        select = node.parent
        chosen = (
            [c for s in select.expressions for c in s.find_all(exp.Column)] if isinstance(select, exp.Select) else []
        )
        if any(c == k for c in chosen for k in keys):
            context.refuse(node, "BY a text that is selected too")
        context.note("texts are grouped by a binary collation, blanks at the end included")
        found.set("expressions", [_exact(k) if kind_of(k) is Kind.TEXT else k.copy() for k in keys])
    return found


def _no_texts(rule: type[exp.Expr]) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        held = node.this.expressions if isinstance(node.this, exp.Distinct) else []
        if isinstance(node, exp.Distinct) and isinstance(node.parent, exp.Select):
            held = [s.unalias() for s in node.parent.expressions]
        if any(kind_of(h) is Kind.TEXT for h in held):
            context.refuse(node, "DISTINCT texts, which differ by their collation")
        return _STRICT.rules[rule](node, context)

    return apply


def _summed(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    if kind_of(node.this) is Kind.INTEGER and not isinstance(node.this, exp.Distinct):
        return exp.Sum(this=cast_as(node.this, "NUMERIC(38, 0)", "HUGEINT"))
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, of=node)
    if unit not in _UNITS:
        context.refuse(node, f"in {unit}s")
    return call("DATEDIFF_BIG", exp.var(unit.upper()), node.expression, node.this)


def _decimals(node: exp.Expr, context: Context) -> exp.Expr:
    """Refuse sums and products whose places may be cut to make room for 38 digits."""
    for part in (node.this, node.expression):
        if kind_of(part) is Kind.DECIMAL and not _is_small(part):
            context.refuse(node, "of decimals of more than 18 digits, or of computed ones")
    return _STRICT.rules[type(node)](node, context)


def _is_small(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _is_small(node.this)
    if isinstance(node, exp.Literal):
        return len(node.name) <= _FEW_DIGITS
    sizes = [literal_integer(p.this) for p in node.type.expressions] if isinstance(node.type, exp.DataType) else []
    return isinstance(node, exp.Column) and bool(sizes) and (sizes[0] or 99) <= _FEW_DIGITS


def _no_text_keys(rule: Rule | None, *parts: str) -> Rule:
    """Refuse what compares texts by the database's collation, where it cannot be told another."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        held = [p for name in parts for p in _listed(node.args.get(name))]
        if any(kind_of(p) is Kind.TEXT for p in held):
            context.refuse(node, "of texts, which are compared by the database's collation there")
        return rule(node, context) if rule is not None else node

    return apply


def _listed(value: object) -> list[exp.Expr]:
    return [p for p in (value if isinstance(value, list) else [value]) if isinstance(p, exp.Expr)]


_STRICT = strict.dialect(_BASE)
_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.EQ: _equal,
    exp.NEQ: _equal,
    exp.In: _one_of,
    exp.Group: _group,
    exp.Distinct: _no_texts(exp.Distinct),
    exp.Count: _no_texts(exp.Count),
    exp.Sum: _summed,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), _decimals),
    exp.Case: _no_text_keys(None, "this"),
    exp.Nullif: _no_text_keys(None, "this", "expression"),
    exp.Window: _no_text_keys(_STRICT.rules[exp.Window], "partition_by"),
    exp.DateDiff: _date_diff,
}
SQLSERVER = strict.dialect(_BASE._replace(rules=_RULES))
__all__ = ["SQLSERVER", "listed"]
