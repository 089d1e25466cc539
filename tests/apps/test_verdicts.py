"""The app of verdicts: as a batch job, as a notebook object, and as a file that marimo accepts."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import marimo
import pytest

import meshkit
from meshkit_apps import __main__ as starter
from meshkit_apps.verdicts import app

APP = Path(starter.__file__).with_name("verdicts.py")


def job(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(APP), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ))


def shown(folder: Path, capsys: pytest.CaptureFixture[str], **defs: object):
    """Run the app over a mesh; return the HTML of all its outputs, and its definitions."""
    outputs, found = app.run(defs={"arguments": argparse.Namespace(mesh=str(folder), now=None, format="text"), **defs})
    capsys.readouterr()  # run from Python, the app also writes its report
    return "\n".join(marimo.as_html(o).text for o in outputs if o is not None), found


def test_a_batch_job_writes_the_report_as_json_and_nothing_else(shop):
    done = job("--mesh", shop(), "--now", "2026-11-22T06:00:00Z", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["outcome"] == "errored"
    (product,) = report["products"]
    assert {c["id"].removeprefix("shop.orders.orders."): (c["outcome"], c["bad"], c["total"]) for c in product["checks"]} == {
        "columns": ("passed", 0, 1),
        "types": ("passed", 0, 1),
        "extra_columns": ("passed", 0, 1),
        "row_count": ("passed", None, None),
        "amount.not_null": ("warned", 1, 4),
        "amount.min": ("failed", 1, 4),
        "haunted": ("errored", None, None),
    }  # fmt: skip


def test_a_batch_job_without_a_mesh_exits_2():
    done = job("nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("No verdicts: MK108 'nowhere' is not there")


def test_a_batch_job_writes_text_with_what_has_no_answer_first(shop, monkeypatch, capsys):
    folder = shop()
    monkeypatch.setattr(sys, "argv", [str(APP), str(folder)])
    app.run()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["errored", "failed", "warned", "errored:"]
    assert lines[1] == (
        f"failed   shop.orders.orders.amount.min  1 of 4 rows (25%), allowed 0  {folder}/orders.yaml:15:7"
    )
    assert lines[3] == "errored: products 1, checks 7: 1 errored, 1 failed, 1 warned, 4 passed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mesh", "{empty}"], "holds no contract of a data product; give another folder"),
        (["--mesh", "{shop}", "--now", "yesterdai"], "'yesterdai' is not a time"),
        (["m", "--frmat", "json"], "Bad call: unrecognized arguments: --frmat json; --help shows all arguments"),
    ],
)
def test_a_batch_job_without_a_report_says_why(shop, tmp_path, monkeypatch, capsys, arguments, said):
    places = {"shop": str(shop()), "empty": str(tmp_path / "empty")}
    Path(places["empty"]).mkdir()
    monkeypatch.setattr(sys, "argv", [str(APP), *(a.format(**places) for a in arguments)])
    with pytest.raises(SystemExit) as stopped:
        app.run()
    written = capsys.readouterr()
    assert (stopped.value.code, written.out) == (2, "")
    assert said in written.err


def test_the_headline_figures_count_the_checks_by_outcome(shop, capsys):
    html, found = shown(shop(), capsys)
    assert found["figures"] == {"products": 1, "checks": 7, "passed": 4, "warned": 1, "failed": 1, "errored": 1}
    assert '<div class="mk-card mk-failed"><dt>failed</dt><dd>1</dd></div>' in html


def test_what_needs_attention_is_chosen_first_the_most_urgent_on_top(shop, capsys):
    html, found = shown(shop(), capsys)
    assert [i.removeprefix("shop.orders.orders.") for i in found["chosen"]] == [
        "haunted",
        "amount.min",
        "amount.not_null",
    ]
    (picked,) = found["table"].value
    assert (picked["check"], picked["seen"]) == ("shop.orders.orders.haunted", "no answer")
    assert "unknown table &#x27;ghost&#x27;" in html


def test_the_filters_narrow_by_outcome_product_and_text(shop, capsys):
    every = {"outcomes": marimo.ui.multiselect({str(o): o for o in meshkit.Outcome}, value=list(meshkit.Outcome))}
    anywhere = {"products": marimo.ui.dropdown(["shop.orders"])}
    _, found = shown(shop(), capsys, **every, **anywhere, words=marimo.ui.text("AMOUNT."))
    assert list(found["chosen"]) == ["shop.orders.orders.amount.min", "shop.orders.orders.amount.not_null"]


def test_filters_that_match_nothing_say_so(shop, capsys):
    html, _ = shown(shop(), capsys, chosen={})
    assert "No check matches" in html


def test_a_mesh_whose_checks_are_met_says_that_nothing_needs_attention(shop, capsys):
    html, found = shown(shop(amounts=[1, 2], ghost=False), capsys)
    assert found["figures"]["passed"] == found["figures"]["checks"] == 6
    assert "Every check that ran is met" in html


def test_a_contract_that_cannot_be_read_is_shown_with_its_place(shop, capsys):
    folder = shop()
    (folder / "orders.yaml").write_text((folder / "orders.yaml").read_text() + "freshnes: 1\n")
    html, found = shown(folder, capsys)
    assert found["figures"] | {"products": 1, "checks": 0} == found["figures"]
    assert "Errors in contracts (1)" in html
    assert "unknown key &#x27;freshnes&#x27;" in html
    assert f"{folder}/orders.yaml:22:1" in html


def test_everything_that_contracts_say_is_escaped(shop, capsys):
    html, found = shown(shop(column="<img src=x>", description="<script>alert(1)</script>", ghost=False), capsys)
    assert "shop.orders.orders.<img src=x>.min" in found["chosen"]
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_marimo_finds_nothing_to_complain_of():
    command = [sys.executable, "-m", "marimo", "check", "--strict", str(APP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_app_loads_nothing_from_the_network():
    text = APP.read_text() + APP.with_suffix(".css").read_text()
    assert not [word for word in ("http:", "https:", "@import", "url(", "mo.icon") if word in text]


def test_starting_the_package_serves_the_app_with_its_mesh(monkeypatch):
    started = []
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(starter.runpy, "run_module", lambda name, **_: started.append((name, sys.argv)))
    starter.main(["--mesh", "m", "--now", "2026-11-22", "--port", "2718", "--headless"])
    options = ["--headless", "--port", "2718", "--", "--mesh", "m", "--now", "2026-11-22"]
    assert started == [("marimo", ["marimo", "run", str(APP), *options])]


def test_a_missing_marimo_is_said_with_the_way_out(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "marimo", None)
    with pytest.raises(SystemExit) as stopped:
        starter.main([])
    assert stopped.value.code == 2
    assert "pip install 'meshkit[apps]'" in capsys.readouterr().err
