"""What the tools answer: closed models, which are the tools' output schemas, made from a mesh and its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

import meshkit
from meshkit_mcp.budgets import DESCRIPTION, NAMES, NOTICE, PROBLEMS, clean, did_you_mean, fit, left_out

_URGENCY = ("errored", "failed", "warned", "skipped", "waived", "passed")
_OF_ALL_COLUMNS = ("columns", "types", "extra_columns")
_SEVERITIES = [str(s) for s in reversed(meshkit.Severity)]


def _without_titles(schema: dict[str, Any]) -> None:
    """Leave out what only repeats a field's name: the schema is sent to every assistant."""
    for field in schema["properties"].values():
        field.pop("title", None)


class Part(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_without_titles)


class Answer(Part):
    """What every answer says of itself."""

    truncated: bool = Field(description="Whether anything was left out.")
    hint: str = Field(description="What was left out and how to see it; else empty.")
    notice: str = NOTICE

    def summary(self) -> str:
        """Return the answer's gist in our own words and numbers: no text of a contract."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return the answer's gist in the contracts' words, one line each."""
        raise NotImplementedError


class ProductLine(Part):
    """A product in a list."""

    id: str
    version: str
    status: str
    owner: str
    checks: int
    is_stopped: bool
    description: str


class ProductList(Answer):
    """One page of products."""

    products: list[ProductLine]
    total: int
    next_offset: int | None
    errors: int = Field(description="Errors in the mesh's contracts and files.")

    def summary(self) -> str:
        """Count the products."""
        errors = f" {self.errors:,} errors in contracts: `meshkit lint` names them." if self.errors else ""
        return f"{self.hint or f'{len(self.products):,} of {self.total:,} products shown.'}{errors}"

    def lines(self) -> list[str]:
        """Name the products."""
        return [
            f"{p.id} {p.version} {p.status}, {p.checks} checks{', stopped by an error' if p.is_stopped else ''}: "
            f"{p.description}"
            for p in self.products
        ]


class ColumnLine(Part):
    """A column."""

    name: str
    type: str
    description: str
    is_pii: bool


class CheckLine(Part):
    """What is asserted."""

    id: str
    asserts: str
    severity: str
    threshold: str


class ProductAnswer(Answer):
    """One product."""

    id: str
    version: str
    status: str
    description: str
    owner: str
    contact: str
    freshness_hours: float | None
    availability_pct: float | None
    file: str
    columns: list[ColumnLine]
    checks: list[CheckLine]
    problems: list[str]

    def summary(self) -> str:
        """Count what it has."""
        counts = f"{len(self.columns):,} columns, {len(self.checks):,} checks, {len(self.problems):,} problems"
        return f"1 product: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Describe it, and name its columns, its checks without their common beginning, and its problems."""
        columns = ", ".join(f"{c.name} {c.type}{' (pii)' if c.is_pii else ''}" for c in self.columns)
        checks = ", ".join(c.id.removeprefix(f"{self.id}.") for c in self.checks)
        return [
            f"{self.id} {self.version} {self.status}, owner {self.owner or 'unknown'}: {self.description}",
            f"columns: {clean(columns, NAMES)}",
            f"checks: {clean(checks, NAMES)}",
            *(f"problem {p}" for p in self.problems),
        ]


class VerdictLine(Part):
    """A judged check."""

    id: str
    outcome: str
    severity: str
    bad: int | None
    total: int | None
    value: float | None = Field(description="Compared with threshold, in unit.")
    unit: str
    threshold: str
    message: str
    place: str


class RunAnswer(Answer):
    """One product's run. Numbers only: no row's value."""

    product: str
    version: str
    outcome: str
    rows: int | None
    counts: dict[str, int] = Field(description="Outcome: checks that ended so.")
    checks: list[VerdictLine] = Field(description="Most urgent first.")
    problems: list[str] = Field(description="Errors in the contract.")

    def summary(self) -> str:
        """Say how it ended."""
        counts = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items()) or "no check ran"
        return f"Outcome {self.outcome}: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name what is not met."""
        missed = [c for c in self.checks if c.outcome not in ("passed", "waived")]
        lines = [f"{c.outcome} {c.severity} {c.id}: {c.message} ({c.place})" for c in missed]
        return [f"{self.product} {self.version}", *lines, *(f"problem {p}" for p in self.problems)]


