"""What ORDER BY and GROUP BY say of outputs, for engines that read it in a narrower way than DuckDB."""

from __future__ import annotations

from sqlglot import exp


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
