"""Long lists of values are joined: the same answer, whatever their length and type."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

import meshkit

CONTRACT = """
name: p
version: 1.0.0
domain: d
owner: {{team: t, contact: t@example.com}}
description: Values of a list.
schema:
  type: parquet
  location: nothing.parquet
  fields:
    - name: x
      type: {kind}
      description: A value.
      constraints:
        - in: [{values}]
"""


def bad(tmp_path, kind, values, column):
    (tmp_path / "p.yaml").write_text(CONTRACT.format(kind=kind, values=", ".join(values)))
    run = meshkit.load(tmp_path / "p.yaml").check(tables={"p": pa.table({"x": column})}, checks=["x.in"])
    verdict = run.verdict("d.p.p.x.in")
    return verdict.bad, verdict.total, verdict.message


@pytest.mark.parametrize("length", [1, 8, 9, 200, 201, 3000])
def test_a_list_of_texts_counts_what_is_not_in_it_whatever_its_length(tmp_path, length):
    values = [f"'v{i}'" for i in range(length)]
    column = ["v0", "v0", f"v{length - 1}", f"v{length}", "", None, "V0", "v0 "]
    assert bad(tmp_path, "string", values, pa.array(column))[:2] == (4, 8)


@pytest.mark.parametrize("length", [3, 20, 500])
def test_a_list_of_integers_counts_what_is_not_in_it(tmp_path, length):
    values = ["-5", *(str(i) for i in range(length)), str(2**63 - 1)]
    column = pa.array([-5, 0, length - 1, length, -6, None, 2**63 - 1, -(2**63)], pa.int64())
    assert bad(tmp_path, "integer", values, column)[:2] == (3, 8)


@pytest.mark.parametrize("length", [3, 20, 500])
def test_a_list_of_decimals_compares_as_decimals(tmp_path, length):
    values = ["0.10", *(f"{i}.25" for i in range(length)), "7"]
    column = pa.array([Decimal("0.10"), Decimal("0.11"), Decimal("1.25"), Decimal("7.00"), None], pa.decimal128(12, 2))
    assert bad(tmp_path, "decimal(12,2)", values, column)[:2] == (1, 5)


@pytest.mark.parametrize("length", [3, 300])
def test_nan_is_in_no_list_of_floats(tmp_path, length):
    values = [f"{i}.5" for i in range(length)]
    column = pa.array([0.5, 0.25, float("nan"), float("inf"), None])
    assert bad(tmp_path, "float", values, column)[:2] == (3, 5)


def test_separators_in_values_do_not_split_them(tmp_path):
    values = [f'"a{i}|;~\\t\\x1f\\x1e"' for i in range(201)]
    column = pa.array(["a0|;~\t\x1f\x1e", "a0", ";", ""])
    assert bad(tmp_path, "string", values, column)[:2] == (3, 4)
