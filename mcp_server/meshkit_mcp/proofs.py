"""What a proof of identity amounts to, and the errors of proving it. Neither holds the token."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import meshkit

METRICS = "mesh:metrics"
"""The scope of whoever may read /metrics. It is no scope of tools."""
GRANTABLE = ("mesh:read", "mesh:query", "mesh:request", METRICS)
"""What a token may carry; other scopes are somebody else's, and mean nothing here."""
MOST_CHARACTERS = 16_384


class Proof(NamedTuple):
    """Whose token it was, and what it allows.

    Attributes:
        principal: An id of the mesh's principals; or who it is by the token's own claims, where those are trusted.
        scopes: Of `GRANTABLE`.
        issuer: Who vouches; empty for a token file.
        client: Through which client, as the issuer says; empty where it does not.
    """

    principal: meshkit.Principal | str
    scopes: frozenset[str]
    issuer: str = ""
    client: str = ""

    @property
    def id(self) -> str:
        """The principal's id."""
        return self.principal if isinstance(self.principal, str) else self.principal.id


class NotProvedError(Exception):
    """The token is refused; the message is for the log, and names no part of the token."""


class UnprovableError(Exception):
    """Nothing can be said of any token now: the keys or the file cannot be read. The message is for the log."""


class Prover(Protocol):
    """What knows whose a token is."""

    async def prove(self, token: str) -> Proof:
        """Return whose it is.

        Raises:
            NotProvedError: It is nobody's, or has ended.
            UnprovableError: Nothing can be said now.
        """
