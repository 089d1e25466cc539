"""ClickHouse's dialect. What the text counts on it says itself, in SETTINGS at its end; the session's zone is UTC."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import (
    clickhouse_aggregates,
    clickhouse_compare,
    clickhouse_nested,
    clickhouse_text,
    clickhouse_time,
    shared,
)
from meshkit.sql.transpile.clickhouse_aggregates import may_be_nan
from meshkit.sql.transpile.clickhouse_casts import as_type, cast, float_of, try_cast
from meshkit.sql.transpile.in_queries import is_correlated
from meshkit.sql.transpile.kinds import NUMBERS, Kind, kind_of
from meshkit.sql.transpile.parts import call, infix, is_listed, number_of, precision, value, when, wide
from meshkit.sql.transpile.rules import Context, Dialect, Rule

_SAME = shared.STRUCTURE | frozenset(
    """
    Qualify Xor Tuple RowNumber Rank DenseRank Lag Lead IntervalSpan Values
    Rollup Cube GroupingSets Grouping
    """.split()
)
_EMPTY_IS_NULL = frozenset({"sumOrNull", "minOrNull", "maxOrNull"})
_DIGITS = 38


def _arithmetic(node: exp.Expr, context: Context) -> exp.Expr:
    """Add, subtract and multiply numbers without overflow: wide integers in 128 bits, decimals in 38 digits."""
    shared.numbers_only(node, context)
    left, right = node.this.copy(), node.expression.copy()
    kinds = kind_of(left), kind_of(right)
    if Kind.FLOAT in kinds:
        left, right = (float_of(s) if k is Kind.DECIMAL else s for s, k in zip((left, right), kinds, strict=True))
    elif Kind.DECIMAL in kinds:
        (p1, s1), (p2, s2) = precision(node.this), precision(node.expression)
        if isinstance(node, exp.Mul) and s1 + s2 > _DIGITS:
            context.refuse(node, f"of decimals that need {s1 + s2} digits behind the point")
        if kinds[0] is Kind.DECIMAL:
            left = call("toDecimal128", left, s1) if p1 < _DIGITS else left
        else:
            right = call("toDecimal128", right, s2) if p2 < _DIGITS else right
    elif not (_is_small(left) and _is_small(right)):
        context.note("whole numbers are added and multiplied in 128 bits: those of 64 bits wrap around")
        left = call("toInt128", left)
    return exp.Paren(this=type(node)(this=_closed(left), expression=_closed(right)))


def _closed(part: exp.Expr) -> exp.Expr:
    return exp.Paren(this=part) if isinstance(part, (exp.Binary, exp.Connector)) else part


def _is_small(part: exp.Expr) -> bool:
    part = part.unnest()
    if isinstance(part, exp.Anonymous) and part.name in ("count", "countIf", "uniqExact"):
        return True
    number = number_of(part)
    return (number is not None and abs(number) < 2**31) or not wide(part)


def _division(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    context.note("x / y is a division of floats")
    return infix(exp.Div, float_of(node.this), float_of(node.expression))


def _int_div(node: exp.Expr, context: Context) -> exp.Expr:
    for side in (node.this, node.expression):
        context.require(side, Kind.INTEGER, of=node)
    return call("intDiv", node.this, node.expression)


def _mod(node: exp.Expr, context: Context) -> exp.Expr:
    kinds = [context.require(s, Kind.INTEGER, Kind.DECIMAL, of=node) for s in (node.this, node.expression)]
    if Kind.DECIMAL not in kinds:
        return call("modulo", node.this, node.expression)
    # Decimals are no operands of %: both are scaled to whole numbers first.
    places = max(precision(node.this)[1], precision(node.expression)[1])
    by = call("toDecimal256", "1" + "0" * places, 0)
    sides = [
        call("toInt256", infix(exp.Mul, call("toDecimal256", s, places), by)) for s in (node.this, node.expression)
    ]
    return call("divideDecimal", call("toDecimal256", call("modulo", *sides), 0), by, places)


def _round(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, *NUMBERS, of=node)
    digits = node.args.get("decimals")
    places = 0 if digits is None else number_of(digits)
    if places is None:
        context.refuse(node, "to a computed number of digits")
    if kind is not Kind.FLOAT:
        return call("round", node.this, places)
    context.note("floats are rounded away from zero, after a shift of the decimal point, as DuckDB does")
    part = float_of(node.this)
    by = call("toFloat64", f"1e{abs(places)}")
    there, back = (exp.Mul, exp.Div) if places >= 0 else (exp.Div, exp.Mul)
    moved = infix(there, part, by) if places else part
    size = call("abs", moved)
    whole = call("floor", size)
    up = call(
        "if", infix(exp.GTE, infix(exp.Sub, size, whole), call("toFloat64", "0.5")), infix(exp.Add, whole, 1), whole
    )
    is_plain = call("isFinite", moved)
    rounded = call("if", call("coalesce", is_plain, exp.false()), infix(exp.Mul, call("sign", moved), up), moved)
    return infix(back, rounded, by) if places else rounded


def _plain(name: str, *kinds: Kind) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        arguments = [a for a in (node.this, node.args.get("expression")) if a is not None]
        for argument in arguments:
            context.require(argument, *kinds, Kind.NULL, of=node)
        if node.args.get("decimals") is not None:
            context.refuse(node, "with digits")
        return call(name, *arguments)

    return rule


def _guarded(name: str, fails: type[exp.Binary]) -> Rule:
    """Call a function that DuckDB raises an error of, where ClickHouse gives NaN."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, *NUMBERS, of=node)
        if node.args.get("expression") is not None:
            context.refuse(node, "with a base")
        bad = call("throwIf", fails(this=node.this.copy(), expression=value(0)), f"{name} of a number out of its range")
        return when((exp.EQ(this=bad, expression=value(1)), exp.Null()), default=call(name, float_of(node.this)))

    return rule


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    members = [node.this, *node.expressions]
    kinds = {kind_of(m) for m in members} - {Kind.NULL}
    if (len(kinds) != 1 and not (kinds and kinds <= {Kind.INTEGER, Kind.DECIMAL})) or kinds & {
        Kind.UNKNOWN,
        Kind.FLOAT,
    }:
        context.refuse(node, f"of {' and '.join(sorted(kinds))}")
    name = "arrayMax" if isinstance(node, exp.Greatest) else "arrayMin"
    context.note("greatest and least pass over NULL, as DuckDB's do")
    kept = call("arrayFilter", exp.Var(this="x -> x IS NOT NULL"), call("array", *members))
    chosen = exp.Var(
        this=f"a -> CASE WHEN notEmpty(a) THEN arrayElement(array{'Reverse' if name == 'arrayMax' else ''}Sort(a), 1) END"
    )
    return call("arrayElement", call("arrayMap", chosen, call("array", kept)), 1)


