"""Lineage over contracts. Expected edges were worked out by reading the contracts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.in_process import meshkit as run_cli

import meshkit
from meshkit.errors import UsageError
from meshkit.report.lineage import render_mermaid

RETAIL = Path(__file__).parents[2] / "sample_data" / "retail"
CRM = "source: data/sources/crm_customers.parquet"
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a contract of domain `d` with integer columns."""

    def run(name: str, columns: str = "id", sql: str = "", **more: Any) -> None:
        inputs, checks = more.pop("inputs", {}), more.pop("checks", [])
        schema = {
            "location": f"data/{name}.parquet",
            "fields": [{"name": c, "type": "integer"} for c in columns.split()],
        }
        document = {
            "name": name,
            "version": "1.0.0",
            "domain": "d",
            "description": "A.",
            "schema": schema,
            "inputs": inputs,
        }
        document |= {"transformation": {"sql": sql}} if sql else {}
        document |= {"sla": {"quality_checks": checks}} if checks else {}
        folder = tmp_path / "mesh"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document | more))

    return run


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., meshkit.ProductLineage]:
    return lambda product, **asked: meshkit.lineage(meshkit.load(tmp_path / "mesh"), product, **asked)


def edges(found: meshkit.ProductLineage) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in found.edges}


def columns(found: meshkit.ProductLineage) -> set[tuple[str, str, str]]:
    return {
        (f"{e.source.node}.{e.source.column}", f"{e.target.node}.{e.target.column}", str(e.effect))
        for e in found.columns
    }


def test_the_inputs_and_the_sql_of_a_product_say_what_it_is_made_from():
    found = meshkit.lineage(meshkit.load(RETAIL), "sales.sales_orders_analytical", direction="up", depth=1)
    own = "sales.sales_orders_analytical"
    assert {(e.source, e.target): tuple(map(str, e.through)) for e in found.edges} == {
        ("sales.sales_orders", own): ("input", "transformation"),
        (CRM, own): ("input", "transformation", "check"),
        ("sales.sales_orders_analytical@1.4.0", own): ("input", "check"),
    }
    values = {e for e in columns(found) if e[2] == "value"}
    assert values == {
        ("sales.sales_orders.order_id", f"{own}.order_id", "value"),
        ("sales.sales_orders.customer_id", f"{own}.customer_id", "value"),
        ("sales.sales_orders.ordered_at", f"{own}.order_date", "value"),
        ("sales.sales_orders.total_amount", f"{own}.total_amount", "value"),
        ("sales.sales_orders.status", f"{own}.status", "value"),
        (f"{CRM}.segment", f"{own}.customer_segment", "value"),
        ("sales.sales_orders.quantity", f"{own}.product_count", "value"),
    }
    rows = {e[:2] for e in columns(found) if e[2] == "rows"}  # the join, and WHERE
    assert rows == {(f"{CRM}.id", f"{own}."), ("sales.sales_orders.customer_id", f"{own}."), ("sales.sales_orders.total_amount", f"{own}.")}  # fmt: skip


def test_who_reads_a_product_is_found_through_inputs_references_and_checks():
    found = meshkit.lineage(meshkit.load(RETAIL), "sales.sales_orders", direction="down")
    assert edges(found) == {
        ("sales.sales_orders", "finance.accounts_receivable"),  # a reference
        ("sales.sales_orders", "marketing.customer_segments"),  # an input, and a check
        ("sales.sales_orders", "sales.revenue_metrics"),
        ("sales.sales_orders", "sales.sales_orders_analytical"),
        ("sales.revenue_metrics", "finance.financial_metrics"),
    }
    assert {n.id: n.distance for n in found.nodes}["finance.financial_metrics"] == 2
    told = {(u.node, u.what) for u in found.untold}
    assert ("finance.financial_metrics", "no SQL says which columns of sales.revenue_metrics it reads") in told


def test_one_column_is_followed_to_those_that_take_its_value():
    found = meshkit.lineage(meshkit.load(RETAIL), "sales.sales_orders", column="TOTAL_AMOUNT", direction="down")
    taken = {e[1] for e in columns(found) if e[2] == "value"}
    assert taken == {
        "sales.revenue_metrics.gross_revenue",
        "sales.revenue_metrics.avg_order_value",
        "sales.sales_orders_analytical.total_amount",
    }
    assert {n.id for n in found.nodes} == {
        "sales.sales_orders",
        "sales.revenue_metrics",
        "sales.sales_orders_analytical",
    }


