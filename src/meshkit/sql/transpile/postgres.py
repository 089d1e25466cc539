"""PostgreSQL's dialect."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Dialect, Rule

_SAME = shared.STRUCTURE | frozenset(
    """
    Between Escape Filter Floor Ceil Sign Exp Ln Sqrt Pow Lower Upper Trim Replace Reverse Substring Left Right
    Initcap Greatest Least Min Max Stddev StddevSamp StddevPop Variance VariancePop RowNumber Rank DenseRank PercentRank CumeDist
    Ntile Lag Lead FirstValue LastValue NthValue Tuple Except Intersect Interval IntervalSpan Values Cube Rollup
    GroupingSets Corr CovarPop CovarSamp LogicalAnd LogicalOr Bracket MD5
    Ascii Chr StartsWith Mod BitwiseAnd BitwiseOr BitwiseXor Degrees Radians Sin Cos Tan Asin Acos Atan Atan2 Pi Log Length
    StrPosition SplitPart ConcatWs
    """.split()
)


def _function(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])


def _cast(value: exp.Expr, to: str) -> exp.Cast:
    return exp.cast(value.copy(), to, dialect="postgres")


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    # DuckDB's LIKE has no escape unless one is named; PostgreSQL's has the backslash.
    if isinstance(node.parent, exp.Escape):
        return node
    context.note("LIKE has no escape character in DuckDB: ESCAPE '' says so")
    return exp.Escape(this=node.copy(), expression=exp.Literal.string(""))


def _ordered(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare and sort texts by code point, as DuckDB does, whatever the database's collation is."""
    if kind_of(node.this) is Kind.TEXT:
        context.note('texts are ordered by code point: COLLATE "C"')
        node.set("this", _binary(node.this))
    return node


def _binary(text: exp.Expr) -> exp.Expr:
    return exp.Collate(this=text.copy(), expression=exp.to_identifier("C", quoted=True))


def _ordering_comparison(node: exp.Expr, context: Context) -> exp.Expr:
    found = shared.comparison(node, context)
    return _ordered(found, context)


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    """Match a pattern anywhere in a text with `~`."""
    pattern = _pattern(node.expression, node, context)
    flags = node.args.get("flag")
    if flags is not None and flags.name not in ("", "c", "i"):
        context.refuse(node, "with these options")
    operator = exp.RegexpILike if flags is not None and flags.name == "i" else exp.RegexpLike
    return operator(this=node.this.copy(), expression=pattern)


def _pattern(pattern: exp.Expr, node: exp.Expr, context: Context, *, is_whole: bool = False) -> exp.Expr:
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        context.refuse(node, "with a pattern that is computed")
    return exp.Literal.string(f"^(?:{pattern.name})$" if is_whole else pattern.name)


def _full_match(node: exp.Expr, context: Context) -> exp.Expr:
    context.note("regexp_full_match is written as ~ with ^(?:...)$")
    if node.args.get("options") is not None:
        context.refuse(node, "with options")
    return exp.RegexpLike(this=node.this.copy(), expression=_pattern(node.expression, node, context, is_whole=True))


def _cast_rule(node: exp.Expr, context: Context) -> exp.Expr:
    source, to = kind_of(node.this), _kind(node.to)
    if to is Kind.INTEGER and source in (Kind.FLOAT, Kind.DECIMAL):
        context.note("a cast to an integer rounds")
        rounded = _function("ROUND", node.this)  # floats: to even, as DuckDB; decimals: half away from zero, as DuckDB
        return exp.Cast(this=rounded, to=node.to.copy())
    if source is Kind.TEXT and to is not Kind.TEXT and not isinstance(node.this, exp.Literal):
        context.refuse(node, "of a text that may be read differently: use TRY_CAST")
    if Kind.UNKNOWN in (source, to):
        context.refuse(node, f"from {source} to {to}")
    return node


def _kind(to: exp.DataType) -> Kind:
    probe = exp.Null()
    probe = exp.Cast(this=probe, to=to)
    probe.type = to
    return kind_of(probe)


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, Kind.FLOAT, Kind.DECIMAL, Kind.INTEGER, Kind.NULL, of=node)
    if kind is Kind.INTEGER:
        return exp.and_(exp.Is(this=node.this.copy(), expression=exp.Null()), exp.Null())
    return exp.EQ(this=node.this.copy(), expression=_cast(exp.Literal.string("NaN"), "DOUBLE PRECISION"))


def _added(node: exp.Expr, context: Context) -> exp.Expr:
    """Add and subtract: numbers; a date and days; a moment and an interval; two dates."""
    left, right = kind_of(node.this), kind_of(node.expression)
    if left.is_number and right.is_number:
        return node
    if left is Kind.DATE and right is Kind.INTEGER:
        return node
    if left.is_moment and right is Kind.INTERVAL:
        return node
    if left is right is Kind.DATE and isinstance(node, exp.Sub):
        return node
    if left is right and left in (Kind.TIMESTAMP, Kind.ZONED) and isinstance(node, exp.Sub):
        return node
    context.refuse(node, f"of {left} and {right}")


def _epoch(value: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.Var(this="EPOCH"), expression=value.copy())


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the boundaries of a unit between two moments."""
    unit = node.args["unit"].name.lower().rstrip("s")
    later, earlier = node.this, node.expression
    for part in (later, earlier):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, of=node)
    context.note(f"date_diff counts the boundaries of a {unit}: both sides are truncated to it first")
    if unit in ("year", "quarter", "month"):
        per = {"year": 1, "quarter": 4, "month": 12}[unit]
        return exp.Paren(
            this=exp.Sub(this=_ordinal(later, unit, per), expression=exp.Paren(this=_ordinal(earlier, unit, per)))
        )
    seconds = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}.get(unit)
    if seconds is None:
        context.refuse(node, f"in {unit}s")
    ends = [
        _epoch(_function("DATE_TRUNC", exp.Literal.string(unit), _cast(part, "TIMESTAMP"))) for part in (later, earlier)
    ]
    difference = exp.Paren(this=exp.Sub(this=ends[0], expression=ends[1]))
    return _cast(exp.Paren(this=exp.Div(this=difference, expression=exp.Literal.number(seconds), typed=True)), "BIGINT")


def _ordinal(value: exp.Expr, unit: str, per: int) -> exp.Expr:
    year = exp.Extract(this=exp.Var(this="YEAR"), expression=value.copy())
    if per == 1:
        return _cast(year, "BIGINT")
    part = exp.Extract(this=exp.Var(this=unit.upper()), expression=value.copy())
    whole = exp.Add(this=exp.Mul(this=year, expression=exp.Literal.number(per)), expression=part)
    return _cast(exp.Paren(this=whole), "BIGINT")


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **dict.fromkeys((exp.LT, exp.LTE, exp.GT, exp.GTE), _ordering_comparison),
    exp.Ordered: _ordered,
    exp.Like: _like,
    exp.ILike: _like,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.Cast: _cast_rule,
    exp.IsNan: _is_nan,
    exp.Add: _added,
    exp.Sub: _added,
    exp.CountIf: shared.counted_if,
    exp.DateDiff: _date_diff,
}


POSTGRES = Dialect("postgres", "postgres", _SAME, _RULES, shared.anti_join)
