"""A relation: a table by a name that is unique in a run, and where it comes from. And what was seen of it."""

from __future__ import annotations

from typing import NamedTuple

from meshkit.model.base import Document
from meshkit.model.names import fold, nearest


class Relation(Document):
    """What a statement reads.

    Attributes:
        id: Its name in statements: `domain.product.table`, or that of an input or a `--table`.
        location: A path, glob, folder or URL, as it was written; empty = the contract names none.
        base: The folder that a relative location starts from.
        format: The declared format, or empty.
        types: Declared column -> type, by which text formats (CSV, JSON) are read.
        labels: The contract's names, and stable ids, of columns that the data calls otherwise -> the data's names.
        formats: Declared column -> format of its dates and times in text formats.
        zones: Declared column -> zone of the times that state none, in text formats.
        delimiter: What parts the values of a line of CSV; empty = found out.
        encoding: Of a text format, in DuckDB's words; empty = UTF-8.
        unreadable: Why its location cannot be read; empty = it can.
        is_given: Whether the data is handed over by the caller, as a frame.
        engine: The name of the engine that holds it; empty = DuckDB reads its location.
        parts: Its name in that engine, the outermost part first.
    """

    id: str
    location: str = ""
    base: str = ""
    format: str = ""
    types: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    formats: tuple[tuple[str, str], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    delimiter: str = ""
    encoding: str = ""
    unreadable: str = ""
    is_given: bool = False
    engine: str = ""
    parts: tuple[str, ...] = ()

    def stored(self, name: str) -> str:
        """Return the data's name of a column that a contract names."""
        return next((stored for label, stored in self.labels if fold(label) == fold(name)), name)

    @property
    def text_id(self) -> str:
        """The name under which a text format is read as text; `id` is then a view that parses it."""
        return f"{self.id} as text"


class SeenColumn(NamedTuple):
    """A column as the data has it: its name, the engine's name of its type, and how many files lack it."""

    name: str
    type: str
    lacking_files: int = 0
    other_types: tuple[str, ...] = ()


class SeenTable(Document):
    """A relation as the data has it.

    Attributes:
        columns: In the data's own order.
        format: `parquet`, `csv`, `json`, `table` or `frame`.
        files: How many files; 0 where there are none.
        newest: When the newest file was written, seconds since the epoch; None where there are no local files.
        rows: About how many rows there are; None = that cannot be told without reading it.
    """

    columns: tuple[SeenColumn, ...]
    format: str
    files: int = 0
    newest: float | None = None
    rows: int | None = None

    def column(self, name: str) -> SeenColumn | None:
        """Return the column of that name, upper and lower case being the same, or None."""
        folded = fold(name)
        return next((c for c in self.columns if fold(c.name) == folded), None)

    def near(self, name: str) -> str:
        """Return the column that `name` is probably meant to be, or an empty text."""
        return next(iter(nearest(name, [c.name for c in self.columns])), "")

    @property
    def is_text(self) -> bool:
        """Whether values are text that has to be parsed into the declared types."""
        return self.format in ("csv", "json")
