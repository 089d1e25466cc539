"""IN of a sub-query where an engine does not tell unknown from false."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from meshkit.sql.transpile.parts import value, when
from meshkit.sql.transpile.rules import Context


def is_kept_alone(node: exp.Expr) -> bool:
    """Tell whether a condition only decides which rows are kept: unknown is then as good as false."""
    holder = node.parent
    while isinstance(holder, (exp.And, exp.Paren)):
        holder = holder.parent
    return isinstance(holder, (exp.Where, exp.Having))


def is_correlated(query: exp.Expr) -> bool:
    known = {s for scope in traverse_scope(query) for s in scope.sources}
    return any(column.table and column.table not in known for column in query.find_all(exp.Column))


def known_or_not(node: exp.Expr, inner: exp.Query, context: Context) -> exp.Expr:
    """Write IN of a sub-query so that it is true, false or NULL as the standard has it."""
    context.note("IN of a sub-query is unknown where it holds NULL and finds nothing, as in DuckDB")
    name = inner.selects[0].alias_or_name
    count = exp.Select(expressions=[exp.Count(this=exp.Star(), big_int=True)]).from_(inner.copy().subquery("q"))
    nulls = count.copy().where(exp.Is(this=exp.column(name, "q", quoted=True), expression=exp.Null()))
    zero = value(0)
    return when(
        (exp.EQ(this=count.subquery(), expression=zero), exp.false()),
        (exp.Is(this=node.this.copy(), expression=exp.Null()), exp.Null()),
        (node.copy(), exp.true()),
        (exp.GT(this=nulls.subquery(), expression=zero.copy()), exp.Null()),
        default=exp.false(),
    )
