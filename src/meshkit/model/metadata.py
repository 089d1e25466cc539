"""What a catalogue wants to know of a product, derived from its contract."""

from __future__ import annotations

from meshkit.model.base import Document
from meshkit.model.contract import Contract


class SlaMetadata(Document):
    """What a product promises, in numbers."""

    freshness_hours: float | None
    availability_pct: float | None


class ProductMetadata(Document):
    """What a catalogue wants to know of a product, derived from its contract."""

    name: str
    version: str
    domain: str
    owner: str
    description: str
    sla: SlaMetadata


def metadata_of(contract: Contract) -> ProductMetadata:
    """Return what a catalogue wants to know; of several promises of freshness the strictest."""
    ages = [float(p.limit) for p in contract.promises if p.kind == "freshness" and p.limit]
    if contract.sla.freshness and contract.sla.freshness.max_age_hours is not None:
        ages.append(contract.sla.freshness.max_age_hours)
    return ProductMetadata(
        name=contract.name,
        version=contract.version,
        domain=contract.domain,
        owner=contract.owner.team,
        description=contract.description.strip(),
        sla=SlaMetadata(
            freshness_hours=min(ages, default=None),
            availability_pct=float(contract.sla.availability) * 100 if contract.sla.availability else None,
        ),
    )
