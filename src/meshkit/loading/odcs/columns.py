"""Properties of the standard to columns, and what their options assert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meshkit.errors import MeshkitError
from meshkit.loading.odcs.form import LOGICAL_TYPES, PropertyForm
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odcs.own import listed_constraints, own_type
from meshkit.loading.odcs.quality import column_rules, scalar
from meshkit.loading.odcs.references import ReferenceReader
from meshkit.model.formats import is_asserted, is_known
from meshkit.model.literals import parse_literal, re2_problem
from meshkit.model.names import did_you_mean
from meshkit.model.physical import narrowed, physical_type
from meshkit.model.table import Column, Constraint, Pointer
from meshkit.model.time_format import strptime_format
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.model.units import parse_time

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "integer": (*_BOUNDS, "multipleOf", "format"),
    "number": (*_BOUNDS, "multipleOf", "format"),
    "date": (*_BOUNDS, "format"),
    "timestamp": (*_BOUNDS, "format", "timezone", "defaultTimezone"),
    "time": (*_BOUNDS, "format", "timezone", "defaultTimezone"),
    "object": ("minProperties", "maxProperties", "required"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "vector": ("dimensions", "elementType", "distanceMetric", "embeddingModel", "embeddingModelVersion", "normalized"),
}
_KIND_OF = {Family.DECIMAL: "number", Family.FLOAT: "number"}
_COUNTS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
    "dimensions": "",
}
_TYPES = {"object": "object", "map": "map", "array": "array", "vector": "array"}
_UTC = ("UTC", "Etc/UTC", "Z", "GMT")
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}(?::?\d{2})?)$")
_DEPTH = 4
"""Steps to a column: schema, its position, properties, its position. Parts of columns lie deeper."""
_PERSONAL = {"pii", "personal", "personal-data"}
_TIMES = ("date", "timestamp", "time")


class ColumnReader:
    """Reads properties; what is wrong is noted.

    Args:
        notes: Where problems go.
        version: The version of the standard, such as `v3.1.0`.
        references: Reads relationships.
    """

    def __init__(self, notes: Notes, version: str, references: ReferenceReader) -> None:
        self.notes = notes
        self.version = version
        self.references = references

    def column(self, form: PropertyForm, pointer: Pointer, step: str = "") -> Column:
        """Read one property and all that it holds."""
        name = form.physicalName or form.name or step
        options = form.logicalTypeOptions or {}
        declared = self._type(form, options, pointer)
        constraints = self._constraints(form, options, declared, pointer)
        constraints += column_rules(form.quality, (*pointer, "quality"), self.notes, self.version, form, declared)
        verbatim = listed_constraints(form.customProperties, name, declared, self.notes, (*pointer, "customProperties"))
        constraints += self.references.of_property(form, pointer, is_nested=len(pointer) > _DEPTH)
        more: dict[str, Any] = {}
        if form.tags or form.classification or form.customProperties:
            more = _governance(form)
        if form.properties or form.items or form.map:
            more |= self._parts(form, pointer)
        return Column(
            **more,
            name=name,
            label=form.name if form.name and form.name != name else "",
            id=form.id or "",
            type=declared,
            physical_type=form.physicalType or "",
            time_format=self._time_format(form, options, pointer),
            time_zone=self._time_zone(declared, options, pointer),
            is_measure=form.semanticType == "measure",
            classification=form.classification or "",
            description=form.description or "",
            constraints=tuple(constraints if verbatim is None else verbatim),
            is_primary_key=bool(form.primaryKey),
            pointer=pointer,
        )

    def _parts(self, form: PropertyForm, pointer: Pointer) -> dict[str, Any]:
        """Read what a nested property holds."""
        key, value = (form.map.key, form.map.value) if form.map else (None, None)
        return {
            "fields": tuple(self.column(f, (*pointer, "properties", i)) for i, f in enumerate(form.properties)),
            "items": self.column(form.items, (*pointer, "items"), "[]") if form.items else None,
            "key": self.column(key, (*pointer, "map", "key"), "[key]") if key else None,
            "value": self.column(value, (*pointer, "map", "value"), "[value]") if value else None,
        }

    def _type(self, form: PropertyForm, options: Mapping[str, Any], pointer: Pointer) -> str:
        logical = form.logicalType or ""
        if logical and logical not in LOGICAL_TYPES:
            hint = did_you_mean(logical, LOGICAL_TYPES) or "known: " + ", ".join(LOGICAL_TYPES)
            self.notes.note(
                "MK110", f"logicalType: '{logical}' is not one of the choices", hint, (*pointer, "logicalType")
            )
            return ""
        if logical == "map" and form.map is None:
            self.notes.note(
                "MK104",
                "key 'map' is missing",
                "say what it is keyed by and what it holds",
                (*pointer, "map"),
                of_value=False,
            )
        if logical == "timestamp" and options.get("timezone") is True:
            logical = "timestamp_tz"
        if form.logicalType == "string" and options.get("format") == "uuid":
            logical = "uuid"
        return own_type(form.customProperties) or narrowed(
            _TYPES.get(logical, logical), physical_type(form.physicalType or "")
        )

    def _time_format(self, form: PropertyForm, options: Mapping[str, Any], pointer: Pointer) -> str:
        text = options.get("format")
        if form.logicalType not in _TIMES or not isinstance(text, str):
            return ""
        found = strptime_format(text)
        if not found:
            self.notes.note(
                "MK148",
                f"format '{text}' has letters that are not understood here",
                "texts are read in ISO 8601 instead",
                (*pointer, "logicalTypeOptions", "format"),
                warning=True,
            )
        return found

    def _time_zone(self, declared: str, options: Mapping[str, Any], pointer: Pointer) -> str:
        """Return the zone of times that say none, where it is another than UTC."""
        name = options.get("defaultTimezone")
        if not isinstance(name, str) or name in _UTC or not declared.startswith("timestamp"):
            return ""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            here = (*pointer, "logicalTypeOptions", "defaultTimezone")
            self.notes.note("MK148", f"time zone '{name}' is not known", "write a name of the IANA list", here)
            return ""
        return name

    def _constraints(
        self, form: PropertyForm, options: Mapping[str, Any], declared: str, pointer: Pointer
    ) -> list[Constraint]:
        found = []
        if form.required:
            found.append(Constraint(kind="not_null", pointer=(*pointer, "required")))
        if form.unique:
            found.append(Constraint(kind="unique", pointer=(*pointer, "unique")))
        if form.enum is not None:
            found.append(self._enum(form, declared, (*pointer, "enum")))
        here = (*pointer, "logicalTypeOptions")
        logical = parse_type(declared) if declared else None
        kind = form.logicalType or (_KIND_OF.get(logical.family, str(logical.family)) if logical else "")
        known = _OPTIONS.get(kind, ()) if kind else tuple(k for keys in _OPTIONS.values() for k in keys)
        for key in options:
            if key not in known:
                hint = did_you_mean(key, known) or f"{kind} has: " + (", ".join(known) or "none")
                self.notes.unknown_key(key, hint, (*here, key))
        for key, value in options.items():
            if key == "format" and logical is not None and logical.is_uuid and own_type(form.customProperties):
                continue  # the native type says so, and asserts no more
            if key in known and key not in ("timezone", "defaultTimezone"):
                found += self._option(key, value, options, logical, (*here, key))
        for constraint in found:
            if constraint.refusal:
                self.notes.bind(constraint.pointer, f"{form.name or ''}.{constraint.kind}")
        return found

    def _enum(self, form: PropertyForm, declared: str, pointer: Pointer) -> Constraint:
        values = [v.value for v in form.enum or []]
        refusal = ""
        texts = tuple(scalar(v) for v in values if v is not None)
        if not values:
            refusal = self.notes.note(
                "MK122", "enum is empty", "list at least one value, or leave it out", pointer, of_value=False
            )
        elif len(set(texts)) < len(texts):
            refusal = self.notes.note("MK122", "enum lists a value twice", "keep it once", pointer, of_value=False)
        if declared != "boolean" and any(isinstance(v, bool) for v in values):
            what = "enum: an unquoted yes, no, on, off, true or false is a boolean"
            refusal = self.notes.note("MK122", what, "put it in quotes", pointer, of_value=False)
        return Constraint(kind="in", values=texts, pointer=pointer, refusal=refusal)

    def _option(
        self, key: str, value: Any, options: Mapping[str, Any], logical: LogicalType | None, pointer: Pointer
    ) -> list[Constraint]:
        if key in _BOUNDS:
            return self._bound(key, value, options, logical, pointer)
        if key in _COUNTS:
            refusal = "" if _is_whole(value) else self._refuse(key, "a whole number, 0 or more", pointer)
            kinds = [_COUNTS[key]] if _COUNTS[key] else ["min_items", "max_items"]
            return [Constraint(kind=k, values=(scalar(value),), pointer=pointer, refusal=refusal) for k in kinds]
        if key == "multipleOf":
            is_positive = isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value > 0
            refusal = "" if is_positive else self._refuse(key, "a number above 0", pointer)
            return [Constraint(kind="multiple_of", values=(scalar(value),), pointer=pointer, refusal=refusal)]
        if key == "uniqueItems":
            return [Constraint(kind="unique_items", pointer=pointer)] if value is True else []
        if key == "required":
            names = value if isinstance(value, list) else []
            refusal = (
                ""
                if names and all(isinstance(n, str) for n in names)
                else self._refuse(key, "a list of names", pointer)
            )
            return [
                Constraint(kind="required_keys", values=tuple(str(n) for n in names), pointer=pointer, refusal=refusal)
            ]
        if key == "pattern":
            return [self._pattern(value, pointer)]
        return self._format(value, logical, pointer) if key == "format" else []

    def _pattern(self, value: Any, pointer: Pointer) -> Constraint:
        if not isinstance(value, str):
            return Constraint(kind="pattern", pointer=pointer, refusal=self._refuse("pattern", "text", pointer))
        lacking = re2_problem(value)
        refusal = ""
        if lacking:
            refusal = self.notes.note(
                "MK123",
                f"pattern: {lacking} is not supported",
                "patterns are RE2 expressions, which run in linear time",
                pointer,
            )
        return Constraint(kind="pattern", values=(value,), pointer=pointer, refusal=refusal)

    def _format(self, value: Any, logical: LogicalType | None, pointer: Pointer) -> list[Constraint]:
        if not isinstance(value, str) or logical is None or logical.family.is_temporal:
            return []
        if not is_known(value):
            self.notes.note(
                "MK148",
                f"format '{value}' is not one that meshkit can check",
                "write a pattern besides",
                pointer,
                warning=True,
            )
            return []
        return [Constraint(kind="format", values=(value,), pointer=pointer)] if is_asserted(value) else []

    def _bound(
        self, key: str, value: Any, options: Mapping[str, Any], logical: LogicalType | None, pointer: Pointer
    ) -> list[Constraint]:
        """Read a bound. In v3.0 `exclusiveMinimum` is a boolean beside `minimum`, since v3.1 the bound itself."""
        end = "min" if key.lower().endswith("minimum") else "max"
        plain, exclusive = f"{end}imum", f"exclusive{end.capitalize()}imum"
        if key == exclusive and isinstance(value, bool):
            if not self.version.startswith("v3.0"):
                self._mismatch(key, "a boolean", pointer)
            if value and plain not in options:
                refusal = self._refuse(key, f"beside {plain}, or the bound itself", pointer)
                return [Constraint(kind=f"exclusive_{end}", pointer=pointer, refusal=refusal)]
            return []
        if key == exclusive and self.version.startswith("v3.0"):
            self._mismatch(key, "a bound", pointer)
        is_open = key == exclusive or options.get(exclusive) is True
        kind = f"exclusive_{end}" if is_open else end
        if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
            return [Constraint(kind=kind, pointer=pointer, refusal=self._refuse(key, "a number or a time", pointer))]
        text = self._zoned(scalar(value), options, logical, pointer)
        refusal = ""
        try:
            if logical is not None:
                parse_literal(text, logical)
        except MeshkitError as error:
            refusal = self.notes.note("MK122", f"{key}: {error.what}", error.hint, pointer)
        return [Constraint(kind=kind, values=(text,), pointer=pointer, refusal=refusal)]

    def _zoned(self, text: str, options: Mapping[str, Any], logical: LogicalType | None, pointer: Pointer) -> str:
        """Put a time without an offset into the default time zone that the contract names."""
        name = options.get("defaultTimezone")
        if not isinstance(name, str) or logical is None or logical.family is not Family.TIMESTAMP:
            return text
        try:
            is_zoned = bool(_OFFSET.search(text.strip()[10:]))
            if logical.zoned is is_zoned:
                return text
            if is_zoned:
                return parse_time(text).astimezone(ZoneInfo(name)).replace(tzinfo=None).isoformat()
            return parse_time(text).replace(tzinfo=ZoneInfo(name)).isoformat()
        except (MeshkitError, ZoneInfoNotFoundError, ValueError):
            return text  # noted where the zone, or the bound, is read

    def _mismatch(self, key: str, what: str, pointer: Pointer) -> None:
        self.notes.note(
            "MK145",
            f"{key} is {what}, which is not how {self.version} writes it",
            "it is read as meant; raise apiVersion, or write it so",
            pointer,
            warning=True,
        )

    def _refuse(self, key: str, wanted: str, pointer: Pointer) -> str:
        return self.notes.note("MK122", f"{key} must be {wanted}", "", pointer)


def _governance(form: PropertyForm) -> dict[str, Any]:
    """Read what tags, the classification and custom properties say of a column."""
    words = {t.casefold() for t in form.tags} | {(form.classification or "").casefold()}
    custom = {p.property: p.value for p in form.customProperties if p.property}
    stated = [custom[key] in (True, "true", "yes") for key in ("pii", "isPii", "is_pii") if key in custom]
    is_personal = any(stated) if stated else bool(words & _PERSONAL)
    return {
        "is_pii": is_personal or bool(custom.get("meshkit.pii_category")),
        "pii_category": _word(custom.get("meshkit.pii_category")),
        "mask": _word(custom.get("meshkit.mask")),
        "encrypted": custom.get("meshkit.encrypted") is True,
        "unit": _word(custom.get("meshkit.unit")),
        "default": scalar(custom.get("meshkit.default")) if "meshkit.default" in custom else None,
        "renamed_from": _word(custom.get("meshkit.renamed_from")),
        "open_enum": custom.get("meshkit.open_enum") is True,
    }


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
