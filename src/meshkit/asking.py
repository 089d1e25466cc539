"""The verbs of a mesh for whoever reads its products: doors to rooms that stand above it (docs/decisions/0012)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from meshkit.later import Later

if TYPE_CHECKING:
    from meshkit.model.access import AccessDecision, Action, Grant, Principal
    from meshkit.model.found import Found
    from meshkit.model.query import QueryAnswer

# Not imported for type checkers: they import `Mesh`, and it must not import them. What they return is said here.
accessing: Any = Later("meshkit.accessing")
querying: Any = Later("meshkit.querying")


class Asking:
    """What readers ask of a mesh; each verb is the function of the same name in `meshkit`, with the mesh as its first argument."""

    def search(
        self,
        text: str,
        *,
        domain: str | None = None,
        tag: str | None = None,
        limit: int = 20,
        principal: Principal | str | None = None,
        now: datetime | str | None = None,
    ) -> Found:
        """Return the products that words fit best, of those that the caller may know of; see `meshkit.search`.

        Raises:
            UsageError: A principal or time is not known.
        """
        found = accessing.search(self, text, domain=domain, tag=tag, limit=limit, principal=principal, now=now)
        return cast("Found", found)

    def decide(
        self,
        principal: Principal | str | None,
        product: str,
        action: Action | str = "read",
        purpose: str = "",
        columns: Sequence[str] = (),
        *,
        now: datetime | str | None = None,
        grants: Sequence[Grant] | None = None,
    ) -> AccessDecision:
        """Decide whether somebody may know of a product, read it for a purpose, or publish it; see `meshkit.decide`.

        Raises:
            UsageError: A product, principal, action or time is not known.
        """
        asked = {"purpose": purpose, "columns": columns, "now": now, **({} if grants is None else {"grants": grants})}
        return cast("AccessDecision", accessing.decide(self, principal, product, action, **asked))

    def sql(
        self,
        query: str,
        *,
        purpose: str = "",
        principal: Principal | str | None = None,
        max_rows: int = 1000,
        now: datetime | str | None = None,
    ) -> QueryAnswer:
        """Answer one SELECT over products, with the rows and columns that its reader may see; see `meshkit.query`.

        Raises:
            MeshkitError: As `meshkit.query`.
        """
        found = querying.query(self, query, purpose=purpose, principal=principal, max_rows=max_rows, now=now)
        return cast("QueryAnswer", found)
