"""Who calls: a principal and scopes, of the present request alone. No tool keeps a caller."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

from mcp.server.context import ServerRequestContext

import meshkit

READ, QUERY, REQUEST = "mesh:read", "mesh:query", "mesh:request"
SCOPES = frozenset({READ, QUERY, REQUEST})
NOBODY = meshkit.Principal()


class Caller(NamedTuple):
    """Who asks, and for what kinds of calls.

    Attributes:
        principal: Who it is, as was proved; or an id of the mesh's principals, whose roles are looked up at each call, so that
            what is taken away in the file is gone at once.
        scopes: Of `mesh:read`, `mesh:query`, `mesh:request`.
    """

    principal: meshkit.Principal | str = NOBODY
    scopes: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Its id; empty = nobody that is known."""
        return self.principal if isinstance(self.principal, str) else self.principal.id


Callers = Callable[[ServerRequestContext[Any, Any]], Caller]
"""Says who calls, for each request."""

_PRESENT: ContextVar[Caller] = ContextVar("meshkit caller", default=Caller())  # noqa: B039  # a frozen tuple


def always(principal: meshkit.Principal | str = NOBODY, scopes: frozenset[str] = SCOPES) -> Callers:
    """Return what takes every request for one caller's, as over stdio."""
    caller = Caller(principal, scopes)
    return lambda _: caller


def caller_of() -> Caller:
    """Return who makes the present request; where nobody said, nobody who may do nothing."""
    return _PRESENT.get()


class calling:  # noqa: N801  # a context manager, read as a verb
    """Makes a caller that of the present request."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __enter__(self) -> None:
        """Begin the request."""
        self._token = _PRESENT.set(self._caller)

    def __exit__(self, *_: object) -> None:
        """End it."""
        _PRESENT.reset(self._token)
