"""Plain values to a form: every problem in one pass, each with its place, and what is left is still usable."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from meshkit.loading.source import Source, Value
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

FormT = TypeVar("FormT", bound=BaseModel)

_WANTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_RENAMED = {"schema_": "schema", "from_": "from"}
_ROUNDS = 20


class Finding(NamedTuple):
    """A problem with the pointer it was found at, so that nothing is reported twice."""

    pointer: Pointer
    problem: Problem


def validate(form: type[FormT], values: Value, source: Source) -> tuple[FormT | None, list[Finding]]:
    """Read plain values into `form`.

    Whatever is wrong is reported and left out, so that the rest can still be looked at; the returned form therefore
    holds only what is right, and is None when the document is no mapping at all.
    """
    if not isinstance(values, dict):
        problem = source.problem("MK103", "the file must be a mapping of keys to values", "", ())
        return None, [Finding(pointer=(), problem=problem)]
    findings = [Finding(pointer=p, problem=_null_problem(form, p, source)) for p in _nulls(form, values)]
    if findings:
        values = _copy(values)
        for finding in findings:
            _prune(values, finding.pointer, "null")
    seen = {f.pointer for f in findings}
    for _ in range(_ROUNDS):
        try:
            return form.model_validate(values), findings
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=True)
        values = _copy(values)
        for detail in details:
            pointer = _existing(values, detail["loc"])
            if pointer not in seen:
                seen.add(pointer)
                findings.append(Finding(pointer=pointer, problem=_problem(form, detail, pointer, source)))
            _prune(values, pointer, detail["type"])
    return None, findings


def _nulls(form: type[BaseModel], values: Value, pointer: Pointer = ()) -> Iterator[Pointer]:
    """Yield where a known key has no value. `constraints` are left to their own reader."""
    if isinstance(values, dict):
        for key, value in values.items():
            if value is None:
                if _wants_value(form, pointer, key):
                    yield (*pointer, key)
            elif key != "constraints" and isinstance(value, (dict, list)):
                yield from _nulls(form, value, (*pointer, key))
    elif isinstance(values, list):
        for position, value in enumerate(values):
            yield from _nulls(form, value, (*pointer, position))


def _wants_value(form: type[BaseModel], pointer: Pointer, key: str) -> bool:
    """Tell whether a key is known, and is none of those under which nothing is a value too."""
    here: Any = form
    for step in pointer:
        here = _inside(here, step)
    model = _model(here)
    fields = {f.alias or n: f for n, f in model.model_fields.items()} if model else {}
    extra = fields[key].json_schema_extra if key in fields else None
    return key in fields and not (isinstance(extra, dict) and extra.get("nullable"))


def _null_problem(form: type[BaseModel], pointer: Pointer, source: Source) -> Problem:
    """Nothing where a list or mapping may stand is an empty one, as good as left out; elsewhere a value was lost."""
    here: Any = form
    for step in pointer:
        here = _inside(here, step)
    hint = _null_hint(source, pointer)
    is_empty = any(get_origin(m) in (list, dict) for m in _members(here)) or _model(here) is not None
    if is_empty or pointer == ("owner", "slack"):
        problem = source.problem("MK119", f"'{pointer[-1]}' has no value", hint, pointer)
        return problem.model_copy(update={"severity": Severity.WARNING})
    return source.problem("MK103", f"'{pointer[-1]}' has no value", hint, pointer)


def _problem(form: type[BaseModel], detail: ErrorDetails, pointer: Pointer, source: Source) -> Problem:
    kind, found = detail["type"], detail.get("input")
    name = next((str(step) for step in reversed(pointer) if isinstance(step, str)), "")
    context = detail.get("ctx", {})
    if kind == "meshkit":
        message = (
            f"{name}: {context['message']}" if name and not context["message"].startswith(name) else context["message"]
        )
        return source.problem(context["code"], message, context["hint"], pointer, of_value=True)
    if kind == "extra_forbidden":
        known = _known_keys(form, pointer[:-1])
        return source.problem("MK102", f"unknown key '{name}'", did_you_mean(name, known), pointer)
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = did_you_mean(str(found), choices)
        return source.problem("MK110", f"{name}: '{found}' is not one of the choices", hint, pointer, of_value=True)
    if kind in _WANTED:
        return source.problem("MK103", f"'{name}' must be {_WANTED[kind]}, found {_described(found)}", _quote_hint(kind, found),
                              pointer, of_value=True)  # fmt: skip
    if kind in ("string_too_short", "string_pattern_mismatch"):
        return source.problem("MK103", f"'{name}' is blank", "write something, or leave the key out", pointer)
    limits = {"greater_than_equal": "at least", "greater_than": "above", "less_than_equal": "at most"}
    if kind in limits:
        limit = next(iter(context.values()))
        return source.problem(
            "MK103", f"'{name}' must be {limits[kind]} {limit}, found {found}", "", pointer, of_value=True
        )
    return source.problem("MK103", f"'{name}': {detail['msg'].lower()}", "", pointer, of_value=True)


def _null_hint(source: Source, pointer: Pointer) -> str:
    place = source.place(pointer)
    line = source.text.splitlines()[place.line - 1] if source.text else ""
    if "#" in line:
        return 'an unquoted # starts a comment; put the value in quotes: "#..."'
    return "give it one, or leave the key out"


def _described(value: object) -> str:
    match value:
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | Decimal():
            return f"the number {value}"
        case str():
            return f"the text '{value}'" if len(value) <= 60 else "a long text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
    return "nothing"


def _quote_hint(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, bool):
        return "put it in quotes: unquoted yes, no, on, off, true and false are booleans"
    if kind == "string_type" and isinstance(value, (int, Decimal)):
        return f'put it in quotes: "{value}"'
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        return "write it without quotes and without a unit"
    if kind == "list_type" and isinstance(value, (str, int)):
        return f"write it as a list: [{value}]"
    return ""


def _known_keys(form: type[BaseModel], pointer: Pointer) -> list[str]:
    here: Any = form
    for step in pointer:
        here = _inside(here, step)
    model = _model(here)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _inside(annotation: Any, step: str | int) -> Any:
    model = _model(annotation)
    if model is not None and isinstance(step, int):  # a list of one-key mappings that is read as one mapping
        return annotation
    if model is not None:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        return fields[step].annotation if step in fields else None
    return next(
        (a for part in _members(annotation) if get_origin(part) in (list, dict) for a in get_args(part)[-1:]), None
    )


def _members(annotation: Any) -> list[Any]:
    """Take an annotation apart: the members of a union, without `Annotated` around them."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for a in get_args(annotation) for m in _members(a)]
    return [annotation]


