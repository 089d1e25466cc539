"""Lists, structs, maps, JSON and generated rows on ClickHouse."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.model.names import fold
from meshkit.sql.transpile.clickhouse_text import split_text
from meshkit.sql.transpile.clickhouse_time import shifted
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.parts import (
    call,
    in_from,
    infix,
    is_listed,
    list_members,
    number_of,
    present,
    unit_of,
    value,
    when,
)
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_nested import json_steps

_MOST_ROWS = 200


def _explode(node: exp.Expr, context: Context) -> exp.Expr:
    if is_listed(node):
        return node
    holder = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if not isinstance(holder, exp.Select) or len(list(holder.find_all(exp.Explode))) > 1:
        context.refuse(node, "but as a column of its own, once")
    context.require(node.this, Kind.LIST, of=node)
    return call("arrayJoin", node.this)


def _array(node: exp.Expr, context: Context) -> exp.Expr:
    if is_listed(node):
        return node
    kinds = {kind_of(m) for m in node.expressions} - {Kind.NULL}
    if len(kinds) > 1:
        context.refuse(node, "of members of several kinds")
    return call("array", *node.expressions)


def _bracket(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, Kind.LIST, Kind.MAP, of=node)
    key = node.expressions[0]
    if kind is Kind.MAP:
        return when((call("mapContains", node.this, key), call("arrayElement", node.this, key)))
    index = key.this if isinstance(key, exp.Neg) else key
    if not (isinstance(index, exp.Literal) and index.name.isdigit()):
        context.refuse(node, "at what is computed")
    place = -int(index.name) if isinstance(key, exp.Neg) else int(index.name)
    place += 1 - (node.args.get("offset") or 0) if place >= 0 else 1
    if not place:
        context.refuse(node, "at 0")
    there: exp.Expr = infix(exp.GTE, call("length", node.this), abs(place))
    source = split_text(node.this)
    there = there if source is None else exp.and_(present(source), there)
    return when((there, call("arrayElement", node.this, place)))


def _counted(*, is_distinct: bool) -> Rule:
    """Count what is there among the members of a list."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        there = call("arrayFilter", exp.Var(this="x -> isNotNull(x)"), list_members(node, context))
        return call("length", call("arrayDistinct", there) if is_distinct else there)

    return rule


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.LIST, of=node)
    if isinstance(node.expression, exp.Null):
        context.refuse(node, "of NULL")
    return call("has", node.this, node.expression)


def _field(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node, exp.StructExtract):
        context.require(node.this, Kind.STRUCT, of=node)
    return call("tupleElement", node.this, _place(node.this, node, context))


def _place(part: exp.Expr, node: exp.Expr, context: Context) -> int:
    """Return the place of a field in its struct: names may be spelled otherwise here."""
    fields = part.type.expressions if isinstance(part.type, exp.DataType) else []
    found = [i for i, f in enumerate(fields, 1) if fold(f.name) == fold(node.expression.name)]
    return found[0] if len(found) == 1 else context.refuse(node, "of a struct of an unknown type")


def _json_text(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.JSON, of=node)
    steps = [s + 1 if isinstance(s, int) else s for s in json_steps(node.expression, node, context)]
    context.note("JSON that is none is an error, as in DuckDB")
    held = call("assumeNotNull", node.this)
    kind, raw = call("JSONType", held, *steps), call("JSONExtractRaw", held, *steps)
    invalid = infix(exp.EQ, call("throwIf", exp.Not(this=call("isValidJSON", held)), "this text is no JSON"), 1)
    double = when((call("match", raw, "[.eE]"), raw), default=call("concat", raw, ".0"))
    return when(
        (exp.Is(this=node.this.copy(), expression=exp.Null()), exp.Null()),
        (invalid, exp.Null()),
        (exp.EQ(this=kind, expression=value("Null")), exp.Null()),
        (exp.EQ(this=kind.copy(), expression=value("String")), call("JSONExtractString", held, *steps)),
        (exp.EQ(this=kind.copy(), expression=value("Double")), double),
        default=raw,
    )


