"""Who a contract or a product of the standards is: its id, name, domain, version and status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meshkit.loading.odcs.form import OdcsContractForm
from meshkit.loading.odps.form import DataProductForm
from meshkit.model.contract import Status
from meshkit.model.names import DEFAULT_DOMAIN

STATUSES: Mapping[str, Status] = {
    "active": Status.ACTIVE, "production": Status.ACTIVE,
    "proposed": Status.DRAFT, "draft": Status.DRAFT, "development": Status.DRAFT,
    "deprecated": Status.DEPRECATED, "retired": Status.RETIRED,
}  # fmt: skip


def identity_of(form: OdcsContractForm | DataProductForm) -> dict[str, Any]:
    """Return the fields of a `Contract` that name it. What is shown in ids is one line without control characters."""
    return {
        "id": form.id or "",
        "name": _line(form.name or form.id or "") or "unnamed",
        "version": _line(form.version or "") or "0.0.0",
        "domain": _line(form.domain or "") or DEFAULT_DOMAIN,
        "status": STATUSES.get((form.status or "").casefold(), Status.ACTIVE),
    }


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