def list_products(mesh: meshkit.Mesh, domain: str | None, limit: int, offset: int) -> ProductList:
    """Return one page of the products of a domain, or of all.

    Raises:
        UsageError: There is no such domain.
    """
    domains = sorted({p.head.domain for p in mesh.products})
    if domain is not None and domain not in domains:
        raise meshkit.UsageError(f"unknown domain '{domain}'", did_you_mean(domain, domains))
    chosen = [p for p in mesh.products if domain in (None, p.head.domain)]
    products = fit([_product_line(p) for p in chosen[offset : offset + limit]])
    end = offset + len(products)
    is_more = bool(products) and end < len(chosen)
    way_out = f"offset={end} gives the next ones, domain= narrows." if is_more else "offset=0 starts from the first."
    hint = left_out("products", len(products), len(chosen), way_out) if is_more or not products else []
    return ProductList(
        products=products,
        total=len(chosen),
        next_offset=end if is_more else None,
        errors=sum(p.severity is meshkit.Severity.ERROR for p in mesh.problems),
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def describe_product(product: meshkit.Product) -> ProductAnswer:
    """Return what a product is and promises."""
    contract = product.contract
    known = product.metadata()
    all_columns = [
        ColumnLine(name=clean(c.name), type=clean(c.type), description=clean(c.description), is_pii=c.is_pii)
        for table in contract.tables
        for c in table.columns
    ]
    columns, checks = fit(all_columns), fit([_check_line(c) for c in product.checks])
    problems = [clean(str(p)) for p in product.problems[:PROBLEMS]]
    rest = "the contract's file holds the rest."
    hint = [
        *left_out("columns", len(columns), len(all_columns), rest),
        *left_out("checks", len(checks), len(product.checks), f"{rest} run_checks takes any of them as check=."),
        *left_out("problems", len(problems), len(product.problems), "`meshkit lint` names the rest."),
    ]
    return ProductAnswer(
        id=clean(product.id),
        version=clean(contract.version),
        status=contract.status,
        description=clean(contract.description, DESCRIPTION),
        owner=clean(contract.owner.team),
        contact=clean(contract.owner.contact),
        freshness_hours=known.sla.freshness_hours,
        availability_pct=known.sla.availability_pct,
        file=clean(product.source.file),
        columns=columns,
        checks=checks,
        problems=problems,
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def describe_run(product: meshkit.Product, run: meshkit.Run) -> RunAnswer:
    """Return what came of one product's checks, the most urgent first."""
    (found,) = run.to_dict()["products"]
    counts = Counter(c["outcome"] for c in found["checks"])
    verdicts = [_verdict_line(c) for c in found["checks"]]
    verdicts.sort(key=lambda v: (_URGENCY.index(v.outcome), _SEVERITIES.index(v.severity)))
    checks = fit(verdicts)
    problems = [
        p for p in run.result.problems if p.severity is meshkit.Severity.ERROR and p.place.file == product.source.file
    ]
    hint = [
        *left_out("checks", len(checks), len(verdicts), "the most urgent; check= runs one of the others alone."),
        *left_out("problems", min(len(problems), PROBLEMS), len(problems), "`meshkit lint` names the rest."),
    ]
    return RunAnswer(
        product=clean(product.id),
        version=clean(found["version"]),
        outcome=found["outcome"],
        rows=found["rows"],
        counts={outcome: counts[outcome] for outcome in _URGENCY if counts[outcome]},
        checks=checks,
        problems=[clean(str(p)) for p in problems[:PROBLEMS]],
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def _product_line(product: meshkit.Product) -> ProductLine:
    return ProductLine(
        id=clean(product.id),
        version=clean(product.head.version),
        status=product.head.status,
        owner=clean(product.head.team),
        checks=len(product.checks),
        is_stopped=product.is_stopped,
        description=clean(product.contract.description),
    )


def _check_line(check: meshkit.Check) -> CheckLine:
    columns = () if check.kind in _OF_ALL_COLUMNS else check.columns
    asserts = ", ".join(check.values) or check.query or ", ".join(columns)
    return CheckLine(
        id=clean(check.id),
        asserts=clean(f"{check.kind} {asserts}"),
        severity=check.severity,
        threshold=str(check.threshold),
    )


def _verdict_line(check: Mapping[str, Any]) -> VerdictLine:
    """Take from a check of the JSON report its numbers and its words; samples, SQL and causes stay behind."""
    place = check["place"]
    return VerdictLine(
        id=clean(check["id"]),
        message=clean(check["message"]),
        place=clean(f"{place['file']}:{place['line']}:{place['column']}"),
        **{key: check[key] for key in ("outcome", "severity", "bad", "total", "value", "unit", "threshold")},
    )