def _json_valid(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.expressions[0]
    context.require(part, Kind.TEXT, Kind.JSON, of=node)
    return when((present(part), call("isValidJSON", call("assumeNotNull", part))))


def generated(query: exp.Query, context: Context) -> exp.Query:
    """Write range(...) and generate_series(...) in FROM as the members of an array."""
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.GenerateSeries):
            _generate(table, table.this, context)
    for rows in list(query.find_all(exp.Values)):
        _select_rows(rows, context)
    return query


def _select_rows(rows: exp.Values, context: Context) -> None:
    """Write VALUES as selects, one per row."""
    alias = rows.args.get("alias")
    names = [c.name for c in alias.columns] if alias is not None and alias.columns else []
    if (
        alias is None
        or not isinstance(rows.parent, (exp.From, exp.Join))
        or not names
        or len(rows.expressions) > _MOST_ROWS
    ):
        context.refuse(rows, "without names of its columns, or of very many rows")
    context.note("VALUES is written as one SELECT per row")
    selects = []
    for row in rows.expressions:
        values_ = row.expressions if isinstance(row, exp.Tuple) else [row]
        selects.append(
            exp.Select(expressions=[exp.alias_(v.copy(), n, quoted=True) for n, v in zip(names, values_, strict=True)])
        )
    whole: exp.Query = selects[0]
    for select in selects[1:]:
        whole = exp.Union(this=whole, expression=select, distinct=False)
    rows.replace(exp.Subquery(this=whole, alias=exp.TableAlias(this=alias.this.copy())))


def _generate(table: exp.Table, made: exp.Expr, context: Context) -> None:
    alias = table.args.get("alias")
    names = alias.columns if alias is not None and alias.columns else []
    name = names[0].name if names else "range" if made.args.get("is_end_exclusive") else "generate_series"
    context.note("generated rows are the members of an array")
    rows = exp.Select(expressions=[exp.alias_(call("arrayJoin", _members(made, context)), name, quoted=True)])
    holder = exp.TableAlias(this=alias.this.copy()) if alias is not None and alias.this else None
    table.replace(exp.Subquery(this=rows, alias=holder, joins=table.args.get("joins")))


def _members(made: exp.Expr, context: Context) -> exp.Expr:
    start, end, step = made.args["start"], made.args["end"], made.args.get("step")
    is_open = bool(made.args.get("is_end_exclusive"))
    if not kind_of(start).is_moment:
        first, last, by = number_of(start), number_of(end), 1 if step is None else number_of(step)
        if first is None or last is None or by is None or by < 1:
            context.refuse(made, "but of whole numbers, upwards")
        return call("range", call("toInt64", first), call("toInt64", last if is_open else last + 1), by)
    bare = step.unnest() if step is not None else None
    if (
        not isinstance(bare, exp.Interval)
        or (count := number_of(bare.this) or _written(bare.this)) is None
        or count < 1
    ):
        context.refuse(made, "without a step that is positive")
    unit = unit_of(bare, context)
    first_moment, last_moment = call("toDateTime64", start, 6, "UTC"), call("toDateTime64", end, 6, "UTC")
    many = call("toUInt64", call("greatest", infix(exp.Add, call("dateDiff", unit, first_moment, last_moment), 2), 0))
    probe = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this=unit.upper()))
    one = shifted(start, probe, count, made, context)
    one.expressions[1].replace(exp.Var(this=f"k * ({one.expressions[1].sql()})"))
    moments = call("arrayMap", exp.Lambda(this=one, expressions=[exp.to_identifier("k")]), call("range", many))
    within = exp.LT if is_open else exp.LTE
    kept = within(this=exp.column("x"), expression=last_moment.copy())
    return call("arrayFilter", exp.Lambda(this=kept, expressions=[exp.to_identifier("x")]), moments)


def _written(node: exp.Expr) -> int | None:
    return int(node.name) if isinstance(node, exp.Literal) and node.name.strip().isdigit() else None


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Explode: _explode,
    exp.Array: _array,
    exp.Bracket: _bracket,
    exp.ArrayContains: _contains,
    "list_count": _counted(is_distinct=False),
    "list_unique": _counted(is_distinct=True),
    exp.StructExtract: _field,
    exp.Dot: _field,
    exp.JSONExtractScalar: _json_text,
    **dict.fromkeys((exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript), lambda n, c: n),
    "json_valid": _json_valid,
    exp.GenerateSeries: in_from,
}
