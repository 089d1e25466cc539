"""Contracts and what is known around them, as the rows that policies are written over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.drafting.pii import BY_NAME, category_by_name
from meshkit.model.check import Check, Kind, part_name
from meshkit.model.contract import Contract
from meshkit.model.governance import DomainPolicyForm
from meshkit.model.policy import Over
from meshkit.model.policy_rows import ROWS
from meshkit.model.profile import Suspect
from meshkit.model.run import Judgement, Outcome, Verdict
from meshkit.model.table import Column, Severity, Table


class Changes(NamedTuple):
    """What differs between a version and the one that readers have.

    Attributes:
        version: That version.
        breaking: How many changes break readers.
        is_enough: Whether the version rises by as much as they ask for.
        notice_days: Days between the announcement and the end of that version; None where it is not deprecated.
        guide: Its migration guide, or empty.
        unnotified: Consumers that its deprecation does not name.
        removal: What is wrong with how the version ended, of one that is not served any more; or empty.
        why_not: Why nothing can be said of the changes, or empty.
    """

    version: str
    breaking: int | None
    is_enough: bool
    notice_days: float | None = None
    guide: str = ""
    unnotified: tuple[str, ...] = ()
    removal: str = ""
    why_not: str = ""


class Upstream(NamedTuple):
    """One input of a product, followed."""

    alias: str
    id: str
    domain: str | None = None
    status: str | None = None
    classification: str | None = None
    holder: str | None = None


class Around(NamedTuple):
    """What a product is among all others of its mesh; the columns of these names in `ROWS` say what each is."""

    mesh_products: int
    team_share: float | None = None
    shared_prefix: str | None = None
    shared_with: tuple[str, ...] = ()
    successor: str | None = None
    deprecation_days: int | None = None
    days_to_end: int | None = None


class LastRun(NamedTuple):
    """The last run of a product that counts. What is not known is None, as is all where there is no run."""

    id: str | None = None
    outcome: str | None = None
    age_hours: float | None = None


class Held(NamedTuple):
    """A grant that holds: to whom, what for, how long ago it was granted, and how long it still does, in days."""

    principal: str
    purpose: str
    age_days: float
    days_left: float


class ProductFacts(NamedTuple):
    """What is known of one version of a product.

    Attributes:
        id: Its id as people write it.
        verdicts: Those of its last run; None where no run of this version is known.
        changes: What differs from the version that readers have; None where there is none.
        expire_days: After so many days the platform deletes its objects.
        availability: Share of runs that reached the data; None where there are none.
        is_first: Whether it is about to be published for the first time, so that nothing can break.
        run: The last run that counts.
        around: What it is among all others; None where they are not known.
        suspects: (table, column) -> what a scan of the data saw in a column that nobody marked.
        grants: Those that hold.
        request_hours: The median time that requests for access wait for a decision; None where there are none.
    """

    id: str
    contract: Contract
    checks: Sequence[Check] = ()
    upstream: Sequence[Upstream] = ()
    consumers: int = 0
    domain_policy: DomainPolicyForm | None = None
    bounded_context: str | None = None
    expire_days: float | None = None
    verdicts: Sequence[Verdict | Judgement] | None = None
    changes: Changes | None = None
    availability: float | None = None
    around: Around | None = None
    is_first: bool = False
    run: LastRun = LastRun()
    suspects: Mapping[tuple[str, str], Suspect] = {}
    grants: Sequence[Held] = ()
    request_hours: float | None = None


Rows = Mapping[Over, list[tuple[Any, ...]]]


def rows_of(products: Iterable[ProductFacts]) -> Rows:
    """Return the rows of some products. The first value of each is the product's position, the others are as in `ROWS`."""
    rows: dict[Over, list[tuple[Any, ...]]] = {over: [] for over in Over}
    for position, facts in enumerate(products):
        rows[Over.PRODUCT].append((position, *product_row(facts).values()))
        rows[Over.COLUMN] += ((position, facts.id, *r) for r in _columns(facts))
        rows[Over.CHECK] += ((position, facts.id, *r) for r in _checks(facts))
        rows[Over.DEPENDENCY] += (
            (position, facts.id, u.alias, u.id, u.domain, u.status, u.classification, u.domain is not None, u.holder)
            for u in facts.upstream
        )
        rows[Over.RUN].append((position, facts.id, *facts.run))
        rows[Over.GRANT] += ((position, facts.id, *g) for g in facts.grants)
    return rows


