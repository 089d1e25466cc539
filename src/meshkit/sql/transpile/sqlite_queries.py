"""Columns, tables and whole queries in SQLite's dialect."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile import sqlite_time
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.names import OTHERS, STORED
from meshkit.sql.transpile.rules import Context
from meshkit.sql.transpile.sqlite_numbers import DIGITS
from meshkit.sql.transpile.writing import call, number, text

_BARE = (Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN, Kind.DATE, Kind.JSON, Kind.BINARY)
_AGGREGATES = frozenset(
    """
    mk_quantile_cont mk_quantile_disc mk_var_samp mk_var_pop mk_stddev_samp mk_stddev_pop mk_mode mk_any_value mk_arg_max
    mk_arg_min mk_string_agg
    """.split()
)
_MOST_DIGITS = 18
"""Of decimals that are read: values of more than 15 digits are then an error while the query runs."""
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)


def _is_answer(node: exp.Expr) -> bool:
    """Tell whether a column is an output of the whole query: nothing is asked of its values."""
    select = node.parent.parent if isinstance(node.parent, exp.Alias) else None
    return isinstance(select, exp.Select) and select.parent is None and not select.args.get("distinct")


def column(node: exp.Expr, context: Context) -> exp.Expr:
    """Read a column of a table as the value that DuckDB would have: SQLite holds it as a text or a float."""
    if not node.meta.get(STORED):
        return node
    holder = node.parent
    if isinstance(holder, exp.Is | exp.Count) and id(holder.this) == id(node):
        return node
    kind, others = kind_of(node), node.meta.get(OTHERS)
    if (others or kind is Kind.UNKNOWN) and _is_answer(node):
        return node
    if others:
        context.refuse(node, f"it holds values of other types than its own, {' and '.join(others)}")
    if kind in _BARE:
        return node
    if kind is Kind.TEXT:
        made: exp.Expr = exp.Collate(this=node.copy(), expression=exp.var("BINARY"))
    elif kind is Kind.DECIMAL:
        digits, places = decimal_size(node)
        if digits > _MOST_DIGITS:
            context.refuse(node, f"a decimal of {digits} digits cannot be held there: at most {DIGITS} are exact")
        made = call("ROUND" if digits <= DIGITS else "mk_exact", node, number(places))
    elif kind is Kind.TIMESTAMP:
        context.note("times are texts: zeros at the end of their seconds are taken away")
        made = _canonical(node)
    elif kind is Kind.ZONED:
        context.note("times with a zone are read and written in UTC, by mk_utc()")
        made = call("mk_utc", node)
    else:
        context.refuse(node, f"a column of {kind} can hold values in several spellings")
    made.meta["column"] = node.copy()
    return made


def _canonical(node: exp.Expr) -> exp.Expr:
    whole, rest = call("SUBSTR", node, number(1), number(19)), call("SUBSTR", node, number(21), number(6))
    joined = exp.DPipe(this=exp.DPipe(this=whole, expression=text(".")), expression=rest)
    return call("RTRIM", call("RTRIM", joined, text("0")), text("."))


def table(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a table; write range(...) as the members of a JSON list."""
    made = node.this
    if isinstance(made, exp.Identifier):
        return node
    if not isinstance(made, exp.GenerateSeries | exp.GenerateDateArray | exp.GenerateTimestampArray):
        context.refuse(made)
    alias = node.args.get("alias")
    if alias is None:
        context.refuse(made, "without a name")
    context.note("range() is a list of JSON_EACH()")
    listed = sqlite_time.series(made, made, context)
    names = alias.args.get("columns") or [
        exp.to_identifier("range" if made.args.get("is_end_exclusive") else "generate_series", quoted=True)
    ]
    return _members(listed, names[0], alias.this)


def _members(listed: exp.Expr, name: exp.Expr, alias: exp.Expr | None) -> exp.Subquery:
    value = exp.Alias(this=exp.column("value"), alias=name.copy())
    select = exp.Select(expressions=[value], from_=exp.From(this=exp.Table(this=call("JSON_EACH", listed))))
    return exp.Subquery(this=select, alias=exp.TableAlias(this=alias.copy()) if alias is not None else None)


