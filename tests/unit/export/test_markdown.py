"""Pages for readers: what a contract's author wrote is shown and means nothing else, as a reader of Markdown sees it."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from meshkit.export.escape import code, inline
from meshkit.export.markdown import markdown_pages
from meshkit.model.contract import ChangelogEntry, Contract, Owner, Port
from meshkit.model.table import Column, Constraint, Table

NASTY = "a|b `c` ``d`` <script>alert(1)</script> [x](http://evil) ![i](y)\n\n# h\n- l\n| --- |\n<!-- --> &lt; *e* _f_ \\| http://evil www.evil.org"
READER = MarkdownIt("commonmark", {"html": True}).enable("table")
FORBIDDEN = {"html_inline", "html_block", "link_open", "image", "em_open", "heading_open", "bullet_list_open"}


def contract(text: str) -> Contract:
    column = Column(name=text, type="string", description=text, unit=text, classification=text, is_pii=True,
                    pii_category=text, constraints=(Constraint(kind="in", values=(text, "b")),))  # fmt: skip
    table = Table(name=text, names=(text,), location=text, description=text, columns=(column,), primary_key=(text,))
    return Contract(
        name=text, version="1.0.0", domain=text, description=text, owner=Owner(team=text, contact=text), tags=(text,),
        tables=(table,), inputs={text: text}, ports=(Port(name=text, type=text, location=text, description=text),),
        changelog=(ChangelogEntry(version=text, date=text, changes=(text,)),),
    )  # fmt: skip


def tokens(text: str) -> list:
    found = []
    for token in READER.parse(text):
        found += [token, *(token.children or [])]
    return found


def shape(text: str) -> list[str]:
    """The page's own structure, without its words."""
    return [
        t.type
        for t in tokens(text)
        if t.type not in ("text", "softbreak", "text_special", "paragraph_open", "paragraph_close", "inline")
    ]


@pytest.mark.parametrize("page", ["README.md", "SCHEMA.md", "SLA.md", "CHANGELOG.md"])
def test_hostile_text_leaves_a_page_with_the_structure_it_has_with_plain_text(page):
    plain = shape(markdown_pages(contract("plain"), (), "d.p")[page])
    assert shape(markdown_pages(contract(NASTY), (), "d.p")[page]) == plain


@pytest.mark.parametrize("text", [NASTY, "- x", "1. x", "2) x", "+ x", "=====", "---", "    code", "> q", "# h", "~~~"])
def test_text_in_a_line_has_no_markup(text):
    types = {t.type for t in tokens(f"| a |\n| --- |\n| {inline(text)} |")}
    assert not types & FORBIDDEN
    assert "://" not in inline(text)
    assert "www." not in inline(text)


@pytest.mark.parametrize("text", ["a|b", "`", "``x`", "`|`", "a\nb"])
def test_code_in_a_cell_shows_its_text(text):
    found = [t for t in tokens(f"| a |\n| --- |\n| {code(text)} |") if t.type == "code_inline"]
    assert [t.content for t in found] == [" ".join(text.split())]


def test_pages_are_told_by_the_contract_alone_and_changes_stand_newest_first():
    entries = tuple(
        ChangelogEntry(version=v, breaking=v == "2.0.0", changes=("x",)) for v in ("1.9.0", "1.10.0", "2.0.0")
    )
    made = Contract(name="p", version="2.0.0", domain="d", changelog=entries)
    page = markdown_pages(made, (), "d.p")["CHANGELOG.md"]
    assert page == markdown_pages(made, (), "d.p")["CHANGELOG.md"]
    assert [line for line in page.splitlines() if line.startswith(("## ", "**"))] == [
        "## 2.0.0",
        "**Breaking.**",
        "## 1.10.0",
        "## 1.9.0",
    ]


def test_secrets_of_a_location_are_not_shown():
    pages = markdown_pages(contract("s3://key:secret@bucket/x.parquet?sig=secret"), (), "d.p")
    shown = [
        line
        for page in ("README.md", "SCHEMA.md")
        for line in pages[page].splitlines()
        if "location" in line or "read_parquet" in line
    ]
    assert shown
    assert not any("secret" in line for line in shown)
