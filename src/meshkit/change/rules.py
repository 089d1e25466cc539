"""The rules: what each id is about, and whom it breaks where the direction alone does not say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from meshkit.model.change import Direction, Effect

_CONSUMER: Mapping[Direction, Effect] = {
    Direction.TIGHTENS: Effect.ADDITIVE,
    Direction.LOOSENS: Effect.BREAKING,
    Direction.BOTH: Effect.BREAKING,
    Direction.UNDETERMINED: Effect.UNDETERMINED,
    Direction.NONE: Effect.PATCH,
}
_PRODUCER: Mapping[Direction, Effect] = {
    **_CONSUMER,
    Direction.TIGHTENS: Effect.BREAKING,
    Direction.LOOSENS: Effect.ADDITIVE,
}


class Rule(NamedTuple):
    """One rule.

    Attributes:
        title: What it is about.
        consumer: What readers get, by direction, where that differs from: loosens and both are breaking.
        producer: What writers get, by direction, where that differs from: tightens and both are breaking.
    """

    title: str
    consumer: Mapping[Direction, Effect] = {}
    producer: Mapping[Direction, Effect] = {}

    def effects(self, direction: Direction) -> tuple[Effect, Effect]:
        """Return what a change in `direction` does to readers and to writers."""
        return (
            self.consumer.get(direction, _CONSUMER[direction]),
            self.producer.get(direction, _PRODUCER[direction]),
        )


_T, _L, _B, _N = Direction.TIGHTENS, Direction.LOOSENS, Direction.BOTH, Direction.NONE
_HARMLESS_LOOSER: Mapping[Direction, Effect] = {_L: Effect.ADDITIVE}
_APPROVAL: Mapping[Direction, Effect] = {_T: Effect.UNDETERMINED}
_HARMLESS: Mapping[Direction, Effect] = {_T: Effect.ADDITIVE}

RULES: Mapping[str, Rule] = {
    "C01": Rule("field removed"),
    "C02": Rule("field renamed"),
    "C03": Rule("nullable field added", producer=_HARMLESS),
    "C04": Rule("not-null field added"),
    "C05": Rule("fields reordered"),
    "C06": Rule("product, table or port removed, renamed or added", producer=_HARMLESS),
    "C07": Rule("location or physical name changed"),
    "C08": Rule("key of a map, or the kind of nesting, changed"),
    "C09": Rule("enforcement switched off or on", producer=_HARMLESS),
    "T01": Rule("integer of another width", consumer=_HARMLESS_LOOSER),
    "T02": Rule("wider number that holds the old one", consumer=_HARMLESS_LOOSER),
    "T03": Rule("number that loses digits of the old one", consumer={_T: Effect.BREAKING}),
    "T04": Rule("decimal of more digits, same scale", consumer=_HARMLESS_LOOSER),
    "T05": Rule("decimal of another scale or fewer digits", consumer={_T: Effect.BREAKING}),
    "T06": Rule("longer text", consumer=_HARMLESS_LOOSER),
    "T07": Rule("shorter text"),
    "T08": Rule("type of another family"),
    "T09": Rule("time of another kind: zone, precision, date or timestamp"),
    "T10": Rule("unit, time format or other declared attribute of the values"),
    "T11": Rule("vector of another length or element"),
    "N01": Rule("not null became nullable"),
    "N02": Rule("nullable became not null"),
    "K01": Rule("key or uniqueness dropped, or over other columns"),
    "K02": Rule("key or uniqueness added"),
    "K03": Rule("reference removed, retargeted or added"),
    "E01": Rule("value added to the list"),
    "E02": Rule("value taken from the list"),
    "E03": Rule("list of values dropped"),
    "V01": Rule("bound, length or pattern loosened or removed"),
    "V02": Rule("bound, length, pattern or list tightened or added"),
    "V03": Rule("pattern or argument replaced"),
    "V04": Rule("default value changed", consumer={_N: Effect.ADDITIVE}, producer={_N: Effect.ADDITIVE}),
    "L01": Rule("partition columns changed"),
    "L03": Rule("file format changed"),
    "Q01": Rule("check removed"),
    "Q02": Rule("threshold changed"),
    "Q03": Rule("severity changed"),
    "Q04": Rule("query or condition of a check changed"),
    "Q05": Rule("check added"),
    "A01": Rule("freshness"),
    "A02": Rule("update schedule"),
    "A03": Rule("availability, completeness, support"),
    "A04": Rule("retention", producer={_T: Effect.ADDITIVE}),
    "A05": Rule("owner or contact"),
    "A06": Rule("metric or alert", producer={_T: Effect.ADDITIVE}),
    "P01": Rule("classification raised"),
    "P02": Rule("classification lowered", consumer=_APPROVAL, producer=_APPROVAL),
    "P03": Rule("field became personal data"),
    "P04": Rule("field is no longer personal data", consumer=_APPROVAL, producer=_APPROVAL),
    "P05": Rule("mask, row filter or protection changed", consumer=_APPROVAL, producer=_APPROVAL),
    "P06": Rule("access rule removed or added", producer={_T: Effect.ADDITIVE}),
    "P07": Rule("discovery or purposes changed", producer={_T: Effect.ADDITIVE}),
    "X01": Rule("SQL: columns added", producer={_T: Effect.ADDITIVE}),
    "X02": Rule("SQL: other rows"),
    "X03": Rule("SQL: a column is computed in another way"),
    "X04": Rule("SQL: written in another way, the same meaning"),
    "X05": Rule("a source of the product changed"),
    "X06": Rule("SQL: other grain (GROUP BY)"),
    "D01": Rule("text or another key without a rule of its own"),
}
"""By id. R01 to R06 judge versions and not contents: see `change/version.py`."""
