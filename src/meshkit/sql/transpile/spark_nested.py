"""Lists, structs, maps, JSON and generated rows on Spark."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.outputs import first_of_each, qualified_before_limits
from meshkit.sql.transpile.parts import call, list_members, present, when
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_casts import moment_of


def explode(node: exp.Expr, context: Context) -> exp.Expr:
    """Write unnest as EXPLODE where it stands alone in a SELECT."""
    holder = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if not isinstance(holder, exp.Select) or len(list(holder.find_all(exp.Explode, bfs=True))) > 1:
        context.refuse(node, "but as a column of its own, once")
    context.require(node.this, Kind.LIST, of=node)
    return call("explode", node.this)


def array(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a list."""
    kinds = {kind_of(m) for m in node.expressions} - {Kind.NULL}
    if len(kinds) > 1:
        context.refuse(node, "of members of several kinds")
    return call("array", *node.expressions)


def _bracket(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, Kind.LIST, Kind.MAP, of=node)
    key = node.expressions[0]
    if kind is Kind.MAP:
        return call("try_element_at", node.this, key)
    index = key.this if isinstance(key, exp.Neg) else key
    if not (isinstance(index, exp.Literal) and index.name.isdigit()):
        context.refuse(node, "at what is computed")
    place = -int(index.name) if isinstance(key, exp.Neg) else int(index.name)
    place += 1 - (node.args.get("offset") or 0) if place >= 0 else 1
    if not place:
        context.refuse(node, "at 0")
    return call("try_element_at", node.this, place)


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.LIST, of=node)
    found = call("coalesce", call("array_contains", node.this, node.expression), exp.false())
    return when((exp.and_(present(node.this), present(node.expression)), found), (present(node.this), exp.false()))


def _counted(*, is_distinct: bool) -> Rule:
    """Count what is there among the members of a list."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        listed = call("array_compact", list_members(node, context))
        return call("array_size", call("array_distinct", listed) if is_distinct else listed)

    return rule


def _of_list(name: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        part = node.this if not isinstance(node, exp.Anonymous) else node.expressions[0]
        context.require(part, Kind.LIST, of=node)
        return call(name, part)

    return rule


def _field(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.STRUCT, of=node)
    return exp.Dot(this=node.this.copy(), expression=exp.to_identifier(node.expression.name, quoted=True))


def _of_map(name: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        part = node.this if not isinstance(node, exp.Anonymous) else node.expressions[0]
        context.require(part, Kind.MAP, of=node)
        return call(name, part)

    return rule


def json_steps(path: exp.Expr, node: exp.Expr, context: Context) -> list[str | int]:
    """Return the keys and places of a JSON path."""
    if not isinstance(path, exp.JSONPath):
        context.refuse(node, "with a path that is computed")
    steps: list[str | int] = []
    for part in path.expressions[1:] if isinstance(path.expressions[0], exp.JSONPathRoot) else path.expressions:
        step = part.this
        if not isinstance(part, (exp.JSONPathKey, exp.JSONPathSubscript)) or not isinstance(step, (str, int)):
            context.refuse(node, "with this path")
        if (isinstance(step, int) and step < 0) or (isinstance(step, str) and set(step) & set("'\"\\[]*")):
            context.refuse(node, "with this path")
        steps.append(step)
    return steps


def _json_text(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.JSON, of=node)
    steps = json_steps(node.expression, node, context)
    path = "$" + "".join(f"[{s}]" if isinstance(s, int) else f"['{s}']" for s in steps)
    context.note("JSON is read by PARSE_JSON, which fails where the text is no JSON, as DuckDB does")
    return call("variant_get", call("parse_json", node.this), path, "string")


def _json_valid(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.expressions[0]
    context.require(part, Kind.TEXT, Kind.JSON, of=node)
    return when((present(part), present(call("try_parse_json", part))))


def generated(query: exp.Query, context: Context) -> exp.Query:
    """Write range(...) and generate_series(...) in FROM as the members of a sequence, and DISTINCT ON in its order."""
    for table in list(query.find_all(exp.Table)):
        made = table.this
        if isinstance(made, (exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray)):
            _generate(table, made, context)
    return qualified_before_limits(first_of_each(query, context), context)


def _generate(table: exp.Table, made: exp.Expr, context: Context) -> None:
    alias = table.args.get("alias")
    names = alias.columns if alias is not None and alias.columns else []
    is_open = bool(made.args.get("is_end_exclusive"))
    name = names[0].name if names else "range" if is_open else "generate_series"
    context.note("generated rows are the members of a SEQUENCE")
    rows = exp.Select(expressions=[exp.alias_(sequence(made, context), name, quoted=True)])
    holder = exp.TableAlias(this=alias.this.copy()) if alias is not None and alias.this else None
    table.replace(exp.Subquery(this=rows, alias=holder, joins=table.args.get("joins")))


def sequence(made: exp.Expr, context: Context) -> exp.Expr:
    """Write the members of a series, in ascending order, as rows."""
    start, end, step = made.args["start"], made.args["end"], made.args.get("step")
    is_time = kind_of(start).is_moment
    if not is_time and (kind_of(start) is not Kind.INTEGER or kind_of(end) is not Kind.INTEGER):
        context.refuse(made, "but of whole numbers or of days")
    if is_time and not isinstance(step, exp.Anonymous):
        context.refuse(made, "without a step")
    if not is_time and step is not None and not (isinstance(step, exp.Literal) and int(step.name) > 0):
        context.refuse(made, "with a step that is computed or negative")
    first, last = (moment_of(e) if is_time else e.copy() for e in (start, end))
    listed = call("sequence", first, call("greatest", first, last), step if step is not None else 1)
    within = exp.LT if made.args.get("is_end_exclusive") else exp.LTE
    kept = within(this=exp.column("x"), expression=last.copy())
    return call("explode", call("filter", listed, exp.Lambda(this=kept, expressions=[exp.to_identifier("x")])))


def _series(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Table):
        context.refuse(node, "but in FROM")
    return node


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Bracket: _bracket,
    exp.ArrayContains: _contains,
    "list_count": _counted(is_distinct=False),
    "list_unique": _counted(is_distinct=True),
    exp.StructExtract: _field,
    exp.Dot: lambda n, c: n,
    exp.JSONExtractScalar: _json_text,
    **dict.fromkeys((exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript), lambda n, c: n),
    "json_valid": _json_valid,
    exp.GenerateSeries: _series,
    exp.GenerateDateArray: _series,
    exp.GenerateTimestampArray: _series,
    exp.ArrayMax: _of_list("array_max"),
    "list_max": _of_list("array_max"),
    exp.ArrayMin: _of_list("array_min"),
    "list_min": _of_list("array_min"),
    exp.MapKeys: _of_map("map_keys"),
    "map_values": _of_map("map_values"),
}
