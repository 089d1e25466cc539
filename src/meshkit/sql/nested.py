"""Parts of nested columns: what DuckDB's type of a part is, and the expression that reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import EngineError, SqlError
from meshkit.model.check import Check, Kind
from meshkit.model.names import did_you_mean, fold
from meshkit.sql.builders import both, column, count_rows, table

NESTED_KINDS = frozenset(
    {Kind.MIN_ITEMS, Kind.MAX_ITEMS, Kind.UNIQUE_ITEMS, Kind.MIN_PROPERTIES, Kind.MAX_PROPERTIES, Kind.REQUIRED_KEYS}
)
ITEMS, KEY, VALUE = "[]", "[key]", "[value]"
JSON = "JSON"


class Reached(NamedTuple):
    """A part of a column, in reach.

    Attributes:
        rows: What to read in the place of the table, one row per element; None = the table's own rows.
        operand: The part's value in such a row.
        parent: What holds it; None where an element stands for itself. A part of nothing is not missing.
        type: DuckDB's name of its type; `JSON` for any part of a JSON value.
    """

    rows: exp.Select | None
    operand: exp.Expr
    parent: exp.Expr | None
    type: str


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Call a function by DuckDB's own name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def reach(
    relation_id: str, alias: str, name: str, path: tuple[str, ...], kind: str, where: exp.Expr | None = None
) -> Reached:
    """Reach the part of column `name` (of DuckDB's type `kind`) at the end of `path`.

    Raises:
        SqlError: MK206, the type has no such part.
    """
    here = Reached(None, column(name), None, kind)
    for step in path:
        if step.startswith("["):
            rows = here.rows.subquery("r") if here.rows is not None else table(relation_id, alias)
            element = exp.alias_(call("unnest", _elements(here, step)), "v", quoted=True)
            source = exp.Select(expressions=[element]).from_(rows)
            if here.rows is None and where is not None:
                source = source.where(where.copy())
            here = Reached(source, column("v"), None, _part(here.type, step))
        else:
            parent = _filled(here)
            here = Reached(here.rows, _field(here, step), parent, _part(here.type, step))
    return here._replace(operand=_filled(here))


def scan(reached: Reached, measure: exp.Expr) -> exp.Select:
    """Read one number over the elements that were reached.

    Shape: 1 row; `n` (all elements), `m0` (the measure).
    """
    assert reached.rows is not None
    columns = [exp.alias_(count_rows(), "n"), exp.alias_(measure, "m0")]
    return exp.Select(expressions=columns).from_(reached.rows.subquery("r"))


def duplicates(reached: Reached, relation_id: str, alias: str, where: exp.Expr | None) -> exp.Select:
    """Count elements beyond the first of each value; NULL is no duplicate.

    Shape: 1 row; bad (>= 0), in_groups (all elements of duplicate groups), total (>= bad).
    """
    rows = reached.rows
    if rows is None:
        value = exp.alias_(reached.operand.copy(), "v", quoted=True)
        rows = exp.Select(expressions=[value]).from_(table(relation_id, alias))
        rows = rows.where(where.copy()) if where is not None else rows
    else:
        rows = exp.Select(expressions=[exp.alias_(reached.operand.copy(), "v", quoted=True)]).from_(rows.subquery("r"))
    groups = exp.Select(expressions=[exp.alias_(count_rows(), "k")]).from_(rows.subquery("e"))
    groups = groups.where(column("v").is_(exp.null()).not_()).group_by(column("v"))
    groups = groups.having(exp.GT(this=count_rows(), expression=exp.Literal.number(1)))
    members = exp.func("COALESCE", exp.Sum(this=column("k")), exp.Literal.number(0))
    surplus = exp.Sub(this=members.copy(), expression=count_rows())
    total = exp.Select(expressions=[count_rows()]).from_(rows.copy().subquery("e")).subquery()
    named = (("bad", surplus), ("in_groups", members), ("total", total))
    return exp.Select(expressions=[exp.alias_(tree, role) for role, tree in named]).from_(groups.subquery("g"))


def violation(check: Check, operand: exp.Expr, kind: str) -> exp.Expr:
    """Return the condition that a nested value is bad, for a check of `NESTED_KINDS`; over NULL it is NULL or false.

    Raises:
        EngineError: MK309, the data's type holds no such parts.
    """
    is_list = kind == JSON or kind.endswith("]")
    if check.kind in (Kind.MIN_ITEMS, Kind.MAX_ITEMS, Kind.UNIQUE_ITEMS) and not is_list:
        raise EngineError(f"'{check.part}' is {kind[:60]}, which is no array", code="MK309")
    if check.kind not in (Kind.MIN_ITEMS, Kind.MAX_ITEMS, Kind.UNIQUE_ITEMS) and not (kind == JSON or parts_of(kind)):
        raise EngineError(f"'{check.part}' is {kind[:60]}, which is no object", code="MK309")
    limit = exp.Literal.number(check.values[0]) if len(check.values) == 1 else exp.Literal.number(0)
    match check.kind:
        case Kind.MIN_ITEMS:
            return exp.LT(this=call("len", listed(operand, kind)), expression=limit)
        case Kind.MAX_ITEMS:
            return exp.GT(this=call("len", listed(operand, kind)), expression=limit)
        case Kind.UNIQUE_ITEMS:
            return _repeats(operand, kind)
        case Kind.MIN_PROPERTIES:
            return exp.LT(this=properties(operand, kind), expression=limit)
        case Kind.MAX_PROPERTIES:
            return exp.GT(this=properties(operand, kind), expression=limit)
    return lacks(operand, kind, check.values)


def _repeats(operand: exp.Expr, kind: str) -> exp.Expr:
    """Return the condition that an array holds an item twice. Nothing is no item, in JSON too."""
    items = listed(operand, kind)
    unique, filled = call("list_unique", items), call("list_count", items.copy())
    if kind == JSON:
        filled = call("list_count", call("json_extract_string", operand.copy(), exp.Literal.string("$[*]")))
        has_null = exp.cast(
            exp.LT(this=filled.copy(), expression=call("len", items.copy())), "BIGINT", dialect="duckdb"
        )
        unique = exp.Sub(this=unique, expression=has_null)
    return exp.LT(this=unique, expression=filled)


def lacks(operand: exp.Expr, kind: str, names: tuple[str, ...]) -> exp.Expr:
    """Return the condition that a nested value is there and lacks one of `names`, or has nothing under it."""
    absent: list[exp.Expr] = []
    for name in names:
        try:
            held = _filled(Reached(None, _field(Reached(None, operand, None, kind), name), None, _part(kind, name)))
        except SqlError:
            return operand.copy().is_(exp.null()).not_()
        absent.append(held.is_(exp.null()))
    return both(operand.copy().is_(exp.null()).not_(), exp.or_(*absent))


def properties(operand: exp.Expr, kind: str) -> exp.Expr:
    """Return how many properties a nested value has: keys of JSON and of maps, fields of a struct that are not NULL."""
    if kind == JSON:
        return call("len", call("json_keys", operand.copy()))
    if kind.startswith("MAP("):
        return call("cardinality", operand.copy())
    filled = [
        exp.Case(
            ifs=[
                exp.If(
                    this=call("struct_extract", operand.copy(), exp.Literal.string(name)).is_(exp.null()),
                    true=exp.Literal.number(0),
                )
            ],
            default=exp.Literal.number(1),
        )
        for name in parts_of(kind)
    ]
    total: exp.Expr = exp.Literal.number(0)
    for one in filled:
        total = exp.Add(this=total, expression=one)
    return exp.Case(ifs=[exp.If(this=operand.copy().is_(exp.null()).not_(), true=exp.Paren(this=total))])


def listed(operand: exp.Expr, kind: str) -> exp.Expr:
    """Return an array as a list of the engine's own."""
    return call("json_extract", operand.copy(), exp.Literal.string("$[*]")) if kind == JSON else operand.copy()


@lru_cache(maxsize=4096)
def parts_of(kind: str) -> Mapping[str, str]:
    """Take DuckDB's name of a nested type apart: step -> the type's name there.

    Example:
        >>> parts_of('STRUCT(id VARCHAR, "zi p" DECIMAL(10,2))[]')
        {'[]': 'STRUCT(id VARCHAR, "zi p" DECIMAL(10,2))'}
        >>> parts_of('STRUCT(id VARCHAR, "zi p" DECIMAL(10,2))')
        {'id': 'VARCHAR', 'zi p': 'DECIMAL(10,2)'}
        >>> parts_of("MAP(VARCHAR, INTEGER)")
        {'[key]': 'VARCHAR', '[value]': 'INTEGER'}
    """
    if kind.endswith("]"):
        return {ITEMS: kind[: kind.rindex("[")]}
    if kind.startswith("MAP(") and kind.endswith(")"):
        key, value = _split(kind[4:-1])
        return {KEY: key, VALUE: value}
    if kind.startswith("STRUCT(") and kind.endswith(")"):
        return dict(_named(part) for part in _split(kind[7:-1]))
    return {}


def _split(text: str) -> list[str]:
    """Cut at the commas that stand outside of quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and not depth:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def _named(part: str) -> tuple[str, str]:
    if not part.startswith('"'):
        name, _, kind = part.partition(" ")
        return name, kind
    end = 1
    while part[end] != '"' or part[end + 1 : end + 2] == '"':
        end += 2 if part[end] == '"' else 1
    return part[1:end].replace('""', '"'), part[end + 2 :]


def _part(kind: str, step: str) -> str:
    if kind == JSON:
        return "VARCHAR" if step == KEY else JSON
    parts = parts_of(kind)
    found = next((p for p in parts if fold(p) == fold(step)), None)
    if found is None:
        raise SqlError(f"the data has no part '{step}' in {kind[:60]}", did_you_mean(step, parts), code="MK206")
    return parts[found]


def _elements(here: Reached, step: str) -> exp.Expr:
    value = _filled(here)
    if here.type == JSON:
        if step == KEY:
            return call("json_keys", value)
        return call("json_extract", value, exp.Literal.string("$[*]" if step == ITEMS else "$.*"))
    return value if step == ITEMS else call("map_keys" if step == KEY else "map_values", value)


def _field(here: Reached, name: str) -> exp.Expr:
    if here.type == JSON:
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        return call("json_extract", here.operand.copy(), exp.Literal.string(pointer))
    found = next((p for p in parts_of(here.type) if fold(p) == fold(name)), name)
    return call("struct_extract", here.operand.copy(), exp.Literal.string(found))


def _filled(here: Reached) -> exp.Expr:
    """Return the value, JSON's own null being none."""
    value = here.operand.copy()
    if here.type != JSON:
        return value
    is_null = exp.EQ(this=call("json_type", value.copy()), expression=exp.Literal.string("NULL"))
    return exp.Case(ifs=[exp.If(this=is_null.not_(), true=value)])
