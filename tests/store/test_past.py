"""What a run is told of earlier ones: how many rows there were, and when its product was last published."""

from __future__ import annotations

import pytest
from tests.store.stores import START, after

import meshkit
from meshkit.store import open_store

CONTRACT = """\
name: orders
version: {version}
domain: sales
description: Orders.
schema:
  type: csv
  location: orders.csv
  fields: [{{name: id, type: integer}}]
sla:
  freshness: {{max_age_hours: 24}}
observability:
  metrics: [row_count, row_count_change]
  alerts:
    - {{type: volume, condition: "row_count_change > 50%", severity: warning}}
"""
FRESH = "sales.orders.orders.freshness"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE")
    found = tmp_path / "mesh"
    found.mkdir()
    (found / "orders.yaml").write_text(CONTRACT.format(version="1.0.0"))
    return found


def checked(folder, rows, **how):
    (folder / "orders.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(rows)))
    return meshkit.load(folder).check(**how)


def change(run):
    (product,) = run.result.products
    (found,) = [m for m in product.metrics if m.name == "row_count_change"]
    return (None if found.value is None else float(found.value)), str(product.alerts[0].state)


def test_the_rows_of_the_last_run_are_compared_with(folder):
    assert change(checked(folder, 16)) == (None, "unknown")
    assert change(checked(folder, 4)) == (0.75, "fired")  # 12 of 16
    assert change(checked(folder, 5)) == (0.25, "quiet")  # 1 of 4


def test_runs_that_do_not_count_are_not_compared_with(folder, tmp_path):
    checked(folder, 16)
    (tmp_path / "other.csv").write_text("id\n1\n")
    checked(folder, 16, tables={"orders": str(tmp_path / "other.csv")})
    checked(folder, 2, record=False)
    checked(folder, 8, metrics="none")
    assert change(checked(folder, 20)) == (0.25, "quiet")  # 4 of 16


def test_a_number_that_is_given_goes_before_that_of_the_store(folder):
    checked(folder, 16)
    assert change(checked(folder, 4, previous={"sales.orders.orders.row_count": 5})) == (0.2, "quiet")


def test_a_new_version_is_compared_with_the_one_before(folder):
    checked(folder, 16)
    (folder / "orders.yaml").write_text(CONTRACT.format(version="1.1.0"))
    assert change(checked(folder, 4)) == (0.75, "fired")


def test_an_environment_is_compared_with_itself(folder):
    (folder / "meshkit.yaml").write_text("environments: {a: {}, b: {}}\n")
    checked(folder, 16, env="a")
    assert change(checked(folder, 4, env="b")) == (None, "unknown")
    assert change(checked(folder, 8, env="a")) == (0.5, "quiet")


def fresh(run):
    (found,) = [v for v in run.verdicts if v.id == FRESH]
    return str(found.outcome), None if found.value is None else float(found.value)


def test_freshness_without_a_column_asks_when_it_was_published(folder):
    assert fresh(checked(folder, 1, now=START.isoformat())) == ("skipped", None)
    with open_store(folder / ".meshkit" / "store.db") as store:
        store.publish("sales.orders", {"1.0.0": {"orders.yaml": "x"}}, at=START)
    assert fresh(checked(folder, 1, now=after(hours=20).isoformat())) == ("passed", 20.0)
    assert fresh(checked(folder, 1, now=after(hours=24).isoformat())) == ("passed", 24.0)
    assert fresh(checked(folder, 1, now=after(hours=25).isoformat())) == ("failed", 25.0)
    assert fresh(checked(folder, 1, now=after(hours=-1).isoformat())) == ("passed", 0.0)
    assert fresh(checked(folder, 1, now=after(hours=20).isoformat(), record=False)) == ("skipped", None)


def test_what_another_version_published_says_nothing(folder):
    checked(folder, 1)
    with open_store(folder / ".meshkit" / "store.db") as store:
        store.publish("sales.orders", {"0.9.0": {"orders.yaml": "x"}}, at=START)
    assert fresh(checked(folder, 1, now=after(hours=1).isoformat())) == ("skipped", None)
