"""Random tables and checks have the counts of a judge in plain Python: on ClickHouse."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from tests.engines.random_kinds import BATCHES, SOME, arrow, held
from tests.engines_heavy.test_kinds import CLICKHOUSE

from meshkit.engines.clickhouse import driver_of

TYPES = {**CLICKHOUSE, pa.decimal128(12, 2): "Decimal(12, 2)", pa.decimal128(14, 4): "Decimal(14, 4)"}


@pytest.fixture
def mesh_folder(chdb_session, monkeypatch, tmp_path):
    chdb_session.query("CREATE DATABASE IF NOT EXISTS random_kinds ENGINE = Atomic")
    text = "engines: {own: {url: 'chdb://'}}\nenvironments: {prod: {engine: own, schema: random_kinds}}\n"
    (tmp_path / "meshkit.yaml").write_text(text)
    monkeypatch.setattr("meshkit.engines.placed.connect", lambda where, settings: driver_of(chdb_session, settings))
    return tmp_path


@SOME
@given(BATCHES)
def test_clickhouse_has_the_counts_of_the_judge(mesh_folder, chdb_session, batch):
    for name, table in arrow(batch).items():
        place = mesh_folder / f"{name}.parquet"
        pq.write_table(table, place)
        quoted = ["`" + n.replace("`", "``") + "`" for n in table.column_names]
        columns = ", ".join(f"{n} Nullable({TYPES[f.type]})" for n, f in zip(quoted, table.schema, strict=True))
        chdb_session.query(f"CREATE OR REPLACE TABLE random_kinds.{name} ({columns}) ENGINE = Memory")
        chdb_session.query(f"INSERT INTO random_kinds.{name} SELECT * FROM file('{place}', Parquet)")
    held(mesh_folder, batch, env="prod")
