"""Spark's dialect, and Databricks', which is a variation of it.

It counts on spark.sql.ansi.enabled=true, spark.sql.session.timeZone=UTC and spark.sql.parser.escapedStringLiterals=false.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared, spark_aggregates, spark_nested, spark_text, spark_time
from meshkit.sql.transpile.in_queries import is_correlated, is_kept_alone, known_or_not
from meshkit.sql.transpile.kinds import NUMBERS, Kind, kind_of
from meshkit.sql.transpile.parts import call, infix, is_listed, members_of, precision, when
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.spark_casts import cast, float_of, try_cast

_SAME = shared.STRUCTURE | frozenset(
    """
    Qualify Xor Except Intersect Tuple RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue LastValue
    Rollup Cube GroupingSets BitwiseAnd BitwiseOr BitwiseXor Values Any All Interval IntervalSpan NthValue Grouping
    """.split()
)
_DIGITS = 38
_EXACT_FLOAT = 9007199254740992


def _division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide as floats; by 0, give what IEEE gives, as DuckDB does."""
    shared.numbers_only(node, context)
    left, right = float_of(node.this), float_of(node.expression)
    context.note("x / y is a division of floats")
    if shared.is_never_zero(node.expression):
        return exp.Paren(this=exp.Div(this=left, expression=right, typed=True, safe=False))
    if kind_of(node.expression) is Kind.FLOAT:
        context.refuse(node, "by a float that may be 0: divide by NULLIF(..., 0)")
    context.note("x / 0 is infinite or NaN")
    zero = exp.Literal.number(0)
    quotient = exp.Div(this=left, expression=right, typed=True, safe=False)
    special = when(
        (exp.EQ(this=left.copy(), expression=zero), _double("NaN")),
        (exp.GT(this=left.copy(), expression=zero.copy()), _double("Infinity")),
        (exp.LT(this=left.copy(), expression=zero.copy()), _double("-Infinity")),
    )
    nan = call("isnan", left)
    special = when((nan, _double("NaN")), *[(i.this, i.args["true"]) for i in special.args["ifs"]])
    return when(
        (exp.NEQ(this=right.copy(), expression=zero.copy()), quotient),
        (exp.EQ(this=right.copy(), expression=zero.copy()), special),
    )


def _double(text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), "DOUBLE", dialect="spark")


def _exact(node: exp.Expr, context: Context) -> exp.Expr:
    """Multiply, add and subtract numbers; decimals whose result Spark would round are refused."""
    shared.numbers_only(node, context)
    kinds = kind_of(node.this), kind_of(node.expression)
    if Kind.DECIMAL in kinds and Kind.FLOAT not in kinds:
        (p1, s1), (p2, s2) = _size(node.this), _size(node.expression)
        is_product = isinstance(node, exp.Mul)
        digits = p1 + p2 + 1 if is_product else max(p1 - s1, p2 - s2) + max(s1, s2) + 1
        if digits > _DIGITS:
            context.refuse(node, f"of decimals that need {digits} digits: CAST one to fewer")
    return node


def _size(node: exp.Expr) -> tuple[int, int]:
    """Return the digits that Spark gives an exact number: a sum has 10 more than what is summed."""
    node = node.unnest()
    if isinstance(node, exp.Select) and len(node.selects) == 1:
        return _size(node.selects[0].unalias())
    if isinstance(node, exp.Sum) and kind_of(node) is Kind.DECIMAL:
        digits, places = _size(node.this)
        return min(_DIGITS, digits + 10), places
    return precision(node)


def _int_div(node: exp.Expr, context: Context) -> exp.Expr:
    for side in (node.this, node.expression):
        context.require(side, Kind.INTEGER, of=node)
    return exp.Paren(this=exp.IntDiv(this=node.this.copy(), expression=node.expression.copy()))