def joined(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a join by a condition."""
    kinds = (None, "", "INNER", "OUTER", "CROSS", "ANTI", "SEMI")
    if node.args.get("method") or node.args.get("kind") not in kinds or node.args.get("using"):
        context.refuse(node)
    return node


def windowed(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a window whose frame counts rows, or ends at the ends and the current row."""
    spec = node.args.get("spec")
    if spec is not None:
        bounds = [spec.args.get("start"), spec.args.get("end")]
        if spec.args.get("kind") == "RANGE" and any(isinstance(b, exp.Expr) for b in bounds):
            context.refuse(node, "with a frame of values")
        if spec.args.get("exclude"):
            context.refuse(node, "with EXCLUDE")
    inner = node.this.this if isinstance(node.this, exp.Filter) else node.this
    needs_order = isinstance(inner, (*_RANKS, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue))
    if needs_order and not node.args.get("order"):
        context.refuse(node, "without an order")
    return node


def offset_of(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep LAG and LEAD whose default is of the kind of their value."""
    default = node.args.get("default")
    kinds = {kind_of(p) for p in (node.this, default) if p is not None} - {Kind.NULL}
    if len(kinds) > 1 and kinds != {Kind.INTEGER, Kind.DECIMAL}:
        context.refuse(node, "with a default of another kind")
    return node


def set_operation(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a set operation over columns of the same kinds."""
    assert isinstance(node, exp.SetOperation)
    if node.args.get("by_name"):
        context.refuse(node, "BY NAME")
    if not isinstance(node, exp.Union) and node.args.get("distinct") is False:
        context.refuse(node, "ALL")
    for one, other in zip(node.left.selects, node.right.selects, strict=False):
        kinds = {kind_of(one.unalias()), kind_of(other.unalias())} - {Kind.NULL}
        if Kind.UNKNOWN in kinds or (len(kinds) > 1 and not all(k.is_number for k in kinds)):
            context.refuse(node, "of columns of several kinds")
    return node


def finish(query: exp.Query, context: Context) -> exp.Query:
    """Write what concerns whole queries, and refuse what SQLite would answer where DuckDB would not."""
    for select in list(query.find_all(exp.Select)):
        _unfolded(select, context)
    for select in list(query.find_all(exp.Select)):
        _distinct_on(select)
        if select.args.get("distinct") is not None and select.args["distinct"].args.get("on") and select.parent is None:
            context.refuse(select.args["distinct"], "ON, in an order of its own")
        _refuse_loose(select, context)
    _refuse_intervals(query, context)
    for values in list(query.find_all(exp.Values)):
        _named_values(values, context)
    for inner in list(query.find_all(exp.Subquery)):
        _one_row(inner, context)
    for operation in list(query.find_all(exp.SetOperation)):
        for side in ("this", "expression"):
            operand = operation.args[side]
            if isinstance(operand, exp.Subquery):
                operand.set("alias", exp.TableAlias(this=exp.to_identifier("_q", quoted=True)))
                operation.set(side, exp.Select(expressions=[exp.Star()], from_=exp.From(this=operand.copy())))
    return query


def _refuse_intervals(query: exp.Query, context: Context) -> None:
    """Refuse the time between two moments as an answer: within a query it is a number of microseconds."""
    for chosen in query.selects:
        if kind_of(chosen.unalias()) is Kind.INTERVAL:
            context.refuse(chosen.unalias(), "as an output")


def _unfolded(select: exp.Select, context: Context) -> None:
    """Write unnest(...) in a SELECT as a join with the members of the list."""
    found = [e for e in select.expressions if isinstance(e.unalias(), exp.Explode)]
    for explode in select.find_all(exp.Explode):
        if explode.find_ancestor(exp.Select) is select and not any(explode is e.unalias() for e in found):
            context.refuse(explode, "as a part of a value")
    if not found:
        return
    if len(found) > 1 or any(select.args.get(k) for k in ("group", "distinct", "having", "qualify")):
        context.refuse(found[0].unalias(), "beside groups or another list")
    if kind_of(found[0].unalias().this) is not Kind.LIST:
        context.refuse(found[0].unalias(), "of what is no list")
    context.note("unnest() is a join with JSON_EACH()")
    each = exp.Table(
        this=call("JSON_EACH", found[0].unalias().this),
        alias=exp.TableAlias(this=exp.to_identifier("_each", quoted=True)),
    )
    found[0].unalias().replace(exp.column("value", "_each", quoted=True))
    if select.args.get("from_") is None:
        select.set("from_", exp.From(this=each))
    else:
        select.append("joins", exp.Join(this=each, kind="CROSS"))


def _distinct_on(select: exp.Select) -> None:
    """Write names of outputs out that DISTINCT ON and its order speak of: beside OVER they would be columns."""
    distinct = select.args.get("distinct")
    if distinct is None or distinct.args.get("on") is None:
        return
    outputs = {e.alias_or_name: e.unalias() for e in select.expressions}
    order = select.args.get("order")
    for holder in (distinct, *([order] if order is not None else [])):
        for found in [p for p in _own_parts(holder) if isinstance(p, exp.Column)]:
            if not found.table and found.name in outputs:
                found.replace(outputs[found.name].copy())


def _is_aggregate(node: exp.Expr) -> bool:
    holder = node.parent.parent if isinstance(node.parent, exp.Filter) else node.parent
    if isinstance(holder, exp.Window) and holder.this in (node, node.parent):
        return False
    if isinstance(node, exp.Filter):
        return _is_aggregate(node.this)
    if isinstance(node, exp.Anonymous):
        return node.name in _AGGREGATES
    return isinstance(node, exp.Sum | exp.Avg | exp.Min | exp.Max | exp.Count)


def _own_parts(node: exp.Expr) -> list[exp.Expr]:
    """Return the parts of a value, without those of sub-queries."""
    return list(node.walk(bfs=False, prune=lambda n: isinstance(n, exp.Query)))


def _refuse_loose(select: exp.Select, context: Context) -> None:
    """Refuse a column beside aggregates that the rows are not grouped by: SQLite takes it from any row."""
    group = select.args.get("group")
    keys = list(group.expressions) if group is not None else []
    order, having = select.args.get("order"), select.args.get("having")
    parts = [e.unalias() for e in select.expressions] + ([having.this] if having is not None else [])
    if group is None and having is None and not any(_is_aggregate(p) for e in parts for p in _own_parts(e)):
        return
    if group is None and not any(_is_aggregate(p) for e in select.expressions for p in _own_parts(e.unalias())):
        context.refuse(select.args["having"], "without an aggregate among the outputs")
    parts += [o.this for o in order.expressions] if order is not None else []
    known = {k.sql() for k in keys} | {k.meta["column"].sql() for k in keys if "column" in k.meta}
    names = {e.alias_or_name for e in select.expressions}
    for part in parts:
        for node in _own_parts(part):
            if not isinstance(node, exp.Column) or (not node.table and node.name in names):
                continue
            if not _is_covered(node, part, known):
                context.refuse(node, "beside aggregates, of what the rows are not grouped by")


def _is_covered(node: exp.Expr, top: exp.Expr, known: set[str]) -> bool:
    here: exp.Expr | None = node
    while here is not None:
        if here.sql() in known or _is_aggregate(here):
            return True
        if here is top:
            return False
        here = here.parent
    return False


def _named_values(values: exp.Values, context: Context) -> None:
    """Name the columns of VALUES, which SQLite calls column1, column2 and so on."""
    alias = values.args.get("alias")
    columns = alias.args.get("columns") if alias is not None else None
    if alias is None or not columns:
        return
    chosen: list[exp.Expr] = [
        exp.Alias(this=exp.column(f"column{i}"), alias=c.copy()) for i, c in enumerate(columns, 1)
    ]
    bare = values.copy()
    bare.set("alias", None)
    inner = exp.Subquery(this=bare)
    select = exp.Select(expressions=chosen, from_=exp.From(this=inner))
    context.note("the columns of VALUES are named by a sub-query")
    values.replace(exp.Subquery(this=select, alias=exp.TableAlias(this=alias.this.copy())))


def _one_row(inner: exp.Subquery, context: Context) -> None:
    """Let a scalar sub-query fail where it finds several rows, as DuckDB does; SQLite takes the first."""
    if isinstance(inner.parent, exp.From | exp.Join | exp.SetOperation | exp.Subquery | exp.In | exp.Exists | exp.CTE):
        return
    select = inner.this
    if isinstance(select, exp.Select) and len(select.expressions) == 1:
        limit = select.args.get("limit")
        if limit is not None and limit.expression.name in ("0", "1"):
            return
        value = select.expressions[0]
        is_one = any(_is_aggregate(p) for p in _own_parts(value.unalias())) or not select.args.get("from_")
        if is_one and not select.args.get("group"):
            return
        shaping = ("group", "distinct", "having", "limit", "offset", "windows", "qualify")
        if not any(select.args.get(k) for k in shaping) and not value.find(exp.Window):
            context.note("a scalar sub-query fails where it finds several rows")
            select.set("order", None)
            select.set("expressions", [call("mk_only", value.unalias())])
            return
    context.refuse(inner, "that may find several rows")
