"""Policies in Python: what entry points of the group `meshkit.policies` find in the rows of products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Over, PolicyRule, Value
from meshkit.model.policy_rows import ROWS, TABLES

GROUP = "meshkit.policies"

RowsAsRead = tuple[Mapping[str, Any], ...]
Found = tuple[str, str | None, str]
"""What a policy yields: the id of a product, a column or None, and a message."""


class PolicyRows(NamedTuple):
    """The rows that a policy in Python reads, the same as SQL reads. They cannot be changed.

    Each row is a mapping of column -> value; docs/policies.md lists the columns. None = nobody said it.
    """

    products: RowsAsRead
    columns: RowsAsRead
    checks: RowsAsRead
    dependencies: RowsAsRead
    runs: RowsAsRead
    grants: RowsAsRead


Plugin = Callable[[PolicyRows, Mapping[str, Value]], Iterable[Found]]


def plugin_named(name: str) -> Plugin:
    """Import the policy that an installed package offers under a name.

    Raises:
        MeshkitError: MK427, no package offers it, or it cannot be imported.
    """
    offered = {e.name: e for e in entry_points(group=GROUP)}
    if name not in offered:
        hint = did_you_mean(name, offered) or f"install the package that offers it as an entry point of {GROUP}"
        raise MeshkitError(f"no entry point of {GROUP} is called '{name}'", hint, code="MK427")
    try:
        found = offered[name].load()
    except Exception as error:  # code of others: whatever it raises is its own failure
        raise MeshkitError(
            f"'{name}' cannot be imported: {type(error).__name__}", "mend its package", code="MK427"
        ) from error
    if not callable(found):
        raise MeshkitError(f"'{name}' is no function", "offer a function of rows and params", code="MK427")
    plugin: Plugin = found
    return plugin


def rows_as_read(rows: Mapping[Over, Iterable[tuple[Any, ...]]]) -> PolicyRows:
    """Return rows in the form that plugins read: without the position of the product, and read-only."""
    return PolicyRows(**{name: tuple(_read_only(over, rows[over])) for over, name in TABLES.items()})


def _read_only(over: Over, rows: Iterable[tuple[Any, ...]]) -> Iterator[Mapping[str, Any]]:
    names = tuple(ROWS[over])
    for row in rows:
        values = (tuple(v) if isinstance(v, list) else v for v in row[1:])
        yield MappingProxyType(dict(zip(names, values, strict=True)))


def run_plugin(rule: PolicyRule, rows: PolicyRows) -> list[Found]:
    """Return what a policy in Python finds.

    Raises:
        MeshkitError: MK427, it is not there, it fails, or it yields something else.
    """
    plugin = plugin_named(rule.python)
    try:
        found = list(plugin(rows, MappingProxyType(dict(rule.params))))
    except MeshkitError:
        raise
    except Exception as error:  # code of others: its failure makes its own policy unknown
        raise MeshkitError(f"'{rule.python}' failed: {type(error).__name__}", "mend it", code="MK427") from error
    for one in found:
        if not _is_found(one):
            hint = "yield (product id, column or None, message)"
            raise MeshkitError(f"'{rule.python}' yields a {type(one).__name__} of another form", hint, code="MK427")
    return found


def _is_found(one: Any) -> bool:
    if not isinstance(one, tuple) or len(one) != 3:
        return False
    product, column, message = one
    return isinstance(product, str) and isinstance(message, str) and (column is None or isinstance(column, str))
