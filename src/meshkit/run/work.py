"""What a run has to do: products, the checks of their tables, and the relations that these read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.checks.compile import compile_checks
from meshkit.errors import MeshkitError, Place, UsageError
from meshkit.model.catalog import Catalog
from meshkit.model.check import Check, Kind
from meshkit.model.contract import Contract
from meshkit.model.names import did_you_mean
from meshkit.model.namespace import Namespace
from meshkit.model.relation import Relation
from meshkit.model.table import Pointer
from meshkit.run.job import Job
from meshkit.sql.bind import bind_query
from meshkit.sql.filled import parse_filled


class Target(NamedTuple):
    """A product to run.

    Attributes:
        contract: Its contract.
        file: The contract's file, to be shown.
        place: Where a pointer leads in it.
        namespace: What names in its SQL mean.
        is_stopped: Whether a problem in the contract keeps it from running.
        is_draft: Whether its checks only warn.
        masked: Folded names of columns with personal data.
    """

    contract: Contract
    file: str
    place: Callable[[Pointer], Place]
    namespace: Namespace
    is_stopped: bool
    is_draft: bool
    masked: frozenset[str]


class Work(NamedTuple):
    """A product to run, and the checks of each of its tables."""

    target: Target
    jobs: list[Job]


def personal_columns(contract: Contract, listed: Sequence[str]) -> frozenset[str]:
    """Return the folded names of columns that hold personal data: marked ones, and those that the domain's policy lists.

    Folded wider than columns are compared: a column is rather masked once too often.
    """
    marked = (c.name for t in contract.tables for c in t.columns if c.is_pii)
    return frozenset(name.casefold() for name in (*marked, *listed))


def checks_of(target: Target, catalog: Catalog) -> tuple[Check, ...]:
    """Return all checks of a product."""
    return compile_checks(target.contract, catalog.key(target.contract), target.place)


def jobs_of(target: Target, catalog: Catalog) -> list[Job]:
    """Return the checks of each table of a product; none where a problem keeps it from running."""
    if target.is_stopped:
        return []
    by_table: dict[str, list[Check]] = {t.name: [] for t in target.contract.tables}
    for check in checks_of(target, catalog):
        by_table[check.table].append(check)
    return [Job(t, by_table[t.name], target.namespace, target.place) for t in target.contract.tables]


def chosen(works: list[Work], wanted: Sequence[str]) -> list[Work]:
    """Keep the checks whose id is, or ends with, one of `wanted`."""
    if not wanted:
        return works
    known = [c.id for w in works for j in w.jobs for c in j.checks]
    chosen: set[str] = set()
    for name in wanted:
        found = [i for i in known if i == name] or [i for i in known if i.endswith(f".{name}")]
        if not found:
            ends = [".".join(i.split(".")[2:]) for i in known]
            raise UsageError(f"unknown check '{name}'", did_you_mean(name, [*known, *ends]))
        chosen |= set(found)
    kept = [w._replace(jobs=[j._replace(wanted=frozenset(chosen)) for j in w.jobs]) for w in works]
    return [w._replace(jobs=[j for j in w.jobs if j.chosen()]) for w in kept if any(j.chosen() for j in w.jobs)]


def require_used(overrides: Mapping[str, Any], works: Sequence[Work]) -> None:
    """Refuse what a caller put in the place of a table that nothing reads.

    Raises:
        UsageError: There is such.
    """
    used = {name for w in works for j in w.jobs for name in j.namespace.used}
    known = dict.fromkeys(name for w in works for name in w.target.namespace.known())
    for name in overrides:
        if name not in used and works:
            raise UsageError(f"no check reads a table '{name}'", did_you_mean(name, [k for k in known if k != name]))


def relations_of(works: Sequence[Work]) -> list[Relation]:
    """Return everything that the checks read, each once. Names that mean nothing are reported by their checks."""
    found: dict[str, Relation] = {}
    for work in works:
        for job in work.jobs:
            own = job.namespace.own(job.table)
            found[own.id] = own
            for check in job.chosen():
                if not check.refusal and not check.skip:
                    found |= read_by(check, job.namespace)
    return list(found.values())


def read_by(check: Check, namespace: Namespace) -> dict[str, Relation]:
    """Return the relations that a check reads besides its own table, by id; none where its names mean nothing."""
    try:
        if check.kind is Kind.SQL:
            found: dict[str, Relation] = {}
            for dialect, text in ((check.dialect, check.query), *check.overrides):
                query = parse_filled(text, dialect, namespace.variables)
                found |= bind_query(query, namespace.resolve).relations
            return found
        if check.kind is Kind.REFERENCES:
            relation, _ = namespace.reference(check.values)
            return {relation.id: relation}
    except MeshkitError:
        return {}
    return {}
