"""Engines that hold tables: each opens its session when a run asks for it, and says in every check why it could not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from meshkit.engines.base import DataFiles, Engine, Rows, Session, Settings
from meshkit.engines.driver import Address, Driver
from meshkit.engines.registry import connect
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, SourceError, SqlError
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.statistics import TableStatistics

if TYPE_CHECKING:
    import pyarrow as pa


class PlacedEngine:
    """An engine at an address, as runs open it.

    Args:
        name: What relations call it.
        where: Makes the address, with its secrets, when a session is opened.
    """

    def __init__(self, name: str, where: Callable[[], Address]) -> None:
        self.name = name
        self._where = where

    def open(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> Session:
        """Open a session over tables; one that is not reached says so for each relation, when it is looked at."""
        try:
            where = self._where()
            return _over_tables(lambda: connect(where, settings), relations, settings)
        except EngineError as error:
            return Unreached(error)


class GivenSpark:
    """A `SparkSession` that the caller has, as runs open it.

    Args:
        session: Classic, or of Spark Connect.
    """

    name = "spark"

    def __init__(self, session: Any) -> None:
        self._session = session

    def open(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> Session:
        """Open a session over its tables, temporary views and files."""
        from meshkit.engines.spark import driver_of  # the driver is here, since its session is

        return _over_tables(lambda: driver_of(self._session, settings), relations, settings)


def is_spark(engine: object) -> bool:
    """Tell whether what a caller gave is a `SparkSession`."""
    return type(engine).__name__ == "SparkSession" and type(engine).__module__.startswith("pyspark.")


def _over_tables(connecting: Callable[[], Driver], relations: Sequence[Relation], settings: Settings) -> Session:
    """Open a session over tables; an engine that reads files itself reads those of which it has no table."""
    names = {r.id: r.parts for r in relations}
    files = {r.id: (_absolute(r), _kind(r)) for r in relations if r.location and not r.is_given}
    is_read: dict[str, bool] = {}

    def connected() -> Driver:
        driver = connecting()
        register = getattr(driver, "register", None)
        for relation_id, (location, kind) in files.items() if register else ():
            if relation_id not in is_read:
                is_read[relation_id] = not _has_table(driver, names[relation_id])
            if is_read[relation_id] and register:
                with suppress(SourceError):  # then the table is missing, and is told by its name
                    names[relation_id] = register(relation_id, location, kind)
        return driver

    return TableSession(connected, names, settings)


def _has_table(driver: Driver, parts: tuple[str, ...]) -> bool:
    try:
        driver.columns(parts)
    except SourceError:
        return False
    return True


def _absolute(relation: Relation) -> str:
    is_url = "://" in relation.location
    return relation.location if is_url else str(Path(relation.base, relation.location).absolute())


def _kind(relation: Relation) -> str:
    return relation.format or Path(relation.location).suffix.lstrip(".").lower()


class PlacedEngines(Mapping[str, Engine]):
    """All engines of a run, by what relations call them; the embedded one has no name.

    Args:
        embedded: Reads files.
        addresses: What relations call an engine -> what makes its address.
    """

    def __init__(self, embedded: Engine, addresses: Mapping[str, Callable[[], Address]]) -> None:
        self._embedded = embedded
        self._addresses = addresses

    def __getitem__(self, name: str) -> Engine:
        """Return an engine."""
        return PlacedEngine(name, self._addresses[name]) if name else self._embedded

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(("", *self._addresses))

    def __len__(self) -> int:
        """Count the names."""
        return 1 + len(self._addresses)


class Unreached:
    """What stands for a session that could not be opened.

    Args:
        error: Why it could not.
    """

    dialect = "duckdb"  # nothing is ever written for it
    can_hash = False
    key_bytes = 0
    version = ""

    def __init__(self, error: EngineError) -> None:
        self._error = error

    def _fail(self) -> NoReturn:
        raise self._error

    def see(self, relation_id: str) -> SeenTable:
        """Raise why; so does all that asks for data."""
        self._fail()

    def stored(self, relation_id: str) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Raise why."""
        self._fail()

    def execute(self, query: str, *, exact: bool = False) -> pa.Table:
        """Raise why."""
        self._fail()

    def rows(self, query: str, *, exact: bool = False) -> Rows:
        """Raise why."""
        self._fail()

    def fold(self, query: str, take: Callable[[pa.RecordBatch], None], *, exact: bool = False) -> None:
        """Raise why."""
        self._fail()

    def define(self, name: str, query: str) -> None:
        """Raise why."""
        self._fail()

    def describe(self, name: str) -> tuple[SeenColumn, ...]:
        """Raise why."""
        self._fail()

    def second_reading(self, texts: Sequence[str], tables: Iterable[str]) -> list[SqlError | None]:
        """Refuse nothing: the engine's parser is asked when the statement runs, which cannot write."""
        return [None for _ in texts]

    def try_out(self, query: str) -> str:
        """Raise why."""
        self._fail()

    def statistics(self, relation_id: str, names: Iterable[str]) -> TableStatistics | None:
        """Return nothing."""
        return None

    def files(self, relation_id: str) -> DataFiles | None:
        """Return nothing."""
        return None

    def part(self, relation_id: str, paths: Sequence[str], name: str, file_column: str) -> bool:
        """Return that it cannot be read apart."""
        return False

    def interrupt(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""
