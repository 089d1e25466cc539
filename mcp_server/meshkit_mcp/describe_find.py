"""Products, columns and decisions to answers: other people's text cleaned, hidden products left out, lists within budgets."""

from __future__ import annotations

from itertools import islice

import meshkit
from meshkit_mcp.answers_find import (
    AccessAnswer,
    CheckLine,
    ColumnLine,
    ProductAnswer,
    ProductLine,
    ProductList,
    SchemaAnswer,
    Step,
)
from meshkit_mcp.budgets import DESCRIPTION, clean, fit, left_out
from meshkit_mcp.desk import Page

_OF_ALL_COLUMNS = ("columns", "types", "extra_columns")
_NAMES = 50
"""Names of one kind, such as tags."""
_MOST_COLUMNS = 200


def product_list(view: meshkit.View, found: meshkit.Found, page: Page) -> ProductList:
    """Return a page of hits."""
    hits = found.hits[page.start :]
    products = fit([_product_line(view, h) for h in hits])
    is_more = found.more or len(products) < len(hits)
    hint = "There are more: cursor=next_cursor gives the next ones; text=, domain= and tag= narrow." if is_more else ""
    return ProductList(
        products=products,
        next_cursor=page.after(len(products)) if is_more else "",
        read_as=clean("; ".join(f"'{written}' is read as '{read}'" for written, read in found.read_as)),
        truncated=is_more,
        hint=hint,
    )


def describe_product(view: meshkit.View, product: meshkit.Product) -> ProductAnswer:
    """Return what a product is and promises."""
    contract = product.contract
    known = product.metadata()
    checks = fit([_check_line(view, product, c) for c in product.checks])
    rest = f"the resource mesh://products/{product.id}/contract holds the rest, and run_checks takes any as check=."
    hint = left_out("checks", len(checks), len(product.checks), rest)
    versions = [p.version for p in view.versions(product)]
    return ProductAnswer(
        id=clean(product.id),
        version=clean(contract.version),
        versions=[clean(v) for v in versions[:_NAMES]],
        status=contract.status,
        description=clean(view.hide(contract.description, product), DESCRIPTION),
        owner=clean(contract.owner.team),
        contact=clean(contract.owner.contact),
        classification=view.classification(product),
        purposes=[clean(p) for p in contract.access.purposes[:_NAMES]],
        tags=[clean(view.hide(t, product)) for t in contract.tags[:_NAMES]],
        freshness_hours=known.sla.freshness_hours,
        availability_pct=known.sla.availability_pct,
        tables=[clean(t.name) for t in contract.tables[:_NAMES]],
        columns=sum(len(t.columns) for t in contract.tables),
        inputs={
            clean(view.hide(alias, product, is_sql=True)): clean(view.hide(target, product, is_sql=True))
            for alias, target in islice(contract.inputs.items(), _NAMES)
        },
        checks=checks,
        place=clean(view.place(product.source.place(()))),
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def describe_schema(view: meshkit.View, product: meshkit.Product, table: str, page: Page) -> SchemaAnswer:
    """Return a page of a product's columns, of one table or of all."""
    contract = product.contract
    names = [t.name for t in contract.tables]
    if table and table not in names:
        raise meshkit.UsageError(f"unknown table '{table[:80]}'", f"it has {', '.join(names[:20])}")
    found = [(t, c) for t in contract.tables if table in ("", t.name) for c in t.columns]
    rest = found[page.start :]
    columns = fit(
        [
            ColumnLine(
                table=clean(t.name),
                name=clean(c.called),
                type=clean(c.type),
                description=clean(view.hide(c.description, product)),
                is_key=c.is_primary_key or c.called in t.primary_key,
                is_pii=c.is_pii,
                asserts=clean(
                    view.hide("; ".join(" ".join([a.kind, *a.values]) for a in c.constraints), product, is_sql=True)
                ),
            )
            for t, c in rest
        ]
    )
    is_more = len(columns) < len(rest)
    hint = "There are more: cursor=next_cursor gives the next ones; table= narrows." if is_more else ""
    return SchemaAnswer(
        id=clean(product.id),
        version=clean(product.version),
        columns=columns,
        total=len(found),
        next_cursor=page.after(len(columns)) if is_more else "",
        truncated=is_more,
        hint=hint,
    )


def describe_access(view: meshkit.View, product: meshkit.Product, found: meshkit.AccessDecision) -> AccessAnswer:
    """Return a decision, and what to do next."""
    withheld = [c for c in found.columns if c.sight == "withheld"]
    masked = [c for c in found.columns if c.sight == "masked"]
    shown, hidden = withheld[:_MOST_COLUMNS], masked[:_MOST_COLUMNS]
    hint = [
        *left_out("withheld columns", len(shown), len(withheld), "columns= asks for some."),
        *left_out("masked columns", len(hidden), len(masked), "columns= asks for some."),
    ]
    return AccessAnswer(
        product=clean(product.id),
        version=clean(found.version),
        allowed=found.allowed,
        steps=[
            Step(
                code=r.code,
                allows=r.allows,
                text=clean(r.text),
                place=clean(view.place(r.place)),
                hint=clean(r.hint) if not r.allows else "",
            )
            for r in found.reasons
        ],
        withheld=[clean(c.column) for c in shown],
        masked={clean(c.column): c.mask for c in hidden},
        row_filter=clean(view.hide(found.row_filter, product, is_sql=True)),
        next=_next(found),
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def _next(found: meshkit.AccessDecision) -> str:
    if found.allowed:
        return "Ask for the columns that are needed and nothing besides; withheld ones need an approval."
    if found.needs == "grant":
        return "request_access asks the owner for it."
    return "The hint of the step that denies says what to change."


def _product_line(view: meshkit.View, hit: meshkit.Hit) -> ProductLine:
    product = view.product(f"{hit.product}@{hit.version}")
    return ProductLine(
        id=clean(product.id),
        version=clean(hit.version),
        status=hit.status,
        owner=clean(hit.owner),
        description=clean(view.hide(hit.description, product)),
        columns=[clean(c) for c in hit.columns],
    )


def _check_line(view: meshkit.View, product: meshkit.Product, check: meshkit.Check) -> CheckLine:
    columns = () if check.kind in _OF_ALL_COLUMNS else check.columns
    asserts = ", ".join(check.values) or check.query or ", ".join(columns)
    return CheckLine(
        id=clean(check.id),
        asserts=clean(f"{check.kind} {view.hide(asserts, product, is_sql=True)}"),
        severity=check.severity,
        threshold=str(check.threshold),
    )
