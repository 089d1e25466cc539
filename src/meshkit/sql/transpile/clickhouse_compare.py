"""Comparisons on ClickHouse: NaN, NULL in lists, and literals of the exact type."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.clickhouse_aggregates import may_be_nan
from meshkit.sql.transpile.clickhouse_casts import cast, float_of
from meshkit.sql.transpile.in_queries import is_correlated, is_kept_alone, known_or_not
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.parts import call, members_of
from meshkit.sql.transpile.rules import Context
from meshkit.sql.transpile.writing import number


def literal(node: exp.Expr, context: Context) -> exp.Expr:
    """Write 0.1 as the exact number that it is in DuckDB."""
    del context
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return node
    if isinstance(node.parent, (exp.PercentileCont, exp.PercentileDisc, exp.Quantile)):
        return node
    return call("toDecimal128", node.name, len(node.name.partition(".")[2]))


def compared(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare two values; NaN equals itself and is greater than any other float."""
    kinds = {kind_of(node.this), kind_of(node.expression)}
    if kinds == {Kind.TIMESTAMP, Kind.ZONED}:
        return node
    made = shared.comparison(node, context)
    for key in ("this", "expression"):
        made.set(key, _written(made.args[key], context))
    left, right = made.this, made.expression
    if Kind.FLOAT not in {kind_of(left), kind_of(right)}:
        return made
    left, right = (float_of(s) if kind_of(s) is Kind.DECIMAL else s for s in (left, right))
    made.set("this", left.copy())
    made.set("expression", right.copy())
    if isinstance(made, (exp.LT, exp.LTE)):
        left, right = right, left
    nans = call("isNaN", left), call("isNaN", right)
    if not may_be_nan(left) and (not may_be_nan(right) or not isinstance(made, (exp.EQ, exp.NEQ))):
        return made
    if not may_be_nan(right) and isinstance(made, (exp.EQ, exp.NEQ)):
        return made
    context.note("NaN equals itself and is greater than any other float, as in DuckDB")
    if isinstance(made, (exp.EQ, exp.NEQ)):
        # two equalities, since a join wants keys; adding 0 makes one key of 0.0 and -0.0
        keys = (
            exp.Add(this=call("if", n.copy(), number(0), s.copy()), expression=number(0))
            for n, s in zip(nans, (left, right), strict=True)
        )
        first, second = exp.EQ(this=nans[0], expression=nans[1]), exp.EQ(this=next(keys), expression=next(keys))
        same = exp.Paren(this=exp.And(this=first, expression=second))
        return exp.Not(this=same) if isinstance(made, exp.NEQ) else same
    if isinstance(made, (exp.GT, exp.LT)):
        other: exp.Expr = exp.And(this=nans[0], expression=exp.Not(this=nans[1]))
    else:
        other = exp.And(this=nans[0], expression=exp.EQ(this=call("isNaN", right), expression=call("isNaN", right)))
    return exp.Paren(this=exp.Or(this=made.copy(), expression=exp.Paren(this=other)))


def between(node: exp.Expr, context: Context) -> exp.Expr:
    ends = []
    for key, kind in (("low", exp.GTE), ("high", exp.LTE)):
        one = kind(this=node.this.copy(), expression=node.args[key].copy())
        ends.append(compared(one, context))
    return exp.Paren(this=exp.And(this=ends[0], expression=ends[1]))


def null_safe(node: exp.Expr, context: Context) -> exp.Expr:
    made = shared.comparison(node, context)
    for key in ("this", "expression"):
        made.set(key, _written(made.args[key], context))
    if Kind.FLOAT in (kind_of(made.this), kind_of(made.expression)):
        context.refuse(node, "of floats")
    name = "isNotDistinctFrom" if isinstance(node, exp.NullSafeEQ) else "isDistinctFrom"
    return call(name, made.this, made.expression)


def is_(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.expression, exp.Boolean):
        if kind_of(node.this) in (Kind.LIST, Kind.MAP, Kind.STRUCT):
            context.refuse(node, f"of a {kind_of(node.this)}, which is never NULL there: a missing one is stored empty")
        return node
    asked = node.this if node.expression.this else exp.Not(this=exp.Paren(this=node.this.copy()))
    return call("coalesce", asked, exp.false())


def one_of(node: exp.Expr, context: Context) -> exp.Expr:
    query = node.args.get("query")
    if query is not None:
        members = members_of(query)
        return _among(node, query, context) if members is None else _listed(node.this, members, node, context)
    if node.args.get("unnest") is not None or node.args.get("field") is not None:
        context.refuse(node, "of a list that is computed")
    return _listed(node.this, node.expressions, node, context)


def _listed(left: exp.Expr, members: list[exp.Expr], node: exp.Expr, context: Context) -> exp.Expr:
    """Look a value up among others; NULL among them makes what is not found unknown."""
    if isinstance(left, exp.Tuple):
        context.refuse(node, "of several columns")
    known = []
    for member in members:
        if isinstance(member, exp.Null):
            continue
        if kind_of(member) is Kind.UNKNOWN and isinstance(member, exp.Literal):
            member.type = exp.DataType.build("VARCHAR" if member.is_string else "BIGINT", dialect="duckdb")
        if isinstance(member, exp.Neg) and kind_of(member) is Kind.UNKNOWN:
            member.type = exp.DataType.build("BIGINT", dialect="duckdb")
        asked, settled = shared.settled(left, member, node, context)
        if asked is not left:
            context.refuse(node, "of members of several kinds")
        known.append(_written(settled, context))
    kind = kind_of(left)
    if kind in (Kind.TEXT, Kind.INTEGER) and all(isinstance(m.unnest(), (exp.Literal, exp.Neg)) for m in known):
        found: exp.Expr = exp.In(this=left.copy(), expressions=known)
    else:
        equal = [compared(exp.EQ(this=left.copy(), expression=m), context) for m in known]
        found = exp.Paren(this=exp.or_(*equal)) if equal else exp.false()
    if len(known) < len(members):
        context.note("NULL in a list makes what is not found unknown")
        return exp.Paren(this=exp.Or(this=found, expression=exp.Null()))
    return found


def _written(part: exp.Expr, context: Context) -> exp.Expr:
    """Write what reading a literal anew has made, as the rule of casts does."""
    made = (
        cast(part, context)
        if isinstance(part, exp.Cast)
        else literal(part, context)
        if isinstance(part, exp.Literal)
        else part.copy()
    )
    made.type = part.type
    return made


def _among(node: exp.Expr, query: exp.Expr, context: Context) -> exp.Expr:
    inner = query.this if isinstance(query, exp.Subquery) else query
    assert isinstance(inner, exp.Query)
    chosen = inner.selects
    if len(chosen) != 1 or isinstance(node.this, exp.Tuple):
        context.refuse(node, "of several columns")
    kinds = kind_of(node.this), kind_of(chosen[0].unalias())
    if not shared.comparable(*kinds) or Kind.FLOAT in kinds:
        context.refuse(node, f"between {kinds[0]} and {kinds[1]}")
    if is_correlated(inner):
        context.refuse(node, "of a sub-query that refers to the outer query: write EXISTS")
    return node if is_kept_alone(node) else known_or_not(node, inner, context)
