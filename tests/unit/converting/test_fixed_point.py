"""Native -> ODCS -> native gives the same contract, and the ODCS between is valid by the standard's own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meshkit.checks.compile import compile_checks
from meshkit.converting.native import native_to_odcs, odcs_to_native
from meshkit.loading.dump import dump
from meshkit.loading.native import read_product
from meshkit.loading.odcs.contract import read_odcs
from meshkit.loading.source import Source
from meshkit.model.contract import Contract

ROOT = Path(__file__).parents[3]
SAMPLES = sorted(p for p in (ROOT / "sample_data").rglob("*.yaml") if "\nschema:" in p.read_text())
STANDARD = json.loads((ROOT / "tests/data/standards/schemas/odcs-3.2.0.schema.json").read_text())


def plain(values: Any) -> Any:
    """Return values as JSON has them."""
    return json.loads(json.dumps(values, default=float))


def bare(contract: Contract) -> Any:
    """Return a contract without its places."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items() if k != "pointer"}
        return [walk(v) for v in value] if isinstance(value, (list, tuple)) else value

    return walk(contract.model_dump())


def promised(contract: Contract, source: Source) -> list[str]:
    """List what the checks of a contract assert, without where that is said."""
    checks = compile_checks(contract, contract.product_id, source.place)
    return sorted(c.model_dump_json(exclude={"place", "pointer"}) for c in checks)


def native(text: str) -> tuple[Any, Contract]:
    source = Source("c.yaml", text)
    values, problems = source.values()
    assert not problems
    return values, read_product(values, source).contract


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_each_sample_comes_back_as_it_was(path: Path) -> None:
    values, before = native(path.read_text())
    there = native_to_odcs(values)
    assert there.losses == ()
    jsonschema.validate(plain(there.document), STANDARD)
    written, _ = Source("c.yaml", dump(there.document)).values()
    back = odcs_to_native(written)
    assert back.losses == ()
    _, after = native(dump(back.document))
    assert bare(after) == bare(before)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_each_sample_written_as_odcs_asserts_the_same_and_keeps_the_rest(path: Path) -> None:
    values, before = native(path.read_text())
    source = Source("c.yaml", dump(native_to_odcs(values).document))
    loaded = read_odcs(source.values()[0], source)
    assert loaded.problems == ()
    assert promised(loaded.contract, source) == promised(before, Source("c.yaml", path.read_text()))
    for key in (
        "status",
        "inputs",
        "access",
        "owner",
        "changelog",
        "retention_days",
        "privacy",
        "policies",
        "ports",
        "sla",
    ):
        assert _bare(getattr(loaded.contract, key)) == _bare(getattr(before, key))


def _bare(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_bare(v) for v in value]
    return {k: _bare(v) for k, v in value if k != "pointer"} if hasattr(value, "model_dump") else value
