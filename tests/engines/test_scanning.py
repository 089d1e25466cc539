"""Unmarked personal data, found by sampling: what is counted is made here, so that the counts are known."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.in_process import meshkit as run_cli

import meshkit
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.engines.duckdb_spread import evenly
from meshkit.model.relation import Relation

GOVERNANCE = """
governance:
  global_policies:
    - {name: pii_handling, mandatory: true}
"""
LISTED = GOVERNANCE + "  domain_policies:\n    d: {access_control: [{pii_fields: [contact_point]}]}\n"
IBANS = (
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
)  # of ISO 13616's registry


def luhn(stem: str) -> str:
    """Return the digit that makes a number valid, as ISO/IEC 7812-1 says: every second digit from the right counts double."""
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(stem))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


CARDS = [f"4{i:014d}" for i in range(0, 100_000, 500)]
VALID = [c + luhn(c) for c in CARDS]
WRONG = [c + str((int(luhn(c)) + 1) % 10) for c in CARDS]


def contract(location: str, *fields: str, name: str = "p") -> str:
    lines = "".join(f"    - {{{f}}}\n" for f in fields)
    return (
        f"name: {name}\nversion: 1.0.0\ndomain: d\ndescription: x\nschema:\n  location: {location}\n  fields:\n{lines}"
    )


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., meshkit.Mesh]:
    """Make a mesh of one product over some data: `columns` are written as parquet."""

    def make(
        *fields: str,
        columns: dict[str, list] | None = None,
        location: str = "data.parquet",
        governance: str = GOVERNANCE,
    ) -> meshkit.Mesh:
        if columns is not None:
            pq.write_table(pa.table(columns), tmp_path / "data.parquet")
        (tmp_path / "p.yaml").write_text(contract(location, *fields))
        (tmp_path / "governance.yaml").write_text(governance)
        return meshkit.load(tmp_path)

    return make


def suspected(mesh: meshkit.Mesh, **asked) -> dict[str, str]:
    """Return the columns that a scan suspects, each with the message of the rule."""
    scan = meshkit.scan_suspects(mesh, **asked)
    assert scan.problems == ()
    return told(mesh, scan)


def told(
    mesh: meshkit.Mesh, scan: meshkit.Suspects | None = None, rule: str = "pii_handling.suspected"
) -> dict[str, str]:
    found = meshkit.govern(mesh, suspects=scan, now="2026-11-22").products[0].violations
    return {v.field: v.message for v in found if v.rule == rule}


def contacts(rows: int, share: float) -> list[str]:
    """Return so many texts, of which the first of each ten are addresses."""
    return [f"user{i}@shop.example" if i % 1000 < share * 1000 else f"counter {i}" for i in range(rows)]


FIELD = "name: contact_point, type: string"


def test_addresses_under_an_innocent_name_are_found_by_a_scan_alone(made):
    mesh = made(FIELD, columns={"contact_point": contacts(1000, 0.3)})
    assert told(mesh) == {}
    assert suspected(mesh) == {
        "contact_point": "Column 'contact_point' seems to hold personal data (email, by pattern: 300 of 1,000 filled rows hold "
        "an e-mail address), but is not marked"
    }


def test_a_name_alone_is_said_to_be_the_evidence(made):
    mesh = made("name: home_phone, type: string", columns={"home_phone": ["x"]})
    said = "Column 'home_phone' seems to hold personal data (phone, by its name), but is not marked"
    assert told(mesh) == suspected(mesh) == {"home_phone": said}


def test_both_a_name_and_a_form_are_said(made):
    mesh = made("name: email, type: string", columns={"email": contacts(1000, 1)})
    assert (
        "email, by pattern: 1,000 of 1,000 filled rows hold an e-mail address, and by its name"
        in suspected(mesh)["email"]
    )


@pytest.mark.parametrize("as_number", [False, True])
def test_card_numbers_are_found_and_digits_that_fail_luhn_are_not(as_number, made):
    kind = int if as_number else str
    columns = {"ref_a": [kind(v) for v in VALID], "ref_b": [kind(v) for v in WRONG]}
    word = "integer" if as_number else "string"
    mesh = made(f"name: ref_a, type: {word}", f"name: ref_b, type: {word}", columns=columns)
    found = suspected(mesh)
    assert list(found) == ["ref_a"]
    assert "card_number, by pattern: 200 of 200 filled rows are card numbers" in found["ref_a"]


def test_ibans_are_found_and_those_whose_check_fails_are_not(made):
    wrong = [i[:2] + f"{(int(i[2:4]) + 1) % 98:02d}" + i[4:] for i in IBANS]
    columns = {"target": [*IBANS, None] * 30, "other": [*wrong, None] * 30}
    found = suspected(made("name: target, type: string", "name: other, type: string", columns=columns))
    assert list(found) == ["target"]
    assert "(iban, by pattern: 90 of 90 filled rows are IBANs" in found["target"]


def test_one_address_in_a_thousand_remarks_is_no_suspicion(made):
    assert suspected(made("name: remark, type: string", columns={"remark": contacts(10_000, 0.001)})) == {}


def test_marked_columns_are_not_looked_at(made):
    columns = {"contact_point": contacts(100, 1), "other": contacts(100, 1)}
    mesh = made(f"{FIELD}, pii_category: email", "name: other, type: string", columns=columns)
    (found,) = meshkit.scan_suspects(mesh).found.values()
    assert list(found) == [("p", "other")]


def test_what_the_domain_lists_is_an_error_and_no_suspicion_besides(made):
    mesh = made(FIELD, columns={"contact_point": contacts(100, 1)}, governance=LISTED)
    scan = meshkit.scan_suspects(mesh)
    assert told(mesh, scan) == {}
    assert list(told(mesh, scan, "pii_handling.listed")) == ["contact_point"]


FIELDS = (FIELD, "name: ref, type: integer", "name: day, type: timestamp")


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "duckdb"])
def test_text_formats_and_tables_are_scanned_too(form, made, tmp_path):
    rows = [
        {"contact_point": c, "ref": int(v), "day": "01-02-2024 10:00"}
        for c, v in zip(contacts(200, 1), VALID, strict=True)
    ]
    file = tmp_path / f"data.{form}"
    if form == "csv":
        lines = (",".join(map(str, r.values())) for r in rows)
        file.write_text("\n".join(["contact_point,ref,day", *lines]))
    elif form == "duckdb":
        with duckdb.connect(file) as database:
            frame = pa.Table.from_pylist(rows)
            database.execute("CREATE TABLE t AS FROM frame")
            assert frame.num_rows == 200
    else:
        lines = [json.dumps(r) for r in rows]
        file.write_text("\n".join(lines) if form == "jsonl" else f"[{','.join(lines)}]")
    found = suspected(made(*FIELDS, location=file.name))
    assert {name: text.partition("(")[2][:5] for name, text in found.items()} == {
        "contact_point": "email",
        "ref": "card_",
    }


def of_standard(folder: Path, columns: str) -> meshkit.Mesh:
    (folder / "p.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: p\nname: p\ndomain: d\nversion: 1.0.0\nstatus: active\n"
        "servers: [{server: s, type: local, path: data.parquet, format: parquet}]\n"
        f"schema: [{{name: t, physicalName: data.parquet, properties: [{columns}]}}]\n"
    )
    (folder / "governance.yaml").write_text(GOVERNANCE)
    return meshkit.load(folder)


def test_a_column_is_found_under_the_name_that_its_contract_gives_it(tmp_path):
    pq.write_table(pa.table({"cp": contacts(100, 1)}), tmp_path / "data.parquet")
    assert list(suspected(of_standard(tmp_path, "{name: reach, physicalName: cp, logicalType: string}"))) == ["reach"]


def test_parts_of_nested_columns_are_judged_by_their_names_alone(tmp_path):
    people = [{"contact_point": c, "email": "-"} for c in contacts(100, 1)]
    pq.write_table(pa.table({"person": people}), tmp_path / "data.parquet")
    parts = "{name: contact_point, logicalType: string}, {name: email, logicalType: string}"
    mesh = of_standard(tmp_path, f"{{name: person, logicalType: object, properties: [{parts}]}}")
    assert list(suspected(mesh)) == ["person.email"]


def test_an_empty_table_and_one_without_values_are_clean(made):
    empty = pa.table({"contact_point": pa.array([], pa.string()), "ref": pa.array([], pa.int64())})
    assert (
        suspected(made(FIELD, "name: ref, type: integer", columns=dict(zip(empty.column_names, empty, strict=True))))
        == {}
    )
    assert suspected(made(FIELD, columns={"contact_point": pa.array([None] * 50, pa.string())})) == {}


@pytest.mark.parametrize(("form", "text"), [("csv", "contact_point\n"), ("jsonl", "")])
def test_an_empty_text_file_is_clean(form, text, made, tmp_path):
    (tmp_path / f"data.{form}").write_text(text)
    assert suspected(made(FIELD, location=f"data.{form}")) == {}


def missed(mesh: meshkit.Mesh) -> list[str]:
    problems = meshkit.scan_suspects(mesh).problems
    assert {(p.code, str(p.severity)) for p in problems} <= {("MK437", "warning")}
    return [p.message for p in problems]


def test_a_missing_file_is_told_with_its_place_and_is_no_reason_to_fail(made):
    mesh = made(FIELD)
    assert missed(mesh) == [
        "d.p: table 'p' is not scanned for personal data: MK302 'data.parquet' is not there",
    ]
    report = meshkit.compliance_report(mesh, suspects=meshkit.scan_suspects(mesh), now="2026-11-22")
    assert [(p.code, Path(p.place.file).name) for p in report.problems] == [("MK437", "p.yaml")]
    assert report.exit_code == 0


def test_a_file_that_is_broken_is_told_without_what_is_in_it(made, tmp_path):
    (tmp_path / "data.csv").write_text('contact_point,n\n"secret@shop.example,1\nx,2\n')
    (said,) = missed(made(FIELD, "name: n, type: integer", location="data.csv"))
    assert said.startswith("d.p: table 'p' is not scanned for personal data: MK303")
    assert "secret" not in said


def test_a_column_that_the_data_does_not_have_is_told(made):
    mesh = made(FIELD, "name: gone, type: string", columns={"contact_point": contacts(100, 1)})
    assert missed(mesh) == ["d.p: table 'p' is not scanned for personal data: its data has no column 'gone'"]
    assert list(told(mesh, meshkit.scan_suspects(mesh))) == ["contact_point"]


def test_a_table_of_another_engine_is_told(made, tmp_path):
    (tmp_path / "meshkit.yaml").write_text(
        "engines:\n  w: {url: 'sqlite:///shop.db'}\nenvironments:\n  prod: {engine: w}\n"
    )
    mesh = made(FIELD, columns={"contact_point": contacts(100, 1)})
    (problem,) = meshkit.scan_suspects(mesh, env="prod").problems
    assert problem.message.endswith("only files and DuckDB tables are sampled")


def test_no_value_is_in_any_output_or_log_or_the_store(made, tmp_path, caplog, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE", raising=False)
    caplog.set_level(logging.DEBUG)
    made(FIELD, "name: ref, type: string", columns={"contact_point": contacts(200, 1), "ref": VALID})
    said = caplog.text
    for form in ("text", "json", "markdown", "github", "html", "sarif"):
        done = run_cli("govern", str(tmp_path), "--scan-pii", "--format", form)
        assert done.returncode == 0, done.stderr
        assert "hold an e-mail address" in done.stdout
        said += done.stdout + done.stderr
    stored = b"".join(p.read_bytes() for p in (tmp_path / ".meshkit").rglob("*") if p.is_file())
    assert b"hold an e-mail address" in stored
    values = [*contacts(200, 1), *VALID]
    assert not [v for v in values if v in said or v.encode() in stored]


def test_the_rows_of_a_sample_are_chosen_by_the_caller_and_mean_nothing_without_a_scan(made, tmp_path):
    made(FIELD, columns={"contact_point": contacts(1000, 1)})
    done = run_cli("govern", str(tmp_path), "--scan-pii", "--scan-rows", "100", "--no-record")
    assert "by pattern: 100 of 100 filled rows of a sample hold an e-mail address" in done.stdout
    assert run_cli("govern", str(tmp_path), "--scan-rows", "100").returncode == 2
    with pytest.raises(meshkit.UsageError, match="0 rows"):
        meshkit.scan_suspects(meshkit.load(tmp_path), rows=0)


def test_the_same_data_gives_the_same_sample(made):
    mesh = made(FIELD, columns={"contact_point": contacts(100_000, 0.3)})
    first = suspected(mesh, rows=500)
    assert suspected(mesh, rows=500) == first
    assert "of 500 filled rows of a sample" in first["contact_point"]


MILLION = 1_000_000


def read_bytes() -> int:
    """Return how many bytes this process has read so far, from files and whatever else."""
    return int(Path("/proc/self/io").read_text().split()[1])


@pytest.fixture(params=["parquet", "several", "duckdb"])
def large(request, tmp_path):
    """Make a million rows in a hundred row groups or so, and return where they lie and the bytes of the column."""
    text = "'user' || hash(i) || '@shop.example'"
    if request.param == "duckdb":
        with duckdb.connect(tmp_path / "data.duckdb") as database:
            database.execute(
                f"CREATE TABLE t AS SELECT i AS id, {text} AS contact_point FROM range({3 * MILLION}) r(i)"
            )
        return "data.duckdb"
    (tmp_path / "data").mkdir()
    count = 4 if request.param == "several" else 1
    for n in range(count):
        duckdb.sql(
            f"COPY (SELECT i AS id, {text} AS contact_point FROM range({n}, {MILLION}, {count}) r(i)) "
            f"TO '{tmp_path}/data/{n}.parquet' (ROW_GROUP_SIZE 10000)"
        )
    return "data"


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the system does not count what is read")
def test_a_million_rows_are_not_read_whole(large, made, tmp_path):
    mesh = made(FIELD, location=large)
    size = sum(f.stat().st_size for f in tmp_path.glob("data*/*.parquet")) or (tmp_path / "data.duckdb").stat().st_size
    before = read_bytes()
    found = suspected(mesh, rows=2000)
    assert "2,000 of 2,000 filled rows of a sample hold" in found["contact_point"]
    assert read_bytes() - before < size / 2


def opened(location: Path, rows: int):
    """Return the rows of the part of a relation that a sample of it is taken from."""
    session = DuckDB().open([Relation(id="r", location=str(location))], {}, Settings(threads=1))
    try:
        is_part = session.spread("r", rows, "part")
        return is_part, session.execute('SELECT * FROM "part"')
    finally:
        session.close()


def test_row_groups_lie_evenly_over_all_files_and_whole_ones_are_taken(tmp_path):
    for n in range(4):
        ids = list(range(n * 1000, (n + 1) * 1000))
        pq.write_table(pa.table({"id": ids}), tmp_path / f"{n}.parquet", row_group_size=100)
    is_part, part = opened(tmp_path, 800)
    ids = part["id"].to_pylist()
    assert is_part
    assert sorted({i // 100 for i in ids}) == evenly(40, 8) == [2, 7, 12, 17, 22, 27, 32, 37]
    assert sorted(ids) == [i for g in (2, 7, 12, 17, 22, 27, 32, 37) for i in range(g * 100, g * 100 + 100)]


def test_files_that_differ_in_their_columns_are_parts_of_one_whole(tmp_path):
    for n, name in enumerate(("old", "new")):
        columns = {"id": list(range(1000)), name: [name] * 1000}
        pq.write_table(pa.table(columns), tmp_path / f"{n}.parquet", row_group_size=100)
    is_part, part = opened(tmp_path, 100)
    assert (is_part, part.column_names) == (True, ["id", "old", "new"])
    assert part.num_rows == 800
    assert part["old"].null_count == part["new"].null_count == 400


def test_a_column_that_is_called_as_the_place_of_a_row_does_not_lead_astray(tmp_path):
    pq.write_table(pa.table({"file_row_number": [7] * 1000}), tmp_path / "0.parquet", row_group_size=10)
    is_part, part = opened(tmp_path, 10)
    assert (is_part, part.num_rows) == (False, 1000)


def test_folders_that_carry_values_keep_them(tmp_path):
    for day in ("2024-01-01", "2024-01-02"):
        (tmp_path / f"day={day}").mkdir()
        pq.write_table(pa.table({"id": list(range(1000))}), tmp_path / f"day={day}" / "0.parquet", row_group_size=100)
    _, part = opened(tmp_path, 100)
    assert part.num_rows == 800
    assert {str(d) for d in part["day"].to_pylist()} == {"2024-01-01", "2024-01-02"}


def test_a_view_and_a_small_table_are_read_whole(tmp_path):
    with duckdb.connect(tmp_path / "data.duckdb") as database:
        database.execute("CREATE TABLE t AS SELECT i FROM range(1000) r(i); CREATE VIEW v AS FROM t")
    for name in ("t", "v"):
        is_part, part = opened(Path(f"{tmp_path}/data.duckdb#{name}"), 1000)
        assert (is_part, part.num_rows) == (False, 1000)
