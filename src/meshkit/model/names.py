"""Names: which ones are allowed, how a product's id is made, and which known name is meant by a near miss."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
DEFAULT_DOMAIN = "default"


_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}


def fold(name: str) -> str:
    """Return a name of a table, a column or a part as names of data are compared: `A` is `a`, but `Ü` is not `ü`.

    What DuckDB and SQLite do. A name that an engine would not find must not be taken for one that is there.

    Example:
        >>> fold("Order_ID"), fold("ÜPPER"), fold("Straße")
        ('order_id', 'Üpper', 'straße')
    """
    return name.translate(_LOWER)


def is_identifier(text: str) -> bool:
    """Tell whether `text` may name a product, a domain or a check: a letter, then letters, digits, `_` and `-`."""
    return IDENTIFIER.fullmatch(text) is not None


def is_semver(text: str) -> bool:
    """Tell whether `text` is a semantic version of three numbers.

    Source: Semantic Versioning 2.0.0, the grammar's suggested expression.
    """
    return SEMVER.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def version_key(text: str) -> tuple[object, ...]:
    """Return a key that sorts versions by precedence; texts that are no semver sort below all that are.

    Source: Semantic Versioning 2.0.0, clause 11.

    Example:
        >>> sorted(["1.10.0", "1.9.0", "1.10.0-rc.1"], key=version_key)
        ['1.9.0', '1.10.0-rc.1', '1.10.0']
    """
    found = SEMVER.fullmatch(text)
    if not found:
        return (0, text)
    major, minor, patch, pre = found.groups()
    identifiers = tuple((0, int(i), "") if i.isdigit() else (1, 0, i) for i in pre.split(".")) if pre else ()
    return (1, int(major), int(minor), int(patch), 0 if pre else 1, identifiers)


def nearest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return up to `count` known names that `name` is probably meant to be, best first.

    Example:
        >>> nearest("freshnes", ["availability", "freshness", "completeness"])
        ['freshness']
    """
    by_folded = {k.casefold(): k for k in known}
    return [by_folded[m] for m in difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the way out for an unknown name: the near one, or the list of known ones when it is short."""
    choices = list(known)
    near = nearest(name, choices)
    if near:
        return f"did you mean '{near[0]}'?"
    return "known: " + ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "") if choices else ""


def major_of(version: str) -> int | None:
    """Return the major number of a version; None where it is no semantic version.

    Example:
        >>> major_of("2.10.0"), major_of("latest")
        (2, None)
    """
    found = SEMVER.fullmatch(version)
    return int(found[1]) if found else None