def product_row(facts: ProductFacts) -> dict[str, Any]:
    """Return the row of one product by the names of its columns."""
    values = {**_said(facts), **_promised(facts), **_seen(facts), **(facts.around._asdict() if facts.around else {})}
    return {name: values.get(name) for name in ROWS[Over.PRODUCT]}


def _said(facts: ProductFacts) -> dict[str, Any]:
    contract = facts.contract
    columns = [c for t in contract.tables for _, c in columns_of(t)]
    personal = [c for c in columns if c.is_pii]
    privacy, access = contract.privacy, contract.access
    return {
        "id": facts.id,
        "name": contract.name,
        "domain": contract.domain,
        "version": contract.version,
        "status": str(contract.status),
        "data_kind": contract.data_kind,
        "cadence": contract.cadence or None,
        "classification": contract.classification.strip().lower() or None,
        "description": contract.description.strip() or None,
        "owner_team": contract.owner.team or None,
        "owner_contact": contract.owner.contact or None,
        "tags": list(contract.tags),
        "location": next((t.location for t in contract.tables if t.location), None),
        "has_schema": bool(columns),
        "columns": len(columns),
        "has_primary_key": bool(contract.tables) and all(map(_has_key, contract.tables)),
        "constraints": sum(len(c.constraints) + c.is_primary_key for c in columns)
        + sum(len(t.constraints) + bool(t.primary_key) for t in contract.tables),
        "quality_checks": len(contract.quality_checks),
        "pii_columns": len(personal),
        "unprotected_columns": sum(not (c.encrypted or c.mask) for c in personal),
        "encryption_enabled": contract.encryption_enabled,
        "audit_logging_enabled": contract.audit_logging_enabled,
        "lawful_basis": (privacy and privacy.lawful_basis.strip()) or None,
        "purpose": (privacy and privacy.purpose.strip()) or None,
        "erasure_key": (privacy and privacy.erasure_key.strip()) or None,
        "discovery": access.discovery.strip().lower() or None,
        "read_rules": len(access.read),
        "read_roles": sum(bool(r.role) for r in access.read),
        "write_rules": len(access.write),
        "write_roles": [r.role for r in access.write if r.role],
        "unmask_roles": [r.role for r in access.unmask if r.role],
        "metrics": [m.name for m in contract.metrics],
        "alerts": [a.type for a in contract.alerts],
        "policies": list(contract.policies),
        "consumers": facts.consumers,
        "bounded_context": facts.bounded_context,
        "foreign_writers": sorted({r.domain for r in access.write if r.domain} - {contract.domain}),
    }


def _promised(facts: ProductFacts) -> dict[str, Any]:
    contract, sla = facts.contract, facts.contract.sla
    kept = [p.limit for p in contract.promises if p.kind == "retention" and p.limit and not p.refusal]
    return {
        "completeness": _number(sla.completeness.min_ratio if sla.completeness else ""),
        "freshness_hours": sla.freshness.max_age_hours if sla.freshness else None,
        "availability": _number(sla.availability),
        "retention_days": contract.retention_days,
        "sla_retention_days": max((float(h) / 24 for h in kept), default=None),
        "trash_days": contract.trash_days,
        "expire_days": facts.expire_days,
    }


def _seen(facts: ProductFacts) -> dict[str, Any]:
    found: dict[str, Any] = {
        "has_run": facts.verdicts is not None,
        "measured_availability": facts.availability,
        "median_request_hours": facts.request_hours,
    }
    if facts.verdicts is not None:
        found |= _of_run(facts.verdicts)
    if facts.changes is not None:
        changes = facts.changes
        found |= {
            "published_version": changes.version,
            "breaking_changes": changes.breaking,
            "is_version_enough": changes.is_enough,
            "notice_days": changes.notice_days,
            "migration_guide": changes.guide.strip() or None,
            "unnotified": list(changes.unnotified),
            "removal": changes.removal or None,
        }
    return found


