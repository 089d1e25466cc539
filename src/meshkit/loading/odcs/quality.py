"""Rules of data quality to constraints and to checks in SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from meshkit.converting.constraints import ENGINE
from meshkit.converting.document import is_number
from meshkit.converting.placeholders import Subject, substitute
from meshkit.errors import MeshkitError
from meshkit.loading.odcs.form import ObjectForm, PropertyForm, QualityForm
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odcs.own import own_constraints, own_word
from meshkit.model.contract import QualityCheck
from meshkit.model.literals import re2_problem
from meshkit.model.names import did_you_mean
from meshkit.model.table import Constraint, Pointer, Severity
from meshkit.model.threshold import parse_range, parse_row_threshold
from meshkit.model.types import parse_type

OPERATORS: Mapping[str, str] = {
    "mustBe": "==", "mustNotBe": "!=",
    "mustBeGreaterThan": ">", "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<", "mustBeLessOrEqualTo": "<=",
    "mustBeBetween": "between", "mustNotBeBetween": "not between",
}  # fmt: skip
_METRICS: Mapping[str, str] = {
    "nullValues": "not_null", "missingValues": "missing", "invalidValues": "invalid", "duplicateValues": "unique",
    "rowCount": "row_count",
}  # fmt: skip
_OLD_RULES: Mapping[str, str] = {
    "nullCheck": "nullValues", "nullCount": "nullValues", "missingCount": "missingValues", "invalidCount": "invalidValues",
    "duplicateCount": "duplicateValues", "uniqueCheck": "duplicateValues", "countCheck": "rowCount", "rowCount": "rowCount",
    "nullValues": "nullValues", "missingValues": "missingValues", "invalidValues": "invalidValues",
    "duplicateValues": "duplicateValues",
}  # fmt: skip
_DIMENSIONS = {
    "accuracy": "ac",
    "completeness": "cp",
    "conformity": "cf",
    "consistency": "cs",
    "coverage": "cv",
    "timeliness": "tm",
    "uniqueness": "uq",
}
_ARGUMENTS = {
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern", "missingValues"),
    "duplicateValues": ("properties",),
}
_SEVERITIES: Mapping[str, str] = {"warn": "warning", **{str(s): str(s) for s in Severity}}
_UNITS = {"rows": "", "row": "", "percent": "%", "percentage": "%", "%": "%"}


def scalar(value: Any) -> str:
    """Write a scalar as the text that stands for it in constraints."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def column_rules(
    forms: Sequence[QualityForm], pointer: Pointer, notes: Notes, version: str, owner: PropertyForm, declared: str
) -> list[Constraint]:
    """Read the library rules of a property; those in SQL, text and other engines are left to `written_rules`."""
    reader = _Reader(notes, version, dict.fromkeys((), ""))
    found = []
    for position, form in enumerate(forms):
        if _kind(form) == "library":
            found += reader.library(form, (*pointer, position), is_table=False)
        elif form.engine == ENGINE:
            logical = parse_type(declared) if declared else None
            found += own_constraints(form, owner.name or "", logical, notes, (*pointer, position))
    return found


def table_rules(form: ObjectForm, pointer: Pointer, notes: Notes, version: str) -> list[Constraint]:
    """Read the library rules of an object."""
    names = {p.name: p.physicalName or p.name for p in form.properties if p.name}
    reader = _Reader(notes, version, names)
    found = []
    for position, rule in enumerate(form.quality):
        if _kind(rule) == "library":
            found += reader.library(rule, (*pointer, position), is_table=True)
    return found


def written_rules(
    forms: Sequence[QualityForm], pointer: Pointer, notes: Notes, version: str, subject: Subject
) -> list[QualityCheck]:
    """Read the rules in SQL, and those that are told and not run: in prose, or for another engine."""
    reader = _Reader(notes, version, {})
    found = []
    for position, form in enumerate(forms):
        here = (*pointer, position)
        kind = _kind(form)
        if kind == "sql":
            found += reader.sql(form, here, subject)
        elif kind != "library" and form.engine != ENGINE:
            found.append(reader.told(form, kind, here, subject))
    return found


