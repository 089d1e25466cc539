"""Drafts as text: whatever it holds reads back as it was."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshkit.loading.contract_text import draft_document, render_contract, render_drafts, scalar
from meshkit.loading.source import Source
from meshkit.model.draft import DraftColumn, DraftContract, DraftOptions, Proposal

TRICKY = ["", " ", "a", "a b", "a: b", "a #b", "#", "- a", "NO", "yes", "null", "~", "y", "1", "1.5", "1e3", "0x1F", "2026-01-01",
          "12:30", "a\nb", "\t", '"', "'", "\\", "\x00", "\x7f", "\x85", "\u2028", "\ufeff", "\U0001f642", "%", "@a", "*a", "&a", "!a",
          "[a]", "{a}", "a,b", "a]", ".5", "../a", ".", "decimal(12,2)", "x ", "<<", "=", "5%", "1.0.0", "\ud7ff", "\ue000", "\ufffe"]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY)
def test_a_text_reads_back_as_itself_here_and_in_other_tools(text):
    for in_flow in (False, True):
        written = f"[{scalar(text, in_flow=True)}]" if in_flow else f"- {scalar(text)}"
        assert Source("f", written).values() == ([text], [])
        assert yaml.safe_load(written) == [text]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_reads_back_as_itself(text):
    assert Source("f", f"a: {scalar(text)}  # said").values() == ({"a": text}, [])
    assert Source("f", f"a: [{scalar(text, in_flow=True)}, 1]").values() == ({"a": [text, 1]}, [])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_name_and_no_evidence_breaks_out_of_its_line(name, evidence):
    proposals = (
        Proposal(kind="in", values=(name,), evidence=evidence),
        Proposal(kind="not_null", severity="warning", threshold="3%", evidence=evidence),
        Proposal(kind="min", values=("-1.50",), evidence=evidence),
    )
    column = DraftColumn(name=name, type="string", type_evidence=evidence, notes=(evidence,), proposals=proposals,
                         pii_category="email", pii_evidence=evidence, key_evidence=evidence)  # fmt: skip
    draft = DraftContract(name="p", about=evidence, notes=(evidence, name), columns=(column,), primary_key=(name,))
    document, comments = draft_document(draft, DraftOptions())
    values, problems = Source("f", render_contract(document, comments, schema="s.json")).values()
    assert problems == []
    assert values == document


def test_the_form_of_a_draft():
    column = DraftColumn(
        name="total",
        type="decimal(12,2)",
        type_evidence="DECIMAL(12,2) in the data",
        notes=("range seen: 1 to 2", "not promised"),
        proposals=(
            Proposal(kind="not_null", evidence="no NULL in 3 rows"),
            Proposal(kind="min", values=("0",), severity="warning", evidence="none of 3 is below"),
            Proposal(kind="references", values=("other", "id"), evidence="declared"),
        ),
    )
    draft = DraftContract(name="t", about="About it.", location="../t.parquet", notes=("3 rows",), columns=(column,))
    options = DraftOptions(name="orders", domain="sales", owner="blue", contact="blue@example.com")
    assert render_contract(*draft_document(draft, options), schema="../s.json") == (
        "# yaml-language-server: $schema=../s.json\n"
        "# A draft: each proposal stands with its evidence. Review it, then set status: active.\n"
        "name: orders\n"
        "version: 0.1.0\n"
        "domain: sales\n"
        "status: draft\n"
        "owner:\n"
        "  team: blue\n"
        "  contact: blue@example.com\n"
        "description: About it.\n"
        "# 3 rows\n"
        "schema:\n"
        "  location: ../t.parquet\n"
        "  fields:\n"
        "    # range seen: 1 to 2; not promised\n"
        "    - name: total\n"
        "      type: decimal(12,2)  # DECIMAL(12,2) in the data\n"
        "      constraints:\n"
        "        - not_null  # no NULL in 3 rows\n"
        "        - min: {value: 0, severity: warning}  # none of 3 is below\n"
        "        - references: other.id  # declared\n"
    )


def test_the_form_for_programs():
    column = DraftColumn(name="a", type="integer", type_evidence="BIGINT in the data")
    document, comments = draft_document(DraftContract(name="t", about="x", columns=(column,)), DraftOptions())
    assert json.loads(render_drafts([("t.yaml", document, comments)])) == {
        "contracts": [
            {
                "file": "t.yaml",
                "contract": {"name": "t", "version": "0.1.0", "status": "draft", "description": "x",
                             "schema": {"fields": [{"name": "a", "type": "integer"}]}},
                "evidence": [{"path": "schema.fields.0.type", "text": "BIGINT in the data"}],
            }
        ]
    }  # fmt: skip
