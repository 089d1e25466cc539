"""What DuckDB refuses of a query whose names are known: other engines answer some of it, each in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import fold
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context

_MAY_GATHER = (exp.AggFunc, exp.Anonymous, exp.AnonymousAggFunc, exp.Filter, exp.WithinGroup)
_SCALARS = frozenset("len string_split str_split date_part datepart epoch unnest array_length strlen".split())
"""Functions without a class of their own that are no aggregates."""
_AFTER_GROUPS = ("having", "order", "qualify")


def bound(query: exp.Query, context: Context) -> None:
    """Refuse what DuckDB would: columns beside groups, conditions that are none. UNION BY NAME is put in order, in place."""
    for made in reversed(list(query.find_all(exp.SetOperation))):
        _by_place(made, context)
    for select in query.find_all(exp.Select):
        _without_empty_group(select)
        _grouped_only(select)
        _ordered_by_all(select)
        _ordered_distinct(select)
        _keyed(select, context)
    for node in list(query.walk()):
        for condition in list(_conditions(node)):
            _decides(condition)


def _decides(condition: exp.Expr) -> None:
    kind = kind_of(condition)
    if kind is Kind.INTEGER:
        made = exp.Paren(this=exp.NEQ(this=exp.Paren(this=exp.null()), expression=exp.Literal.number(0)))
        condition.replace(made)
        made.this.this.set("this", condition)
        made.type = made.this.type = exp.DataType.build("BOOLEAN")
        made.this.this.type, made.this.expression.type = condition.type, exp.DataType.build("INTEGER")
    elif kind not in (Kind.BOOLEAN, Kind.NULL, Kind.UNKNOWN):
        _fail(f"{kind} is no condition", "compare it with something")


def _fail(what: str, way_out: str) -> NoReturn:
    raise SqlError(f"{what}, which DuckDB refuses too", way_out, code="MK210")


def _by_place(made: exp.SetOperation, context: Context) -> None:
    if not made.args.get("by_name"):
        return
    left, right = [fold(s.alias_or_name) for s in made.left.selects], made.right
    if not isinstance(right, exp.Select) or sorted(left) != sorted(fold(s.alias_or_name) for s in right.selects):
        context.refuse(made, "BY NAME of other names than the first query has")
    if right.args.get("distinct") is not None and right.args["distinct"].args.get("on"):
        context.refuse(made, "BY NAME of DISTINCT ON")
    outputs = {fold(s.alias_or_name): s for s in right.selects}
    context.note("UNION BY NAME is written in the order of the first query")
    right.set("expressions", [outputs[name] for name in left])
    made.set("by_name", None)


def _grouped_only(select: exp.Select) -> None:
    group = select.args.get("group")
    tops = [*select.expressions, *(select.args[name] for name in _AFTER_GROUPS if select.args.get(name))]
    if group is None and select.args.get("having") is None and not any(map(_gathers, tops)):
        return
    if group is not None and group.args.get("all"):
        if any(e.find(exp.Window) for e in select.expressions):
            _fail("GROUP BY ALL beside OVER", "name what is grouped")
        return
    keys = list(_keys(group)) if group is not None else []
    own = {source.alias_or_name for source in _sources(select)}
    for top in tops:
        for column in _loose(top, keys):
            if column.table in own and not _is_of_inner(column, select):
                what = f"column '{column.name}' is not grouped by, nor within an aggregate"
                _fail(what, "group by it, or take its min(), max() or any_value()")


def _without_empty_group(select: exp.Select) -> None:
    group = select.args.get("group")
    sets = group.expressions if group is not None else []
    is_empty = len(sets) == 1 and isinstance(sets[0], exp.Tuple) and not sets[0].expressions
    if is_empty and any(map(_gathers, select.expressions)):
        select.set("group", None)


def _ordered_by_all(select: exp.Select) -> None:
    """Write ORDER BY ALL out."""
    order = select.args.get("order")
    first = order.expressions[0] if order is not None and len(order.expressions) == 1 else None
    if (
        first is None
        or first.this.name.upper() != "ALL"
        or first.this.find(exp.Literal)
        or first.this.args.get("table")
    ):
        return
    written = []
    for output in select.expressions:
        by = first.copy()
        by.set("this", exp.column(exp.to_identifier(output.alias_or_name, quoted=True)))
        by.this.type = output.unalias().type
        written.append(by)
    select.set("order", exp.Order(expressions=written))


def _ordered_distinct(select: exp.Select) -> None:
    """Refuse DISTINCT in the order of what is not selected: a row then stands for several places in it."""
    distinct, order = select.args.get("distinct"), select.args.get("order")
    if distinct is None or order is None or distinct.args.get("on"):
        return
    outputs: dict[exp.Expr, exp.Expr] = {e.unalias(): e for e in select.expressions}
    for ordered in order.expressions:
        output = outputs.get(ordered.this)
        if isinstance(output, exp.Alias):
            named = exp.column(exp.to_identifier(output.alias, quoted=True))
            named.type = output.this.type
            ordered.set("this", named)
        elif output is None and any(c.table for c in ordered.this.find_all(exp.Column)):
            raise SqlError("DISTINCT in the order of what is not selected", "order by an output", code="MK210")


def _keyed(select: exp.Select, context: Context) -> None:
    """Refuse to tell values apart of a type that is not known: two that are equal for one engine differ for another."""
    distinct, group = select.args.get("distinct"), select.args.get("group")
    keys = list(_keys(group)) if group is not None else []
    keys += [e.unalias() for e in select.expressions] if distinct is not None else []
    for node in select.walk(prune=lambda n: n is not select and isinstance(n, exp.Query)):
        if isinstance(node, exp.Window):
            keys += node.args.get("partition_by") or []
        elif isinstance(node, exp.Distinct) and node is not distinct:
            keys += node.expressions
        elif isinstance(node, exp.Ordered):
            keys.append(node.this)
    for key in keys:
        if isinstance(key, exp.Column) and key.table and kind_of(key) is Kind.UNKNOWN:
            context.refuse(key, f"of a type that is not known: {key.name}")


def _sources(select: exp.Select) -> Iterator[exp.Expr]:
    if select.args.get("from_"):
        yield select.args["from_"].this
    for name in ("joins", "laterals"):
        for joined in select.args.get(name) or []:
            yield joined.this if isinstance(joined, exp.Join) else joined


def _keys(group: exp.Expr) -> Iterator[exp.Expr]:
    held = [*group.expressions]
    for name in ("cube", "rollup", "grouping_sets"):
        held += group.args.get(name) or []
    while held:
        key = held.pop()
        key = key.unnest()
        if isinstance(key, exp.Tuple | exp.Cube | exp.Rollup | exp.GroupingSets):
            held += key.expressions
        else:
            yield key


def _gathers(top: exp.Expr) -> bool:
    """Tell whether an aggregate stands in a part, other than before OVER or in an inner query."""
    for node in top.walk(prune=lambda n: isinstance(n, exp.Query)):
        if isinstance(node, exp.AggFunc | exp.AnonymousAggFunc) and not _is_over(node):
            return True
    return False


def _is_over(node: exp.Expr) -> bool:
    holder = node.parent
    while isinstance(holder, exp.Filter | exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        node, holder = holder, holder.parent
    return isinstance(holder, exp.Window) and holder.this is node


def _loose(top: exp.Expr, keys: list[exp.Expr]) -> Iterator[exp.Column]:
    """Give the columns of a part that are within no aggregate and no group."""

    def is_settled(node: exp.Expr) -> bool:
        if node in keys:
            return True
        is_scalar = isinstance(node, exp.Anonymous) and node.name.lower() in _SCALARS
        return isinstance(node, _MAY_GATHER) and not is_scalar and not _is_over(node)

    for node in top.walk(prune=is_settled):
        if isinstance(node, exp.Column) and not is_settled(node):
            yield node


def _is_of_inner(column: exp.Column, select: exp.Select) -> bool:
    """Tell whether a column is of a query within `select` rather than of `select`."""
    inner = column.find_ancestor(exp.Select)
    while inner is not None and inner is not select:
        if column.table in {source.alias_or_name for source in _sources(inner)}:
            return True
        inner = inner.find_ancestor(exp.Select)
    return False


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    match node:
        case exp.Where() | exp.Having() | exp.Qualify() | exp.Not() | exp.CountIf():
            yield node.this
        case exp.And() | exp.Or():
            yield from (node.this, node.expression)
        case exp.Join() if node.args.get("on") is not None:
            yield node.args["on"]
        case exp.Case() if node.this is None:
            yield from (branch.this for branch in node.args["ifs"])
        case exp.If() if not isinstance(node.parent, exp.Case):
            yield node.this