def test_a_column_is_followed_over_several_steps_and_what_only_decides_rows_ends_there(write, look):
    write("a", "x y")
    write("b", "x2 z", "SELECT x + 1 AS x2, y AS z FROM a WHERE y > 0", inputs={"a": "d.a"})
    write("c", "x3", "SELECT sum(x2) AS x3 FROM b GROUP BY z", inputs={"b": "d.b"})
    assert columns(look("d.a", column="x")) == {("d.a.x", "d.b.x2", "value"), ("d.b.x2", "d.c.x3", "value")}
    assert columns(look("d.c", column="x3")) == {
        ("d.b.x2", "d.c.x3", "value"),
        ("d.b.z", "d.c.", "rows"),
        ("d.a.x", "d.b.x2", "value"),
    }


def test_products_that_read_each_other_end_the_walk(write, look):
    write("a", "x", "SELECT x FROM b", inputs={"b": "d.b"})
    write("b", "x", "SELECT x FROM a", inputs={"a": "d.a"})
    found = look("d.a", depth=50)
    assert edges(found) == {("d.a", "d.b"), ("d.b", "d.a")}
    assert found.cut == ()
    assert columns(look("d.a", column="x", depth=50)) == {("d.a.x", "d.b.x", "value"), ("d.b.x", "d.a.x", "value")}


def test_nothing_is_told_behind_a_product_that_may_not_be_shown(write, look):
    write("deep", "x")
    write("secret", "salary", "SELECT x AS salary FROM deep", inputs={"deep": "d.deep"})
    write("open", "y", "SELECT s.salary AS y, s.nothing AS w FROM secret s", inputs={"secret": "d.secret"})
    write("after", "z", "SELECT y AS z FROM open", inputs={"open": "d.open"})
    found = look("d.open", visible=lambda key: key in ("d.open", "d.after"))
    assert edges(found) == {("[hidden] up", "d.open"), ("d.open", "d.after")}
    assert columns(found) == {("[hidden] up.", "d.open.y", "value"), ("d.open.y", "d.after.z", "value")}
    text = found.model_dump_json()
    assert not any(word in text for word in ("secret", "salary", "deep", "nothing"))
    assert [u.what for u in found.untold] == ["some of what it reads cannot be told"]
    down = look("d.deep", visible=lambda key: key in ("d.deep", "d.open"), depth=9)
    assert edges(down) == {("d.deep", "[hidden] down")}
    assert "d.open" not in down.model_dump_json()


def test_a_product_that_may_not_be_shown_is_unknown_in_the_same_words(write, look):
    write("secret")
    write("open")
    said = []
    for name in ("d.secret", "d.secrot", "secret"):
        with pytest.raises(UsageError) as error:
            look(name, visible=lambda key: key == "d.open")
        said.append(str(error.value).replace(name, "X"))
    assert said[0] == said[1] == said[2]


def test_sql_that_cannot_be_read_is_said(write, look):
    write("a", "x")
    write("b", "x", "DELETE FROM a", inputs={"a": "d.a"})
    write("c", "x", "SELECT x FROM read_text('/etc/passwd')", inputs={"a": "d.a"})
    write("e", "x", checks=[{"name": "deep", "query": "SELECT " + "(" * 3000 + "1" + ")" * 3000}])
    for name in ("b", "c"):
        found = look(f"d.{name}", direction="up")
        assert edges(found) == {("d.a", f"d.{name}")}  # the input stands, whatever the SQL is
        assert "the SQL of its transformation cannot be read" in {u.what for u in found.untold}
    assert [u.what for u in look("d.e").untold] == ["the SQL of check 'deep' cannot be read"]
    write("f", "x", "SELECT x FROM a -- " + "y" * 200_000, inputs={"a": "d.a"})
    assert "longer than 200,000" in look("d.f", direction="up").untold[0].what


def test_what_is_read_whole_is_every_column_and_a_missing_input_is_said(write, look):
    write("a", "x y")
    write("b", "x y", "SELECT * FROM a", inputs={"a": "d.a", "gone": "d.nothing"})
    found = look("d.b", direction="up")
    assert columns(found) == {("d.a.x", "d.b.x", "value"), ("d.a.y", "d.b.y", "value")}
    assert {str(n.kind) for n in found.nodes if n.id == "missing: d.nothing"} == {"missing"}


