"""`GovernanceEngine`: policies and one data product at a time, for code that holds both in memory. A thin face of `govern`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from meshkit.arguments import moment
from meshkit.errors import ContractError, UsageError
from meshkit.governing import agreed, govern
from meshkit.loading.given import contract_given, governance_given, product_given
from meshkit.loading.loaded import LoadedProduct
from meshkit.loading.tree import MeshFiles
from meshkit.mesh import Mesh, load
from meshkit.model.contract import Contract
from meshkit.model.policy import Enforcement, Policy, PolicyViolation, ProductCompliance, Status, worst_status
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.policy.compliance import products_of
from meshkit.product import Product
from meshkit.report.compliance_json import violation_as_dict
from meshkit.runs import Run

Policies = str | os.PathLike[str] | Mapping[str, Any] | Mesh
Spec = str | os.PathLike[str] | Mapping[str, Any] | Product | Contract
CONTRACT = "contract"
"""The policy under which errors of a contract itself are told: what cannot be read cannot comply."""


class _Judged(NamedTuple):
    compliance: ProductCompliance
    violations: tuple[PolicyViolation, ...]


class GovernanceEngine:
    """Policies, ready to judge data products.

    Args:
        policies: A governance file, a mesh folder with one, the same as a mapping, or a `Mesh`.
        now: The clock by which waivers, grace and notices are judged; none = the present, at each call.

    Raises:
        ContractError: The policies cannot be read, or there are none.

    Example:
        >>> engine = GovernanceEngine({"global_policies": [{"name": "data_classification", "policy": "- Public: for all"}]})
        >>> spec = {"name": "p", "version": "1.0.0", "domain": "d", "description": "x", "schema": {"fields": [{"name": "a"}]}}
        >>> [v.message for v in engine.validate_data_product(spec)]
        ['Data classification not specified']
        >>> engine.enforce_policies(spec), engine.enforce_policies(spec | {"classification": "public"})
        (False, True)
    """

    def __init__(self, policies: Policies, *, now: datetime | str | None = None) -> None:
        self._now = now
        self.mesh = _mesh_of(policies)
        errors = [p for p in _governance_problems(self.mesh) if p.severity is Severity.ERROR]
        for problem in errors[:1]:
            raise ContractError(problem.message, problem.hint, problem.place, problem.code)
        if self.mesh.governance is None:
            raise ContractError(
                "there are no policies", "give a governance file; meshkit schema governance shows its form"
            )

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies, those that are not executable among them."""
        return agreed(self.mesh).policies

    def validate_data_product(
        self, spec: Spec, *, at: Enforcement | str = Enforcement.PR, run: Run | None = None
    ) -> list[PolicyViolation]:
        """Return what a product violates, the gravest first; what is waived or in grace says so.

        Errors of the contract itself are violations of the policy `contract`.

        Args:
            spec: A contract's mapping, as in its file, however incomplete; a `Product`, a `Contract`, or a contract's file.
            at: The point of enforcement. At `pr`, rules that need a run are left open.
            run: A run whose verdicts count.

        Raises:
            ContractError: The file is not there, or is no contract; the mapping holds what no file could.
            UsageError: There is no such point.
        """
        return list(self._judge(spec, at, run).violations)

    def enforce_policies(
        self, spec: Spec, at: Enforcement | str = Enforcement.PUBLISH, *, run: Run | None = None
    ) -> bool:
        """Return whether a product may pass: nothing of severity error or critical is violated, save with waiver or in grace.

        At `publish`, quality gates ask for a run of this version.
        """
        return not any(v.is_blocking for v in self._judge(spec, at, run).violations)

    def generate_compliance_report(
        self, spec: Spec, *, at: Enforcement | str = Enforcement.PR, run: Run | None = None
    ) -> dict[str, Any]:
        """Return what an evaluation found, as values that JSON can hold.

        Its keys: product_id, version, compliance_status, blocked, last_checked, policies_evaluated, not_executable, unknown
        (rule and reason), violations (as in the JSON report of `meshkit govern`).
        """
        clock = moment(self._now)
        compliance, violations = self._judge(spec, at, run, clock)
        found = [v.status for v in violations] + [Status.UNKNOWN] * bool(compliance.unknown or not compliance.evaluated)
        return {
            "product_id": compliance.product,
            "version": compliance.version,
            "compliance_status": str(worst_status(found)),
            "blocked": any(v.is_blocking for v in violations),
            "last_checked": clock.isoformat(),
            "policies_evaluated": list(compliance.evaluated),
            "not_executable": [{"policy": p.id, "reason": p.why_not} for p in self.policies if p.why_not],
            "unknown": [{"rule": rule, "reason": reason} for rule, reason in compliance.unknown],
            "violations": [violation_as_dict(v) for v in violations],
        }

    def _judge(self, spec: Spec, at: Enforcement | str, run: Run | None, now: datetime | None = None) -> _Judged:
        mesh, product = self._placed(spec)
        key = product.id
        found = govern(mesh, at, products=[key], run=run, now=now or self._now, is_lenient=True)
        for broken in found.broken:
            raise ContractError(
                f"rule {broken.rule.id} cannot be evaluated: {broken.error.what}", "", broken.rule.place
            )
        compliance = products_of(found)[0]
        errors = [p for p in product.problems if p.severity is Severity.ERROR and not p.check]
        told = tuple(v for v in compliance.violations if not self._is_told(v, product, errors))
        return _Judged(compliance, (*(_violation(p, key) for p in errors), *told))

    def _is_told(self, violation: PolicyViolation, product: Product, errors: Sequence[Problem]) -> bool:
        """Tell whether a key counts as missing only because its value cannot be read, which is told already."""
        at = {r.id: r.at for p in self.policies for r in p.rules}.get(violation.rule, ())
        source = product.source
        is_there = violation.field is None and bool(at) and source.has(at)
        return is_there and source.place(at, of_value=True) in {p.place for p in errors}

    def _placed(self, spec: Spec) -> tuple[Mesh, Product]:
        """Return a product in a mesh that these policies govern: its own, or that of the policies with it in."""
        if isinstance(spec, Product):
            own = spec._mesh  # the two are one thing in two files
            if own is self.mesh:
                return own, spec
            return _find(_with_policies(own, self.mesh), spec.head.product_id, spec.version)
        loaded = _read(spec)
        head = loaded.entry.head
        others = [
            p
            for p in _loaded(self.mesh)
            if (p.entry.head.product_id, p.entry.head.version) != (head.product_id, head.version)
        ]
        return _find(_rebuilt(self.mesh, [*others, loaded]), head.product_id, head.version)


