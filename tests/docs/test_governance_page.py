"""What docs/governance.md says is what the product does."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from meshkit.report.compliance_json import compliance_schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "governance.md").read_text()


def test_the_schema_of_the_compliance_report_is_current(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    rendered = importlib.import_module("make_reference").render_schema()
    assert (ROOT / "docs" / "compliance.schema.json").read_text() == rendered, "run make docs"


def test_the_page_names_every_key_of_the_report():
    schema = compliance_schema()["properties"]
    keys = set(schema) | set(schema["products"]["items"]["properties"]) | set(schema["policies"]["items"]["properties"])
    keys |= set(schema["products"]["items"]["properties"]["violations"]["items"]["properties"])
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert keys <= named, keys - named


def test_its_python_runs():
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "error data_classification Data classification not specified" in done.stdout


@pytest.mark.parametrize("option", sorted(set(re.findall(r"--[a-z]+", PAGE))))
def test_every_option_that_the_page_names_is_there(option):
    said = subprocess.run(
        [sys.executable, "-m", "meshkit", "govern", "--help"], capture_output=True, text=True, check=True
    )
    assert option in said.stdout
