"""A proposed contract against what readers have. Expected values are worked out by hand from docs/changes.md."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit
from meshkit.errors import UsageError

ORDERS = """\
name: orders
version: 1.2.0
domain: sales
description: Orders.
owner: {team: shop}
schema:
  location: orders.parquet
  fields:
    - {name: id, type: integer, constraints: [not_null]}
    - {name: amount, type: integer}
    - {name: note, type: string}
"""
READER = """\
name: {name}
version: 1.0.0
domain: {domain}
description: Sums.
schema: {{location: {name}.parquet, fields: [{{name: total, type: integer}}]}}
inputs: {{orders: sales.orders}}
transformation: {{sql: SELECT sum(amount) AS total FROM orders}}
"""


@pytest.fixture
def mesh(tmp_path: Path) -> meshkit.Mesh:
    """A product with two readers, of which one is of the domain `hidden`."""
    folder = tmp_path / "mesh"
    folder.mkdir()
    (folder / "orders.yaml").write_text(ORDERS)
    (folder / "sums.yaml").write_text(READER.format(name="sums", domain="sales"))
    (folder / "spies.yaml").write_text(READER.format(name="spies", domain="hidden"))
    return meshkit.load(folder)


def judge(mesh: meshkit.Mesh, text: str, **asked) -> meshkit.Proposal:
    return meshkit.judge_change(mesh, "sales.orders", text, now="2026-11-22", **asked)


def codes(found: meshkit.Proposal) -> list[str]:
    return [p.code for p in found.problems]


def test_the_same_text_changes_nothing_and_may_be_published(mesh):
    found = judge(mesh, ORDERS)
    assert (found.changes, found.bump, found.required, found.may_publish) == ((), None, "1.2.0", True)


def test_a_new_column_asks_for_a_minor_version(mesh):
    text = ORDERS + "    - {name: more, type: string}\n"
    found = judge(mesh, text)
    assert [(c.id, str(c.new_place)) for c in found.changes] == [("C03", "proposal:12:7")]
    assert (found.bump, found.required, found.is_breaking, codes(found)) == ("minor", "1.3.0", False, ["MK501"])
    assert str(found.problems[0].place) == "proposal:2:1"
    assert judge(mesh, text.replace("1.2.0", "1.3.0")).may_publish


def test_a_removed_column_breaks_those_that_read_it(mesh):
    text = ORDERS.replace("    - {name: amount, type: integer}\n", "").replace("1.2.0", "2.0.0")
    found = judge(mesh, text)
    assert (found.is_breaking, found.bump, found.required, found.against) == (True, "major", "2.0.0", "1.2.0")
    assert found.consumers == ("hidden.spies", "sales.sums")
    assert codes(found) == ["MK503"]  # the old version is not served beside it
    assert not found.may_publish
    unread = judge(mesh, ORDERS.replace("    - {name: note, type: string}\n", "").replace("1.2.0", "2.0.0"))
    assert (unread.is_breaking, unread.consumers) == (True, ())


def test_readers_that_may_not_be_shown_count_and_are_not_named(mesh):
    text = ORDERS.replace("    - {name: amount, type: integer}\n", "").replace("1.2.0", "2.0.0")
    found = judge(mesh, text, visible=lambda key: key.startswith("sales."))
    assert (found.consumers, found.has_hidden_consumers) == (("sales.sums",), True)
    assert "spies" not in found.model_dump_json()


def test_hidden_readers_that_are_not_told_stand_in_the_way(mesh):
    deprecated = (
        "deprecation: {announced: 2026-10-01, until: 2026-12-31, migration_guide: m.md, notified: [sales.sums]}\n"
    )
    (mesh.root / "orders.yaml").write_text(ORDERS + "status: deprecated\n" + deprecated)
    text = ORDERS.replace("    - {name: amount, type: integer}\n", "").replace("1.2.0", "2.0.0")
    loaded = meshkit.load(mesh.root)
    seen = judge(loaded, text, beside=True)
    assert "hidden.spies is not notified" in seen.problems[0].message
    found = judge(loaded, text, beside=True, visible=lambda key: key.startswith("sales."))
    assert [p.message for p in found.problems] == [
        "readers that are not shown to you are not told in time of what breaks them"
    ]
    assert not found.may_publish
    (mesh.root / "orders.yaml").write_text(
        ORDERS + "status: deprecated\n" + deprecated.replace("sales.sums", "sales, hidden")
    )
    assert judge(meshkit.load(mesh.root), text, beside=True, visible=lambda key: key.startswith("sales.")).may_publish


def test_hints_never_name_what_may_not_be_shown(mesh):
    text = ORDERS + "inputs: {s: hidden.spie, t: hidden.spies}\n"
    found = judge(mesh, text, visible=lambda key: key.startswith("sales."))
    said = [p.message + p.hint for p in found.problems if p.code == "MK134"]
    assert len(said) == 2  # the one that is there, and may not be shown, and the one that is not: in the same words
    assert said[0].replace("hidden.spie'", "X'").replace("input 's'", "input") == said[1].replace("hidden.spies'", "X'").replace("input 't'", "input").replace("--table t", "--table s")  # fmt: skip


def test_what_is_published_is_compared_with_before_what_is_in_the_folder(mesh, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE")
    with meshkit.open_store(mesh, create=True) as store:
        store.publish("sales.orders", {"1.1.0": {"orders.yaml": ORDERS.replace("1.2.0", "1.1.0")}})
    found = judge(mesh, ORDERS)
    assert (found.base, found.against) == ("published", "1.1.0")
    assert judge(mesh, ORDERS, base="current").against == "1.2.0"


def test_a_text_with_errors_has_them_placed_and_is_not_compared(mesh):
    found = judge(mesh, ORDERS.replace("type: string", "type: strng"))
    assert [str(p.place) for p in found.problems] == ["proposal:11:26"]
    assert (found.against, found.may_publish) == ("", False)
    broken = judge(mesh, "name: [")
    assert (codes(broken), broken.may_publish) == (["MK101"], False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no contract"),
        ("just words", "no contract"),
        ("- 1\n- 2\n", "no contract"),
        ("governance: {}\n", "no contract"),
        (ORDERS.replace("name: orders", "name: other"), "of 'sales.other', not of 'sales.orders'"),
        ("x" * 262_145, "larger than 256 KiB"),
    ],
)
def test_what_is_no_contract_of_the_product_is_refused(mesh, text, said):
    with pytest.raises(UsageError, match=said):
        judge(mesh, text)


@pytest.mark.parametrize(
    "text",
    [
        ORDERS
        + "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join([f'*{p}'] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)),
        ORDERS.replace("Orders.", "!!python/object/apply:os.system [id]"),
        ORDERS.replace("orders.parquet", "/etc/passwd"),
        ORDERS + "transformation: {sql: \"SELECT * FROM read_text('/etc/passwd')\"}\n",
        ORDERS.replace("Orders.", "\ud800"),
        ORDERS.replace("Orders.", "\x00"),
        ORDERS.replace("{team: shop}", "[" * 5_000),
        ORDERS + "inputs: {x: '../../../../../etc/shadow', y: 'http://169.254.169.254/latest'}\n",
    ],
)
def test_hostile_text_is_judged_or_refused_and_nothing_is_read(mesh, text, monkeypatch):
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: pytest.fail("a file was opened"))
    found = judge(mesh, text, base="current")
    assert "root:" not in found.model_dump_json()


def test_no_variable_of_the_environment_is_put_into_the_text(mesh, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hunter2")
    checks = 'sla: {quality_checks: [{name: q, query: "SELECT count(*) FROM ${SECRET_OF_THE_SERVER}"}]}\n'
    assert "hunter2" not in judge(mesh, ORDERS + checks).model_dump_json()


def test_a_text_with_thousands_of_columns_is_compared_without_guessing_renames(tmp_path):
    head, old = ORDERS.partition("    - ")[0], [f"    - {{name: col_{n}, type: integer}}\n" for n in range(100)]
    (tmp_path / "orders.yaml").write_text(head + "".join(old))
    new = [f"    - {{name: kol_{n}, type: integer}}\n" for n in range(1_001)]  # 100,100 pairs
    found = meshkit.judge_change(meshkit.load(tmp_path), "sales.orders", head + "".join(new))
    assert {c.id for c in found.changes} == {"C01", "C03"}  # removed and added; as C02, 100 of them would be renamed
    assert len(found.changes) == 1_101
