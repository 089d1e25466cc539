"""What differs between two queries that make a table: its rows, its grain, or the way some columns are computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.sql.canonical import canonical_query
from meshkit.sql.dialects import render

_ROW_PARTS: Mapping[str, str] = {
    "with_": "WITH", "from_": "FROM", "joins": "JOIN", "where": "WHERE", "having": "HAVING", "qualify": "QUALIFY",
    "distinct": "DISTINCT", "limit": "LIMIT", "offset": "OFFSET", "windows": "WINDOW",
}  # fmt: skip


class QueryChange(NamedTuple):
    """How a query changed.

    Attributes:
        is_unreadable: Whether one of the two cannot be read, so that only their words were compared.
        grain: Whether GROUP BY differs.
        parts: Words for the other parts that decide which rows there are, where they differ.
        added: Output columns that are new.
        removed: Output columns that are gone.
        changed: Output columns that are computed in another way.
    """

    is_unreadable: bool = False
    grain: bool = False
    parts: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def is_spelling(self) -> bool:
        """Whether nothing but the spelling differs."""
        return self == QueryChange()


def compare_queries(old_text: str, new_text: str, dialect: str = "duckdb") -> QueryChange:
    """Compare two queries after both were brought into one spelling.

    Example:
        >>> compare_queries("SELECT a FROM t", "select x.a, b from t x").added
        ('b',)
    """
    try:
        old, new = canonical_query(old_text, dialect), canonical_query(new_text, dialect)
        if render(old) == render(new):
            return QueryChange()
        if not (isinstance(old, exp.Select) and isinstance(new, exp.Select)):
            return QueryChange(parts=(type(new if isinstance(new, exp.SetOperation) else old).__name__.upper(),))
        return _compare_selects(old, new)
    except SqlError:
        return QueryChange(is_unreadable=old_text.split() != new_text.split())


def _compare_selects(old: exp.Select, new: exp.Select) -> QueryChange:
    before, after = _outputs(old), _outputs(new)
    parts = [word for key, word in _ROW_PARTS.items() if _text(old, key) != _text(new, key)]
    if old.args.get("limit") or new.args.get("limit"):
        parts += ["ORDER BY"] if _text(old, "order") != _text(new, "order") else []
    common = [name for name in after if name in before]
    return QueryChange(
        grain=_grain(old) != _grain(new),
        parts=tuple(parts),
        added=tuple(n for n in after if n not in before),
        removed=tuple(n for n in before if n not in after),
        changed=tuple(n for n in common if before[n] != after[n]),
    )


def _outputs(select: exp.Select) -> dict[str, str]:
    """Return the text of each output column by its name."""
    return {e.alias_or_name or render(e): render(e.unalias()) for e in select.expressions}


def _grain(select: exp.Select) -> frozenset[str]:
    """Return the keys of GROUP BY; their order means nothing, and ALL means every column that is no aggregate."""
    group = select.args.get("group")
    if group is None:
        return frozenset({"one row"}) if _is_total(select) else frozenset()
    if group.args.get("all"):
        plain = (e.unalias() for e in select.expressions)
        return frozenset(render(e) for e in plain if not e.find(exp.AggFunc))
    by_name = {e.alias: e.unalias() for e in select.expressions if isinstance(e, exp.Alias)}
    keys = [by_name.get(k.name, k) if isinstance(k, exp.Column) and not k.table else k for k in group.expressions]
    sets = [render(s) for kind in ("grouping_sets", "cube", "rollup") for s in group.args.get(kind) or []]
    return frozenset({*(render(k) for k in keys), *sets})


def _is_total(select: exp.Select) -> bool:
    """Tell whether a SELECT without GROUP BY gives one row over all."""
    aggregates = (a for e in select.expressions for a in e.find_all(exp.AggFunc))
    return any(not isinstance(a.parent, exp.Window) and a.find_ancestor(exp.Select) is select for a in aggregates)


def _text(select: exp.Select, key: str) -> str:
    part = select.args.get(key)
    if isinstance(part, list):
        return " ".join(render(p) for p in part)
    return render(part) if part is not None else ""
