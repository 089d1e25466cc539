"""Properties of service to promises that data or the clock can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from decimal import Decimal

from meshkit.errors import MeshkitError
from meshkit.loading.odcs.form import SlaForm
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odcs.own import own
from meshkit.loading.odcs.quality import scalar
from meshkit.model.contract import Promise
from meshkit.model.names import did_you_mean, fold, nearest
from meshkit.model.table import Pointer, Severity, Table
from meshkit.model.units import parse_duration, parse_iso_duration, parse_number, parse_time

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("latency", "ly", "freshness"), "freshness"),
    **dict.fromkeys(("retention", "re"), "retention"),
    **dict.fromkeys(("frequency", "fy"), "frequency"),
    "timeofavailability": "time_of_availability",
    **dict.fromkeys(("generalavailability", "ga"), "general_availability"),
    **dict.fromkeys(("endofsupport", "es"), "end_of_support"),
    **dict.fromkeys(("endoflife", "el"), "end_of_life"),
}
"""Property, folded, and its short form -> kind of promise. Source: ODCS v3.2, SLA; the rest cannot be seen in data."""

_OTHERS = (
    "availability", "av", "throughput", "th", "errorrate", "er", "timetodetect", "td", "timetonotify", "tn", "timetorepair", "tr",
)  # fmt: skip
_BY_CLOCK = ("general_availability", "end_of_support", "end_of_life")
_MILD = ("general_availability", "end_of_support")


def read_promises(forms: Sequence[SlaForm], default: str, tables: Sequence[Table], notes: Notes) -> Iterator[Promise]:
    """Yield a promise for each property that can be answered, one for each element that it names."""
    for position, form in enumerate(forms):
        kind = KINDS.get((form.property or "").casefold())
        if own(form.customProperties, "key"):
            continue
        if kind is None:
            _lint_property(form.property or "", position, notes)
            continue
        pointer: Pointer = ("slaProperties", position)
        severity = Severity.WARNING if kind in _MILD else Severity.ERROR
        limit, refusal = _limit(kind, form, pointer, notes)
        promise = Promise(
            kind=kind,
            limit=limit,
            refusal=refusal,
            severity=severity,
            description=form.description or "",
            pointer=pointer,
        )
        if kind in _BY_CLOCK:
            yield promise
            continue
        for element in (form.element or default).split(","):
            yield _about(promise, element.strip(), tables, notes)


def _lint_property(name: str, position: int, notes: Notes) -> None:
    """Warn of a property that is probably meant to be one that is checked."""
    near = nearest(name.casefold(), [*KINDS, *_OTHERS])
    if name.casefold() not in _OTHERS and near and near[0] in KINDS:
        where: Pointer = ("slaProperties", position, "property")
        notes.note(
            "MK110", f"property '{name}' is not one that is checked", f"did you mean '{near[0]}'?", where, warning=True
        )


def availability(forms: Sequence[SlaForm]) -> str:
    """Return the promised availability as a ratio in text; empty where none can be read."""
    for form in forms:
        if (form.property or "").casefold() in ("availability", "av"):
            try:
                percent = parse_number(scalar(form.value).rstrip("% "))
            except MeshkitError:
                return ""
            return str(percent / 100) if 0 <= percent <= Decimal(100) else ""
    return ""


def _limit(kind: str, form: SlaForm, pointer: Pointer, notes: Notes) -> tuple[str, str]:
    """Return the limit as text, and what is wrong with it."""
    text = scalar(form.value).strip()
    try:
        if kind in _BY_CLOCK:
            parse_time(text)
            return text, ""
        if kind == "time_of_availability":
            time.fromisoformat(text)
            return text, ""
        return _hours(text, form.unit or ""), ""
    except (MeshkitError, ValueError) as error:
        hint = error.hint if isinstance(error, MeshkitError) else "write a time of day like 09:00 or 09:00-08:00"
        what = f"{form.property}: '{text} {form.unit or ''}'".rstrip(" '") + "' cannot be read"
        found = notes.note("MK146", what, hint, (*pointer, "value"))
        return "", notes.bind(pointer, kind) or found


def _hours(text: str, unit: str) -> str:
    span = parse_iso_duration(text) if text.upper().startswith("P") else parse_duration(f"{text} {unit}".strip())
    return str(Decimal(str(span.total_seconds())) / 3600)


def _about(promise: Promise, element: str, tables: Sequence[Table], notes: Notes) -> Promise:
    """Bind a promise to the column that its element names."""
    pointer = (*promise.pointer, "element")
    if not element:
        return promise.model_copy(update={"skip": "no element says which column holds the time of a row"})
    owner, _, name = element.rpartition(".")
    candidates = [t for t in tables if not owner or fold(owner) in (fold(t.name), *(fold(n) for n in t.names))]
    found = [(t, c) for t in candidates for c in t.columns if fold(name) in (fold(c.name), fold(c.called))]
    if len(found) == 1:
        table, column = found[0]
        refusal = ""
        if column.time_zone and not column.type.endswith("tz"):
            what = f"the times of '{element}' are in {column.time_zone} and do not say so"
            refusal = notes.note("MK148", what, "store them with a time zone, or in UTC", pointer, warning=True)
        return promise.model_copy(
            update={"table": table.name, "column": column.name, "refusal": promise.refusal or refusal}
        )
    known = [f"{t.name}.{c.called}" for t in tables for c in t.columns]
    what = (
        f"element '{element}' could be of several objects"
        if found
        else f"element '{element}' is no property of the schema"
    )
    refusal = notes.note("MK115", what, did_you_mean(element, known), pointer, warning=True)
    return promise.model_copy(update={"refusal": promise.refusal or refusal})
