"""`meshkit.yaml`: where it is found, what is wrong in it, and that no message shows a secret."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

import meshkit
from meshkit.loading.settings import load_settings
from meshkit.loading.settings_place import find_settings
from meshkit.placing import SCHEMES
from meshkit.schemas import form_schema

GOOD = """\
engines:
  warehouse: {url: "postgresql://meshkit@db.internal/shop", password: {env: SHOP_PASSWORD}}
  lake: {url: "spark"}
  whole: {url: "${SHOP_URL}"}
  cloud: {url: "snowflake://acme/shop", user: me, password: "${SF_PASSWORD}", options: {role: READER, timeout: 30, token: {env: SF_TOKEN}}}
environments:
  dev: {engine: duckdb, location_prefix: ./data}
  prod:
    engine: warehouse
    schema: analytics
    tables: {d.p: analytics.orders_v2, t: 'core."t.1"'}
    store: "postgresql+psycopg://meshkit:${STORE_PASSWORD}@db/store"
  ci: {dbt: {profile: shop, target: dev, profiles_dir: ~/.dbt}, schema: ci}
default_environment: dev
"""
SECRET = "hunter2"


def problems(tmp_path: Path, text: str, name: str = "meshkit.yaml") -> list[tuple[str, int, str]]:
    """Return code, line and severity of each problem, having looked that none shows the secret."""
    (tmp_path / name).write_text(text)
    found = load_settings(tmp_path, SCHEMES).problems
    assert not [p for p in found if SECRET in str(p) or SECRET in repr(p)]
    return [(p.code, p.place.line, str(p.severity)) for p in found]


def test_a_good_file_has_no_problems_and_says_what_it_says(tmp_path):
    assert problems(tmp_path, GOOD) == []
    found = load_settings(tmp_path)
    assert list(found.engines) == ["warehouse", "lake", "whole", "cloud"]
    assert found.engines["warehouse"].password.env == "SHOP_PASSWORD"
    assert found.engines["cloud"].password.env == "SF_PASSWORD"
    assert found.engines["cloud"].options["timeout"] == "30"
    assert found.environments["prod"].tables == {"d.p": "analytics.orders_v2", "t": 'core."t.1"'}
    assert found.default_environment == "dev"


def test_the_json_schema_accepts_what_is_read_and_refuses_a_secret_in_the_clear():
    schema = form_schema("settings")
    jsonschema.validate(yaml.safe_load(GOOD), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"engines": {"w": {"url": "spark", "password": SECRET}}}, schema)


def test_the_example_of_the_docs_has_no_problems(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "engines_config.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert problems(tmp_path, example) == []
    assert list(load_settings(tmp_path).environments) == ["dev", "prod", "ci"]


def test_an_empty_file_and_none_say_nothing(tmp_path):
    assert load_settings(tmp_path).file == ""
    assert problems(tmp_path, "") == []
    assert problems(tmp_path, "# nothing yet\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f'engines:\n  w: {{url: "postgresql://me:{SECRET}@db/shop"}}\n',
        f'engines:\n  w: {{url: "postgresql://me:a/b?{SECRET}@db/shop"}}\n',
        f'engines:\n  w: {{url: "postgresql://me:${{PW:-{SECRET}}}@db/shop"}}\n',
        f'engines:\n  w: {{url: "snowflake://me@acme/db?token={SECRET}"}}\n',
        f'engines:\n  w: {{url: "postgresql://me@db/shop", password: {SECRET}}}\n',
        'engines:\n  w: {url: "postgresql://me@db/shop", password: 123456}\n',
        f'engines:\n  w: {{url: "postgresql://me@db/shop", password: [{SECRET}]}}\n',
        f'engines:\n  w: {{url: "postgresql://me@db/shop", password: "${{PW:-{SECRET}}}"}}\n',
        f'engines:\n  w: {{url: "snowflake://acme/db", options: {{private_key: {SECRET}}}}}\n',
        f'environments:\n  w: {{store: "postgresql://me:{SECRET}@db/store"}}\n',
        f'environments:\n  w: {{engine: "postgresql://me:{SECRET}@db/store"}}\n',
    ],
)
def test_a_secret_in_the_clear_is_an_error_that_does_not_show_it(tmp_path, text):
    assert problems(tmp_path, text) == [("MK160", 2, "error")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'engines:\n  w: "postgresql://me:{SECRET}@db/shop"\n', "MK103"),
        (f'engines: "postgresql://me:{SECRET}@db/shop"\n', "MK103"),
        (f"engines:\n  w: {{url: spark, password: {{value: {SECRET}}}}}\n", "MK103"),
        (f"engines:\n  w: {{url: spark, password: {{env: {SECRET}-x}}}}\n", "MK111"),
        (f"engines:\n  w: {{url: spark, password: !{SECRET} x}}\n", "MK103"),
        (f"engines:\n  w: {{url: spark, options: token={SECRET}}}\n", "MK103"),
        (f"environments:\n  w: {SECRET}\n", "MK103"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown_either(tmp_path, text, code):
    assert code in [p[0] for p in problems(tmp_path, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("engines:\n  w: {user: me}\n", ("MK104", 2, "error")),
        ("engines:\n  w: {url: 'postgress://db/shop'}\n", ("MK162", 2, "error")),
        ("engines:\n  w: {uri: spark}\n", ("MK102", 2, "error")),
        ("engines:\n  duckdb: {url: spark}\n", ("MK111", 2, "error")),
        ("engines:\n  my warehouse: {url: spark}\n", ("MK111", 2, "error")),
        ("environments:\n  prod:\n    engine: warehose\n", ("MK162", 3, "error")),
        ("environments:\n  prod:\n    engine: duckdb\n    dbt: {profile: shop}\n", ("MK103", 4, "error")),
        ("environments:\n  prod:\n    dbt: {target: dev}\n", ("MK104", 3, "error")),
        ("environments:\n  prod:\n    tables: {a: b..c}\n", ("MK111", 3, "error")),
        ("environments:\n  prod:\n    schema: a b\n", ("MK111", 3, "error")),
        ("environments:\n  prod: {}\ndefault_environment: prd\n", ("MK162", 3, "error")),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(tmp_path, text, expected):
    assert expected in problems(tmp_path, text)


def test_a_near_name_is_proposed(tmp_path):
    (tmp_path / "meshkit.yaml").write_text(
        "engines: {warehouse: {url: spark}}\nenvironments: {p: {engine: warehose}}\n"
    )
    (problem,) = load_settings(tmp_path, SCHEMES).problems
    assert problem.hint == "did you mean 'warehouse'?"


def test_a_secrets_file_inside_the_mesh_is_refused_and_links_are_followed(tmp_path):
    mesh, outside = tmp_path / "mesh", tmp_path / "outside"
    mesh.mkdir()
    outside.mkdir()
    (mesh / "pw").write_text(SECRET)
    (outside / "link").symlink_to(mesh / "pw")
    for path in ("pw", "./sub/pw", "../outside/link", str(mesh / "pw")):
        text = f"engines:\n  w: {{url: 'mysql://me@db/x', password: {{file: {path}}}}}\n"
        assert problems(mesh, text) == [("MK161", 2, "error")], path


def test_a_secrets_file_that_others_can_read_is_warned_of(tmp_path):
    mesh = tmp_path / "mesh"
    mesh.mkdir()
    (tmp_path / "pw").write_text(SECRET)
    text = "engines:\n  w: {url: 'mysql://me@db/x', password: {file: ../pw}}\n"
    (tmp_path / "pw").chmod(0o640)
    assert problems(mesh, text) == [("MK161", 2, "warning")]
    (tmp_path / "pw").chmod(0o600)
    assert problems(mesh, text) == []


def test_the_file_is_found_up_to_the_root_of_the_repository_and_no_further(tmp_path):
    mesh = tmp_path / "repository" / "a" / "mesh"
    mesh.mkdir(parents=True)
    (tmp_path / "meshkit.yaml").write_text("")
    (tmp_path / "repository" / "meshkit.yaml").write_text("")
    assert find_settings(mesh) is None, "outside a repository only the mesh itself is looked at"
    (tmp_path / "repository" / ".git").mkdir()
    assert find_settings(mesh) == tmp_path / "repository" / "meshkit.yaml"
    (mesh.parent / "meshkit.yml").write_text("")
    assert find_settings(mesh) == mesh.parent / "meshkit.yml"
    (tmp_path / "repository" / "meshkit.yaml").unlink()
    (mesh.parent / "meshkit.yml").unlink()
    assert find_settings(mesh) is None


def test_the_file_is_unreadable_or_broken_in_many_ways(tmp_path):
    assert [p[0] for p in problems(tmp_path, "engines:\n\tw: 1\n")] == ["MK101"]
    assert [p[0] for p in problems(tmp_path, "- a\n")] == ["MK103"]
    (tmp_path / "meshkit.yaml").write_bytes(b"engines: \xff\n")
    assert [p.code for p in load_settings(tmp_path).problems] == ["MK107"]


def test_lint_reports_the_file_and_it_is_no_product(mesh, contract):
    loaded = mesh(contract([{"name": "a"}]), meshkit="environments:\n  prod: {engine: wharehouse}\n")
    assert [(p.code, Path(p.place.file).name, p.place.line) for p in loaded.lint()] == [("MK162", "meshkit.yaml", 2)]
    assert loaded.others == 0
    assert list(loaded.settings.environments) == ["prod"]


def test_a_table_that_no_product_has_is_warned_of(mesh, contract):
    text = "environments:\n  e: {tables: {d.p: x, D.P.T: x, t: x, d.p@1.0.0.t: x, d.q: x, orders: x}}\n"
    loaded = mesh(contract([{"name": "a"}]), meshkit=text)
    warned = [(p.code, str(p.severity), p.message.split("'")[1]) for p in loaded.problems]
    assert sorted(warned) == [("MK162", "warning", "d.q"), ("MK162", "warning", "orders")]


def test_one_contract_alone_has_the_settings_beside_it_and_its_tables_are_not_all(mesh, contract, tmp_path):
    mesh(contract([{"name": "a"}]), meshkit="environments:\n  e: {tables: {other.product: x}}\n")
    alone = meshkit.load(tmp_path / "mesh" / "product_0.yaml")
    assert not alone.problems
    assert list(alone.settings.environments) == ["e"]


def test_a_mesh_without_the_file_has_empty_settings(mesh, contract, tmp_path):
    found = mesh(contract([{"name": "a"}])).settings
    assert (found.file, found.root, dict(found.engines)) == ("", tmp_path / "mesh", {})
