"""Each kind of check over awkward columns, on each engine: the counts of `kinds_by_hand`, or a reason why there is none."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
import pymysql
import pytest
from servers import Server
from tests.engines import kinds_by_hand as hand
from tests.engines.kinds_by_hand import STATES, Hand


def quoted(name: str, mark: str) -> str:
    return mark + name.replace(mark, mark * 2) + mark


def created(table: str, names: Sequence[str], types: Sequence[str], mark: str) -> str:
    columns = ", ".join(f"{quoted(n, mark)} {t}" for n, t in zip(names, types, strict=True))
    return f"CREATE TABLE {table} ({columns})"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Hand]], Path]:
    def make(columns: Sequence[Hand]) -> Path:
        folder = tmp_path_factory.mktemp("kinds")
        hand.write_mesh(folder, columns)
        return folder

    return make


# --- DuckDB


@pytest.mark.parametrize("state", STATES)
def test_duckdb_counts_what_is_counted_by_hand(folders, state):
    columns = (*hand.COLUMNS, hand.LISTS, hand.OBJECTS)
    folder = folders(columns)
    pq.write_table(hand.arrow(columns, state), folder / "t.parquet")
    pq.write_table(hand.OTHERS, folder / "others.parquet")
    tables = {name: str(folder / f"{name}.parquet") for name in ("t", "others")}
    hand.held(hand.verdicts(folder, tables=tables), columns, state)


# --- PostgreSQL

_WITHOUT_CASE = {"own.t.s.pattern": "MK210 regexp_matches has no equal on"}

POSTGRES = {
    pa.int64(): "bigint", pa.int32(): "integer", pa.decimal128(38, 10): "numeric(38,10)", pa.decimal128(9, 2): "numeric(9,2)",
    pa.float64(): "double precision", pa.float32(): "real", pa.string(): "text", pa.date32(): "date", pa.timestamp("us"): "timestamp",
    pa.timestamp("us", "UTC"): "timestamptz", pa.bool_(): "boolean", pa.list_(pa.int64()): "bigint[]",
}  # fmt: skip


def fill_postgres(url: str, table: pa.Table) -> None:
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for name, rows in (("t", table), ("others", hand.OTHERS)):
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(created(name, rows.column_names, [POSTGRES[f.type] for f in rows.schema], '"'))
            cursor.adbc_ingest(name, rows, mode="append")
        connection.commit()


@pytest.mark.parametrize("state", STATES)
def test_postgres_counts_what_is_counted_by_hand(folders, postgres, state):
    columns = (*hand.COLUMNS, hand.LISTS)
    fill_postgres(postgres.url, hand.arrow(columns, state))
    hand.held(hand.verdicts(folders(columns), engine=postgres.url), columns, state, _WITHOUT_CASE)


# --- MariaDB

MARIADB = {
    pa.int64(): "bigint", pa.int32(): "int", pa.decimal128(38, 10): "decimal(38,10)", pa.decimal128(9, 2): "decimal(9,2)",
    pa.float64(): "double", pa.float32(): "float", pa.string(): "varchar(99)", pa.date32(): "date", pa.timestamp("us"): "datetime(6)",
    pa.timestamp("us", "UTC"): "timestamp(6) NULL", pa.bool_(): "boolean",
}  # fmt: skip
IN_MARIADB = (*(c for c in hand.COLUMNS if c.name not in ("g", "zoned")), hand.ZONED_SINCE_1970)
REFUSED_BY_MARIADB = _WITHOUT_CASE | {
    f"p.t.r.{k}": "MK210 cast has no equal on mysql: to a float of 32 bits" for k in ("min", "max", "in")
}
"""MariaDB has no NaN, no infinity, and no moments but from 1970 to 2038."""


def fill_mariadb(server: Server, table: pa.Table) -> None:
    connection = pymysql.connect(
        host="127.0.0.1", port=server.port, user="owner", database="shop", autocommit=True, charset="utf8mb4"
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'")
        for name, rows in (("t", table), ("others", hand.OTHERS)):
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            types = [MARIADB[f.type] for f in rows.schema]
            cursor.execute(created(name, rows.column_names, types, "`") + " CHARSET utf8mb4")
            if rows.num_rows:
                places = ", ".join(["%s"] * rows.num_columns)
                cursor.executemany(
                    f"INSERT INTO {name} VALUES ({places})",
                    [tuple(plain(v) for v in r.values()) for r in rows.to_pylist()],
                )


def plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


@pytest.mark.parametrize("state", STATES)
def test_mariadb_counts_what_is_counted_by_hand(folders, mariadb, state):
    fill_mariadb(mariadb, hand.arrow(IN_MARIADB, state))
    hand.held(hand.verdicts(folders(IN_MARIADB), engine=mariadb.url), IN_MARIADB, state, REFUSED_BY_MARIADB)


# --- SQLite

SQLITE = {
    pa.int64(): "INTEGER", pa.int32(): "INT", pa.decimal128(38, 10): "DECIMAL(38,10)", pa.decimal128(9, 2): "DECIMAL(9,2)",
    pa.float64(): "REAL", pa.float32(): "FLOAT", pa.string(): "TEXT", pa.date32(): "DATE", pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", "UTC"): "TIMESTAMPTZ", pa.bool_(): "BOOLEAN",
}  # fmt: skip
IN_SQLITE = (*(c for c in hand.COLUMNS if c.name not in ("d", "g")), hand.NAN_AS_NULL)
"""SQLite keeps NaN as NULL; a decimal of 38 digits it cannot keep."""


def fill_sqlite(place: Path, columns: Sequence[Hand], state: str) -> str:
    held_rows = list(zip(*(values(c, state) for c in columns), strict=True))
    with contextlib.closing(sqlite3.connect(place)) as connection:
        names = [c.name for c in columns]
        connection.execute(created("t", names, [SQLITE[c.arrow] for c in columns], '"'))
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", held_rows)
        connection.execute(
            created("others", hand.OTHERS.column_names, [SQLITE[f.type] for f in hand.OTHERS.schema], '"')
        )
        connection.executemany(
            "INSERT INTO others VALUES (?, ?, ?, ?, ?)", [tuple(r.values()) for r in hand.OTHERS.to_pylist()]
        )
        connection.commit()
    return f"sqlite:///{place}"


def values(column: Hand, state: str) -> Iterator[Any]:
    """Write decimals as numbers, and times as texts, with the zone that they were written in."""
    for value in {"full": column.values, "empty": (), "nothing": (None,) * 3}[state]:
        if isinstance(value, Decimal):
            yield float(value)
        elif column.arrow in (pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC")):
            yield value and value.isoformat(*([" "] if hasattr(value, "hour") else []))
        else:
            yield value


@pytest.mark.parametrize("state", STATES)
def test_sqlite_counts_what_is_counted_by_hand(folders, tmp_path, state):
    url = fill_sqlite(tmp_path / "shop.db", IN_SQLITE, state)
    hand.held(hand.verdicts(folders(IN_SQLITE), engine=url), IN_SQLITE, state)
