"""What a column's name says."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_KEY_WORDS = ("id", "uuid", "guid", "key", "pk", "code", "number", "no", "nr", "num", "sku", "isbn", "ean")
_PART_WORDS = (
    "line",
    "item",
    "position",
    "seq",
    "sequence",
    "version",
    "index",
    "rank",
    "date",
    "day",
    "month",
    "hour",
)


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Split a name into its words, in lower case.

    Example:
        >>> words("customerEmail_2"), words("URLPath"), words("e-mail")
        (('customer', 'email', '2'), ('url', 'path'), ('e', 'mail'))
    """
    return tuple(w.casefold() for w in _WORD.findall(name))


def as_identifier(text: str) -> str:
    """Return the name of a product that is nearest to `text`.

    Example:
        >>> as_identifier("Sales Orders (2024)"), as_identifier("2024"), as_identifier("")
        ('Sales_Orders_2024', 'table_2024', 'table')
    """
    name = _NO_NAME.sub("_", text).strip("_-")
    return name if name[:1].isalpha() else f"table_{name}" if name else "table"


def names_a_key(name: str) -> bool:
    """Tell whether a name is that of a key: it ends in id, key, code, number or the like."""
    found = words(name)
    return bool(found) and (found[-1] in _KEY_WORDS or (len(found) == 1 and found[0].endswith(("id", "key"))))


def names_a_part_of_a_key(name: str) -> bool:
    """Tell whether a name is that of a key or of what counts below one: a line, a version, a day."""
    return names_a_key(name) or bool(set(words(name)) & set(_PART_WORDS))


def key_rank(name: str, table: str) -> int:
    """Return how much a column's name is that of its table's key; the least is the best.

    Example:
        >>> [key_rank(n, "orders") for n in ("order_id", "id", "customer_id", "code", "total")]
        [0, 0, 1, 2, 3]
    """
    found, of_table = words(name), words(table)
    stem = of_table[-1].removesuffix("s") if of_table else ""
    if found in (("id",), ("uuid",), ("key",)) or (found[-1:] and found[:-1][-1:] == (stem,) and names_a_key(name)):
        return 0
    if found[-1:] in (("id",), ("uuid",), ("guid",), ("key",)):
        return 1
    return 2 if names_a_key(name) else 3
