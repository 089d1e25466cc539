"""`meshkit mcp`: the entry for assistants, and what cannot be served. Serving itself is tested in tests/mcp."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_cli

RETAIL = Path(__file__).parents[3] / "sample_data" / "retail"
ANA = "ana.analyst@example.com"
STARTED = ["-m", "meshkit", "mcp", str(RETAIL), "--as", ANA]


@pytest.mark.parametrize(
    ("form", "read", "entry"),
    [
        ("json", json.loads, {"mcpServers": {"meshkit": {"command": sys.executable, "args": STARTED}}}),
        (
            "servers",
            json.loads,
            {"servers": {"meshkit": {"type": "stdio", "command": sys.executable, "args": STARTED}}},
        ),
        ("toml", tomllib.loads, {"mcp_servers": {"meshkit": {"command": sys.executable, "args": STARTED}}}),
    ],
)
def test_the_entry_starts_this_interpreter_on_the_mesh_for_the_one_who_asks(form, read, entry):
    ran = run_cli("mcp", "retail", "--as", ANA, "--print-config", form, cwd=RETAIL.parent)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert read(ran.stdout) == entry


def test_the_variable_goes_into_the_entry_since_assistants_pass_no_variables_on():
    ran = run_cli("mcp", RETAIL, "--print-config", "json", "--timeout", "5", MESHKIT_PRINCIPAL=ANA)
    assert json.loads(ran.stdout)["mcpServers"]["meshkit"]["args"] == [*STARTED, "--timeout", "5"]


@pytest.mark.parametrize("more", [[], ["--print-config", "json"]])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "error: MK108 '"),
        ([RETAIL, "--as", "ana"], "error: MK001 no principal is called 'ana'"),
        ([RETAIL, "--timeout", "0"], "--timeout"),
    ],
)
def test_what_cannot_be_served_is_said_before_it_starts(arguments, said, more):
    ran = run_cli("mcp", *arguments, *more)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
