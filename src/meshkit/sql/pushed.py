"""Comparisons of a query from outside that a table can be filtered by before its rows are sent: fewer rows, the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from meshkit.model.names import fold
from meshkit.sql.builders import column as column_of

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_LONGEST_INTEGER = 18


def pushed(tree: exp.Query, relation_id: str, types: Mapping[str, str]) -> tuple[exp.Expr, ...]:
    """Return comparisons of a table's columns with values that hold for each of its rows that can reach the answer.

    They are parts of an AND in the WHERE of the one SELECT that reads the table, are never true of NULL, so that outer joins
    keep their meaning, and can fail for no value: an error must not tell of rows that a row filter hides.

    Args:
        tree: The query over relations; it stays as it is.
        relation_id: The table; where it is read twice, nothing is returned.
        types: Name of each column that the query sees -> its type, in DuckDB's words.

    Returns:
        Conditions over the bare columns.
    """
    tables = [t for t in tree.find_all(exp.Table) if fold(t.name) == fold(relation_id)]
    select = _select_of(tables[0]) if len(tables) == 1 else None
    if select is None or not select.args.get("where") or not all(_is_plain(j) for j in select.args.get("joins") or ()):
        return ()
    alias = fold(tables[0].alias_or_name)
    is_alone = not select.args.get("joins") and not select.args.get("laterals")
    called = {fold(e.alias) for e in select.expressions if isinstance(e, exp.Alias)}
    by_name = {fold(name): (name, kind) for name, kind in types.items()}
    found = []
    for part in _parts(select.args["where"].this):
        column, values = _compared(part)
        if column is None or fold(column.name) not in by_name or fold(column.name) in called:
            continue
        name, kind = by_name[fold(column.name)]
        is_own = fold(column.table) == alias if column.table else is_alone
        if is_own and values and all(_fits(value, kind) for value in values):
            found.append(part.transform(lambda n, name=name: column_of(name) if isinstance(n, exp.Column) else n))
    return tuple(found)


def _select_of(table: exp.Table) -> exp.Select | None:
    """Return the SELECT whose FROM or JOIN a table stands in by itself, with its own columns' names."""
    alias = table.args.get("alias")
    if set(_given(table)) - {"this", "alias"} or (alias is not None and alias.columns):
        return None
    above = table.parent
    select = above.parent if isinstance(above, (exp.From, exp.Join)) else None
    return select if isinstance(select, exp.Select) else None


def _is_plain(join: exp.Join) -> bool:
    """Tell whether a join pairs rows by a condition alone: of the others, some look at which rows there are."""
    kind = str(join.args.get("kind") or "").upper()
    return not join.args.get("method") and kind in ("", "INNER", "CROSS", "OUTER")


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Paren):
        yield from _parts(node.this)
    elif isinstance(node, exp.And):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _compared(part: exp.Expr) -> tuple[exp.Column | None, Sequence[exp.Expr]]:
    """Return the column and the values of a comparison that is never true of NULL."""
    if isinstance(part, _COMPARED):
        sides = (part.left, part.right)
        column = next((s for s in sides if isinstance(s, exp.Column)), None)
        return column, [s for s in sides if s is not column]
    if isinstance(part, exp.Between) and not part.args.get("symmetric") and isinstance(part.this, exp.Column):
        return part.this, [part.args["low"], part.args["high"]]
    if (
        isinstance(part, exp.In)
        and not set(_given(part)) - {"this", "expressions"}
        and isinstance(part.this, exp.Column)
    ):
        return part.this, part.expressions
    return None, ()


def _given(part: exp.Expr) -> Iterator[str]:
    return (name for name, value in part.args.items() if value)


def _fits(value: exp.Expr, kind: str) -> bool:
    """Tell whether comparing a column of this type with a value can fail for no value of the column."""
    if isinstance(value, exp.Neg):
        return value.this.is_number and _fits(value.this, kind)
    if not isinstance(value, exp.Literal):
        return False
    if kind in _INTEGERS:
        return not value.is_string and value.name.isdigit() and len(value.name) <= _LONGEST_INTEGER
    if kind in ("FLOAT", "DOUBLE"):
        return not value.is_string
    return kind in ("VARCHAR", "DATE", "TIMESTAMP") and value.is_string
