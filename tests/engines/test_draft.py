"""Drafts from data: what was planted is found, what was not is not claimed, and the draft holds on its own data."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import meshkit
from meshkit.drafts import location_from

ROWS = 200
CARDS = ["4111111111111111", "5500000000000004", "378282246310005", "6011111111111117", "3530111333300000"]
IBANS = ["GB82WEST12345698765432", "DE89370400440532013000"]


def planted() -> pa.Table:
    """200 rows, every one of which is known."""
    return pa.table(
        {
            "order_id": [f"O{i:04}" for i in range(ROWS)],
            "twice_id": [*(f"T{i:04}" for i in range(ROWS - 1)), "T0000"],  # the last row is the first once more
            "gap_id": [None, *(f"G{i:04}" for i in range(ROWS - 1))],  # unique, but one is NULL
            "status": ["open"] * 100 + ["paid"] * 60 + ["NO"] * 40,
            "comment": [f"text number {i % 50}" for i in range(ROWS)],
            "amount": pa.array([Decimal(i % 90) / 4 for i in range(ROWS)], pa.decimal128(10, 2)),
            "balance": pa.array([i - 1 for i in range(ROWS)], pa.int32()),  # -1 to 198
            "rarely": [None if i < 150 else 1.5 for i in range(ROWS)],  # 150 of 200 are NULL: 75%
            "nearly": [None if i < 9 else i for i in range(ROWS)],  # 9 of 200 are NULL: 4.5%
            "never": pa.array([None] * ROWS, pa.string()),
            "measured": [float("nan") if i == 7 else float(i) for i in range(ROWS)],
            "reach": [f"user{i}@example.com" for i in range(ROWS)],
            "paid_by": [CARDS[i % 5] for i in range(ROWS)],
            "digits": [
                str(4000000000000000 + i * 12345678) for i in range(ROWS)
            ],  # a tenth of them passes Luhn by chance
            "account": [IBANS[i % 2] for i in range(ROWS)],
            "first_name": [f"N{i % 7}" for i in range(ROWS)],
            "placed_on": [date(2026, 1, 1) + timedelta(days=i % 30) for i in range(ROWS)],
            "placed_at": [datetime(2026, 1, 1, i % 24) for i in range(ROWS)],
        }
    )


def drafted(folder: Path, location: str | Path, **options: Any) -> tuple[dict[str, Any], str]:
    text = meshkit.draft(location, **options)
    (folder / "draft.yaml").write_text(text)
    return yaml.load(text, yaml.BaseLoader), text


def assert_it_holds(folder: Path) -> meshkit.Run:
    mesh = meshkit.load(folder / "draft.yaml")
    assert [str(p) for p in mesh.lint()] == []
    run = mesh.check()
    assert {v.id: v.message for v in run.verdicts if v.outcome != "passed"} == {}
    assert run.verdicts
    return run


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> tuple[dict[str, Any], dict[str, list[str]], Path]:
    """The planted table's draft: its fields by name, and the lines of each."""
    folder = tmp_path_factory.mktemp("planted")
    pq.write_table(planted(), folder / "orders.parquet")
    document, text = drafted(folder, folder / "orders.parquet")
    blocks: dict[str, list[str]] = {}
    above: list[str] = []
    name = ""
    for line in text.partition("fields:\n")[2].splitlines():
        if line.startswith("    # "):
            above.append(line)
        elif line.startswith("    - name: "):
            name = line.removeprefix("    - name: ")
            blocks[name], above = [*above, line], []
        else:
            blocks[name].append(line)
    return {f["name"]: f for f in document["schema"]["fields"]}, blocks, folder


def kinds(field: dict[str, Any]) -> list[str]:
    return [c if isinstance(c, str) else next(iter(c)) for c in field.get("constraints", [])]


def test_the_draft_holds_on_the_data_it_was_drafted_from(table):
    run = assert_it_holds(table[2])
    assert len(run.verdicts) == 24  # 4 of the table, 2 of the key, 18 of other columns


def test_a_key_is_unique_and_filled_in_every_row(table):
    fields, lines, _ = table
    assert fields["order_id"]["is_primary_key"] == "true"
    assert "unique and never NULL over all 200 rows (counted)" in "\n".join(lines["order_id"])
    assert [n for n, f in fields.items() if "is_primary_key" in f] == ["order_id"]


