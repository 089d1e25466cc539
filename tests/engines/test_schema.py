"""Columns and types, judged from the data's own schema before any cast."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def of_type(judged, values: pa.Array, declared: str):
    return judged(pa.table({"x": values}), [{"name": "x", "type": declared, "constraints": ["not_null"]}])


@pytest.mark.parametrize("width", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()])
def test_any_width_is_an_integer(judged, width):
    assert of_type(judged, pa.array([1], width), "integer")["types"].outcome == "passed"


def test_a_double_under_integer_fails_with_the_hint_about_pandas(judged):
    found = of_type(judged, pa.array([1.0, None]), "integer")
    assert found["types"].outcome == "failed"
    assert "pandas writes integers with gaps so" in found["types"].message
    assert found["x.not_null"].outcome == "skipped"
    assert "d.p.t.types" in found["x.not_null"].message


@pytest.mark.parametrize(
    ("precision", "scale", "outcome"), [(12, 2, "passed"), (10, 2, "passed"), (14, 2, "failed"), (12, 3, "failed")]
)
def test_a_decimal_has_the_same_scale_and_at_most_the_precision(judged, precision, scale, outcome):
    values = pa.array([Decimal(1)], pa.decimal128(precision, scale))
    assert of_type(judged, values, "decimal(12,2)")["types"].outcome == outcome


def test_a_double_under_decimal_fails_but_its_checks_still_run_uncast(judged):
    values = pa.array([-0.0004, 1.0])
    found = judged(pa.table({"x": values}), [{"name": "x", "type": "decimal(18,3)", "constraints": [{"min": 0}]}])
    assert found["types"].outcome == "failed"
    assert (found["x.min"].outcome, found["x.min"].bad) == ("failed", 1)


def test_text_under_integer_is_not_cast(judged):
    found = of_type(judged, pa.array(["7"]), "integer")
    assert found["types"].outcome == "failed"
    assert found["x.not_null"].outcome == "skipped"


def test_an_enum_of_texts_is_a_string(judged):
    assert of_type(judged, pa.array(["a", "b"]).dictionary_encode(), "string")["types"].outcome == "passed"


def test_a_missing_column_fails_and_its_checks_are_skipped_by_name(judged):
    fields = [{"name": "a"}, {"name": "email", "constraints": ["not_null", "unique"]}]
    found = judged(pa.table({"a": [1], "e_mail": ["x"]}), fields)
    assert (found["columns"].outcome, found["columns"].bad, found["columns"].total) == ("failed", 1, 2)
    assert "is it 'e_mail'?" in found["columns"].message
    for name in ("email.not_null", "email.unique"):
        assert found[name].outcome == "skipped"
        assert "d.p.t.columns" in found[name].message


def test_a_failed_column_is_placed_at_its_own_line(judged):
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}]
    place = judged(pa.table({"a": ["x"], "b": ["y"]}), fields)["types"].place
    line = Path(place.file).read_text().splitlines()[place.line - 1]
    assert line.strip() == "type: integer"


def test_extra_columns_are_information(judged):
    found = judged(pa.table({"a": [1], "more": [2]}), [{"name": "a"}])
    assert (found["extra_columns"].outcome, found["extra_columns"].severity) == ("warned", "info")
    assert "more" in found["extra_columns"].message


def test_another_order_of_columns_passes_and_is_told(judged):
    found = judged(pa.table({"b": [1], "a": [2]}), [{"name": "a"}, {"name": "b"}])
    assert found["columns"].outcome == "passed"
    assert "another order" in found["columns"].message


def test_sql_over_a_missing_column_is_skipped_not_errored(judged):
    checks = [{"name": "none_bad", "query": "SELECT COUNT(*) FROM t WHERE gone > 1"}]
    found = judged(
        pa.table({"a": [1]}), [{"name": "a"}, {"name": "gone", "type": "integer"}], sla={"quality_checks": checks}
    )
    assert found["none_bad"].outcome == "skipped"


def test_each_file_of_a_glob_is_looked_at(judged, tmp_path: Path):
    folder = tmp_path / "parts"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), folder / "1.parquet")
    pq.write_table(pa.table({"a": pa.array([3.5]), "b": ["z"]}), folder / "2.parquet")
    pq.write_table(pa.table({"a": [4]}), folder / "3.parquet")
    found = judged(str(folder / "*.parquet"), [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}])
    assert "b is missing in 1 of 3 files" in found["columns"].message
    assert found["types"].outcome == "failed"
    assert found["row_count"].value == 4


def test_a_csv_is_parsed_by_the_declared_types_and_what_does_not_parse_is_counted(judged, tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("n,price,day,ok\n1,1.50,2024-01-05,true\n1.5,0.129,2024-13-01,maybe\n 7 ,2,2024-1-5,false\n,,,\n")
    fields = [
        {"name": "n", "type": "integer", "constraints": ["not_null"]},
        {"name": "price", "type": "decimal(12,2)"},
        {"name": "day", "type": "date"},
        {"name": "ok", "type": "boolean"},
    ]
    found = judged(path, fields)
    assert (found["types"].outcome, found["types"].bad, found["types"].total) == ("failed", 4, 16)
    assert found["n.not_null"].outcome == "skipped"


def test_a_clean_csv_passes_and_its_checks_run(judged, tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("n,s\n1,a\n2,\n007,b\n")
    fields = [
        {"name": "n", "type": "integer", "constraints": [{"max": 6}]},
        {"name": "s", "type": "string", "constraints": ["not_null"]},
    ]
    found = judged(path, fields)
    assert found["types"].outcome == "passed"
    assert (found["n.max"].bad, found["s.not_null"].bad) == (1, 1)


def test_json_values_keep_their_own_types(judged, tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"n": 7, "s": "a"}\n{"n": "7", "s": 5}\n{"n": null}\n')
    fields = [{"name": "n", "type": "integer"}, {"name": "s", "type": "string", "constraints": []}]
    found = judged(path, fields)
    assert (found["types"].bad, found["types"].total) == (2, 6)
    assert "n has 1" in found["types"].message


def test_a_key_that_no_json_object_has_is_a_missing_column(judged, tmp_path: Path):
    path = tmp_path / "t.json"
    path.write_text('[{"a": 1}, {"a": 2}]')
    assert judged(path, [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}])["columns"].bad == 1


@pytest.mark.parametrize(("delimiter", "said"), [(",", "line 3"), (";", "line 3"), ("\t", "line 3")])
def test_a_csv_row_with_too_few_values_is_named_by_its_line(judged, tmp_path: Path, delimiter, said):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,x,2\n2,y\n".replace(",", delimiter))
    verdict = judged(path, [{"name": n, "type": "string"} for n in "abc"])["row_count"]
    assert verdict.outcome == "errored"
    assert said in verdict.message


def test_a_csv_that_is_not_utf8_says_so(judged, tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_bytes("a,b\n1,caf\xe9\n".encode("latin-1"))
    assert "not UTF-8" in judged(path, [{"name": n, "type": "string"} for n in "ab"])["row_count"].message


@pytest.mark.parametrize("text", ["", "[]"])
def test_json_without_any_object_is_an_empty_table(judged, tmp_path: Path, text):
    path = tmp_path / "t.json"
    path.write_text(text)
    found = judged(path, [{"name": "a", "type": "integer", "constraints": ["not_null"]}])
    assert (found["row_count"].outcome, found["a.not_null"].outcome, found["a.not_null"].total) == (
        "warned",
        "passed",
        0,
    )


def test_a_csv_with_a_header_and_no_rows_is_an_empty_table(judged, tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("a\n")
    found = judged(path, [{"name": "a", "type": "integer", "constraints": ["not_null"]}])
    assert (found["types"].outcome, found["a.not_null"].outcome, found["row_count"].outcome) == (
        "passed",
        "passed",
        "warned",
    )
