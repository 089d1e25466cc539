"""The constraints of a field, in every spelling that users write, as `Constraint`s."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, cast, get_args

from meshkit.errors import MeshkitError
from meshkit.loading.source import Source
from meshkit.model.literals import parse_literal, re2_problem
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.model.spelling import SYNONYMS
from meshkit.model.table import Constraint, Pointer, Severity
from meshkit.model.threshold import parse_row_threshold
from meshkit.model.types import Family, LogicalType
from meshkit.model.values import Dimension


class Spelling(NamedTuple):
    """How one kind of constraint is written."""

    synonyms: tuple[str, ...]
    argument: Mapping[str, Any]
    """JSON Schema of its argument; empty when it takes none."""


_NUMBER_OR_TEXT: Mapping[str, Any] = {"type": ["number", "string"]}
_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "min": _NUMBER_OR_TEXT,
    "max": _NUMBER_OR_TEXT,
    "in": {"type": "array", "minItems": 1},
    "pattern": {"type": "string"},
    "min_length": {"type": "integer", "minimum": 0},
    "max_length": {"type": "integer", "minimum": 0},
    "references": {"type": "string", "examples": ["customers.id"]},
}
SPELLINGS: Mapping[str, Spelling] = {
    kind: Spelling(synonyms, _ARGUMENTS.get(kind, {})) for kind, synonyms in SYNONYMS.items()
}
_KINDS = {name: kind for kind, spelling in SPELLINGS.items() for name in (kind, *spelling.synonyms)}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "threshold": {"type": ["integer", "string"], "description": "Bad rows as an integer, or a share such as 3%."},
    "severity": {"type": "string", "enum": ["info", "warning", "warn", "error", "critical"]},
    "where": {"type": "string", "description": "A boolean SQL expression; only rows that meet it count."},
    "description": {"type": "string"},
    "dimension": {"type": "string", "enum": list(get_args(get_args(Dimension)[0]))},
}
_REFERENCE_KEYS = {"to", "field", "table", "product", "column"}
_DBT_REF = re.compile(r"""\s*(?:ref|source)\s*\((?:.*,)?\s*['"]([^'"]+)['"]\s*\)\s*""")


def _schema_of(kind: str, spelling: Spelling) -> Iterator[Mapping[str, Any]]:
    options = dict(_OPTIONS)
    if kind == "references":
        options |= {k: {"type": "string"} for k in sorted(_REFERENCE_KEYS)}
    if spelling.argument:
        options = {"value": spelling.argument, **options}
    if kind == "in":
        options = {"values": spelling.argument, **options}
    options |= {key: {"type": "object", "description": "As dbt nests it."} for key in ("arguments", "config")}
    long = {"type": "object", "properties": options, "additionalProperties": False}
    bare = spelling.argument or {"type": "boolean"}
    for name in (kind, *spelling.synonyms):
        yield {
            "type": "object",
            "properties": {name: {"anyOf": [bare, long]}},
            "required": [name],
            "additionalProperties": False,
        }


CONSTRAINT_SCHEMA: Any = {
    "type": "array",
    "items": {
        "anyOf": [
            {"type": "string", "enum": [n for k, s in SPELLINGS.items() if not s.argument for n in (k, *s.synonyms)]},
            *(schema for k, s in SPELLINGS.items() for schema in _schema_of(k, s)),
        ]
    },
}


class _Refused(Exception):  # noqa: N818  # carries a problem to where its pointer is known; never leaves this file
    def __init__(
        self, code: str, message: str, hint: str = "", step: Pointer = (), *, stops_product: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.step, self.stops_product = code, message, hint, step, stops_product


def read_constraints(
    items: list[Any], column: str, logical: LogicalType | None, source: Source, pointer: Pointer
) -> tuple[list[Constraint], list[Problem]]:
    """Read the list under `constraints`. What is wrong with one of them stops that one, and says so in `refusal`."""
    constraints: list[Constraint] = []
    problems: list[Problem] = []
    for position, item in enumerate(items):
        here = (*pointer, position)
        try:
            kind, name, argument = _parts(item)
        except _Refused as error:
            problems.append(source.problem(error.code, error.message, error.hint, (*here, *error.step)))
            continue
        if argument is False and not SPELLINGS[kind].argument:
            continue
        here = (*here, name) if isinstance(item, dict) else here
        constraint = Constraint(kind=kind, pointer=here)
        try:
            constraint = _read(kind, argument, logical, source, here)
        except _Refused as error:
            message = f"{kind} of column '{column}': {error.message}"
            found = source.problem(
                error.code, message, error.hint, (*here, *error.step), of_value=isinstance(item, dict)
            )
            problems.append(found.model_copy(update={"check": f"{column}.{kind}"}))
            constraint = constraint.model_copy(update={"refusal": f"{error.code} {error.message}"})
        constraints.append(constraint)
    return constraints, problems


def _parts(item: Any) -> tuple[str, str, Any]:
    """Split an item into its kind, the name it was written by, and its argument."""
    if isinstance(item, dict):
        if len(item) > 1:
            known = [k for k in item if k in _KINDS]
            extra = [k for k in item if k not in _KINDS]
            if known and extra:
                raise _Refused("MK121", f"'{extra[0]}' stands beside '{known[0]}' in one list item",
                               f"indent it further, to stand below '{known[0]}:'", (extra[0],))  # fmt: skip
            if known:
                raise _Refused("MK121", f"'{known[0]}' and '{known[1]}' stand in one list item",
                               "start each constraint with '- '", (known[1],))  # fmt: skip
        if not item:
            raise _Refused("MK120", "an empty constraint", "write its name, like not_null")
        name, argument = next(iter(item.items()))
    elif isinstance(item, str):
        name, argument = item, None
    else:
        raise _Refused("MK120", f"{item!r} is not a constraint", "known: " + ", ".join(SPELLINGS))
    kind = _KINDS.get(name)
    if kind is None:
        step = (name,) if isinstance(item, dict) else ()
        raise _Refused(
            "MK120",
            f"unknown constraint '{name}'",
            did_you_mean(name, _KINDS) or "known: " + ", ".join(SPELLINGS),
            step,
        )
    return kind, name, argument


def _read(kind: str, argument: Any, logical: LogicalType | None, source: Source, pointer: Pointer) -> Constraint:
    options: dict[str, Any] = {}
    step: Pointer = ()
    if isinstance(argument, dict):
        options, step, argument = _long_form(kind, argument)
    elif argument is not None and not SPELLINGS[kind].argument and argument is not True:
        raise _Refused("MK122", f"takes no value, found {_shown(argument)}", "write it bare, or with options below it")
    if SPELLINGS[kind].argument and argument is None:
        raise _Refused("MK122", "its value is missing", f"write {kind}: VALUE", step)
    _check_column_type(kind, logical)
    values = _VALUES[kind](argument, logical, source, (*pointer, *step), step) if kind in _VALUES else ()
    return Constraint(kind=kind, values=values, pointer=pointer, **_read_options(options))


def _long_form(kind: str, argument: dict[str, Any]) -> tuple[dict[str, Any], Pointer, Any]:
    """Take a long form apart: its options, the step to its value, and the value. dbt's nesting is read too."""
    flat = {k: v for k, v in argument.items() if k not in ("arguments", "config")}
    nested = [key for key in ("arguments", "config") if isinstance(argument.get(key), dict)]
    for key in nested:
        flat |= argument[key]
    value_keys = [k for k in ("value", "values") if k in flat and SPELLINGS[kind].argument]
    allowed = set(_OPTIONS) | set(value_keys) | ({"value"} if SPELLINGS[kind].argument else set())
    if kind == "references":
        allowed |= _REFERENCE_KEYS
    for key in flat:
        if key not in allowed:
            raise _Refused("MK102", f"unknown key '{key}'", did_you_mean(key, sorted(allowed)), (key,))
    if kind == "references" and not value_keys:
        target = flat.get("to", flat.get("table", flat.get("product")))
        column = flat.get("field", flat.get("column"))
        if not isinstance(target, str) or not isinstance(column, str):
            raise _Refused("MK122", "needs a table and a column", "write references: customers.id")
        found = _DBT_REF.fullmatch(target)
        return {k: v for k, v in flat.items() if k in _OPTIONS}, (), f"{found[1] if found else target}.{column}"
    key = value_keys[0] if value_keys else "value"
    step: Pointer = next(((n, key) for n in nested if key in argument[n]), (key,)) if value_keys else ()
    return {k: v for k, v in flat.items() if k in _OPTIONS}, step, flat.get(key)


