"""The retail mesh at publish: products that are compliant, waived, in grace and blocked, by its own files."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit

RETAIL = Path(__file__).parents[3] / "sample_data" / "retail"
NOW = "2026-11-22T06:00:00Z"
STATUS = {
    "finance.accounts_receivable": ("non-compliant", {"quality_gates.warnings"}),  # 1 of 3 warning checks
    "finance.financial_metrics": (
        "non-compliant",
        {"data_quality.freshness_measured", "quality_gates.failed"},
    ),  # 6 h 55 min old
    "finance.general_ledger": ("compliant", set()),
    "marketing.campaign_performance": (
        "compliant",
        set(),
    ),  # its failed check is waived, up to the three rows that are there
    "marketing.customer_segments": ("grace", {"computed_is_checked"}),  # two checks of its own
    "marketing.lead_attribution": ("non-compliant", {"quality_gates.warnings"}),  # 1 of 4
    "marketing.lead_attribution@2.0.0": ("non-compliant", {"data_quality.freshness"}),  # promises ten years
    "product.feature_usage": ("compliant with waivers", {"quality_gates.failed"}),
    "product.product_events": ("non-compliant", {"quality_gates.warnings"}),  # 1 of 3
    "product.user_engagement": ("compliant", set()),
    "sales.customer_interactions": ("non-compliant", {"quality_gates.failed"}),  # its waiver ended on 2026-10-31
    "sales.revenue_metrics": ("grace", {"computed_is_checked"}),
    "sales.sales_orders": (
        "non-compliant",
        {"data_quality.accuracy", "quality_gates.failed", "quality_gates.warnings"},
    ),
    "sales.sales_orders_analytical@1.4.0": ("compliant", set()),
    "sales.sales_orders_analytical": ("non-compliant", {"quality_gates.failed", "no_deprecated_input"}),
}


@pytest.fixture(scope="module")
def found():
    mesh = meshkit.load(RETAIL)
    return meshkit.govern(mesh, "publish", run=mesh.check(now=NOW), now=NOW)


def test_each_product_has_the_status_that_its_files_give_it(found):
    assert {p.product: (str(p.status), {v.rule for v in p.violations}) for p in found.products} == STATUS


def test_what_is_waived_is_told_with_who_and_why_and_does_not_block(found):
    product = next(p for p in found.products if p.product == "product.feature_usage")
    (violation,) = product.violations
    assert violation.waiver.startswith("waived until 2026-12-31 by data-governance@example.com: The export moves")
    assert not product.is_blocked


def test_the_day_after_a_waiver_ends_it_counts_for_nothing():
    mesh = meshkit.load(RETAIL)
    later = meshkit.govern(
        mesh, "publish", products=["product.feature_usage"], run=mesh.check(now=NOW), now="2027-01-01T00:00:00Z"
    )
    assert later.products[0].is_blocked