def _subquery(node: exp.Expr, context: Context) -> exp.Expr:
    """Give what DuckDB gives where a sub-query that refers to the outer query finds nothing."""
    if (
        isinstance(node.parent, (exp.From, exp.Join, exp.In, exp.Exists, exp.CTE, exp.SetOperation, exp.Subquery))
        or node.alias
    ):
        return node
    if not isinstance(node.this, exp.Query) or not is_correlated(node.this):
        return node
    made = node.this.selects[0].unalias()
    if isinstance(node.this, exp.Select) and not node.this.args.get("group") and isinstance(made, exp.Anonymous):
        if made.name in _EMPTY_IS_NULL:
            return node
        if made.name in ("count", "uniqExact", "countIf"):
            context.note("a count in a sub-query that finds nothing is 0")
            return call("coalesce", node, 0)
    if isinstance(made, exp.Paren) and made.find(exp.Anonymous) is not None and node.this.find(exp.Group) is None:
        names = {a.name for a in made.find_all(exp.Anonymous)}
        if (
            names <= {"sumOrNull", "toFloat64", "toInt128", "toDecimal256", "nullIf", "count"}
            and "sumOrNull" in names
            and "nullIf" in names
        ):
            return node
    return context.refuse(node, "that refers to the outer query, but with one aggregate")


def _order(node: exp.Expr, context: Context) -> exp.Expr:
    """Sort NaN as the greatest float."""
    found = []
    for ordered in node.expressions:
        part = _ordered_by(ordered, node)
        if kind_of(part) is Kind.FLOAT and may_be_nan(part):
            context.note("NaN is the greatest float, as in DuckDB")
            first = ordered.copy()
            first.set("this", call("isNaN", ordered.this if not isinstance(ordered.this, exp.Literal) else part))
            found.append(first)
        found.append(ordered.copy())
    node.set("expressions", found)
    return node


def _ordered_by(ordered: exp.Expr, node: exp.Expr) -> exp.Expr:
    part: exp.Expr = ordered.this
    select = node.parent
    if isinstance(select, exp.Query):
        selects = select.selects
        if isinstance(part, exp.Literal) and part.name.isdigit() and 0 < int(part.name) <= len(selects):
            chosen: exp.Expr = selects[int(part.name) - 1].unalias()
            return chosen
        if isinstance(part, exp.Column) and not part.table:
            found: exp.Expr = next((s.unalias() for s in selects if s.alias_or_name == part.name), part)
            return found
    return part