def test_a_reader_that_may_read_a_column_is_told_although_there_is_no_edge(write, look):
    write("a", "x y")
    write("b", "z", inputs={"a": "d.a"})
    write("c", "z", "SELECT a.y AS z, nothing.x AS w FROM a", inputs={"a": "d.a"})
    write("spy", "z", "DELETE FROM a", inputs={"a": "d.a"})
    found = look("d.a", column="x", direction="down", visible=lambda key: key != "d.spy")
    assert found.edges == ()
    assert {(u.node, u.what) for u in found.untold} == {
        ("d.b", "no SQL says which columns of d.a it reads"),
        ("d.c", "in its transformation, nothing.x: no table has it"),
        ("d.c", "its transformation gives 'w', which the contract does not declare"),
        ("[hidden] down", "some of what it reads cannot be told"),
    }


def test_an_input_of_a_version_that_is_not_there_is_its_product_and_hidden_as_such(write, look):
    write("a", "x")
    write("b", "x", inputs={"old": "d.a@7.0.0"})
    found = look("d.b")
    assert edges(found) == {("d.a", "d.b")}
    assert found.untold[0].what == "it reads d.a@7.0.0, a version that is not there; the current one is shown"
    assert "d.a" not in look("d.b", visible=lambda key: key == "d.b").model_dump_json()


def test_a_location_among_the_files_of_a_product_is_that_product(write, look):
    write("a", "x")
    write(
        "b", "x", "SELECT x FROM files", inputs={"files": "./data/a.parquet", "out": "s3://me:key@bucket/z.csv?sig=1"}
    )
    assert edges(look("d.b")) == {("d.a", "d.b"), ("source: s3://bucket/z.csv", "d.b")}
    assert edges(look("d.a")) == {("d.a", "d.b")}


def test_a_name_that_yaml_writes_with_escapes_is_found(write, look, tmp_path):
    write("orders", "x")
    write("b", "x", inputs={"o": "d.ORDERS_"})
    file = tmp_path / "mesh" / "b.yaml"
    file.write_text(file.read_text().replace("d.ORDERS_", '"d.\\x6frders"'))
    assert edges(look("d.orders")) == {("d.orders", "d.b")}


def test_depth_and_size_are_bounded_and_say_so(write, look):
    write("a", "x")
    for n in range(5):
        write(f"b{n}", "x", f"SELECT x FROM {'a' if n == 0 else f'b{n - 1}'}")
    found = look("d.a", depth=2)
    assert [n.id for n in found.nodes] == ["d.a", "d.b0", "d.b1"]
    assert found.cut == ("depth 2 was reached; more lies downstream of d.b1: ask for more depth",)
    few = look("d.a", depth=9, limit=3)
    assert (len(few.nodes), "only 3 nodes are shown" in few.cut[0]) == (3, True)
    assert look("d.a", depth=5).cut == ()


def test_an_index_gives_the_same_as_none(write):
    mesh = meshkit.load(RETAIL)
    index = meshkit.LineageIndex(mesh)
    for product in mesh.products:
        assert meshkit.lineage(mesh, product.id, index=index) == meshkit.lineage(mesh, product.id)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"column": "totl_amount"}, "did you mean 'total_amount'"),
        ({"depth": 0}, "depth is 1 to 50"),
        ({"direction": "sideways"}, "sideways"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_way_out(asked, said):
    with pytest.raises(UsageError, match=said):
        meshkit.lineage(meshkit.load(RETAIL), "sales.sales_orders", **asked)


def test_a_diagram_escapes_what_contracts_call_things(write, look):
    write("a", "x")
    write("b", "x", inputs={"f": './x"];click n0 "javascript:1".csv'})
    text = render_mermaid(look("d.b"))
    assert '"];' not in text.replace('1.0.0"]', "")
    assert "#34;#93;#59;click" in text


def test_the_command_writes_text_json_and_a_diagram():
    text = run_cli("lineage", "sales.revenue_metrics", RETAIL, "--up", "--depth", "1")
    assert text.returncode == 0
    assert (
        "  sales.sales_orders 3.2.0 -> sales.revenue_metrics (input, transformation, check)" in text.stdout.splitlines()
    )
    assert "read by" not in text.stdout
    document = json.loads(
        run_cli("lineage", "revenue_metrics", RETAIL, "--column", "gross_revenue", "--up", "--format", "json").stdout
    )
    assert document["column"] == "revenue_metrics.gross_revenue"
    diagram = run_cli("lineage", "revenue_metrics", RETAIL, "--format", "mermaid", "--up", "--depth", "1").stdout
    assert diagram.splitlines()[0] == "flowchart LR"
    unknown = run_cli("lineage", "sales.nothing", RETAIL)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
