"""Published versions of products, each with its contract as it was."""

from __future__ import annotations

import hashlib
from datetime import datetime

from meshkit.model.history import Publication
from meshkit.store.audit import append_in
from meshkit.store.link import Link, clean, moment, stamp

_INSERT = """
INSERT INTO versions (product, published_at, version, contract, sha256, published_by)
VALUES (:product, :published_at, :version, :contract, :sha256, :published_by)
ON CONFLICT (product, published_at, version) DO NOTHING
"""
_LAST = """
SELECT product, version, published_at, contract, sha256, published_by FROM versions
WHERE product = :product ORDER BY published_at DESC, version DESC LIMIT 1
"""


def publish(link: Link, product: str, version: str, contract: str, by: str | None, at: datetime) -> Publication:
    """Write that a version was published, and note it in the audit log, both or neither."""
    text = clean(contract)
    found = Publication(product, version, at, text, hashlib.sha256(text.encode()).hexdigest(), by)
    values = {
        "product": product,
        "published_at": stamp(at),
        "version": version,
        "contract": text,
        "sha256": found.sha256,
        "published_by": by,
    }
    with link.writing(is_durable=True) as work:
        if work.execute(_INSERT, values):
            append_in(work, by, "publish", f"{product}@{version}", {"sha256": found.sha256}, at)
    return found


def published(link: Link, product: str) -> Publication | None:
    """Return what was last published of a product, or None."""
    with link.reading() as work:
        rows = work.rows(_LAST, {"product": product})
    if not rows:
        return None
    name, version, at, contract, digest, by = rows[0]
    return Publication(name, version, moment(at), contract, digest, by)
