"""What the docs say is what the product does."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import meshkit
from meshkit.policies import test_policies as run_policy_tests
from meshkit.schemas import FORMS, form_schema

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SET_UP = {"make demo\nmake test\n"}


def blocks(page: str) -> list[tuple[str, str]]:
    return [(kind or "", text) for kind, text in BLOCK.findall((ROOT / page).read_text())]


def test_the_reference_page_is_current():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        make_reference = importlib.import_module("make_reference")
    finally:
        sys.path.pop(0)
    assert (ROOT / "docs" / "reference.md").read_text() == make_reference.render(), "run make docs"
    policies = (ROOT / "docs" / "policies.md").read_text()
    assert policies == make_reference.render_policies(policies), "run make docs"


def test_the_policies_of_their_page_are_read_and_pass_their_tests(tmp_path):
    written = [t for kind, t in blocks("docs/policies.md") if kind == "yaml"]
    own, over_all, _ = (yaml.safe_load(t if t.startswith("governance") else f"governance:\n  x:\n{t}") for t in written)
    policies = [*own["governance"]["policies"], *over_all["governance"]["x"]]
    file = tmp_path / "policies.yaml"
    file.write_text(yaml.safe_dump({"policies": policies}))
    tested = run_policy_tests(file)
    assert tested.is_passed
    assert (len(tested.tests), tested.untested) == (2, ("own_location",))


def test_the_page_of_scores_is_current():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        make_scores = importlib.import_module("make_scores")
    finally:
        sys.path.pop(0)
    assert (ROOT / "docs" / "scores.md").read_text() == make_scores.render(), "run make docs"


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """A folder like a fresh checkout, with the README's own files in it."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "sample_data", folder / "sample_data")
    shutil.copytree(ROOT / "apps", folder / "apps")
    return folder


def test_every_block_of_the_readme_runs_and_prints_what_it_says(workplace):
    """A yaml block is a file, a console block its commands and their output, a python block a script."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = 0
    for kind, text in blocks("README.md"):
        if kind == "yaml":
            name = re.match(r"# (\S+)", text)[1]
            (workplace / name).parent.mkdir(parents=True, exist_ok=True)
            (workplace / name).write_text(text)
        elif kind == "python":
            done = subprocess.run(
                [sys.executable, "-c", text], cwd=workplace, env=env, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
        elif kind == "console":
            for command, expected in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                done = subprocess.run(
                    command, shell=True, cwd=workplace, env=env, capture_output=True, text=True, check=False
                )
                assert _timeless(done.stdout) == _timeless(expected), done.stdout + done.stderr
        else:
            assert text in SET_UP, f"a block that nothing runs: {text}"
            continue
        ran += 1
    assert ran >= 3


def _timeless(text: str) -> str:
    return re.sub(r" in \d+\.\d s", " in N s", text).strip()


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_test_that_the_rules_name_exists():
    tests = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.py"))
    for page in ("docs/semantics.md", "docs/decisions/0002-two-databases.md"):
        text = (ROOT / page).read_text()
        for name in re.findall(r"`(test_\w+)`", text):
            assert f"def {name}(" in tests, f"{page} names {name}"
        for name in re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)`", text):
            assert list((ROOT / "tests").rglob(name.removeprefix("tests/"))) or (ROOT / name).exists(), (
                f"{page} names {name}"
            )


def _modules() -> list[str]:
    return [m.name for m in pkgutil.walk_packages(meshkit.__path__, "meshkit.") if not m.name.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_the_examples_in_docstrings_are_true(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_json_schema_of_each_form_accepts_the_sample_files(name):
    schema = form_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    found = 0
    for path in (ROOT / "sample_data").rglob("*.yaml"):
        document = yaml.load(path.read_text(), yaml.BaseLoader if name == "none" else yaml.SafeLoader)
        is_mine = name in document if name != "product" else "schema" in document and "version" in document
        if is_mine:
            jsonschema.validate(
                json.loads(json.dumps(document, default=str)), schema, cls=jsonschema.Draft202012Validator
            )
            found += 1
    if name == "settings":  # the sample mesh needs none; the page about them has an example
        (text,) = [text for kind, text in blocks("docs/engines_config.md") if kind == "yaml"]
        jsonschema.validate(yaml.safe_load(text), schema, cls=jsonschema.Draft202012Validator)
        found += 1
    assert found, f"no sample file of the form {name}"


def test_the_json_schema_refuses_what_lint_refuses(contract):
    schema = form_schema("product")
    document = yaml.safe_load(
        contract([{"name": "a", "constraints": ["not_null", {"min": {"value": 0, "threshold": "3%"}}]}])
    )
    jsonschema.validate(document, schema)
    for wrong in (
        {"freshnes": 1},
        {"version": 2.1},
        {"schema": {"fields": [{"name": "a", "constraints": ["not_nul"]}]}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, **wrong}, schema)
