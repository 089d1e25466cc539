"""The wheel carries all three packages, and works in a fresh environment from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_wheel_runs_in_a_fresh_environment_from_another_folder(tmp_path, contract):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for package in ("meshkit", "meshkit_apps", "meshkit_mcp"):
        assert f"{package}/__init__.py" in names
    assert not [n for n in names if n.startswith("tests") or "sample_data" in n]

    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        str(ROOT / "constraints.txt"),
        str(wheel),
    ]
    subprocess.run(install, check=True)

    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "p.yaml").write_text(
        contract([{"name": "a", "type": "integer", "constraints": ["not_null"]}], schema={"location": "t.csv"})
    )
    (folder / "t.csv").write_text("a\n1\n2\n")
    command = str(python.parent / "meshkit")
    done = subprocess.run([command, "check", "."], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "d.p 1.0.0 · 2 rows" in done.stdout
    for guest, extra in (("meshkit-mcp", "mcp"), ("meshkit_apps", "apps")):
        ask = [str(python.parent / guest), "--mesh", "."] if "-" in guest else [str(python), "-m", guest]
        said = subprocess.run(ask, cwd=folder, capture_output=True, text=True, check=False)
        assert f"meshkit[{extra}]" in said.stderr
