"""Documents as plain values: taken apart key by key, so that what nobody took is what the target cannot hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from meshkit.model.table import Pointer

Value = Any
"""A plain value: dict, list, str, int, Decimal, bool or None."""

PREFIX = "meshkit."
_CUSTOM = "customProperties"


class Loss(NamedTuple):
    """Something that the target has no place for: where it stands in the original, what it is, and why it is lost."""

    pointer: Pointer
    what: str
    why: str


class Converted(NamedTuple):
    """A document in another form.

    Attributes:
        document: The new document.
        losses: What it cannot hold.
        origins: Pointer in the new document -> pointer in the original, where that is known.
    """

    document: dict[str, Value]
    losses: tuple[Loss, ...] = ()
    origins: Mapping[Pointer, Pointer] = {}


def copied(value: Value) -> Value:
    """Return a copy that can be taken apart."""
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    return [copied(v) for v in value] if isinstance(value, list) else value


def text_of(rest: dict[str, Value], key: str) -> str | None:
    """Take the text at `key` out; anything that is no text stays."""
    return rest.pop(key) if isinstance(rest.get(key), str) else None


def mapping_of(rest: dict[str, Value], key: str) -> dict[str, Value]:
    """Return the mapping at `key`, to be taken apart in its place; an empty one where there is none."""
    found = rest.get(key)
    return found if isinstance(found, dict) else {}


def mappings_of(rest: dict[str, Value], key: str) -> list[dict[str, Value]]:
    """Return the mappings of the list at `key`, to be taken apart in their place."""
    found = rest.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def is_number(value: Value) -> bool:
    """Tell whether a plain value is a number."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def is_empty(value: Value) -> bool:
    """Tell whether nothing is left of a value that was taken apart. `false` and the position -1 say nothing."""
    if isinstance(value, dict):
        return all(is_empty(v) for v in value.values())
    return (
        all(is_empty(v) for v in value) if isinstance(value, list) else value is None or value is False or value == -1
    )


def put_custom(target: dict[str, Value], key: str, value: Value) -> None:
    """Keep what the standard has no word for as a custom property of `target`."""
    target.setdefault(_CUSTOM, []).append({"property": PREFIX + key, "value": value})


def put_rest(target: dict[str, Value], rest: dict[str, Value]) -> None:
    """Keep whatever is left as custom properties of `target`."""
    for key, value in rest.items():
        if value is not None:
            put_custom(target, key, value)


def custom_of(rest: dict[str, Value], key: str, default: Value = None) -> Value:
    """Take the value of one of meshkit's own custom properties out."""
    for item in mappings_of(rest, _CUSTOM):
        if item.get("property") == PREFIX + key:
            value = item.get("value")
            item.clear()
            return value
    return default


def customs_of(rest: dict[str, Value], prefix: str = PREFIX) -> dict[str, Value]:
    """Take the custom properties out whose names start with `prefix`, which is left off; as they stand, meshkit's own."""
    found = {}
    for item in mappings_of(rest, _CUSTOM):
        name = item.get("property")
        if isinstance(name, str) and name.startswith(prefix):
            found[name.removeprefix(prefix)] = item.get("value")
            item.clear()
    return found


def losses_in(rest: Value, why: Mapping[str, str], other: str, pointer: Pointer = ()) -> Iterator[Loss]:
    """Yield what is left of a document, each thing as a whole.

    Args:
        rest: What is left.
        why: Key -> why it has no place in the target.
        other: Why all else has none.
        pointer: Where `rest` stands.
    """
    if isinstance(rest, dict) and not _is_unit(pointer, why):
        for key, value in rest.items():
            if not is_empty(value):
                yield from losses_in(value, why, other, (*pointer, key))
    elif isinstance(rest, list) and any(isinstance(v, (dict, list)) for v in rest):
        for position, value in enumerate(rest):
            if not is_empty(value):
                yield from losses_in(value, why, other, (*pointer, position))
    else:
        key = next((str(s) for s in reversed(pointer) if isinstance(s, str)), "")
        yield Loss(pointer, _shown(pointer, rest), why.get(key, other))


def _is_unit(pointer: Pointer, why: Mapping[str, str]) -> bool:
    """Tell whether what stands here is told as one thing: a reason is given for its own key."""
    key = next((s for s in reversed(pointer) if isinstance(s, str)), "")
    return bool(pointer) and key in why and (key != "properties" or pointer.count(key) > 1)


def _shown(pointer: Pointer, value: Value) -> str:
    """Name what is lost: its key, and its name or value where that is short."""
    key = next((str(s) for s in reversed(pointer) if isinstance(s, str)), "document")
    if isinstance(value, dict):
        words = (value.get(k) for k in ("name", "property", "server", "channel", "username", "role", "type"))
        named = next((w for w in words if isinstance(w, str)), "")
        return f"{key} '{named}'" if named else key
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{key}: {shown}" if not isinstance(value, list) and len(shown) <= 60 and "\n" not in shown else key
