"""Contracts of the standards in a few lines, run over small tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

import meshkit


def document(properties: list[dict[str, Any]] | None = None, **keys: Any) -> str:
    """Return an ODCS contract of one object `t`; what stands under `object` goes into that."""
    object_ = {"name": "t", "properties": properties or [], **keys.pop("object", {})}
    whole = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "name": "p", "domain": "d", "version": "1.0.0",
             "schema": [object_], **keys}  # fmt: skip
    return yaml.safe_dump(whole, sort_keys=False)


@pytest.fixture
def odcs() -> Callable[..., str]:
    """Make the text of a contract."""
    return document


@pytest.fixture
def checked(mesh: Callable[..., meshkit.Mesh]) -> Callable[..., dict[str, meshkit.Verdict]]:
    """Check a table; verdicts by what follows `d.p.t.` in their ids."""

    def run(table: Any, properties: list[dict[str, Any]] | None = None, **keys: Any) -> dict[str, meshkit.Verdict]:
        now = keys.pop("now", None)
        tables = keys.pop("tables", {})
        found = mesh(document(properties, **keys))
        errors = [p for p in found.problems if p.severity == "error" and not p.check]
        assert not errors, errors
        run = found.check(tables={"t": table, **tables}, now=now)
        return {v.id.removeprefix("d.p.t."): v for v in run.verdicts}

    return run


@pytest.fixture
def one(checked: Callable[..., dict[str, meshkit.Verdict]]) -> Callable[..., tuple[str, int | None, int | None]]:
    """Check one property `x` of a table that holds only it; return outcome, bad and total of one of its checks."""

    def run(values: Any, kind: str, **property_: Any) -> tuple[str, int | None, int | None]:
        import pyarrow as pa

        verdicts = checked(pa.table({"x": values}), [{"name": "x", **property_}])
        verdict = verdicts[f"x.{kind}"]
        return str(verdict.outcome), verdict.bad, verdict.total

    return run
