"""A contract of the older Data Contract Specification to a `Contract`: as ODCS, with the places of its own file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from meshkit.converting.dcs_fields import FIELD_KEYS
from meshkit.converting.dcs_in import INFO_KEYS, MODEL_KEYS, ROOT_KEYS, dcs_to_odcs
from meshkit.loading.loaded import Loaded
from meshkit.loading.odcs.contract import read_odcs
from meshkit.loading.pointers import MappedSource, by_origin, repointed
from meshkit.loading.source import Source, Value
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

_VERSIONS = ("0.9.", "1.0.", "1.1.", "1.2.")
_MAPPINGS = ("info", "servers", "terms", "models", "definitions", "servicelevels")
_PARTS = ("items", "keys", "values")


def read_dcs(values: Value, source: Source, yaml_problems: Iterable[Problem] = ()) -> Loaded:
    """Read a contract of the older specification. What is wrong is reported and left out of the contract."""
    converted = dcs_to_odcs(values)
    translate = by_origin(converted.origins)
    loaded = read_odcs(converted.document, MappedSource(source, translate), yaml_problems)
    contract = repointed(loaded.contract, translate).model_copy(update={"form": "dcs"})
    own = [p.model_copy(update={"product": contract.product_id}) for p in _warnings(values, source)]
    return Loaded(contract=contract, problems=tuple(sorted((*loaded.problems, *own), key=lambda p: p.place)))


def _warnings(values: dict[str, Any], source: Source) -> Iterator[Problem]:
    version = str(values.get("dataContractSpecification"))
    if not version.startswith(_VERSIONS):
        hint = "it is read as 1.2.1"
        yield _mild(
            source, "MK140", f"dataContractSpecification '{version}' is not known", hint, ("dataContractSpecification",)
        )
    yield from _unknown(values, ROOT_KEYS, source, ())
    for key in _MAPPINGS:
        yield from _no_mapping(values.get(key), source, (key,))
    yield from _unknown(values.get("info"), INFO_KEYS, source, ("info",))
    definitions = values.get("definitions")
    known = definitions if isinstance(definitions, dict) else {}
    for name, model in _items(values.get("models")):
        here: Pointer = ("models", name)
        yield from _no_mapping(model, source, here)
        yield from _unknown(model, MODEL_KEYS, source, here)
        yield from _fields(model.get("fields") if isinstance(model, dict) else None, known, source, (*here, "fields"))
    yield from _fields(known, known, source, ("definitions",))


def _fields(fields: Value, definitions: Mapping[str, Value], source: Source, pointer: Pointer) -> Iterator[Problem]:
    yield from _no_mapping(fields, source, pointer)
    for name, field in _items(fields):
        yield from _no_mapping(field, source, (*pointer, name))
        yield from _field(field, definitions, source, (*pointer, name))


def _field(field: Value, definitions: Mapping[str, Value], source: Source, pointer: Pointer) -> Iterator[Problem]:
    if not isinstance(field, dict):
        return
    yield from _unknown(field, FIELD_KEYS, source, pointer)
    reference = field.get("$ref")
    if reference is not None and str(reference).removeprefix("#/definitions/") not in definitions:
        hint = did_you_mean(str(reference).rpartition("/")[2], definitions) or "write '#/definitions/NAME'"
        yield _mild(source, "MK153", f"$ref '{reference}' leads to no definition", hint, (*pointer, "$ref"))
    yield from _fields(field.get("fields"), definitions, source, (*pointer, "fields"))
    for part in _PARTS:
        yield from _field(field.get(part), definitions, source, (*pointer, part))


def _no_mapping(found: Value, source: Source, pointer: Pointer) -> Iterator[Problem]:
    if found is not None and not isinstance(found, dict):
        yield source.problem(
            "MK103", f"'{pointer[-1]}' must be a mapping of keys to values", "", pointer, of_value=True
        )


def _unknown(found: Value, known: frozenset[str], source: Source, pointer: Pointer) -> Iterator[Problem]:
    for key, _ in _items(found):
        if key not in known:
            yield _mild(source, "MK102", f"unknown key '{key}'", did_you_mean(key, sorted(known)), (*pointer, key))


def _mild(source: Source, code: str, message: str, hint: str, pointer: Pointer) -> Problem:
    return source.problem(code, message, hint, pointer).model_copy(update={"severity": Severity.WARNING})


def _items(value: Value) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()
