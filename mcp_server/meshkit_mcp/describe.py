"""A mesh, a product and a run to answers: other people's text cleaned, lists within their budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import meshkit
from meshkit_mcp.answers import CheckLine, ColumnLine, ProductAnswer, ProductLine, ProductList, RunAnswer, VerdictLine
from meshkit_mcp.budgets import DESCRIPTION, PROBLEMS, clean, did_you_mean, fit, left_out

_URGENCY = ("errored", "failed", "warned", "skipped", "waived", "passed")
_OF_ALL_COLUMNS = ("columns", "types", "extra_columns")
_SEVERITIES = [str(s) for s in reversed(meshkit.Severity)]


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