def _mod(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    if Kind.FLOAT in (kind_of(node.this), kind_of(node.expression)) and not shared.is_never_zero(node.expression):
        context.refuse(node, "of floats by what may be 0: use NULLIF(..., 0)")
    return exp.Paren(
        this=exp.Mod(this=exp.Paren(this=node.this.copy()), expression=exp.Paren(this=node.expression.copy()))
    )


def _whole(name: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        kind = context.require(node.this, *NUMBERS, of=node)
        if node.args.get("decimals") is not None:
            context.refuse(node, "with digits")
        if kind is not Kind.FLOAT:
            return call(name, node.this)
        context.note(f"{name} of a float stays a float")
        small = exp.LT(this=call("abs", node.this), expression=exp.Literal.number(_EXACT_FLOAT))
        return when((small, float_of(call(name, node.this))), default=node.this)

    return rule


def _round(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, *NUMBERS, of=node)
    digits = node.args.get("decimals")
    places = 0 if digits is None else _places(digits)
    if places is None:
        context.refuse(node, "to a computed number of digits")
    if kind is not Kind.FLOAT:
        return call("round", node.this, places)
    if not places:
        return call("round", node.this)
    context.note("floats are rounded after a shift of the decimal point, as DuckDB does")
    by = _double(f"1e{abs(places)}")
    there, back = (exp.Mul, exp.Div) if places > 0 else (exp.Div, exp.Mul)
    shifted = call("round", infix(there, node.this, by))
    return infix(back, shifted, by)


def _places(node: exp.Expr) -> int | None:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        found = _places(node.this)
        return None if found is None else -found
    return int(node.name) if isinstance(node, exp.Literal) and node.name.isdigit() else None


def _guarded(name: str, fails: type[exp.Binary]) -> Rule:
    """Call a function that DuckDB raises an error of, where Spark gives NULL or NaN."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, *NUMBERS, of=node)
        if node.args.get("expression") is not None:
            context.refuse(node, "with a base")
        bad = fails(this=node.this.copy(), expression=exp.Literal.number(0))
        return when((bad, call("raise_error", f"{name} of a number out of its range")), default=call(name, node.this))

    return rule


def _plain(name: str, *kinds: Kind) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        arguments = [a for a in (node.this, node.args.get("expression")) if a is not None]
        for argument in arguments:
            context.require(argument, *kinds, Kind.NULL, of=node)
        return call(name, *arguments)

    return rule


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    members = [node.this, *node.expressions]
    kinds = {kind_of(m) for m in members} - {Kind.NULL}
    if (len(kinds) > 1 and not kinds <= set(NUMBERS)) or not kinds or Kind.UNKNOWN in kinds:
        context.refuse(node, f"of {' and '.join(sorted(kinds))}")
    return call("greatest" if isinstance(node, exp.Greatest) else "least", *members)


def _one_of(node: exp.Expr, context: Context) -> exp.Expr:
    query = node.args.get("query")
    members = members_of(query) if query is not None else None
    if members is not None:
        kind = kind_of(node.this)
        for member in members:
            shared_kind = Kind.TEXT if isinstance(member, exp.Literal) and member.is_string else kind
            if shared_kind is not kind and not kind.is_moment:
                context.refuse(node, "of members of another kind")
        return exp.In(this=node.this.copy(), expressions=members)
    made = shared.one_of(node, context)
    if query is None or is_kept_alone(node) or (isinstance(node.parent, exp.Not) and is_kept_alone(node.parent)):
        return made
    inner = query.this if isinstance(query, exp.Subquery) else query
    assert isinstance(inner, exp.Query)
    if is_correlated(inner):
        context.refuse(node, "of a sub-query that refers to the outer query: write EXISTS")
    return known_or_not(made, inner, context)


def _explode(node: exp.Expr, context: Context) -> exp.Expr:
    return node if is_listed(node) else spark_nested.explode(node, context)


def _listed(node: exp.Expr, context: Context) -> exp.Expr:
    return node if is_listed(node) else spark_nested.array(node, context)


def _with(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("recursive"):
        context.refuse(node, "that is recursive")
    return node


def _safe_neq(node: exp.Expr, context: Context) -> exp.Expr:
    compared = shared.comparison(node, context)
    same = exp.NullSafeEQ(this=compared.this.copy(), expression=compared.expression.copy())
    return exp.Not(this=exp.Paren(this=same))


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *NUMBERS, of=node)
    return when((exp.Is(this=node.this.copy(), expression=exp.Not(this=exp.Null())), call("isnan", node.this)))


def _is_inf(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, of=node)
    return exp.EQ(this=call("abs", node.this), expression=_double("Infinity"))


def _join(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("method") or node.args.get("using"):
        context.refuse(node, "of this kind")
    if node.args.get("kind") in ("SEMI", "ANTI"):
        node.set("side", "LEFT")
    return node


def _frame(node: exp.Expr, context: Context) -> exp.Expr:
    ends = [node.args.get("start"), node.args.get("end")]
    if node.args.get("exclude") is not None:
        context.refuse(node, "with EXCLUDE")
    if node.args.get("kind") != "ROWS" and any(isinstance(e, exp.Expr) for e in ends):
        context.refuse(node, "over a range of values")
    return node


def _compared(rule: Rule) -> Rule:
    """Compare moments with and without a zone in UTC, then as ever."""

    def compare(node: exp.Expr, context: Context) -> exp.Expr:
        sides = [k for k in ("this", "expression", "low", "high") if isinstance(node.args.get(k), exp.Expr)]
        if {kind_of(node.args[k]) for k in sides} == {Kind.TIMESTAMP, Kind.ZONED}:
            context.note("moments without a zone are in UTC")
            for key in sides:
                if kind_of(node.args[key]) is Kind.ZONED:
                    node.set(key, exp.cast(node.args[key].copy(), "TIMESTAMP_NTZ", dialect="spark"))
        return rule(node, context)

    return compare


_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.Between)

_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **{kind: _compared(shared.COMPARED[kind]) for kind in _COMPARISONS},
    **dict.fromkeys((exp.Add, exp.Sub), lambda n, c: spark_time.added(n, c) or _exact(n, c)),
    **spark_time.RULES,
    **spark_text.RULES,
    **spark_nested.RULES,
    **spark_aggregates.RULES,
    exp.NullSafeNEQ: _safe_neq,
    exp.In: _one_of,
    exp.Mul: _exact,
    exp.Div: _division,
    exp.IntDiv: _int_div,
    exp.Mod: _mod,
    exp.Ceil: _whole("ceil"),
    exp.Floor: _whole("floor"),
    exp.Round: _round,
    exp.Sign: _plain("sign", *NUMBERS),
    exp.Exp: _plain("exp", *NUMBERS),
    exp.Pow: _plain("power", *NUMBERS),
    exp.Cbrt: _plain("cbrt", *NUMBERS),
    exp.Sqrt: _guarded("sqrt", exp.LT),
    exp.Ln: _guarded("ln", exp.LTE),
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.Cast: lambda node, context: node if is_listed(node) else cast(node, context),
    exp.TryCast: try_cast,
    exp.IsNan: _is_nan,
    exp.IsInf: _is_inf,
    exp.With: _with,
    exp.Join: _join,
    exp.WindowSpec: _frame,
    exp.Explode: _explode,
    exp.Array: _listed,
    "even": lambda n, c: c.refuse(n),
}

SPARK = Dialect("spark", "spark", _SAME, _RULES, spark_nested.generated)
DATABRICKS = Dialect("databricks", "databricks", _SAME, _RULES, spark_nested.generated)