def _join(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("method") or node.args.get("using"):
        context.refuse(node, "of this kind")
    if node.args.get("kind") in ("SEMI", "ANTI"):
        node.set("side", "LEFT")
    return node


def _with(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("recursive"):
        context.refuse(node, "that is recursive")
    return node


def _set_operation(node: exp.Expr, context: Context) -> exp.Expr:
    if not node.args.get("distinct"):
        context.refuse(node, "ALL")
    return node


def _frame(node: exp.Expr, context: Context) -> exp.Expr:
    ends = [node.args.get("start"), node.args.get("end")]
    if node.args.get("exclude") is not None or (
        node.args.get("kind") != "ROWS" and any(isinstance(e, exp.Expr) for e in ends)
    ):
        context.refuse(node, "over a range of values, or with EXCLUDE")
    return node


def _finish(query: exp.Query, context: Context) -> exp.Query:
    query = clickhouse_nested.generated(query, context)
    for select in query.selects:
        kind = kind_of(select.unalias())
        if kind is Kind.INTERVAL:
            context.refuse(select.unalias(), "as a value of an answer: compare it, or take its epoch")
    _as_booleans(query)
    for select in query.find_all(exp.Select):
        _name_apart(select)
    settings = []
    if any(join.side in ("LEFT", "RIGHT", "FULL") for join in query.find_all(exp.Join)):
        settings.append("join_use_nulls")
        context.note("join_use_nulls = 1: what an outer join does not find is NULL")
    if query.find(exp.Rollup, exp.Cube, exp.GroupingSets):
        settings.append("group_by_use_nulls")
    if not settings:
        return query
    if not isinstance(query, exp.Select):
        query = exp.Select(expressions=[exp.Star()]).from_(query.subquery("answer"))
    query.set("settings", [exp.EQ(this=exp.Var(this=s), expression=value(1)) for s in settings])
    return query


def _name_apart(select: exp.Select) -> None:
    """Give each column of an answer a name of its own: one name for two values is an error here."""
    seen: set[str] = set()
    for place, selected in enumerate(select.expressions):
        if isinstance(selected, exp.Alias):
            if selected.alias in seen:
                selected.set("alias", exp.to_identifier(f"{selected.alias}_{place + 1}", quoted=True))
            seen.add(selected.alias)


def _as_booleans(query: exp.Query) -> None:
    if isinstance(query, exp.SetOperation):
        for side in (query.left, query.right):
            if isinstance(side, exp.Query):
                _as_booleans(side)
    elif isinstance(query, exp.Select):
        for select in query.selects:
            part = select.unalias()
            if kind_of(part) is Kind.BOOLEAN and not isinstance(part, (exp.Column, exp.Boolean)):
                part.replace(as_type(part, "Bool"))


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), clickhouse_compare.compared),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), clickhouse_compare.null_safe),
    **dict.fromkeys((exp.Add, exp.Sub), lambda n, c: clickhouse_time.added(n, c) or _arithmetic(n, c)),
    **clickhouse_time.RULES,
    **clickhouse_text.RULES,
    **clickhouse_nested.RULES,
    **clickhouse_aggregates.RULES,
    exp.Literal: clickhouse_compare.literal,
    exp.Between: clickhouse_compare.between,
    exp.Is: clickhouse_compare.is_,
    exp.In: clickhouse_compare.one_of,
    exp.Mul: _arithmetic,
    exp.Div: _division,
    exp.IntDiv: _int_div,
    exp.Mod: _mod,
    exp.Round: _round,
    exp.Ceil: _plain("ceil", *NUMBERS),
    exp.Floor: _plain("floor", *NUMBERS),
    exp.Cbrt: _plain("cbrt", *NUMBERS),
    exp.CumeDist: lambda n, c: call("cume_dist"),
    exp.PercentRank: lambda n, c: call("percent_rank"),
    exp.Ntile: lambda n, c: call("ntile", n.this),
    exp.BitwiseAnd: _plain("bitAnd", Kind.INTEGER),
    exp.BitwiseOr: _plain("bitOr", Kind.INTEGER),
    exp.BitwiseXor: _plain("bitXor", Kind.INTEGER),
    exp.Sign: _plain("sign", *NUMBERS),
    exp.Abs: _plain("abs", *NUMBERS),
    exp.Exp: _plain("exp", *NUMBERS),
    exp.Pow: lambda n, c: call("pow", *(float_of(s) for s in (n.this, n.expression) if c.require(s, *NUMBERS, of=n))),
    exp.Sqrt: _guarded("sqrt", exp.LT),
    exp.Ln: _guarded("log", exp.LTE),
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.Cast: lambda node, context: node if is_listed(node) else cast(node, context),
    exp.TryCast: try_cast,
    exp.IsNan: _plain("isNaN", *NUMBERS),
    exp.IsInf: _plain("isInfinite", Kind.FLOAT),
    exp.Subquery: _subquery,
    exp.Order: _order,
    exp.Join: _join,
    exp.With: _with,
    exp.Except: _set_operation,
    exp.Intersect: _set_operation,
    exp.WindowSpec: _frame,
}

CLICKHOUSE = Dialect("clickhouse", "clickhouse", _SAME, _RULES, _finish)