def _model(annotation: Any) -> type[BaseModel] | None:
    return next((m for m in _members(annotation) if isinstance(m, type) and issubclass(m, BaseModel)), None)


def _copy(value: Value) -> Value:
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    return [_copy(v) for v in value] if isinstance(value, list) else value


def _has(value: Any, step: str | int) -> bool:
    return (
        step in value
        if isinstance(value, dict)
        else isinstance(value, list) and isinstance(step, int) and step < len(value)
    )


def _existing(values: Value, loc: tuple[int | str, ...]) -> Pointer:
    """Return the part of pydantic's location that leads through the document: it names union members besides."""
    pointer: list[str | int] = []
    here: Any = values
    for raw in loc:
        step = _RENAMED.get(raw, raw) if isinstance(raw, str) else raw
        if isinstance(here, list) and isinstance(step, str):  # a list of one-key mappings that is read as one mapping
            position = next((i for i, item in enumerate(here) if isinstance(item, dict) and step in item), None)
            if position is not None:
                pointer.append(position)
                here = here[position]
        if _has(here, step):
            pointer.append(step)
            here = here[step]
    return tuple(pointer)


def _prune(values: Value, pointer: Pointer, kind: str) -> None:
    """Take the wrong value out. In a list it becomes an empty value, so that its neighbours keep their places."""
    if not pointer:
        return
    here: Any = values
    for step in pointer[:-1]:
        if not _has(here, step):
            return
        here = here[step]
    last = pointer[-1]
    if isinstance(here, dict):
        here.pop(last, None)
    elif isinstance(here, list) and isinstance(last, int):
        here[last] = {} if kind in ("model_type", "dict_type") else ""
