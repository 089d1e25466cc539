"""Words by which contracts may name each other, found in their texts without reading them as contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDS = re.compile(r"\w+")
_ESCAPE = re.compile(r"\\[xuU][0-9a-fA-F]{2}")
_LOCATION = re.compile(r"\b(?:location|path)[\"']?\s*:\s*[\"']?([^\s\"',}]+)")
_GLOB = re.compile(r"[*?\[{$]")
_BLANKS = {c: " " for c in range(128) if not (chr(c).isalnum() or chr(c) == "_")}


def words_of(text: str) -> set[str]:
    """Return the words of a text, folded."""
    folded = text.casefold()
    return set(folded.translate(_BLANKS).split()) if text.isascii() else set(_WORDS.findall(folded))


def is_escaped(text: str) -> bool:
    """Tell whether a text may hold words that are written as escapes, so that only the contract tells them."""
    return _ESCAPE.search(text) is not None


def words_in(name: str) -> frozenset[str]:
    """Return the words of a name: whoever names it has all of them.

    Example:
        >>> sorted(words_in("Sales_Orders")), sorted(words_in("my-table"))
        (['sales_orders'], ['my', 'table'])
    """
    return frozenset(_WORDS.findall(name.casefold()))


def stems_in(text: str) -> set[str]:
    """Return for each location in a text its last part before any glob: the file, or the folder that holds the files."""
    return {parts[-1] for found in _LOCATION.finditer(text) if (parts := list(parts_of(found[1])))}


def parts_of(location: str) -> Iterator[str]:
    """Yield the folders of a location and its file, up to the first with a glob or a variable.

    Example:
        >>> list(parts_of("../data/orders/*.parquet")), list(parts_of("shop.duckdb#main.orders"))
        (['data', 'orders'], ['shop.duckdb'])
    """
    for part in location.partition("#")[0].split("/"):
        if _GLOB.search(part):
            return
        if part.strip("."):
            yield part
