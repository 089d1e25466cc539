"""Who reads what changed, from the inputs and the SQL of the other products of a mesh."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

import meshkit
from meshkit.report.changes import readings_text

ORDERS: dict[str, Any] = {
    "name": "orders",
    "version": "1.0.0",
    "domain": "sales",
    "description": "All orders.",
    "schema": {
        "location": "orders.parquet",
        "fields": [{"name": n, "type": "string"} for n in ("order_id", "customer_id", "total", "legacy_flag")],
    },
}


def product(name: str, query: str = "", **keys: Any) -> dict[str, Any]:
    checks = {"sla": {"quality_checks": [{"name": "q", "query": query}]}} if query else {}
    schema = {"location": "x.parquet", "fields": [{"name": "id", "type": "string"}]}
    return {
        "name": name,
        "version": "1.0.0",
        "domain": "finance",
        "description": "X.",
        "schema": schema,
        **checks,
        **keys,
    }


def dropped(column: str, version: str = "1.0.1") -> dict[str, Any]:
    new = {**copy.deepcopy(ORDERS), "version": version}
    new["schema"]["fields"] = [f for f in new["schema"]["fields"] if f["name"] != column]
    return new


@pytest.fixture
def said(tmp_path):
    """Drop a column of `orders` beside some other products, and return who is said to read it."""

    def run(column: str, *others: dict[str, Any], new: list[dict[str, Any]] | None = None) -> str:
        meshes = []
        for side, documents in (("old", [ORDERS, *others]), ("new", new or [dropped(column), *others])):
            folder = tmp_path / side
            folder.mkdir()
            for n, document in enumerate(documents):
                (folder / f"{n}.yaml").write_text(yaml.safe_dump(document))
            meshes.append(meshkit.load(folder))
        diff = meshes[0].diff(meshes[1], now="2026-03-01")
        return readings_text(next(c for c in diff.changes if c.id == "C01"))

    return run


READS = "SELECT COUNT(*) FROM orders WHERE customer_id IS NULL"


def test_a_check_that_names_the_column_reads_it(said):
    assert said("customer_id", product("bills", READS)) == "read by finance.bills (check q)"


def test_nobody_reads_it(said):
    assert said("legacy_flag", product("bills", READS), product("idle")) == "no registered consumer reads it"


def test_a_star_reads_every_column(said):
    assert (
        said("legacy_flag", product("bills", "SELECT COUNT(*) FROM (SELECT * FROM orders)"))
        == "read by finance.bills (check q)"
    )


def test_counting_rows_reads_no_column(said):
    assert said("legacy_flag", product("bills", "SELECT COUNT(*) FROM orders")) == "no registered consumer reads it"


def test_the_transformation_reads_through_a_cte_under_another_name(said):
    sql = "WITH c AS (SELECT o.total AS t FROM src o) SELECT max(t) AS m FROM c"
    reader = product("bills", inputs={"src": "sales.orders"}, transformation={"sql": sql})
    assert said("total", reader) == "read by finance.bills (transformation.sql)"


def test_a_reference_reads_its_target(said):
    reader = product("bills", inputs={"o": "sales.orders"})
    reader["schema"]["fields"][0]["constraints"] = [{"references": "o.order_id"}]
    assert said("order_id", reader) == "read by finance.bills (the reference of id)"


def test_an_input_that_no_sql_reads_may_read_anything(said):
    reader = product("bills", inputs={"o": "sales.orders"})
    assert (
        said("total", reader) == "maybe read by finance.bills (it is one of its inputs, and no SQL says which columns)"
    )


def test_a_consumer_that_stopped_reading_it_in_the_same_change_is_not_touched(said):
    new = [dropped("customer_id"), product("bills", "SELECT COUNT(*) FROM orders WHERE total IS NULL")]
    assert said("customer_id", product("bills", READS), new=new) == "no registered consumer reads it"


def test_who_names_the_old_version_that_is_kept_is_not_touched(said):
    pinned = product("bills", READS, inputs={"orders": "sales.orders@1.0.0"})
    kept = {**ORDERS, "status": "deprecated"}
    assert (
        said("customer_id", pinned, new=[dropped("customer_id", "2.0.0"), kept, pinned])
        == "no registered consumer reads it"
    )


def test_a_location_of_its_own_is_no_reading(said):
    reader = product("bills", READS, inputs={"orders": "copies/orders.parquet"})
    assert said("customer_id", reader) == "no registered consumer reads it"


def test_a_mesh_of_one_knows_of_no_consumers(mesh):
    old, new = mesh(yaml.safe_dump(ORDERS)), None
    new = mesh(yaml.safe_dump(dropped("total")))
    (change,) = old.diff(new).changes
    assert change.readings is None


def test_who_reads_a_source_by_no_version_takes_over_its_new_major(tmp_path):
    reader = product("bills", READS, inputs={"orders": "sales.orders"})
    kept = {
        **ORDERS,
        "status": "deprecated",
        "deprecation": {
            "announced": "2026-01-01",
            "until": "2026-06-01",
            "migration_guide": "m.md",
            "notified": ["finance"],
        },
    }
    meshes = []
    for side, documents in (("old", [ORDERS, reader]), ("new", [dropped("legacy_flag", "2.0.0"), kept, reader])):
        (tmp_path / side).mkdir()
        for n, document in enumerate(documents):
            (tmp_path / side / f"{n}.yaml").write_text(yaml.safe_dump(document))
        meshes.append(meshkit.load(tmp_path / side))
    diff = meshes[0].diff(meshes[1], now="2026-03-01")
    assert [(p.product, p.code, str(p.severity)) for p in diff.all_problems] == [("finance.bills", "MK506", "warning")]
    followed = next(d for d in diff.products if d.product == "finance.bills")
    assert [(c.id, str(c.direction)) for c in followed.changes] == [("X05", "undetermined")]
    assert not diff.is_blocked
