"""Which relation a name in SQL means: the first match wins, in the order that docs/semantics.md states."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

QUERY = "SELECT COUNT(*) FROM {}"


def product(name, domain="d", location="", query=None, **keys):
    schema = {"location": location, "fields": [{"name": "a"}], **keys.pop("schema", {})}
    document = {"name": name, "version": "1.0.0", "domain": domain, "description": "x", "schema": schema, **keys}
    if query:
        document["sla"] = {"quality_checks": [{"name": "q", "query": query, "must_be": ">= 0"}]}
    return yaml.safe_dump(document)


def write(folder: Path, name: str, rows: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": list(range(rows))}), folder / name)
    return name


def answer(loaded, product_id="d.p", **tables):
    run = loaded.product(product_id).check(tables=tables)
    return next(v for v in run.verdicts if v.id.endswith(".q"))


def test_a_cte_comes_first_in_any_case(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 3)
    query = "WITH P AS (SELECT 1 AS a) SELECT COUNT(*) FROM p"
    assert answer(mesh(product("p", location="p.parquet", query=query))).value == 1


def test_the_own_alias_name_and_last_segment_mean_the_own_table(mesh, tmp_path):
    write(tmp_path / "mesh" / "orders", "x.parquet", 4)
    for name in ("ali", "p", "orders", "ORDERS"):
        text = product("p", location="orders/*.parquet", schema={"alias": "ali"}, query=QUERY.format(name))
        assert answer(mesh(text)).value == 4, name


def test_a_given_table_replaces_the_own_location_for_every_check(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 3)
    loaded = mesh(product("p", location="p.parquet", query=QUERY.format("p")))
    run = loaded.check(tables={"P": pa.table({"a": [1, 2, 3, 4, 5]})})
    values = {v.id.rpartition(".")[2]: v.value for v in run.verdicts}
    assert (values["row_count"], values["q"]) == (5, 5)


def test_an_input_comes_before_a_product_of_that_name(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 1)
    write(tmp_path / "mesh", "mine.parquet", 7)
    write(tmp_path / "mesh", "c.parquet", 2)
    mine = product("p", location="p.parquet", query=QUERY.format("c"), inputs={"c": "mine.parquet"})
    assert answer(mesh(mine, product("c", location="c.parquet"))).value == 7


def test_an_input_may_name_a_product(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 1)
    write(tmp_path / "mesh", "c.parquet", 2)
    mine = product("p", location="p.parquet", query=QUERY.format("people"), inputs={"people": "crm.c"})
    assert answer(mesh(mine, product("c", "crm", location="c.parquet"))).value == 2


def test_a_product_of_the_same_domain_comes_before_one_of_the_mesh(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 1)
    write(tmp_path / "mesh", "near.parquet", 2)
    write(tmp_path / "mesh", "far.parquet", 3)
    texts = (
        product("p", location="p.parquet", query=QUERY.format("c")),
        product("c", "d", location="near.parquet"),
        product("c", "e", location="far.parquet"),
    )
    assert answer(mesh(*texts)).value == 2


def test_several_products_of_that_name_are_errored_with_their_ids(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 1)
    texts = (
        product("p", location="p.parquet", query=QUERY.format("c")),
        product("c", "e", location="p.parquet"),
        product("c", "f", location="p.parquet"),
    )
    verdict = answer(mesh(*texts))
    assert verdict.outcome == "errored"
    assert "e.c or f.c" in verdict.message


def test_a_product_can_be_named_by_its_id(mesh, tmp_path):
    write(tmp_path / "mesh", "p.parquet", 1)
    write(tmp_path / "mesh", "c.parquet", 2)
    texts = (product("p", location="p.parquet", query=QUERY.format("crm.c")), product("c", "crm", location="c.parquet"))
    assert answer(mesh(*texts)).value == 2


def test_paths_in_a_contract_start_at_its_file_and_given_ones_at_the_working_folder(mesh, tmp_path, monkeypatch):
    write(tmp_path / "mesh", "p.parquet", 1)
    write(tmp_path / "work", "p.parquet", 9)
    monkeypatch.chdir(tmp_path / "work")
    loaded = mesh(product("p", location="p.parquet", query=QUERY.format("p")))
    assert answer(loaded).value == 1
    assert answer(loaded, p="p.parquet").value == 9


def test_two_products_that_join_to_the_same_underscored_name_stay_apart(mesh, tmp_path):
    write(tmp_path / "mesh", "1.parquet", 1)
    write(tmp_path / "mesh", "2.parquet", 2)
    run = mesh(product("b_c", "a", location="1.parquet"), product("c", "a_b", location="2.parquet")).check()
    assert {p.id: p.rows for p in run.products} == {"a.b_c": 1, "a_b.c": 2}
