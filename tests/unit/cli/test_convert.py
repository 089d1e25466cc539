"""`meshkit convert` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from meshkit.cli.main import command_line
from meshkit.errors import ContractError

NATIVE = """\
name: orders
version: 1.0.0
description: Orders.
schema:
  location: orders.csv
  fields:
    - {name: total, type: "decimal(12,2)", constraints: [{min: 0.50}]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.yaml"
    path.write_text(NATIVE)
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command_line(), ["convert", *arguments])
    if isinstance(result.exception, ContractError):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_contract_is_written_to_standard_output(file: Path) -> None:
    code, out, err = run(str(file), "--to", "odcs")
    assert (code, err) == (0, "")
    assert "kind: DataContract" in out and "minimum: 0.50" in out


def test_losses_are_listed_on_standard_error(file: Path) -> None:
    file.write_text(NATIVE.replace("version: 1.0.0", "version: 1.0.0\ndomain: sales"))
    code, out, err = run(str(file), "--to", "dcs")
    assert code == 0 and "dataContractSpecification: 1.2.1" in out
    assert "lost: domain: domain: sales" in err


def test_json_holds_the_document_and_its_losses(file: Path) -> None:
    code, out, _ = run(str(file), "--to", "odcs", "--format", "json")
    found = json.loads(out)
    assert code == 0 and set(found) == {"document", "losses"}
    assert found["document"]["schema"][0]["properties"][0]["logicalTypeOptions"] == {"minimum": 0.5}


def test_another_file_is_replaced_by_force_alone(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.yaml"
    target.write_text("mine")
    with pytest.raises(ContractError, match="MK152"):
        run(str(file), "--to", "odcs", "-o", str(target))
    assert target.read_text() == "mine"
    assert run(str(file), "--to", "odcs", "-o", str(target), "--force")[0] == 0
    assert "DataContract" in target.read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["o.yaml", "orders.yaml"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    with pytest.raises(ContractError, match="MK109"):
        run(str(path), "--to", "odcs")
    with pytest.raises(ContractError, match="MK108"):
        run(str(tmp_path / "gone.yaml"), "--to", "odcs")
    path.write_text("a: [\n")
    with pytest.raises(ContractError, match="MK101"):
        run(str(path), "--to", "odcs")