def _of_run(verdicts: Sequence[Verdict | Judgement]) -> dict[str, Any]:
    warning = [v for v in verdicts if v.severity is Severity.WARNING]
    shares = [
        (v.total - v.bad) / v.total if v.total else 1.0
        for v in verdicts
        if v.check.dimension == "accuracy" and v.bad is not None and v.total is not None
    ]
    drifted = [v for v in verdicts if v.check.kind in (Kind.COLUMNS, Kind.TYPES, Kind.EXTRA_COLUMNS)]
    return {
        "failed_checks": sum(v.outcome is Outcome.FAILED and v.severity is Severity.ERROR for v in verdicts),
        "critical_failures": sum(v.outcome is Outcome.FAILED and v.severity is Severity.CRITICAL for v in verdicts),
        "errored_checks": sum(v.outcome is Outcome.ERRORED for v in verdicts),
        "warned_checks": sum(v.outcome is Outcome.WARNED for v in warning),
        "warning_checks": sum(v.outcome in (Outcome.WARNED, Outcome.PASSED) for v in warning),
        "accuracy": min(shares, default=None),
        "measured_completeness": min(_measured(verdicts, Kind.COMPLETENESS), default=None),
        "measured_freshness_hours": max(_measured(verdicts, Kind.FRESHNESS), default=None),
        "has_drift": any(v.outcome in (Outcome.FAILED, Outcome.WARNED) for v in drifted),
    }


def _measured(verdicts: Iterable[Verdict | Judgement], kind: Kind) -> list[float]:
    """Return what each check of a kind measured: of several tables, the worst one counts."""
    return [float(v.value) for v in verdicts if v.check.kind is kind and v.value is not None]


def _columns(facts: ProductFacts) -> Iterator[tuple[Any, ...]]:
    access = facts.domain_policy.access_control if facts.domain_policy else None
    listed = {n.casefold() for n in access.pii_fields} if access else set()
    guarded = {n.casefold() for n in access.approval_required} if access else set()
    for table in facts.contract.tables:
        keys = {k.casefold() for k in table.primary_key}
        for name, column in columns_of(table):
            names = {name.casefold(), column.name.casefold(), column.called.casefold()}
            kinds = {c.kind for c in column.constraints}
            suspect = _suspect(column, facts.suspects.get((table.name, name)))
            yield (
                table.name, name, column.type or None, column.description.strip() or None, column.is_pii,
                column.pii_category or None, column.encrypted, column.mask or None,
                column.classification.strip().lower() or None, column.is_primary_key or bool(names & keys),
                "not_null" in kinds, len(column.constraints), *suspect, bool(names & listed), bool(names & guarded),
            )  # fmt: skip


def _suspect(column: Column, seen: Suspect | None) -> Suspect | tuple[None, None]:
    """Return what a column is suspected of, and by what: by what was seen in it, else by its name."""
    if column.is_pii:
        return None, None
    by_name = category_by_name(column.called, column.type)
    return seen or (Suspect(by_name, BY_NAME) if by_name else (None, None))


def _checks(facts: ProductFacts) -> Iterator[tuple[Any, ...]]:
    verdicts = {v.id: v for v in facts.verdicts or ()}
    for check in facts.checks:
        verdict = verdicts.get(check.id)
        seen = (str(verdict.outcome), verdict.bad, verdict.total) if verdict else (None, None, None)
        yield (
            check.id,
            check.table,
            check.part or None,
            str(check.kind),
            str(check.severity),
            check.dimension or None,
            *seen,
        )


def columns_of(table: Table) -> Iterator[tuple[str, Column]]:
    """Yield the columns of a table and the named parts of nested ones, each with its name: `lines[].price`."""
    for column in table.columns:
        yield from _within(column.called, (), column)


def _within(top: str, path: tuple[str, ...], column: Column) -> Iterator[tuple[str, Column]]:
    if column.is_pii or not (path and path[-1].startswith("[")):
        yield part_name(top, path) if path else top, column
    for step, part in column.parts:
        yield from _within(top, (*path, step), part)


def _has_key(table: Table) -> bool:
    """Tell whether rows can be told apart: a primary key, or a column that is unique and never NULL."""
    if table.primary_key or any(c.is_primary_key for c in table.columns):
        return True
    return any({"unique", "not_null"} <= {c.kind for c in column.constraints} for column in table.columns)


def _number(text: str) -> float | None:
    return float(text) if text else None
