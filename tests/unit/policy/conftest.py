"""Meshes of one product, judged by every built-in policy or by others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.policy.one_product import GOVERNANCE, text_of, verdicts_of

import meshkit
from meshkit.governing import Known, govern
from meshkit.policy.evaluate import Evaluation


@pytest.fixture
def govern_one(mesh: Callable[..., meshkit.Mesh], tmp_path: Path) -> Callable[..., Evaluation]:
    """Govern one product, changed as asked; `run` = verdicts by the end of a check's id, `base` = the published product."""

    def judge(
        change: dict[str, Any] | None = None,
        governance: dict[str, Any] | None = None,
        *,
        run: dict[str, Any] | None = None,
        base: dict[str, Any] | None = None,
        also: tuple[str, ...] = (),
        at: str = "schedule",
        now: str = "2026-11-22",
        **files: str,
    ) -> Evaluation:
        published = None
        if base is not None:
            (tmp_path / "base.yaml").write_text(text_of(base))
            published = meshkit.load(tmp_path / "base.yaml")
        written = yaml.safe_dump({"governance": GOVERNANCE if governance is None else governance}, sort_keys=False)
        found = mesh(text_of(change), *also, governance=written, **files)
        product = next(p for p in found.products if p.head.name == "p" and p.status != "deprecated")
        verdicts = {} if run is None else {("d.p", product.version): verdicts_of(product, run)}
        return govern(found, at, now=now, known=Known(verdicts=verdicts, base=published))

    return judge
