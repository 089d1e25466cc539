"""Folders and files: what is recognised, and the cache that makes reading them again cheap."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import meshkit


def many(folder: Path, text: str, count: int = 40) -> None:
    folder.mkdir(exist_ok=True)
    for i in range(count):
        (folder / f"{i}.yaml").write_text(text.replace("name: p", f"name: p{i}"))


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(meshkit.ContractError, match="is not there"):
        meshkit.load(tmp_path / "nowhere")


def test_bytes_that_are_no_utf8_are_placed(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"name: p\nowner: \xff\n")
    (problem,) = meshkit.load(tmp_path).problems
    assert (problem.code, problem.place.line, problem.place.column) == ("MK107", 2, 8)


def test_a_byte_order_mark_is_read_over(tmp_path, contract):
    (tmp_path / "a.yaml").write_text("\ufeff" + contract([{"name": "a"}]), encoding="utf-8")
    assert not meshkit.load(tmp_path).problems


def test_a_file_alone_is_read_alone(tmp_path, contract):
    (tmp_path / "org.yaml").write_text("organization:\n  domains:\n    - name: other\n")
    (tmp_path / "p.yaml").write_text(contract([{"name": "a"}]))
    assert not meshkit.load(tmp_path / "p.yaml").problems
    assert meshkit.load(tmp_path).problems


def test_a_file_alone_that_is_no_contract_says_so(tmp_path):
    (tmp_path / "x.yaml").write_text("a: 1\n")
    (problem,) = meshkit.load(tmp_path / "x.yaml").problems
    assert problem.code == "MK109"


def test_what_is_read_from_the_cache_is_what_was_read_from_the_files(tmp_path, contract):
    text = contract([{"name": "a", "type": "integer", "constraints": [{"min": "1e-3"}, {"in": [1]}]}], tags=["x"])
    many(tmp_path / "mesh", text + "freshnes: 1\n")
    cold, warm = meshkit.load(tmp_path / "mesh"), meshkit.load(tmp_path / "mesh")
    assert (tmp_path / "cache" / "parsed.sqlite").exists()
    assert [p.contract for p in cold.products] == [p.contract for p in warm.products]
    assert cold.problems == warm.problems
    assert [c.place for p in cold.products for c in p.checks] == [c.place for p in warm.products for c in p.checks]


def test_the_same_text_in_another_file_has_that_files_places(tmp_path, contract):
    many(tmp_path / "mesh", contract([{"name": "a"}]) + "freshnes: 1\n")
    meshkit.load(tmp_path / "mesh")
    (tmp_path / "mesh").rename(tmp_path / "moved")
    assert all("moved" in p.place.file for p in meshkit.load(tmp_path / "moved").problems)


def test_a_cache_that_is_damaged_costs_time_and_no_answer(tmp_path, contract):
    many(tmp_path / "mesh", contract([{"name": "a"}]))
    expected = [p.contract for p in meshkit.load(tmp_path / "mesh").products]
    with sqlite3.connect(tmp_path / "cache" / "parsed.sqlite") as cache:
        cache.execute("UPDATE parsed SET body = '{\"name\": 1}'")
    assert [p.contract for p in meshkit.load(tmp_path / "mesh").products] == expected
    (tmp_path / "cache" / "parsed.sqlite").write_bytes(b"not a database at all" * 100)
    assert [p.contract for p in meshkit.load(tmp_path / "mesh").products] == expected


def test_the_cache_can_be_switched_off(tmp_path, contract, monkeypatch):
    monkeypatch.setenv("MESHKIT_CACHE", "off")
    many(tmp_path / "mesh", contract([{"name": "a"}]))
    assert len(meshkit.load(tmp_path / "mesh").products) == 40
    assert not (tmp_path / "cache").exists()


def test_a_changed_file_is_read_anew(tmp_path, contract):
    many(tmp_path / "mesh", contract([{"name": "a"}]))
    meshkit.load(tmp_path / "mesh")
    (tmp_path / "mesh" / "0.yaml").write_text(contract([{"name": "b"}]).replace("name: p", "name: p0"))
    assert meshkit.load(tmp_path / "mesh").product("d.p0").contract.tables[0].columns[0].name == "b"