def test_a_key_with_one_double_in_the_last_row_or_one_null_is_not_proposed(tmp_path):
    pq.write_table(planted().select(["twice_id", "gap_id", "comment"]), tmp_path / "orders.parquet")
    document, text = drafted(tmp_path, tmp_path / "orders.parquet")
    assert "primary_key" not in text
    assert "199 distinct values (counted)" in text
    assert_it_holds(tmp_path)
    assert kinds(document["schema"]["fields"][0]) == ["not_null"]


def test_null_rates_are_counted_and_small_ones_become_a_threshold(table):
    fields, lines, _ = table
    assert "150 of 200 rows are NULL (75%)" in lines["rarely"][0]
    assert kinds(fields["rarely"]) == []
    assert "9 of 200 rows are NULL (4.5%)" in lines["nearly"][0]
    assert fields["nearly"]["constraints"][0] == {"not_null": {"threshold": "5%", "severity": "warning"}}
    assert "no value in any of 200 rows" in lines["never"][0]
    assert kinds(fields["never"]) == []
    assert kinds(fields["status"])[0] == "not_null"


def test_a_list_is_proposed_only_for_few_values_in_many_rows(table):
    fields, lines, _ = table
    assert fields["status"]["constraints"][1] == {"in": {"values": ["NO", "open", "paid"], "severity": "warning"}}
    assert "3 values in all 200 rows that are filled, each in 40 or more" in "\n".join(lines["status"])
    assert [n for n, f in fields.items() if "in" in kinds(f)] == ["status"]


def test_a_range_is_seen_and_not_promised(table):
    fields, lines, _ = table
    assert "range seen: -1 to 198 in 200 rows; not promised" in lines["balance"][0]
    assert kinds(fields["balance"]) == ["not_null"]
    assert "range seen: 0.00 to 22.25 in 200 rows; not promised" in lines["amount"][0]
    assert fields["amount"]["constraints"][1] == {"min": {"value": "0", "severity": "warning"}}
    assert "1 of 200 rows are NaN" in lines["measured"][0]
    assert "range seen: 0.0 to 199.0 in 199 rows" in lines["measured"][0]
    assert "min" not in kinds(fields["measured"])  # NaN is below no bound and above none


def test_suspects_are_marked_and_none_of_their_values_is_shown(table):
    fields, lines, folder = table
    suspects = {n: f["pii_category"] for n, f in fields.items() if f.get("is_pii") == "true"}
    assert suspects == {"reach": "email", "paid_by": "card_number", "account": "iban", "first_name": "name"}
    assert "by pattern: 200 of 200 filled rows are card numbers (issuer's range, Luhn holds)" in "\n".join(
        lines["paid_by"]
    )
    assert "suspected by its name; confirm it" in "\n".join(lines["first_name"])
    text = (folder / "draft.yaml").read_text()
    assert not any(value in text for value in (*CARDS, *IBANS, "user7@", "N3"))


def test_types_are_those_that_the_check_finds(table):
    fields, _, _ = table
    assert {n: f.get("type") for n, f in fields.items() if n in ("amount", "balance", "placed_on", "placed_at", "rarely")} == {
        "amount": "decimal(10,2)", "balance": "integer", "placed_on": "date", "placed_at": "timestamp", "rarely": "float",
    }  # fmt: skip


def test_two_columns_that_are_the_key_together_are_proposed(tmp_path):
    pairs = [(order, line) for order in range(40) for line in range(5)]
    columns = {"order_id": [o for o, _ in pairs], "line_no": [n for _, n in pairs], "pieces": [1] * ROWS}
    pq.write_table(pa.table(columns), tmp_path / "lines.parquet")
    document, text = drafted(tmp_path, tmp_path / "lines.parquet")
    assert document["schema"]["primary_key"] == ["order_id", "line_no"]
    assert "together they tell all 200 rows apart (counted); no column does alone" in text
    assert_it_holds(tmp_path)


def test_two_columns_with_one_double_are_no_key(tmp_path):
    pairs = [*((o, n) for o in range(40) for n in range(5)), (0, 0)]
    columns = {"order_id": [o for o, _ in pairs], "line_no": [n for _, n in pairs]}
    pq.write_table(pa.table(columns), tmp_path / "lines.parquet")
    assert "primary_key" not in meshkit.draft(tmp_path / "lines.parquet")


