"""Whatever a contract or the data holds, a report stays what it is."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pyarrow as pa

from meshkit.report.github import render_github
from meshkit.report.junit import render_junit
from meshkit.report.markdown import render_markdown
from meshkit.report.text import render_text

NASTY = "<script>alert(1)</script> | `x` \x1b[31m ]]> \x00 ::error::pwned\n::set-output"


def run(judged_mesh):
    table = pa.table({NASTY: ["a"], "id": [1], "v": ["\x1b[2Jx"]})
    return judged_mesh.check(tables={"t": table}, samples=2, why=True)


def test_markup_and_control_characters_are_taken_out_of_every_report(mesh, contract):
    fields = [
        {"name": "id", "is_primary_key": True},
        {"name": NASTY, "constraints": [{"in": ["b"]}]},
        {"name": "v", "constraints": [{"in": ["y"]}]},
    ]
    result = run(mesh(contract(fields)))
    html = result._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    markdown = render_markdown(result.result)
    assert "<script>" not in "".join(markdown.split("`")[::2]), "outside of code, where it means nothing"
    assert "\x1b" not in markdown
    table_rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (5,) for line in table_rows), table_rows
    ET.fromstring(render_junit(result.result))
    assert "\n::set-output" not in render_github(result.result)
    assert "\x1b" not in render_text(result.result)


def test_a_run_shows_itself_in_notebooks(mesh, contract):
    found = mesh(contract([{"name": "a", "constraints": ["not_null"]}])).check(tables={"t": pa.table({"a": [None, 1]})})
    assert "a.not_null" in found._repr_html_()
    assert found._display_()._mime_()[0] == "text/html"
    arrow = found.to_arrow()
    assert arrow.num_rows == len(found.verdicts)
    assert arrow.schema.names[:4] == ["product", "version", "id", "kind"]
    assert len(arrow.schema.names) == 18