def _read_options(options: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in options.items():
        if value is None:
            raise _Refused("MK122", f"'{key}' has no value", f"give it one, or leave '{key}' out", (key,))
        if key == "threshold":
            text = str(value) if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool) else ""
            try:
                parse_row_threshold(text)
            except MeshkitError as error:
                raise _Refused(
                    error.code, f"threshold {error.what}", error.hint or "write an integer or a share like 3%", (key,)
                ) from None
            read[key] = text
            continue
        if not isinstance(value, str):
            raise _Refused("MK103", f"'{key}' must be text, found {_shown(value)}", "put it in quotes", (key,))
        if key == "severity":
            word = {"warn": "warning"}.get(value.lower(), value.lower())
            if word not in list(Severity):
                raise _Refused("MK110", f"unknown severity '{value}'", did_you_mean(value, list(Severity)), (key,))
            read[key] = Severity(word)
        elif key == "dimension" and value.lower() not in _OPTIONS["dimension"]["enum"]:
            raise _Refused(
                "MK110", f"unknown dimension '{value}'", did_you_mean(value, _OPTIONS["dimension"]["enum"]), (key,)
            )
        else:
            read[key] = value.lower() if key == "dimension" else value
    return read


def _check_column_type(kind: str, logical: LogicalType | None) -> None:
    if logical is None:
        return
    if kind in ("min", "max") and not (logical.family.is_numeric or logical.family.is_temporal):
        raise _Refused("MK122", f"a column of type {logical} has no order to compare by",
                       "use min_length and max_length, pattern or in")  # fmt: skip
    if kind in ("pattern", "min_length", "max_length") and logical.family is not Family.STRING:
        raise _Refused("MK122", f"is for string columns, this one is {logical}")


