"""What ORDER BY and GROUP BY say of outputs, for engines that read it in a narrower way than DuckDB."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile.rules import Context


def grouped_out(query: exp.Query) -> exp.Query:
    """Write GROUP BY ALL out: every output without an aggregate."""
    for group in query.find_all(exp.Group):
        select = group.parent
        if group.args.get("all") and isinstance(select, exp.Select):
            keys = [e.unalias().copy() for e in select.expressions if not e.find(exp.AggFunc, exp.Window)]
            group.set("all", None)
            group.set("expressions", keys)
            if not keys:
                select.set("group", None)
    return query


def ordered_by_output(query: exp.Query) -> exp.Query:
    """Put a collation that ORDER BY gives to an output's name on the output itself."""
    for order in query.find_all(exp.Order):
        holder = order.parent
        chosen = holder.left if isinstance(holder, exp.SetOperation) else holder
        while isinstance(chosen, exp.SetOperation | exp.Subquery):
            chosen = chosen.left if isinstance(chosen, exp.SetOperation) else chosen.this
        if not isinstance(chosen, exp.Select):
            continue
        for ordered in order.expressions:
            collated = ordered.this
            if (
                not isinstance(collated, exp.Collate)
                or not isinstance(collated.this, exp.Column)
                or collated.this.table
            ):
                continue
            for output in chosen.expressions:
                if isinstance(output, exp.Alias) and output.alias == collated.this.name:
                    if not isinstance(output.this, exp.Collate):
                        inner = output.this.copy()
                        inner = exp.Paren(this=inner) if isinstance(inner, exp.Binary) else inner
                        output.set("this", exp.Collate(this=inner, expression=collated.expression.copy()))
                    ordered.set("this", collated.this.copy())
    return query


def first_of_each(query: exp.Query, context: Context) -> exp.Query:
    """Put the order and limit of DISTINCT ON around it, for engines where it is written by ROW_NUMBER, which uses its order up."""
    for select in list(query.find_all(exp.Select)):
        distinct, order = select.args.get("distinct"), select.args.get("order")
        if distinct is None or not distinct.args.get("on") or order is None:
            continue
        outputs = {e.alias_or_name: e.unalias() for e in select.expressions}
        keys = [_output_of(ordered, outputs) for ordered in order.expressions]
        if None in keys:
            if select.parent is None or select.args.get("limit") or select.args.get("offset"):
                context.refuse(distinct, "ON in the order of what is not selected")
            continue
        outer, inner = exp.Select(), select.copy()
        for name in ("limit", "offset", "with_"):
            outer.set(name, inner.args.get(name))
            inner.set(name, None)
        outer.set("expressions", [exp.column(exp.to_identifier(name, quoted=True)) for name in outputs])
        for written, output in zip(outer.expressions, outputs.values(), strict=True):
            written.type = output.type
        outer.set("from_", exp.From(this=inner.subquery("_d")))
        outer.set("order", exp.Order(expressions=[key for key in keys if key is not None]))
        if select is query:
            query = outer
        else:
            select.replace(outer)
    return query


def _output_of(ordered: exp.Expr, outputs: dict[str, exp.Expr]) -> exp.Expr | None:
    """Order by the output that is meant; None where it is none."""
    by = ordered.this
    found = [name for name, output in outputs.items() if output == by or (by.name == name and not by.args.get("table"))]
    if not found or (not isinstance(by, exp.Column) and by not in outputs.values()):
        return None
    made = ordered.copy()
    made.set("this", exp.column(exp.to_identifier(found[0], quoted=True)))
    return made


def qualified_out(select: exp.Select, context: Context) -> exp.Select:
    """Write QUALIFY as WHERE over the query that computes its condition."""
    if select.args.get("distinct"):
        context.refuse(select.args["qualify"], "with DISTINCT")
    context.note("QUALIFY is WHERE over a sub-query")
    outer, inner = exp.Select(), select.copy()
    inner.append("expressions", exp.alias_(exp.Paren(this=inner.args["qualify"].this.copy()), "_kept", quoted=True))
    order = inner.args.get("order")
    for index, ordered in enumerate(order.expressions if order is not None else ()):
        if all(c.table for c in ordered.find_all(exp.Column)):
            name = f"_order_{index}"
            inner.append("expressions", exp.alias_(ordered.this.copy(), name, quoted=True))
            ordered.set("this", exp.column(exp.to_identifier(name, quoted=True)))
        elif order is not None and any(c.table for c in ordered.find_all(exp.Column)):
            context.refuse(order, "by outputs and columns together")
    for name in ("qualify", "order", "limit", "offset", "with_"):
        outer.set(name, inner.args.get(name) if name != "qualify" else None)
        inner.set(name, None)
    outer.set("expressions", [exp.column(exp.to_identifier(s.alias_or_name, quoted=True)) for s in select.selects])
    for written, output in zip(outer.expressions, select.selects, strict=True):
        written.type = output.type
    outer.set(
        "from_",
        exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("_q", quoted=True)))),
    )
    outer.set("where", exp.Where(this=exp.column(exp.to_identifier("_kept", quoted=True))))
    if select.parent is not None:
        select.replace(outer)
    return outer


def qualified_before_limits(query: exp.Query, context: Context) -> exp.Query:
    """Write QUALIFY out where an order or limit comes after it, which are lost when it is written as a sub-query."""
    for select in list(query.find_all(exp.Select)):
        if select.args.get("qualify") and any(select.args.get(name) for name in ("order", "limit", "offset")):
            made = qualified_out(select, context)
            query = made if select is query else query
    return query
