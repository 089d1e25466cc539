"""The house: sizes, names, what an import costs, and that tests stand beside what they test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import meshkit

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for folder in ("src", "apps", "mcp_server") for p in (ROOT / folder).rglob("*.py"))
FORBIDDEN = {"utils.py", "helpers.py", "common.py", "manager.py", "misc.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_one_room(path):
    text = path.read_text()
    assert text.count("\n") <= 400
    assert path.name not in FORBIDDEN
    assert not text or text.lstrip().startswith(('"""', "#", "import marimo")), (
        "a module opens with a line that says what it knows"
    )


def test_importing_meshkit_imports_neither_rich_nor_marimo_nor_any_driver():
    code = "import meshkit, sys; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {
        "rich",
        "marimo",
        "duckdb",
        "typer",
        "sqlglot",
        "mcp",
        "pandas",
        "polars",
        "adbc_driver_manager",
    }


def test_every_public_name_is_there_and_sorted():
    assert meshkit.__all__ == sorted(meshkit.__all__)
    for name in meshkit.__all__:
        assert getattr(meshkit, name) is not None
    assert callable(meshkit.load)


def test_a_name_that_is_not_public_is_said_to_be_missing():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = meshkit.nothing


def test_no_path_of_a_machine_and_no_registry_stands_in_the_project():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in (".parquet", ".duckdb", ".png") or not path.exists():
            continue
        text = path.read_text(errors="ignore")
        for word in ("/" + "root/", "pypi" + ".org", "/" + "work/", "file" + ":///opt"):
            assert word not in text, f"{name} names {word}"
