"""dbt's manifest to contracts that are proposed: its models, columns, constraints and data tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from meshkit.errors import ContractError, UsageError
from meshkit.model.draft import DraftColumn, DraftContract, Proposal
from meshkit.model.names import fold

TypeOf = Callable[[str, str], tuple[str, int | None]]

_SEVERITIES = {"warn": "warning"}
_PACKAGES = {"accepted_range": ("dbt_utils",)}
_TABLES = ("model", "seed", "snapshot")
_NOT_SAID = "add location: where the table is; the manifest does not say"


class _Test(NamedTuple):
    """A data test: of which column, what it asserts, and why it cannot be carried over, if so."""

    column: str
    proposals: tuple[Proposal, ...]
    note: str = ""


def is_manifest(text: str) -> bool:
    """Tell whether a JSON text is a manifest of dbt."""
    head = text[:4096]
    return '"dbt_schema_version"' in head and "manifest" in head


def read_manifest(text: str, file: str, type_of: TypeOf) -> list[DraftContract]:
    """Read the models, seeds and snapshots of a manifest.

    Args:
        text: The manifest.
        file: Its name, as it is shown.
        type_of: Reads a type of the adapter's dialect.

    Raises:
        ContractError: It is no manifest. UsageError: It has no models.
    """
    try:
        manifest = json.loads(text)
        nodes: Mapping[str, Any] = manifest["nodes"]
        adapter = str(manifest.get("metadata", {}).get("adapter_type") or "")
        tables = {key: node for key, node in nodes.items() if node.get("resource_type") in _TABLES}
        tests = [node for node in nodes.values() if node.get("resource_type") == "test"]
        names = {_bare_name(node): str(node["name"]) for node in tables.values()}
        drafts = [_contract(k, n, tests, names, lambda t: type_of(t, adapter), file) for k, n in tables.items()]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        hint = "let dbt write it anew with dbt parse"
        raise ContractError(f"'{file}' is no manifest of dbt", hint, code="MK109") from error
    if not drafts:
        raise UsageError(f"'{file}' has no models", "is it the manifest of another project?")
    return drafts


def _bare_name(node: Mapping[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[2]


def _contract(
    key: str,
    node: Mapping[str, Any],
    tests: list[Mapping[str, Any]],
    names: Mapping[str, str],
    type_of: Callable[[str], tuple[str, int | None]],
    file: str,
) -> DraftContract:
    found = [t for test in tests if _tested(test) == key for t in _test(test, names)]
    declared = [(c, "") for c in node.get("constraints") or ()]
    columns: Mapping[str, Any] = node.get("columns") or {}
    for column in columns.values():
        declared += [(c, str(column["name"])) for c in column.get("constraints") or ()]
    key_columns: tuple[str, ...] = ()
    for constraint, column_name in declared:
        members = (column_name,) if column_name else tuple(map(str, constraint.get("columns") or ()))
        if constraint.get("type") == "primary_key":
            key_columns = members
        else:
            found.append(_constraint(constraint, members))
    is_single = len(key_columns) == 1
    drafted = [_column(c, found, key_columns if is_single else (), type_of) for c in columns.values()]
    known = {fold(c.name) for c in drafted}
    lost = [t.note for t in found if t.note and fold(t.column) not in known]
    undeclared = sorted({t.column for t in found if t.proposals and fold(t.column) not in known})
    notes = [*lost, *(f"tested, but not a column of the manifest: {name!r}" for name in undeclared)]
    return DraftContract(
        name=str(node["name"]),
        about=str(node.get("description") or "").strip()
        or f"Drafted from the dbt model {node['name']}; say here what it is.",
        notes=(_NOT_SAID, *([] if columns else ["the manifest lists no columns of it"]), *notes),
        primary_key=() if is_single else key_columns,
        key_evidence="" if is_single else f"dbt constraint primary_key in {file}",
        columns=tuple(drafted),
        tags=tuple(map(str, node.get("tags") or ())),
    )


def _column(
    column: Mapping[str, Any],
    found: list[_Test],
    key: tuple[str, ...],
    type_of: Callable[[str], tuple[str, int | None]],
) -> DraftColumn:
    name, native = str(column["name"]), str(column.get("data_type") or "")
    declared, longest = type_of(native) if native else ("", None)
    mine = [t for t in found if fold(t.column) == fold(name)]
    proposals = {(p.kind, p.values): p for t in mine for p in t.proposals}
    if longest:
        length = Proposal(kind="max_length", values=(str(longest),), evidence=f"dbt data_type {native}")
        proposals[length.kind, length.values] = length
    is_key = bool(key) and fold(key[0]) == fold(name)
    if is_key:
        proposals = {k: p for k, p in proposals.items() if k[0] not in ("not_null", "unique")}
    no_word = f"type left out: a contract has no word for {native}" if native else "type left out: dbt does not know it"
    return DraftColumn(
        name=name,
        type=declared,
        type_evidence=f"dbt data_type {native}" if declared else no_word,
        description=str(column.get("description") or "").strip(),
        notes=tuple(t.note for t in mine if t.note),
        proposals=tuple(proposals.values()),
        key_evidence="dbt constraint primary_key" if is_key else "",
    )


def _tested(test: Mapping[str, Any]) -> str:
    """Return the id of the node that a test is of; empty where an old manifest leaves that open."""
    if test.get("attached_node"):
        return str(test["attached_node"])
    nodes = [str(n) for n in test.get("depends_on", {}).get("nodes") or ()]
    name = str(test.get("file_key_name") or "").rpartition(".")[2]
    named = [n for n in nodes if n.rpartition(".")[2] == name]
    return nodes[0] if len(nodes) == 1 else named[0] if len(named) == 1 else ""


def _test(test: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[_Test]:
    """Carry a data test over where a constraint says the same; one with a condition or a threshold says less."""
    metadata = test.get("test_metadata") or {}
    kind, arguments = str(metadata.get("name") or ""), dict(metadata.get("kwargs") or {})
    arguments |= arguments.pop("arguments", None) or {}
    if metadata.get("namespace") not in _PACKAGES.get(kind, (None,)):
        kind = f"{metadata['namespace']}.{kind}"  # of another package, whatever it means there
    column = str(arguments.get("column_name") or test.get("column_name") or "").strip('"`')
    config = test.get("config") or {}
    said = f"dbt test {kind or test.get('name')}"
    if not kind:
        yield _Test("", (), f"{said} is SQL of its own, not carried over")
        return
    unusual = [k for k in ("where", "limit", "fail_calc") if config.get(k) not in (None, "count(*)")]
    unusual += [k for k in ("error_if", "warn_if") if config.get(k) not in (None, "!= 0")]
    if config.get("enabled") is False or unusual:
        yield _Test(column, (), f"{said} has {', '.join(unusual) or 'been disabled'}, not carried over")
        return
    word = str(config.get("severity") or "").lower()
    proposals = tuple(_of_test(kind, arguments, _SEVERITIES.get(word, ""), names))
    yield _Test(column, proposals, "" if proposals else f"{said} is not carried over")


def _of_test(kind: str, arguments: Mapping[str, Any], severity: str, names: Mapping[str, str]) -> Iterator[Proposal]:
    evidence = f"dbt test {kind}"
    if kind in ("not_null", "unique"):
        yield Proposal(kind=kind, severity=severity, evidence=evidence)
    elif kind == "accepted_values" and arguments.get("values"):
        values = tuple(_text(v) for v in arguments["values"])
        yield Proposal(kind="in", values=values, severity=severity, evidence=evidence)
    elif kind == "accepted_range" and arguments.get("inclusive", True):
        for key, bound in (("min_value", "min"), ("max_value", "max")):
            value = arguments.get(key)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield Proposal(kind=bound, values=(str(value),), severity=severity, evidence=evidence)
    elif kind == "relationships":
        target = names.get(_referred(str(arguments.get("to") or "")))
        if target and arguments.get("field"):
            values = (target, str(arguments["field"]))
            yield Proposal(kind="references", values=values, severity=severity, evidence=evidence)


def _referred(text: str) -> str:
    """Return the model's name in `ref('model')`; empty for anything else."""
    inside = text.strip().removeprefix("ref(").removesuffix(")")
    return inside.split(",")[-1].strip().strip("'\"") if inside != text.strip() else ""


def _constraint(constraint: Mapping[str, Any], members: tuple[str, ...]) -> _Test:
    kind = str(constraint.get("type") or "")
    if kind in ("not_null", "unique") and len(members) == 1:
        return _Test(members[0], (Proposal(kind=kind, evidence=f"dbt constraint {kind}"),))
    column = members[0] if len(members) == 1 else ""
    of_columns = f" of {', '.join(members)}" if len(members) > 1 else ""
    return _Test(column, (), f"dbt constraint {kind}{of_columns} is not carried over")


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
