"""Joins that only look a row up, as EXISTS."""

from __future__ import annotations

from sqlglot import exp


def looked_up(query: exp.Query) -> exp.Query:
    """Write SEMI JOIN as EXISTS and ANTI JOIN as NOT EXISTS, in place."""
    for join in list(query.find_all(exp.Join)):
        if join.kind not in ("ANTI", "SEMI"):
            continue
        select = join.parent_select
        assert isinstance(select, exp.Select)
        inner = exp.Select(expressions=[exp.Literal.number(1)], from_=exp.From(this=join.this.copy()))
        inner.set("where", exp.Where(this=join.args["on"].copy()))
        select.set("joins", [j for j in select.args["joins"] if j is not join])
        found: exp.Expr = exp.Exists(this=inner)
        found = exp.Not(this=found) if join.kind == "ANTI" else found
        where = select.args.get("where")
        kept = exp.Paren(this=where.this) if where and isinstance(where.this, exp.Or) else where and where.this
        select.set("where", exp.Where(this=exp.And(this=kept, expression=found) if kept else found))
    return query
