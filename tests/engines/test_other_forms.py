"""A contract checks the same in each form that it is written in. Counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit

NATIVE = """\
name: orders
version: 1.0.0
description: Orders.
schema:
  location: orders.csv
  primary_key: [id, line]
  fields:
    - {name: id, type: integer, constraints: [{min: 1}]}
    - {name: line, type: integer}
    - name: state
      type: string
      constraints:
        - in: {value: [new, done], threshold: 1}
        - not_null: {where: "id > 1"}
sla:
  quality_checks:
    - {name: Late-Lines, query: "SELECT COUNT(*) FROM orders WHERE line > 1", must_be: "<2"}
"""
DCS = """\
dataContractSpecification: 1.2.1
id: orders
info: {title: orders, version: 1.0.0}
servers:
  here: {type: local, path: orders.csv, format: csv}
models:
  orders:
    fields:
      id: {type: long, minimum: 1}
      line: {type: int}
      state: {$ref: '#/definitions/state'}
    primaryKey: [id, line]
    quality:
      - {type: sql, query: "SELECT COUNT(*) FROM orders WHERE line > 1", mustBeLessThan: 2}
definitions:
  state: {type: text, enum: [new, done]}
"""
ROWS = "id,line,state\n0,1,new\n1,1,gone\n1,1,done\n2,2,\n3,1,lost\n"


def verdicts(folder: Path, text: str) -> dict[str, tuple[str, object]]:
    folder.mkdir()
    (folder / "c.yaml").write_text(text)
    (folder / "orders.csv").write_text(ROWS)
    run = meshkit.load(folder / "c.yaml").check()
    return {v.id.removeprefix("default.orders.orders."): (str(v.outcome), v.bad) for v in run.verdicts}


@pytest.mark.parametrize("to", ["native", "odcs"])
def test_a_native_contract_in_each_form(tmp_path: Path, to: str) -> None:
    (tmp_path / "c.yaml").write_text(NATIVE)
    found = verdicts(tmp_path / to, meshkit.convert(tmp_path / "c.yaml", to=to).text)
    assert found["id.min"] == ("failed", 1)  # 0
    assert found["primary_key"] == ("failed", 1)  # (1, 1) twice
    assert found["state.in"] == ("failed", 2)  # gone, lost; one is allowed
    assert found["state.not_null"] == ("failed", 1)  # the row of id 2
    assert found["Late-Lines"][0] == "passed"  # one line, below two


def test_a_contract_of_the_older_specification_runs(tmp_path: Path) -> None:
    found = verdicts(tmp_path / "dcs", DCS)
    assert found["id.min"] == ("failed", 1)
    assert found["primary_key"] == ("failed", 1)
    assert found["state.in"] == ("failed", 2)
    assert found["sql"][0] == "passed"
    assert found["columns"][0] == found["types"][0] == "passed"
