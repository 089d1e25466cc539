"""What every engine offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from meshkit.errors import SqlError
from meshkit.model.base import Document
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.statistics import TableStatistics

if TYPE_CHECKING:
    import pyarrow as pa


class Settings(Document):
    """How an engine may work.

    Attributes:
        threads: How many; None = all cores.
        memory: How much, as `4GB`; None = the engine's own default.
        timeout_seconds: How long one statement may take; None = without end.
        roots: Folders that files must lie in; empty = anywhere that the user may read.
        read_once: Whether small files of text formats are read into memory when they are first looked at.
    """

    threads: int | None = None
    memory: str | None = None
    timeout_seconds: float | None = None
    roots: tuple[str, ...] = ()
    read_once: bool = True


class DataFiles(NamedTuple):
    """The local files of a relation.

    Attributes:
        format: `parquet`, `csv` or `json`.
        paths: Absolute, in the order in which they are read.
        newest: When the newest was written, seconds since the epoch.
    """

    format: str
    paths: tuple[str, ...]
    newest: float | None


class Rows(NamedTuple):
    """What a statement returned.

    Attributes:
        names: Of its columns.
        types: Of its columns, in the engine's words.
        rows: Plain Python values.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Session(Protocol):
    """An open, sandboxed connection that reads a fixed set of relations."""

    dialect: str
    can_hash: bool
    """Whether it has a function `hash` that gives equal values equal 64-bit numbers, and `fold`."""
    key_bytes: int
    """How much memory the hashes of one key may take."""
    version: str
    """Of the engine, which what is remembered of it depends on."""

    def see(self, relation_id: str) -> SeenTable:
        """Return the relation as the data has it.

        Raises:
            SourceError: The relation could not be opened.
        """

    def files(self, relation_id: str) -> DataFiles | None:
        """Return the files of a relation without opening them; None where it is not of local files."""

    def part(self, relation_id: str, paths: Sequence[str], name: str, file_column: str) -> bool:
        """Give some files of a relation a name, each row with its file's path in one more column; no files = only tell.

        Returns:
            Whether the files can be read apart from the others: their rows are then the same as in the whole.
        """

    def define(self, name: str, query: str) -> None:
        """Give a query a name that later statements can read."""

    def describe(self, name: str) -> tuple[SeenColumn, ...]:
        """Return the columns of a name that `define` made."""

    def execute(self, query: str, *, exact: bool = False) -> pa.Table:
        """Run one SELECT. `exact` = without using statistics: over floats, where NaN must count, or if they may lie.

        Raises:
            EngineError: The statement failed; StatementTimeoutError: it took too long.
        """

    def rows(self, query: str, *, exact: bool = False) -> Rows:
        """Run one SELECT of few rows; raises as `execute` does."""

    def fold(self, query: str, take: Callable[[pa.RecordBatch], None], *, exact: bool = False) -> None:
        """Run one SELECT of many rows and hand over each batch of them; raises as `execute` does."""

    def statistics(self, relation_id: str, names: Iterable[str]) -> TableStatistics | None:
        """Return what is proved of some columns without reading rows; None where nothing is."""

    def interrupt(self) -> None:
        """Stop all statements that are running, from another thread."""

    def stored(self, relation_id: str) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return the whole name of the table that holds a relation, as the engine spells it, and its columns.

        Raises:
            SourceError: As `see`.
        """

    def second_reading(self, texts: Sequence[str], tables: Iterable[str]) -> list[SqlError | None]:
        """Read queries by the engine's own parser before they run; return for each why it is refused, or None.

        Args:
            texts: The queries, tables named by relation.
            tables: The names that they may read.
        """

    def try_out(self, query: str) -> str:
        """Run a query that reads no relation; return what the engine has against it, or an empty text."""

    def close(self) -> None:
        """Let go of everything, temporary files included."""


class Engine(Protocol):
    """A way to open sessions."""

    name: str

    def open(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> Session:
        """Open a session over `relations`; one that cannot be opened raises only when it is read.

        Args:
            relations: All that statements may read.
            frames: Folded name -> Arrow table, polars or pandas frame, for relations that are given by the caller.
            settings: Limits.
        """
