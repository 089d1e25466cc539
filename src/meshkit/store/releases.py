"""Published versions of products, each with its contract as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from meshkit.model.history import Publication
from meshkit.store.audit import append_in
from meshkit.store.link import Link, Row, Work, clean, moment, stamp

Release = Mapping[str, Mapping[str, str]]
"""Version -> the files of its contract."""
_AT_ONCE = 500
_INSERT = """
INSERT INTO versions (product, published_at, version, since, files, sha256, published_by)
VALUES (:product, :published_at, :version, :since, :files, :sha256, :published_by)
"""
_LAST = """
SELECT v.product, v.version, v.since, v.files, v.sha256, v.published_by
FROM versions v
JOIN (SELECT product, max(published_at) AS published_at FROM versions {chosen} GROUP BY product) l
    ON l.product = v.product AND l.published_at = v.published_at
ORDER BY v.product, v.version
"""
_MOMENT = "SELECT max(published_at) FROM versions WHERE product = :product"


def publish(
    link: Link, product: str, new: Release, kept: Iterable[str], by: str | None, at: datetime
) -> tuple[Publication, ...]:
    """Write which versions of a product readers have from now on, and note it in the audit log, both or neither.

    Args:
        link: The store.
        product: Its id.
        new: The versions that are published.
        kept: Versions that stay as they were published before, if they were and are not in `new`.
        by: Who publishes.
        at: When.

    Returns:
        All versions that readers have now.
    """
    with link.writing(is_durable=True) as work:
        work.alone()
        last = work.rows(_MOMENT, {"product": product})[0][0]
        if last is not None:
            at = max(
                at, moment(last) + timedelta(microseconds=1)
            )  # a clock that went back publishes after all the same
        before = {p.version: p for p in _last(work, [product])}
        fresh = [_publication(product, version, files, by, at) for version, files in new.items()]
        found = (*fresh, *(before[v] for v in kept if v in before and v not in new))
        work.many(_INSERT, (_values(p, at) for p in found))
        for one in fresh:
            append_in(work, by, "publish", f"{product}@{one.version}", {"sha256": one.sha256}, at)
    return found


def published(link: Link, products: Sequence[str] | None) -> tuple[Publication, ...]:
    """Return the versions of some products, None = of all, that readers have."""
    with link.reading() as work:
        return tuple(_last(work, products))


def _last(work: Work, products: Sequence[str] | None) -> list[Publication]:
    if products is None:
        return [_read(row) for row in work.rows(_LAST.format(chosen=""))]
    found: list[Publication] = []
    for start in range(0, len(products), _AT_ONCE):
        named = {f"p{n}": product for n, product in enumerate(products[start : start + _AT_ONCE])}
        chosen = f"WHERE product IN ({', '.join(f':{name}' for name in named)})"
        found += [_read(row) for row in work.rows(_LAST.format(chosen=chosen), named)]
    return found


def _publication(product: str, version: str, files: Mapping[str, str], by: str | None, at: datetime) -> Publication:
    digest = hashlib.sha256(_text(files).encode("ascii")).hexdigest()
    return Publication(product, version, at, dict(files), digest, clean(by) if by else None)


def _text(files: Mapping[str, str]) -> str:
    return json.dumps(dict(files), sort_keys=True, separators=(",", ":"))


def _values(one: Publication, at: datetime) -> dict[str, str | None]:
    return {
        "product": one.product,
        "published_at": stamp(at),
        "version": one.version,
        "since": stamp(one.at),
        "files": _text(one.files),
        "sha256": one.sha256,
        "published_by": one.by,
    }


def _read(row: Row) -> Publication:
    product, version, at, files, digest, by = row
    return Publication(product, version, moment(at), json.loads(files), digest, by)
