"""What a native contract says and the standard has no word for: restored from custom properties named `meshkit.*`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from meshkit.converting.document import PREFIX, copied
from meshkit.converting.service import read_service
from meshkit.errors import TypeNameError
from meshkit.loading.constraints import read_constraints
from meshkit.loading.forms import Finding, validate
from meshkit.loading.native import read_form
from meshkit.loading.odcs.form import CustomPropertyForm, OdcsContractForm, QualityForm
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.pointers import MappedSource, by_origin, repointed
from meshkit.loading.product_form import ProductForm
from meshkit.loading.source import Value
from meshkit.model.contract import Contract
from meshkit.model.table import Constraint, Pointer
from meshkit.model.types import LogicalType, parse_type

_AS_THEY_ARE = (
    "status", "data_kind", "cadence", "classification", "inputs", "row_filter", "retention_days", "trash_days",
    "encryption_enabled", "audit_logging_enabled", "privacy", "policies", "deprecation", "decisions", "ports", "owner", "changelog",
)  # fmt: skip
_KEYS = (*_AS_THEY_ARE, "observability", "transformation", "access", "sla")


def own(properties: Iterable[CustomPropertyForm], key: str, default: Any = None) -> Any:
    """Return the value of one of meshkit's own custom properties."""
    return next((p.value for p in properties if p.property == PREFIX + key), default)


def own_word(properties: Iterable[CustomPropertyForm], key: str) -> str:
    """Return the text of one of meshkit's own custom properties, or an empty one."""
    found = own(properties, key, "")
    return found if isinstance(found, str) else ""


def own_type(properties: Iterable[CustomPropertyForm]) -> str:
    """Return the native type that a property states besides its logical one; empty where it states none."""
    found = own(properties, "type")
    try:
        return found if isinstance(found, str) and str(parse_type(found)) else ""
    except TypeNameError:
        return ""


def own_names(properties: Iterable[CustomPropertyForm], key: str) -> tuple[str, ...]:
    """Return a list of names that an object states besides the flags of its properties."""
    found = own(properties, key)
    return tuple(n for n in found if isinstance(n, str)) if isinstance(found, list) else ()


def own_constraints(
    form: QualityForm, column: str, logical: LogicalType | None, notes: Notes, pointer: Pointer
) -> list[Constraint]:
    """Read a rule for the engine `meshkit`: its implementation is a native constraint."""
    here = (*pointer, "implementation")
    constraints, problems = read_constraints([form.implementation], column, logical, notes.source, here)
    notes.findings += [Finding(pointer=here, problem=p) for p in problems]
    return [c.model_copy(update={"pointer": pointer}) for c in constraints]


def listed_constraints(
    properties: Iterable[CustomPropertyForm], column: str, declared: str, notes: Notes, pointer: Pointer
) -> list[Constraint] | None:
    """Read the native constraints that a property keeps as they were, where keys and rules would change their order."""
    items = own(properties, "constraints")
    if not isinstance(items, list):
        return None
    logical = parse_type(declared) if declared else None
    constraints, problems = read_constraints(items, column, logical, notes.source, pointer)
    notes.findings += [Finding(pointer=pointer, problem=p) for p in problems]
    return [c.model_copy(update={"pointer": pointer}) for c in constraints]


def restored(contract: Contract, form: OdcsContractForm, values: Value, notes: Notes) -> Contract:
    """Return the contract with all that its file's root keeps of the native form."""
    native, origins = _native(form, values, contract.tables[0].name if contract.tables else "")
    if not native:
        return contract
    translate = by_origin(origins)
    read, findings = validate(ProductForm, native, MappedSource(notes.source, translate))
    notes.findings += [Finding(pointer=translate(f.pointer), problem=f.problem) for f in findings]
    found = repointed(read_form(read or ProductForm()), translate)
    changes: dict[str, Any] = {key: getattr(found, key) for key in _AS_THEY_ARE if key in native}
    if "observability" in native:
        changes |= {"metrics": found.metrics, "alerts": found.alerts}
    if "transformation" in native:
        changes["transformation_sql"] = found.transformation_sql
    if "access" in native:
        given = {
            key: value
            for key in ("discovery", "read", "write", "purposes", "unmask")
            if (value := getattr(found.access, key))
        }
        changes["access"] = contract.access.model_copy(update=given)
    if "sla" in native:
        given = {"freshness": found.sla.freshness, "completeness": found.sla.completeness}
        changes["sla"] = contract.sla.model_copy(update=given)
    return contract.model_copy(update=changes)


def _native(form: OdcsContractForm, values: Value, table: str) -> tuple[dict[str, Any], dict[Pointer, Pointer]]:
    """Return the native keys that the root keeps, and where each stands."""
    native: dict[str, Any] = {}
    origins: dict[Pointer, Pointer] = {}
    for position, item in enumerate(form.customProperties):
        key = (item.property or "").removeprefix(PREFIX)
        if (item.property or "").startswith(PREFIX) and key in _KEYS:
            native[key] = item.value
            origins[key,] = ("customProperties", position, "value")
    for position, promise in enumerate(form.slaProperties):
        key = own(promise.customProperties, "key")
        if key in ("sla.freshness", "retention_days"):
            service = read_service({"slaProperties": [copied(values["slaProperties"][position])]}, table)
            path = tuple(key.split("."))
            if path[0] == "sla" and isinstance(native.get("sla", {}), dict):
                native["sla"] = {**native.get("sla", {}), **service.get("sla", {})}
                origins[path] = ("slaProperties", position)
            elif key in service:
                native[key] = service[key]
                origins[path] = ("slaProperties", position, "value")
    return native, origins