def _mesh_of(policies: Policies) -> Mesh:
    if isinstance(policies, Mesh):
        return policies
    if isinstance(policies, Mapping):
        return Mesh(governance_given(policies))
    if isinstance(policies, (str, os.PathLike)):
        return load(policies)
    raise UsageError(f"policies of type {type(policies).__name__}", "give a file, a mapping or a mesh")


def _governance_problems(mesh: Mesh) -> Sequence[Problem]:
    if mesh.governance is None:
        return [p for p in mesh.problems if not p.product]
    file = mesh.source_of("governance").file
    return [*(p for p in mesh.problems if p.place.file == file), *agreed(mesh).problems]


def _read(spec: Spec) -> LoadedProduct:
    if isinstance(spec, Contract):
        return contract_given(spec)
    if isinstance(spec, Mapping):
        return product_given(spec)
    if not isinstance(spec, (str, os.PathLike)):
        raise UsageError(
            f"a data product of type {type(spec).__name__}", "give a mapping, a file, a Product or a Contract"
        )
    mesh = load(Path(spec))
    if len(mesh.products) != 1:
        for problem in mesh.problems:
            raise ContractError(problem.message, problem.hint, problem.place, problem.code)
        raise ContractError(f"'{spec}' holds {len(mesh.products)} contracts", "give the file of one contract")
    return _loaded(mesh)[0]


def _loaded(mesh: Mesh) -> list[LoadedProduct]:
    return [LoadedProduct(p._entry, p.problems, p.source) for p in mesh.products]  # as they were read


def _with_policies(mesh: Mesh, policies: Mesh) -> Mesh:
    return _rebuilt(mesh, _loaded(mesh), {"governance": policies._documents["governance"]})  # as they were read


def _rebuilt(mesh: Mesh, products: list[LoadedProduct], files: Mapping[str, Any] | None = None) -> Mesh:
    documents = {**mesh._documents, **(files or {})}  # as they were read
    return Mesh(MeshFiles(mesh.root, products, documents, [], mesh.others))


def _find(mesh: Mesh, product_id: str, version: str) -> tuple[Mesh, Product]:
    found = next(p for p in mesh.products if (p.head.product_id, p.version) == (product_id, version))
    return mesh, found


def _violation(problem: Problem, product: str) -> PolicyViolation:
    return PolicyViolation(
        policy_name=CONTRACT,
        severity=Severity.ERROR,
        message=problem.message,
        rule=problem.code,
        product=product,
        place=problem.place,
        remedy=problem.hint,
        enforcement=tuple(Enforcement),
    )
