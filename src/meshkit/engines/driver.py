"""What each engine besides the embedded one offers: a connection that runs one SELECT at a time and tells what tables hold.

A driver knows the engine's own client and nothing of checks. `tables.py` makes a `Session` of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from meshkit.engines.base import Settings
from meshkit.model.relation import SeenColumn
from meshkit.model.secret import is_login_alone

if TYPE_CHECKING:
    import pyarrow as pa


class Capabilities(NamedTuple):
    """What an engine can do.

    Attributes:
        is_read_only: Whether the driver's transactions cannot write.
        has_timeout: Whether the engine itself ends a statement that takes too long.
        can_cancel: Whether a running statement can be stopped at the engine.
        is_concurrent: Whether statements may run side by side, each on a connection of its own.
    """

    is_read_only: bool = False
    has_timeout: bool = False
    can_cancel: bool = False
    is_concurrent: bool = False


class Address(NamedTuple):
    """Where an engine is, and as whom to go there. Its text hides the secrets.

    Attributes:
        engine: A name of the registry: `postgres`, `spark`, ...
        url: As the user gave it; it may hold a password.
        options: What else the driver is told; values may be secrets.
    """

    engine: str
    url: str
    options: Mapping[str, str] = {}

    def __repr__(self) -> str:
        """Name the engine and its host, and nothing that may be secret."""
        return f"Address({self.shown})"

    @property
    def shown(self) -> str:
        """The address as it may be shown: without user, password, query and `;key=value`; the scheme alone where these are unclear."""
        scheme, colon, rest = self.url.partition("://")
        place, _, query = rest.partition("?")
        before, _, after = place.partition(";")  # Spark Connect writes `sc://host/;token=...`
        is_unclear = "@" in query or "@" in after or is_login_alone(self.url)  # a password may hold a bare `?` or `;`
        if not colon or is_unclear:
            return scheme if colon else self.engine
        return f"{scheme}{colon}{before.rpartition('@')[2]}"


class Driver(Protocol):
    """An open connection to an engine. Methods other than `cancel` are called by one thread at a time."""

    dialect: str
    """A key of `sql.transpile.known.DIALECTS`."""
    version: str
    """Engine and version, as `postgres 15.18`."""
    capabilities: Capabilities

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's whole name as the engine spells it, and its columns, their types in DuckDB's words.

        A type that DuckDB has no word for keeps the engine's: checks of its values are refused by name.

        Args:
            parts: Its name from the outermost part that was given to the table itself; exact, or folded if that is unique.

        Raises:
            SourceError: MK302, there is no such table, or it may not be read.
        """

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return about how many rows a table has, where the engine knows without reading it; else None."""

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT in the engine's dialect, read-only, within the time of the settings.

        Numbers arrive as Arrow integers, decimals or floats, times in UTC, texts as strings.

        Raises:
            EngineError: MK304 it failed, MK306 it was cancelled; StatementTimeoutError: MK305 it took too long. Messages hold
                the engine's reason without row values, addresses and secrets; `is_transient` where another try may succeed.
        """

    def explain(self, query: str) -> str:
        """Return the engine's plan of one SELECT, without running it; raises as `execute` does."""

    def cancel(self) -> None:
        """Stop the running statement at the engine, from another thread. Nothing happens where none runs."""

    def close(self) -> None:
        """Let go of the connection."""


class Opener(Protocol):
    """Opens connections to one engine: what `registry.py` holds for it."""

    def __call__(self, address: Address, settings: Settings) -> Driver:
        """Connect.

        Raises:
            EngineError: MK301 the driver is not installed (the hint says which pip install mends it), MK311 the engine is
                not reached or refuses the login.
        """