def test_a_csv_is_typed_as_the_check_will_read_it(tmp_path):
    (tmp_path / "t.csv").write_text(
        "n,zip,price,rate,day,at,zoned,hour,yes_no,mixed,nothing,code\n"
        "1,01234,1.50,1e3,2026-01-01,2026-01-01 10:00,2026-01-01T10:00:00Z,10:30,true,1,,a\n"
        "-2,99999,20,0.5,2026-12-31,2026-01-01,2026-01-01T12:00:00+02:00,23:59,FALSE,x,,b\n"
    )
    document, text = drafted(tmp_path, tmp_path / "t.csv")
    assert {f["name"]: f.get("type") for f in document["schema"]["fields"]} == {
        "n": "integer", "zip": "string", "price": "decimal(18,1)", "rate": "float", "day": "date", "at": "timestamp",
        "zoned": "timestamp_tz", "hour": "time", "yes_no": "boolean", "mixed": "string", "nothing": None, "code": "string",
    }  # fmt: skip
    assert "some values look like integer, but not all" in text
    assert_it_holds(tmp_path)


def test_a_date_that_no_calendar_has_makes_the_column_text(tmp_path):
    (tmp_path / "t.csv").write_text("id,day\n1,2026-02-28\n2,2026-02-30\n")
    document, _ = drafted(tmp_path, tmp_path / "t.csv")
    assert document["schema"]["fields"][1]["type"] == "string"
    assert_it_holds(tmp_path)


def test_json_keeps_its_own_types_and_the_order_of_its_keys(tmp_path):
    rows = [
        {"z": 1, "a": "007", "n": 1.5, "b": True, "o": {"k": 1}, "l": [1], "m": 1, "d": "2026-01-01"},
        {"z": 2, "a": "008", "n": 2, "b": None, "o": {}, "l": [], "m": "x", "d": None},
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    document, text = drafted(tmp_path, tmp_path / "t.jsonl")
    assert {f["name"]: f.get("type") for f in document["schema"]["fields"]} == {
        "z": "integer", "a": "string", "n": "decimal(18,1)", "b": "boolean", "o": "object", "l": "array", "m": None, "d": "date",
    }  # fmt: skip
    assert document["schema"]["fields"][0]["name"] == "z"
    assert "JSON values of several kinds" in text
    assert_it_holds(tmp_path)


def test_a_ragged_csv_is_refused_with_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n1\n1,2,3\n")
    with pytest.raises(meshkit.EngineError, match=r"MK303 't.csv' is not well-formed CSV, line 3"):
        meshkit.draft(tmp_path / "t.csv")


def test_a_glob_of_files_and_a_partitioned_folder(tmp_path):
    for day in (1, 2):
        folder = tmp_path / "orders" / f"day=2026-01-0{day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": [day * 10, day * 10 + 1]}), folder / "part.parquet")
    document, text = drafted(tmp_path, f"{tmp_path}/orders/*/*.parquet")
    assert "4 rows and 2 columns seen in 2 files" in text
    assert [f.get("type") for f in document["schema"]["fields"]] == ["integer", "date"]
    document, _ = drafted(tmp_path, tmp_path / "orders")
    assert document["schema"]["location"] == "orders"
    assert_it_holds(tmp_path)


@pytest.mark.parametrize(("kind", "day", "code"), [("csv", "date", "string"), ("jsonl", None, None)])
def test_partitions_of_a_text_format(tmp_path, kind, day, code):
    for number, value in enumerate(("007", "x")):
        folder = tmp_path / "t" / "day=2026-01-01" / f"code={value}"
        folder.mkdir(parents=True)
        row = {"csv": f"id\n{number}\n", "jsonl": f'{{"id": {number}}}\n'}[kind]
        (folder / f"x.{kind}").write_text(row)
    document, _ = drafted(tmp_path, tmp_path / "t")
    types = {f["name"]: f.get("type") for f in document["schema"]["fields"]}
    assert types == {"id": "integer", "day": day, "code": code}
    assert_it_holds(tmp_path)


def test_a_column_that_some_files_lack_is_left_out_and_said(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "t_1.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t_2.parquet")
    document, text = drafted(tmp_path, f"{tmp_path}/t_*.parquet", name="t")
    assert [f["name"] for f in document["schema"]["fields"]] == ["a"]
    assert "column 'b' is missing in 1 of 2 files, so it is left out" in text


def test_a_duckdb_file_gives_a_contract_for_each_table(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE SCHEMA s; CREATE TABLE s.orders AS SELECT range AS id, uuid() AS token FROM range(5)")
        database.execute("CREATE VIEW recent AS SELECT * FROM s.orders")
    documents = list(yaml.safe_load_all(meshkit.draft(path)))
    assert [d["schema"]["location"] for d in documents] == ["shop.duckdb#main.recent", "shop.duckdb#s.orders"]
    _, text = drafted(tmp_path, f"{path}#s.orders")
    assert "type: uuid  # UUID in the data" in text
    assert_it_holds(tmp_path)


def test_an_empty_table_is_drafted_and_holds(tmp_path):
    pq.write_table(pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())}), tmp_path / "t.parquet")
    document, text = drafted(tmp_path, tmp_path / "t.parquet")
    assert document["schema"]["row_count"] == {"min": "0"}
    assert "constraints" not in text
    assert "primary_key" not in text
    assert_it_holds(tmp_path)