def _bound(value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer) -> tuple[str, ...]:
    return (_literal(value, logical, source, pointer, step),)


def _list(value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _Refused("MK122", f"needs a list of values, found {_shown(value)}", "write in: [a, b]", step)
    texts = [_literal(v, logical, source, (*pointer, i), (*step, i)) for i, v in enumerate(value)]
    return tuple(dict.fromkeys(texts))


def _literal(value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer) -> str:
    if value is None:
        raise _Refused(
            "MK122", "a value is null", "NULL is never a violation here; use not_null, or quote the word", step
        )
    if isinstance(value, bool):
        written = source.scalar_text(pointer)
        if logical is None or logical.family is not Family.BOOLEAN:
            raise _Refused(
                "MK122", f"{written} is read as {'true' if value else 'false'}", f'put it in quotes: "{written}"', step
            )
        return "true" if value else "false"
    if not isinstance(value, (str, int, Decimal)):
        raise _Refused("MK122", f"{_shown(value)} is not a single value", "", step)
    text = str(value)
    if logical is not None and logical.family is not Family.STRING and not logical.family.is_nested:
        try:
            parse_literal(text, logical)
        except MeshkitError as error:
            raise _Refused("MK122", error.what, error.hint, step) from None
    return text


def _pattern(
    value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer
) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise _Refused("MK123", f"must be a regular expression in quotes, found {_shown(value)}", "", step)
    missing = re2_problem(value)
    if missing:
        raise _Refused(
            "MK123", f"pattern has {missing}, which RE2 does not know", "write a quality check with SQL instead", step
        )
    return (value,)


def _length(
    value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer
) -> tuple[str, ...]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _Refused("MK122", f"needs a whole number, 0 or more, found {_shown(value)}", "", step)
    return (str(value),)


def _reference(
    value: Any, logical: LogicalType | None, source: Source, pointer: Pointer, step: Pointer
) -> tuple[str, ...]:
    table, dot, column = value.rpartition(".") if isinstance(value, str) else ("", "", "")
    if not dot or not table.strip() or not column.strip():
        raise _Refused(
            "MK122", f"needs a table and a column, found {_shown(value)}", "write references: customers.id", step
        )
    return (table.strip(), column.strip())


_VALUES = {
    "min": _bound,
    "max": _bound,
    "in": _list,
    "pattern": _pattern,
    "min_length": _length,
    "max_length": _length,
    "references": _reference,
}


def _shown(value: Any) -> str:
    """Name a value in a message: a scalar by its text, anything larger by its kind."""
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping"
    if value is None:
        return "nothing"
    text = str(cast(object, value))
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"
