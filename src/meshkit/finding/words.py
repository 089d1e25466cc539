"""Texts to words, as the index has them."""

from __future__ import annotations

import re
import unicodedata

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_MOST_LETTERS = 64


def split_words(text: str) -> list[str]:
    """Return the words of a text: folded, without accents, names in snake and camel case taken apart.

    Example:
        >>> split_words("customerEmail of sales_orders, Zürich")
        ['customer', 'email', 'of', 'sales', 'orders', 'zurich']
    """
    apart = unicodedata.normalize("NFKD", HUMP.sub(" ", text[:4096]))
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return [w[:_MOST_LETTERS] for w in _WORD.findall(plain.lower())]
