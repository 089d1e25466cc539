"""What the store of a mesh knows of access: the grants that hold, and the log of who asked, decided and read."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from meshkit.arguments import moment
from meshkit.errors import AccessError, MeshkitError
from meshkit.mesh import Mesh
from meshkit.model.access import AccessDecision, Grant, Principal, Sight
from meshkit.model.request import Logged
from meshkit.recording import environment_of, store_place
from meshkit.sql.redacted import redacted
from meshkit.store import Store, open_store

_LOG = logging.getLogger("meshkit.store")
_MOST_COLUMNS = 200


def open_records(mesh: Mesh, *, create: bool) -> Store:
    """Open the store that holds the requests, grants and the log of a mesh.

    Raises:
        AccessError: MK603, there is none, and none can be.
        StoreError: It cannot be opened; MK419 where there is none yet and `create` is not set.
    """
    if mesh.is_alone:
        hint = "give the folder of the mesh"
        raise AccessError(f"'{mesh.root}' is one file, and has no store for requests and their log", hint, code="MK603")
    place = store_place(mesh, environment_of(mesh, None), os.environ)
    if place is None:
        hint = "unset it, or name a place"
        raise AccessError("there is no store for requests and their log: MESHKIT_STORE is off", hint, code="MK603")
    return open_store(place, create=create)


def grants_of(mesh: Mesh, principal: Principal, now: datetime) -> tuple[Grant, ...]:
    """Return the grants of a principal that hold at a time; where the store cannot be read, none, with a warning."""
    if not principal.is_known or mesh.is_alone:
        return ()
    try:
        with open_records(mesh, create=False) as store:
            return store.requests.grants(principal.id, now)
    except MeshkitError as error:
        if error.code not in ("MK419", "MK603"):  # no store: nothing was ever granted
            _LOG.warning("warning: no grant is known: %s", error)
        return ()


def record_access(
    mesh: Mesh,
    decisions: Sequence[AccessDecision],
    *,
    query: str = "",
    columns: Mapping[str, Sequence[str]] | None = None,
    rows: int | None = None,
    outcome: str = "",
    now: datetime | str | None = None,
) -> None:
    """Write into the audit log who read what, or was refused; whoever hands rows out calls it first, and hands none out if it fails.

    There is one entry for each decision, all or none. Of a query, only its shape is kept: literals are `?`, and the digest is of
    that shape, since a digest of the whole text would let values be guessed.

    Args:
        mesh: The mesh.
        decisions: What was decided of each product that is read.
        query: The SQL as it was asked.
        columns: Product id, as the decision has it -> the columns that are touched.
        rows: How many rows are handed out.
        outcome: How it ended, in a word: `answered`, `refused`, `failed`; empty = as the decisions say.
        now: The clock; none = the present.

    Raises:
        AccessError: MK604, it cannot be written, or MK603, there is no store.
    """
    shape = redacted(query) if query else ""
    about: dict[str, Any] = {"outcome": outcome or ("answered" if all(d.allowed for d in decisions) else "refused")}
    if query:
        about |= {"sql": shape, "sql_sha256": hashlib.sha256(shape.encode()).hexdigest() if shape else None}
    if rows is not None:
        about["rows"] = rows
    entries = [_entry(d, (columns or {}).get(d.product, ()), about) for d in decisions]
    try:
        with open_records(mesh, create=True) as store:
            store.requests.log(entries, moment(now))
    except AccessError:
        raise
    except MeshkitError as error:
        what = f"the audit log cannot be written, and nothing is read without it: {error.what}"
        raise AccessError(what, error.hint, code="MK604") from error


def _entry(decision: AccessDecision, columns: Sequence[str], about: Mapping[str, Any]) -> Logged:
    named = columns or [
        f"{c.table}.{c.column}" for c in decision.columns if c.sight is not Sight.WITHHELD and not about.get("sql")
    ]
    payload = {
        **about,
        "action": str(decision.action),
        "allowed": decision.allowed,
        "codes": [r.code for r in decision.reasons],
        "columns": sorted(set(named))[:_MOST_COLUMNS],
        "purpose": decision.purpose[:200],
        "version": decision.version,
    }
    product = decision.product.partition("@")[0]
    return Logged(decision.principal or "nobody", f"access.{decision.action}", product, payload)