def test_one_row_proves_no_key(tmp_path):
    pq.write_table(pa.table({"id": [1]}), tmp_path / "t.parquet")
    assert "primary_key" not in meshkit.draft(tmp_path / "t.parquet")


HOSTILE = ["x: y", "#h", 'q"uote', "s'q", "new\nline", "tab\t", "null", "NO", "1e3", "- d", "{y}", "@at", "*s", "&a",
           "!t", "%p", "名前", "\U0001f642", "é\u2028z", "back\\slash", "~", "<<", " lead", "a,b", "\x7f", "\ufeffb"]  # fmt: skip


@pytest.mark.parametrize("kind", ["parquet", "duckdb", "json"])
def test_hostile_names_and_values_come_back_as_they_are(tmp_path, kind):
    columns = {name: [HOSTILE[i % 5] for i in range(ROWS)] for name in HOSTILE}
    location = tmp_path / f"t.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table(columns), location)
    elif kind == "json":
        location.write_text("\n".join(json.dumps({n: v[i] for n, v in columns.items()}) for i in range(ROWS)))
    else:
        frame = pa.table(columns)
        with duckdb.connect(str(location)) as database:
            database.register("frame", frame)
            database.execute("CREATE TABLE t AS SELECT * FROM frame")
    drafted(tmp_path, location)
    contract = meshkit.load(tmp_path / "draft.yaml").products[0].contract
    assert sorted(c.name for c in contract.tables[0].columns) == sorted(HOSTILE)
    assert_it_holds(tmp_path)


def test_the_sample_data_passes_its_own_drafts(tmp_path):
    root = Path(__file__).parents[2] / "sample_data"
    for location in ("flights/data/flights.parquet", "flights/data/weather.parquet", "retail/data/sales/customer_interactions.csv",
                     "retail/data/product/product_events.jsonl", "retail/data/finance/ledger.duckdb"):  # fmt: skip
        (tmp_path / "draft.yaml").write_text(meshkit.draft(root / location, folder=tmp_path))
        assert_it_holds(tmp_path)


def test_the_flights_null_rate_is_the_one_that_the_readme_counts():
    text = meshkit.draft(Path(__file__).parents[2] / "sample_data/flights/data/flights.parquet")
    assert "8,255 of 336,776 rows are NULL (2.45%)" in text


@pytest.mark.parametrize(
    ("location", "written"),
    [
        ("s3://lake/orders/*.parquet", "s3://lake/orders/*.parquet"),
        ("https://me:secret@host/x.csv?sig=abc", "https://***@host/x.csv?***"),
        ("data/orders/", "../data/orders/"),
        ("shop.duckdb#main.orders", "../shop.duckdb#main.orders"),
        ("contracts/x.csv", "x.csv"),
    ],
)
def test_a_location_is_written_from_the_contracts_folder_and_without_secrets(tmp_path, monkeypatch, location, written):
    monkeypatch.chdir(tmp_path)
    assert location_from(Path("contracts"), location) == written


def test_a_draft_in_the_words_of_the_open_standard_checks_the_same(tmp_path):
    table = pa.table({"id": range(200), "kind": ["a", "b"] * 100, "note": [None, *["x"] * 199]})
    pq.write_table(table, tmp_path / "orders.parquet")
    text = meshkit.draft(tmp_path / "orders.parquet", to="odcs", domain="sales")
    document = yaml.safe_load(text)
    assert (document["kind"], document["status"], document["schema"][0]["properties"][0]["name"]) == (
        "DataContract",
        "draft",
        "id",
    )
    assert "# not_null: no NULL in 200 rows" in text
    assert "None" not in text
    (tmp_path / "orders.odcs.yaml").write_text(text)
    mesh = meshkit.load(tmp_path)
    assert [p for p in mesh.lint() if p.severity == "error"] == []
    run = mesh.check()
    assert {str(v.outcome) for v in run.verdicts} == {"passed"}
    kinds = {v.id.removeprefix("sales.orders.orders.") for v in run.verdicts}
    assert {"id.unique", "id.not_null", "kind.in"} <= kinds