class _Reader:
    """Reads rules one by one. `names` leads from the contract's names of columns to the data's."""

    def __init__(self, notes: Notes, version: str, names: Mapping[str, str]) -> None:
        self.notes = notes
        self.version = version
        self.names = names

    def library(self, form: QualityForm, pointer: Pointer, *, is_table: bool) -> list[Constraint]:
        metric = self._metric(form, pointer)
        arguments = form.arguments or {}
        for key in arguments:
            if key not in _ARGUMENTS.get(metric, ()):
                hint = (
                    did_you_mean(key, _ARGUMENTS.get(metric, ())) or f"{metric or 'this metric'} has no such argument"
                )
                self.notes.unknown_key(key, hint, (*pointer, "arguments", key))
        columns = self._columns(metric, arguments, pointer) if is_table else ()
        if metric and (metric == "rowCount" or (metric == "duplicateValues" and bool(columns))) is not is_table:
            where = "an object" if metric == "rowCount" or not is_table else "a property"
            self.notes.note(
                "MK122",
                f"{metric} is not for {'an object' if is_table else 'a property'}",
                f"put it under {where}",
                (*pointer, "metric"),
            )
        pattern = self._pattern(arguments, pointer)
        self._check_arguments(metric, arguments, pointer, is_table=is_table)
        keys = self._given(form, pointer)
        thresholds = self._ranges(keys, form, pointer, unit=self._unit(metric, form, pointer)) or [""]
        common = self._common(form, pointer)
        refusal = self.notes.bind(pointer, _label(form) or _METRICS.get(metric, "library"))
        kind, values = _METRICS.get(metric, "not_null"), _texts(arguments.get("validValues"))
        native = own_word(form.customProperties, "kind")
        if native == ("pattern" if pattern else "in") and metric == "invalidValues":
            kind, values, pattern = native, (pattern,) if pattern else values, ""
        return [
            Constraint(
                kind=kind,
                name=_label(form),
                values=values if metric == "invalidValues" else (),
                missing=_texts(arguments.get("missingValues")),
                pattern=pattern,
                columns=columns,
                threshold="" if refusal else threshold,
                pointer=pointer,
                refusal=refusal,
                **common,
            )
            for threshold in thresholds
        ]

    def sql(self, form: QualityForm, pointer: Pointer, subject: Subject) -> list[QualityCheck]:
        if form.query is None:
            self.notes.note(
                "MK104", "key 'query' is missing", "a rule of type sql needs one", (*pointer, "query"), of_value=False
            )
        wanted = self._wanted(form, pointer)
        if not wanted and not any(getattr(form, key) is not None for key in OPERATORS):
            keys = ", ".join(OPERATORS)
            self.notes.note("MK141", "nothing says what the query must return", f"add one of {keys}", pointer)
        common = self._common(form, pointer)
        refusal = self.notes.bind(pointer, _label(form) or "sql")
        return [
            QualityCheck(
                name=_label(form) or "sql",
                query=substitute(form.query or "", subject),
                table=subject.table,
                column=subject.column,
                dialect=subject.dialect,
                threshold="<= 0" if refusal else threshold,
                answer=answer,
                is_denied=is_denied,
                pointer=pointer,
                refusal=refusal,
                **common,
            )
            for threshold, answer, is_denied in wanted or [("<= 0", None, False)]
        ]

    def told(self, form: QualityForm, kind: str, pointer: Pointer, subject: Subject) -> QualityCheck:
        skip = "a rule in prose, for people to judge"
        if kind == "custom":
            for key in ("engine", "implementation"):
                if getattr(form, key) is None:
                    self.notes.note(
                        "MK104",
                        f"key '{key}' is missing",
                        "a rule of type custom needs it",
                        (*pointer, key),
                        of_value=False,
                    )
            skip = f"a rule for {form.engine or 'another engine'}, which meshkit does not run"
        common = self._common(form, pointer)
        refusal = self.notes.bind(pointer, _label(form) or kind)
        return QualityCheck(
            kind="custom" if kind == "custom" else "text",
            name=_label(form) or kind,
            table=subject.table,
            column=subject.column,
            pointer=pointer,
            skip="" if refusal else skip,
            refusal=refusal,
            **common,
        )

    def _metric(self, form: QualityForm, pointer: Pointer) -> str:
        if form.metric:
            return form.metric
        if form.rule is None:
            self.notes.note(
                "MK104",
                "key 'metric' is missing",
                "one of " + ", ".join(_METRICS),
                (*pointer, "metric"),
                of_value=False,
            )
            return ""
        metric = _OLD_RULES.get(form.rule, "")
        if not metric:
            hint = did_you_mean(form.rule, _OLD_RULES) or "write metric: with one of " + ", ".join(_METRICS)
            self.notes.note("MK110", f"rule: '{form.rule}' is no metric of the library", hint, (*pointer, "rule"))
        elif not self.version.startswith("v3.0"):
            self.notes.note(
                "MK145",
                "'rule' is the name that v3.0 gave to 'metric'",
                f"write metric: {metric}",
                (*pointer, "rule"),
                of_value=False,
                warning=True,
            )
        return metric

    def _check_arguments(self, metric: str, arguments: Mapping[str, Any], pointer: Pointer, *, is_table: bool) -> None:
        """Note arguments without which a metric asserts nothing, or other than its author thinks."""
        here = (*pointer, "arguments")
        for key in ("validValues", "missingValues"):
            if key in arguments and not (isinstance(arguments[key], list) and arguments[key]):
                self.notes.note("MK122", f"{key} must be a list of values", f"write {key}: [a, b]", (*here, key))
        if "pattern" in arguments and not isinstance(arguments["pattern"], str):
            self.notes.note("MK122", "pattern must be text", "put it in quotes", (*here, "pattern"))
        if metric == "invalidValues" and not arguments.keys() & {"validValues", "pattern"}:
            self.notes.note(
                "MK141", "invalidValues does not say what is valid", "add validValues or pattern to arguments", pointer
            )
        if metric == "missingValues" and "missingValues" not in arguments:
            hint = "list them as arguments: {missingValues: [...]}, or write nullValues"
            self.notes.note("MK141", "missingValues lists none, so NULL alone is missing", hint, pointer, warning=True)
        if metric == "duplicateValues" and "properties" in arguments and not is_table:
            self.notes.note(
                "MK122", "duplicateValues of several properties is not for a property", "put it under the object", here
            )

    def _columns(self, metric: str, arguments: Mapping[str, Any], pointer: Pointer) -> tuple[str, ...]:
        names = arguments.get("properties")
        if metric != "duplicateValues" or not isinstance(names, list):
            return ()
        found = []
        for position, name in enumerate(names):
            if name not in self.names:
                hint = did_you_mean(str(name), self.names)
                self.notes.note(
                    "MK115",
                    f"properties names '{name}', which is no property",
                    hint,
                    (*pointer, "arguments", "properties", position),
                )
            found.append(self.names.get(name, str(name)))
        return tuple(found)

    def _pattern(self, arguments: Mapping[str, Any], pointer: Pointer) -> str:
        pattern = arguments.get("pattern")
        if not isinstance(pattern, str):
            return ""
        lacking = re2_problem(pattern)
        if lacking:
            self.notes.note(
                "MK123",
                f"pattern: {lacking} is not supported",
                "patterns are RE2 expressions, which run in linear time",
                (*pointer, "arguments", "pattern"),
            )
        return pattern

    def _unit(self, metric: str, form: QualityForm, pointer: Pointer) -> str:
        unit = (form.unit or "rows").lower()
        if metric == "rowCount" and _UNITS.get(unit):
            self.notes.note(
                "MK141", "rowCount has no percentage: it is the whole", "leave unit out", (*pointer, "unit")
            )
        if unit not in _UNITS:
            self.notes.note(
                "MK110",
                f"unit: '{form.unit}' is neither rows nor percent",
                did_you_mean(unit, _UNITS),
                (*pointer, "unit"),
            )
        return _UNITS.get(unit, "")

    def _given(self, form: QualityForm, pointer: Pointer) -> list[str]:
        given = [key for key in OPERATORS if getattr(form, key) is not None]
        if len(given) > 1:
            is_old = self.version.startswith("v3.0")
            hint = "each is a check of its own" if is_old else "keep one, and give the other a rule of its own"
            self.notes.note(
                "MK141",
                f"{' and '.join(given)} stand in one rule",
                hint,
                (*pointer, given[1]),
                of_value=False,
                warning=is_old,
            )
        return given

    def _ranges(self, keys: Sequence[str], form: QualityForm, pointer: Pointer, unit: str) -> list[str]:
        found = []
        for key in keys:
            value = getattr(form, key)
            values = value if isinstance(value, list) else [value]
            wanted = 2 if "Between" in key else 1
            if len(values) != wanted or not all(is_number(v) for v in values):
                self.notes.note(
                    "MK141", f"{key} needs {'two numbers' if wanted == 2 else 'a number'}", "", (*pointer, key)
                )
                continue
            text = f"{OPERATORS[key]} " + " and ".join(f"{v}{unit}" for v in values)
            try:
                parse_row_threshold(text) if unit else parse_range(text)
            except MeshkitError as error:
                self.notes.note(
                    "MK141", f"{key}: {error.what}", error.hint or "the smaller number first", (*pointer, key)
                )
                continue
            found.append(text)
        return found

    def _wanted(self, form: QualityForm, pointer: Pointer) -> list[tuple[str, str | bool | None, bool]]:
        """Return what a query must return, one for each operator: a range; or a text or boolean, and whether it must not."""
        wanted: list[tuple[str, str | bool | None, bool]] = []
        for key in self._given(form, pointer):
            value = getattr(form, key)
            if key in ("mustBe", "mustNotBe") and isinstance(value, (str, bool)):
                wanted.append(("<= 0", value, key == "mustNotBe"))
            else:
                wanted += [(text, None, False) for text in self._ranges([key], form, pointer, unit="")]
        return wanted

    def _common(self, form: QualityForm, pointer: Pointer) -> dict[str, Any]:
        severity = _SEVERITIES.get((form.severity or "error").lower())
        if severity is None:
            self.notes.note(
                "MK110",
                f"severity '{form.severity}' is not one that meshkit knows",
                "it counts as error; write info, warning or error",
                (*pointer, "severity"),
                warning=True,
            )
        word = (form.dimension or "").lower()
        native = "" if word else own_word(form.customProperties, "dimension").lower()
        dimension = native or next((n for n, short in _DIMENSIONS.items() if word and word in (n, short)), "")
        if word and not dimension:
            hint = did_you_mean(word, _DIMENSIONS) or "known: " + ", ".join(_DIMENSIONS)
            self.notes.note(
                "MK110", f"dimension: '{form.dimension}' is not one of the choices", hint, (*pointer, "dimension")
            )
        return {
            "severity": Severity(severity or "error"),
            "description": form.description or "",
            "dimension": dimension,
        }


def _kind(form: QualityForm) -> str:
    """Return the type of a rule; where it is left out, what the rule holds tells."""
    if form.type:
        return form.type
    if form.metric or form.rule:
        return "library"
    if form.query is not None:
        return "sql"
    return "custom" if form.engine or form.implementation else "text"


def _label(form: QualityForm) -> str:
    """Return a rule's name as it stands in check ids."""
    return own_word(form.customProperties, "name") or re.sub(
        r"\W+", "_", (form.name or form.id or "").strip().lower()
    ).strip("_")


def _texts(values: Any) -> tuple[str, ...]:
    """Write a list of literals as texts; nothing is what is missing anyway."""
    listed = values if isinstance(values, list) else [] if values is None else [values]
    return tuple(scalar(v) for v in listed if v is not None)
