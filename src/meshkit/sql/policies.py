"""Governors' expressions over documented rows, and what statements are made of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import did_you_mean, fold
from meshkit.model.relation import Relation
from meshkit.sql.bind import bind_query
from meshkit.sql.guard import parse_condition, parse_query

OWN, PRODUCT, PARAMS = "own", "product", "params"
_PLACEHOLDER = re.compile(r"\{(?:(\w+)\.)?(\w+)(?::(percent|hours))?\}")
_FORMATS = {
    "": "CAST({} AS VARCHAR)",
    # down: what misses 100% never reads as 100%
    "percent": "rtrim(rtrim(CAST(floor({} * 1e5 + 1e-6) / 1e3 AS VARCHAR), '0'), '.') || '%'",
    "hours": "rtrim(rtrim(CAST(ceil({} * 1e1 - 1e-6) / 1e1 AS VARCHAR), '0'), '.')",
}


class Row(NamedTuple):
    """What an expression may name: the columns of its own row, those of the product, and parameters."""

    own: Collection[str]
    product: Collection[str]
    params: Mapping[str, object]


class Expression(NamedTuple):
    """A compiled expression: its text for DuckDB, and the columns that it names, as `own.x` and `product.x`."""

    sql: str
    columns: frozenset[str]


def compile_expression(text: str, row: Row) -> Expression:
    """Compile one boolean expression of a governor.

    Raises:
        SqlError: MK422, a name is no column of the row; else as `parse_condition`.

    Example:
        >>> compile_expression("is_pii AND product.retention_days < params.days", Row(["is_pii"], ["retention_days"], {"days": 30})).sql
        'own.is_pii AND product.retention_days < 30'
    """
    tree = parse_condition(text)
    used = set()
    for column in list(tree.find_all(exp.Column)):
        owner, name = _owner(column.table.lower(), column.name, row)
        if owner == PARAMS:
            literal = parse_condition(literal_of(row.params[name]))
            if column is tree:
                tree = literal
            else:
                column.replace(literal)
            continue
        used.add(f"{owner}.{name}")
        column.set("table", exp.to_identifier(owner))
        column.set("this", exp.to_identifier(name))
    return Expression(tree.sql("duckdb"), frozenset(used))


def _owner(table: str, name: str, row: Row) -> tuple[str, str]:
    """Return whose column a name is, and the name as it is known.

    Raises:
        SqlError: MK422, it is nobody's.
    """
    tables = {OWN: row.own, PRODUCT: row.product, PARAMS: row.params}
    if table not in ("", *tables):
        raise SqlError(
            f"'{table}.{name}' is no column of the row",
            "write product.NAME, params.NAME, or the name alone",
            code="MK422",
        )
    owner = table or OWN
    known = {fold(n): n for n in tables[owner]}
    if fold(name) in known:
        return owner, known[fold(name)]
    if not table and fold(name) in {fold(n) for n in row.product}:
        raise SqlError(f"no column '{name}' in the row", f"did you mean 'product.{name.lower()}'?", code="MK422")
    raise SqlError(
        f"no column '{table + '.' if table else ''}{name}' in the row",
        did_you_mean(name, list(tables[owner])),
        code="MK422",
    )


def compile_message(text: str, row: Row) -> str:
    """Compile a message to a text expression; `{name}` stands for a value, NULL reads as `nothing`.

    `{name:percent}` is a ratio as a percentage, rounded down to three places, `{name:hours}` a number rounded up to one.

    Raises:
        SqlError: MK422, a placeholder names no column.
    """
    parts, end = [], 0
    for found in _PLACEHOLDER.finditer(text):
        owner, name = _owner((found[1] or "").lower(), found[2], row)
        column = f'{owner}."{name}"'
        value = (
            literal_of(_shown(row.params[name], found[3]))
            if owner == PARAMS
            else f"coalesce({_FORMATS[found[3] or ''].format(column)}, 'nothing')"
        )
        parts += [literal_of(text[end : found.start()]), value]
        end = found.end()
    return " || ".join([*parts, literal_of(text[end:])])


def fill(text: str, params: Mapping[str, object]) -> str:
    """Fill the parameters of a remedy in."""
    return _PLACEHOLDER.sub(lambda m: _shown(params[m[2]], m[3]) if m[1] == PARAMS and m[2] in params else m[0], text)


def _shown(value: object, form: str | None) -> str:
    is_ratio = form == "percent" and isinstance(value, (Decimal, int, float))
    return f"{shown_value(Decimal(str(value)) * 100)}%" if is_ratio else shown_value(value)


def shown_value(value: object) -> str:
    """Write a parameter for people."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def literal_of(value: object) -> str:
    """Write a value as a literal of DuckDB.

    Example:
        >>> literal_of("it's"), literal_of(("a", "b")), literal_of(None)
        ("'it''s'", "['a', 'b']", 'NULL')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal_of, value))}]"
    return "'" + str(value).replace("'", "''") + "'"


def compile_select(text: str, tables: Iterable[str]) -> str:
    """Compile a governor's SELECT over the tables of rows: it returns product, message, and column where it likes.

    Raises:
        SqlError: MK423, it returns other columns, or names a table that is none; else as `parse_query`.
    """
    known = {fold(t): t for t in tables}
    tree = parse_query(text)

    def resolve(name: str, qualifier: str) -> Relation:
        if qualifier or fold(name) not in known:
            raise SqlError(f"no table '{name}'", did_you_mean(name, sorted(known)), code="MK423")
        return Relation(id=known[fold(name)])

    returned = [name.lower() for name in tree.named_selects]
    if not {"product", "message"} <= set(returned) <= {"product", "column", "message"}:
        raise SqlError(
            f"it returns {', '.join(returned) or 'nothing'}",
            "name what it returns product, column and message",
            code="MK423",
        )
    field = 'q."column"' if "column" in returned else "NULL"
    bound = bind_query(tree, resolve).tree.sql("duckdb")
    columns = ", ".join(
        f"CAST({value} AS VARCHAR) AS {name}"
        for name, value in (("product", "q.product"), ("field", field), ("message", "q.message"))
    )
    return f"SELECT {columns} FROM ({bound}) AS q"
