"""Whole queries in the dialect of MySQL and MariaDB: groups and sets of texts, orders with NULL, QUALIFY."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.mysql_text import characters, exact
from meshkit.sql.transpile.outputs import grouped_out, qualified_out
from meshkit.sql.transpile.rules import Context
from meshkit.sql.transpile.writing import call, is_there, number, when

_ALL_ROWS = "18446744073709551615"


def finished(query: exp.Query, context: Context) -> exp.Query:
    """Write what concerns more than one part of a query."""
    for chosen in query.selects:
        if kind_of(chosen.unalias()) is Kind.INTERVAL:
            context.refuse(chosen.unalias(), "as an output")
    query = grouped_out(looked_up(query))
    for select in list(query.find_all(exp.Select)):
        _ordered_by_expressions(select)
        _distinct_grouped(select, context)
        _grouped_by_bytes(select, context)
        _never_cached(select, context)
    for order in list(query.find_all(exp.Order)):
        order.set("expressions", [part for ordered in order.expressions for part in _nulls_placed(ordered)])
    for select in list(query.find_all(exp.Select)):
        if select.args.get("qualify"):
            made = qualified_out(select, context)
            query = made if select is query else query
    for part in [query, *query.find_all(exp.Query)]:
        if part.args.get("offset") and not part.args.get("limit"):
            part.set("limit", exp.Limit(expression=exp.Literal.number(_ALL_ROWS)))
    return _sets(query, context)


def _ordered_by_expressions(select: exp.Select) -> None:
    """Write outputs that ORDER BY names out: MariaDB takes no name of an aggregate within an expression."""
    outputs = {e.alias: e.this for e in select.expressions if isinstance(e, exp.Alias)}
    order = select.args.get("order")
    for column in list(order.find_all(exp.Column)) if order is not None else ():
        output = None if column.table else outputs.get(column.name)
        if output is not None:
            inner = exp.Paren(this=output.copy()) if isinstance(output, exp.Binary) else output.copy()
            inner.type = output.type
            column.replace(inner)


def _distinct_grouped(select: exp.Select, context: Context) -> None:
    """Write DISTINCT over texts as GROUP BY, which then goes by bytes."""
    distinct = select.args.get("distinct")
    outputs = [e.unalias() for e in select.expressions]
    if distinct is None or distinct.args.get("on") or not any(kind_of(e) is Kind.TEXT for e in outputs):
        return
    if any(kind_of(e) is Kind.UNKNOWN for e in outputs):
        context.refuse(distinct, "of what is not known")
    if select.args.get("group") or select.args.get("qualify") or any(e.find(exp.AggFunc, exp.Window) for e in outputs):
        context.refuse(distinct, "of texts beside aggregates")
    context.note("DISTINCT over texts is GROUP BY of their bytes")
    keys = [e.copy() for e in outputs if not isinstance(e, exp.Literal)]
    select.set("distinct", None)
    select.set("group", exp.Group(expressions=keys))
    if not keys:
        context.refuse(distinct, "of literals")


def _grouped_by_bytes(select: exp.Select, context: Context) -> None:
    """Group texts by their bytes; elsewhere in the query they stand as the greatest of their group, which is all alike."""
    group = select.args.get("group")
    if group is None:
        return
    if any(group.args.get(k) for k in ("cube", "rollup", "grouping_sets", "totals")):
        context.refuse(group, "of several sets")
    keys = [k.unnest() for k in group.expressions]
    if any(isinstance(k, exp.Literal) for k in keys):
        context.refuse(group, "a literal")
    texts = [k for k in keys if kind_of(k) is Kind.TEXT]
    if texts:
        context.note("texts are grouped by their bytes, and come out as the MAX of their group")
        for name in ("expressions", "having", "order", "qualify"):
            held = select.args.get(name)
            for top in held if isinstance(held, list) else [held] if held is not None else []:
                if any(c in texts for q in top.find_all(exp.Query) for c in q.find_all(exp.Column)):
                    context.refuse(group, "of texts that a sub-query is about")
                _stand_ins(top, texts)
    computed = [k for k in keys if not isinstance(k, exp.Column) and k not in texts]
    if computed and select.args.get("having"):
        context.note("HAVING takes the MAX of a group where it is about what is computed")
        _stand_ins(select.args["having"], computed)
    group.set("expressions", [exact(k) if kind_of(k) is Kind.TEXT else k.copy() for k in keys])


def _stand_ins(top: exp.Expr, keys: list[exp.Expr]) -> None:
    for found in list(top.walk(prune=lambda n: isinstance(n, exp.AggFunc | exp.Query) or n in keys)):
        if found in keys and found.parent is not None and not isinstance(found, exp.AggFunc):
            highest = exp.Max(this=exact(found) if kind_of(found) is Kind.TEXT else found.copy())
            stand_in = characters(highest) if kind_of(found) is Kind.TEXT else highest
            found.replace(stand_in)


def _never_cached(select: exp.Select, context: Context) -> None:
    """Keep MariaDB from looking up a sub-query's last answers by an outer text, which it compares by its collation.

    What holds RAND() is not cached.
    """
    joins = select.args.get("joins") or []
    sources = [j.this for j in joins] + ([select.args["from_"].this] if select.args.get("from_") else [])
    own = {s.alias_or_name for s in sources}
    for column in select.find_all(exp.Column):
        is_outer = column.table and column.table not in own and column.find_ancestor(exp.Select) is select
        if not is_outer or kind_of(column) not in (Kind.TEXT, Kind.UNKNOWN):
            continue
        if not sources:
            context.refuse(select, "about an outer text, of no table")
        context.note("a sub-query about an outer text holds RAND() >= 0, which keeps it from being cached")
        always = exp.GTE(this=call("RAND"), expression=number(0))
        where = select.args.get("where")
        kept = exp.And(this=exp.Paren(this=where.this.copy()), expression=always) if where else always
        select.set("where", exp.Where(this=kept))
        return


def _nulls_placed(ordered: exp.Expr) -> list[exp.Expr]:
    """Place NULL by a key of its own; by itself it counts as the least."""
    descends = bool(ordered.args.get("desc"))
    nulls_first = bool(ordered.args.get("nulls_first"))
    by = exp.Ordered(this=ordered.this.copy(), desc=descends, nulls_first=not descends)
    if nulls_first is not descends or isinstance(ordered.this, exp.Literal):
        return [by]
    there = when(is_there(ordered.this), number(0), number(1))
    return [exp.Ordered(this=there, desc=nulls_first, nulls_first=not nulls_first), by]


def _sets(query: exp.Query, context: Context) -> exp.Query:
    """Refuse sets of texts, which their collations would compare; UNION ALL compares nothing."""
    for made in query.find_all(exp.SetOperation):
        outputs = [e.unalias() for e in made.selects]
        is_plain = isinstance(made, exp.Union) and not made.args.get("distinct")
        if not is_plain and any(kind_of(e) in (Kind.TEXT, Kind.UNKNOWN) for e in outputs):
            context.refuse(made, "of texts")
    return query
