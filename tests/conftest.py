"""What many tests need: meshes made of a few lines, and runs over small tables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import settings

import meshkit

# The same examples each time: what lands is what was tested. MESHKIT_RANDOM=1 looks further.
settings.register_profile("fixed", derandomize=True, database=None)
settings.load_profile("default" if os.environ.get("MESHKIT_RANDOM") else "fixed")

pytest_plugins = ("servers",)  # tests/engines/servers.py


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees another one's cache, or a person's."""
    monkeypatch.setenv("MESHKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MESHKIT_STORE", "off")  # tests of the store set it anew
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def contract() -> Callable[..., str]:
    """Make the text of a contract: a table `t` of product `d.p` with the given fields."""

    def make(fields: list[dict[str, Any]] | None = None, **keys: Any) -> str:
        schema = {"alias": "t", "location": "t.parquet", "fields": fields or [], **keys.pop("schema", {})}
        document = {
            "name": "p",
            "version": "1.0.0",
            "domain": "d",
            "description": "A product.",
            "schema": schema,
            **keys,
        }
        return yaml.safe_dump(document, sort_keys=False)

    return make


@pytest.fixture
def mesh(tmp_path: Path) -> Callable[..., meshkit.Mesh]:
    """Write files into a folder and load it as a mesh."""

    def make(*texts: str, **files: str) -> meshkit.Mesh:
        folder = tmp_path / "mesh"
        folder.mkdir(exist_ok=True)
        for position, text in enumerate(texts):
            (folder / f"product_{position}.yaml").write_text(text)
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        return meshkit.load(folder)

    return make


@pytest.fixture
def judged(
    mesh: Callable[..., meshkit.Mesh], contract: Callable[..., str]
) -> Callable[..., dict[str, meshkit.Verdict]]:
    """Check a table against fields; verdicts by what follows `d.p.t.` in their ids."""

    def run(table: Any, fields: list[dict[str, Any]] | None = None, **keys: Any) -> dict[str, meshkit.Verdict]:
        options = {k: keys.pop(k) for k in ("now", "why", "samples", "timeout_seconds") if k in keys}
        more = keys.pop("tables", {})
        found = mesh(contract(fields, **keys)).check(tables={"t": table, **more}, **options)
        return {v.id.removeprefix("d.p.t."): v for v in found.verdicts}

    return run


@pytest.fixture
def column(judged: Callable[..., dict[str, meshkit.Verdict]]) -> Callable[..., meshkit.Verdict]:
    """Check one column `x` against one constraint, and return that constraint's verdict."""

    def run(values: list[Any] | pa.Array, kind: str, constraint: Any, **keys: Any) -> meshkit.Verdict:
        table = pa.table({"x": values})
        field: dict[str, Any] = {"name": "x", "constraints": [constraint]}
        if "type" in keys:
            field["type"] = keys.pop("type")
        return judged(table, [field], **keys)[f"x.{kind}"]

    return run
