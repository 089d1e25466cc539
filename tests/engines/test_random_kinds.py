"""Random tables and checks have the counts of a judge in plain Python: over files, on PostgreSQL, on SQLite."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from tests.engines.random_kinds import BATCHES, SOME, arrow, held
from tests.engines.test_kinds_elsewhere import POSTGRES, SQLITE, created


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


@SOME
@given(BATCHES)
def test_files_have_the_counts_of_the_judge(folder, batch):
    for name, table in arrow(batch).items():
        pq.write_table(table, folder / f"{name}.parquet")
    refused = held(folder, batch, tables={name: str(folder / f"{name}.parquet") for name in arrow(batch)})
    assert not refused


TYPES = {**POSTGRES, pa.decimal128(12, 2): "numeric(12,2)", pa.decimal128(14, 4): "numeric(14,4)"}


@SOME
@given(BATCHES)
def test_postgres_has_the_counts_of_the_judge(folder, postgres, batch):
    with adbc.connect(postgres.url) as connection, connection.cursor() as cursor:
        for name, table in arrow(batch).items():
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(created(name, table.column_names, [TYPES[f.type] for f in table.schema], '"'))
            cursor.adbc_ingest(name, table, mode="append")
        connection.commit()
    held(folder, batch, engine=postgres.url)


IN_SQLITE = {**SQLITE, pa.decimal128(12, 2): "DECIMAL(12,2)", pa.decimal128(14, 4): "DECIMAL(14,4)"}


def stored(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat(*([" "] if isinstance(value, dt.datetime) else []))
    return float(value) if isinstance(value, Decimal) else value


@SOME
@given(BATCHES)
def test_sqlite_has_the_counts_of_the_judge(folder, batch):
    place = folder / "shop.db"
    place.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(place)) as connection:
        for name, table in arrow(batch, with_wild=False).items():
            connection.execute(created(name, table.column_names, [IN_SQLITE[f.type] for f in table.schema], '"'))
            rows = [tuple(map(stored, row.values())) for row in table.to_pylist()]
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * table.num_columns)})", rows)
        connection.commit()
    codes = ("MK210", "MK304")  # the tenfold of a large integer is beyond its 64 bits
    held(folder, batch, with_wild=False, codes=codes, engine=f"sqlite:///{place}")
