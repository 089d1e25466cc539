"""Each kind of check over awkward columns, on ClickHouse and Spark: the counts that were worked out by hand."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engines import kinds_by_hand as hand
from tests.engines.kinds_by_hand import STATES

from meshkit.engines.clickhouse import driver_of

CLICKHOUSE = {
    pa.int64(): "Int64", pa.int32(): "Int32", pa.decimal128(38, 10): "Decimal(38, 10)", pa.decimal128(9, 2): "Decimal(9, 2)",
    pa.float64(): "Float64", pa.float32(): "Float32", pa.string(): "String", pa.date32(): "Date32",
    pa.timestamp("us"): "DateTime64(6)", pa.timestamp("us", "UTC"): "DateTime64(6, 'UTC')", pa.bool_(): "Bool",
}  # fmt: skip
IN_CLICKHOUSE = (*hand.COLUMNS, hand.LISTS_NEVER_NULL)


def declared(field: pa.Field) -> str:
    name = "`" + field.name.replace("`", "``") + "`"
    return (
        f"{name} Array(Nullable(Int64))"
        if pa.types.is_list(field.type)
        else f"{name} Nullable({CLICKHOUSE[field.type]})"
    )


@pytest.fixture
def clickhouse(chdb_session, monkeypatch, tmp_path):
    def fill(table: pa.Table) -> None:
        chdb_session.query("CREATE DATABASE IF NOT EXISTS kinds ENGINE = Atomic")
        for name, rows in (("t", table), ("others", hand.OTHERS)):
            place = tmp_path / f"{name}.parquet"
            pq.write_table(rows, place)
            columns = ", ".join(declared(f) for f in rows.schema)
            chdb_session.query(f"CREATE OR REPLACE TABLE kinds.{name} ({columns}) ENGINE = Memory")
            chdb_session.query(f"INSERT INTO kinds.{name} SELECT * FROM file('{place}', Parquet)")
        text = "engines: {own: {url: 'chdb://'}}\nenvironments: {prod: {engine: own, schema: kinds}}\n"
        (tmp_path / "meshkit.yaml").write_text(text)

    monkeypatch.setattr("meshkit.engines.placed.connect", lambda where, settings: driver_of(chdb_session, settings))
    return fill


@pytest.mark.parametrize("state", STATES)
def test_clickhouse_counts_what_is_counted_by_hand(clickhouse, tmp_path, state):
    clickhouse(hand.arrow(IN_CLICKHOUSE, state))
    hand.write_mesh(tmp_path, IN_CLICKHOUSE)
    hand.held(hand.verdicts(tmp_path, env="prod"), IN_CLICKHOUSE, state)


@pytest.mark.parametrize("state", STATES)
def test_spark_counts_what_is_counted_by_hand(spark_session, tmp_path, state):
    columns = (*hand.COLUMNS, hand.LISTS, hand.OBJECTS)
    hand.write_mesh(tmp_path, columns)
    for name, rows in (("t", hand.arrow(columns, state)), ("others", hand.OTHERS)):
        pq.write_table(rows, tmp_path / f"{name}.parquet")
        spark_session.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
    hand.held(hand.verdicts(tmp_path, engine=spark_session), columns, state)
