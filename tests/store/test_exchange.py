"""Runs go from one store to another, whole and once: by parquet files, and by reports of machines that are gone."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.store.stores import PARTIAL, START, after, counted, product_run, raw, recorded, result, verdict

import meshkit
from meshkit.errors import StoreError
from meshkit.model.history import Evaluation
from meshkit.report.json import render_json, run_as_dict
from meshkit.store import exchange, open_store

FILES = {"p.yaml": "name: p\n"}
FULL = result(
    product_run(verdict("x.not_null", "failed", bad=3, value=3, message="3 of 10 rows, allowed 0"), verdict("y.unique"), metrics=(counted(10),))
)  # fmt: skip


def filled(place):
    """A store with something in each table."""
    store = open_store(place)
    run_id = recorded(store, FULL)
    store.record_evaluations(run_id, [Evaluation("d.p", "1.0.0", "publish", "p1", "error", "met")], {})
    store.publish("d.p", {"1.0.0": FILES}, by="ann", at=START)
    store.begin("check", [("d.q", "1.0.0")])
    return store


def everything(place):
    return {name: raw(place, f"SELECT {', '.join(text.split())} FROM {name} ORDER BY 1, 2, 3, 4") for name, text in exchange.COLUMNS.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target"), [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")]
)
def test_an_export_that_is_imported_is_the_same_store(new_place, tmp_path, source, target):
    from_, to = new_place(source), new_place(target)
    with filled(from_) as store:
        files = store.export(tmp_path / "out")
    assert sorted(path.name for path in files) == sorted(f"{name}.parquet" for name in exchange.COLUMNS)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in files)
    with open_store(to) as store:
        assert tuple(store.import_(tmp_path / "out")) == (2, 0, ())
        assert everything(to) == everything(from_)
        assert tuple(store.import_(tmp_path / "out")) == (0, 2, ())
        assert everything(to) == everything(from_)
        assert store.check() == ()


def test_two_stores_become_one_and_two_logs_never_do(new_place, tmp_path):
    with filled(new_place("sqlite")) as one:
        one.export(tmp_path / "out")
    with filled(new_place("sqlite")) as other:
        other.append_audit("bob", "other", "d.p", {}, at=after(days=9))
        head = other.info().audit_head
        found = other.import_(tmp_path / "out")
        assert (found.added, found.known) == (2, 0)
        rows = other.info().rows
        assert (rows["runs"], rows["verdicts"], rows["metrics"], rows["audit"]) == (4, 4, 2, 2)
        assert other.info().audit_head == head
        assert other.check() == ()


def test_a_log_that_differs_is_left_out_and_said(new_place, tmp_path):
    with open_store(new_place("sqlite")) as one:
        one.append_audit("ann", "one", "d.p", {}, at=START)
        one.export(tmp_path / "out")
    with open_store(new_place("sqlite")) as other:
        other.append_audit("bob", "two", "d.p", {}, at=START)
        assert other.import_(tmp_path / "out").notes == ("the audit log was left out: this store has another one",)
        assert other.info().rows["audit"] == 1


def test_a_log_that_was_changed_in_the_export_is_left_out(new_place, tmp_path):
    with open_store(new_place("sqlite")) as one:
        one.append_audit("ann", "one", "d.p", {}, at=START)
        one.export(tmp_path / "out")
    path = tmp_path / "out" / "audit.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(2, table.schema.field(2), pa.array(["bob"])), path)
    with open_store(new_place("sqlite")) as other:
        (note,) = other.import_(tmp_path / "out").notes
        assert "entry 1 of the audit log was changed" in note
        assert other.info().rows["audit"] == 0


@pytest.mark.parametrize("damage", ["garbage", "cut", "other parquet", "no runs", "bad time", "empty"])
def test_a_damaged_export_is_refused_and_nothing_is_written(new_place, tmp_path, damage):
    out, place = tmp_path / "out", new_place("sqlite")
    with filled(new_place("sqlite")) as one:
        one.export(out)
    path = out / "verdicts.parquet"
    if damage == "garbage":
        path.write_bytes(b"PAR1" + bytes(range(256)) * 4 + b"PAR1")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "other parquet":
        pq.write_table(pa.table({"id": [1]}), path)
    elif damage == "no runs":
        (out / "runs.parquet").unlink()
    elif damage == "empty":
        shutil.rmtree(out)
        out.mkdir()
    else:
        table = pq.read_table(out / "product_runs.parquet")
        position = table.schema.get_field_index("started")
        times = pa.array(["yesterday"] * len(table))
        pq.write_table(table.set_column(position, table.schema.field(position), times), out / "product_runs.parquet")
    with open_store(place) as store:
        with pytest.raises(StoreError, match="MK417"):
            store.import_(out)
        assert set(store.info().rows.values()) == {0}


def test_an_export_into_what_is_no_folder_is_told(new_place, tmp_path):
    (tmp_path / "file").write_text("x")
    with open_store(new_place("sqlite")) as store, pytest.raises(StoreError, match=r"MK410 .* cannot be written"):
        store.export(tmp_path / "file")


def report(tmp_path, found=FULL, **changes):
    """Write the report of a run as `meshkit check --format json` does, with changes."""
    values = {**run_as_dict(found), **changes}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(values))
    return path


def test_a_report_is_taken_in_as_if_it_were_recorded_here(store, place, new_place, engine, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(render_json(FULL))
    assert tuple(store.import_(path)) == (1, 0, ())
    assert tuple(store.import_(path)) == (0, 1, ())
    own = new_place(engine)
    with open_store(own) as other:
        recorded(other, FULL)
    columns = exchange.COLUMNS["verdicts"].replace("run_id ", "").split()
    for name, chosen in (("verdicts", columns), ("metrics", exchange.COLUMNS["metrics"].split()[1:])):
        query = f"SELECT {', '.join(c for c in chosen if c != 'place')} FROM {name} ORDER BY 1, 2, 3, 4"
        assert raw(place, query) == raw(own, query) != []
    (read,) = store.last_runs()
    assert (read.outcome, read.rows, read.reached, read.run.started) == ("failed", 10, True, START)
    assert [v.definition for v in read.verdicts] == [v.check.definition for v in FULL.verdicts]
    assert read.verdicts[0].place == "p.yaml:7:5"  # no folder of another machine
    assert store.last_row_counts(["d.p"]) == [("d.p", "1.0.0", "t", 10.0)]


def test_a_run_that_was_recorded_here_is_known(store, tmp_path):
    run_id = recorded(store, FULL)
    path = report(tmp_path, FULL.model_copy(update={"run_id": run_id}))
    assert tuple(store.import_(path)) == (0, 1, ())


def test_a_report_counts_in_the_environment_that_it_names(store, tmp_path):
    store.import_(report(tmp_path, FULL.model_copy(update={"environment": "staging"})), environment="prod")
    assert [p.run.environment for p in store.last_runs(environment="staging")] == ["staging"]
    store.import_(report(tmp_path, FULL), environment="prod")  # it says: none
    assert len(store.last_runs()) == 1
    assert store.last_runs(environment="prod") == []


def test_a_report_of_an_older_meshkit_has_less(store, tmp_path):
    values = run_as_dict(FULL)
    for key in ("environment", "scope", "run_id"):
        del values[key]
    for check in values["products"][0]["checks"]:
        del check["definition"]
    del values["products"][0]["metrics"]
    path = tmp_path / "run.json"
    path.write_text(json.dumps(values))
    assert store.import_(path, environment="prod").added == 1
    assert store.import_(path, environment="prod").known == 1
    (read,) = store.last_runs(environment="prod")
    assert [v.definition for v in read.verdicts] == [None, None]


def test_partial_and_interrupted_reports_are_kept_and_speak_for_nothing(store, tmp_path):
    store.import_(report(tmp_path, FULL.model_copy(update={"scope": PARTIAL})))
    store.import_(report(tmp_path, FULL.model_copy(update={"interrupted": True})))
    assert store.last_runs() == []
    assert sorted(p.run.state for p in store.history("d.p", now=START).runs) == ["ended", "interrupted"]


def hostile(change):
    values = run_as_dict(FULL)
    change(values, values["products"][0], values["products"][0]["checks"][0])
    return values


HOSTILE = {
    "no run": lambda run, *_: run.clear(),
    "no time": lambda run, *_: run.update(started_at="soon"),
    "naive time": lambda run, *_: run.update(started_at="2026-11-22T06:00:00"),
    "far time": lambda run, *_: run.update(started_at="9999-12-31T23:59:59-23:59"),
    "id": lambda run, *_: run.update(run_id="../../x"),
    "number as id": lambda run, *_: run.update(run_id=7),
    "outcome": lambda run, *_: run.update(outcome="great"),
    "scope": lambda run, *_: run.update(scope="everything"),
    "environment": lambda run, *_: run.update(environment=["prod"]),
    "products": lambda run, *_: run.update(products="all"),
    "product twice": lambda run, product, _: run["products"].append(product),
    "rows": lambda _, product, __: product.update(rows=-1),
    "name": lambda _, product, __: product.update(id={"a": 1}),
    "check": lambda _, product, __: product.update(checks=[None]),
    "check twice": lambda _, product, check: product["checks"].append(check),
    "huge": lambda _, __, check: check.update(bad=1 << 63),
    "larger than floats": lambda _, __, check: check.update(value=10**400),
    "boolean": lambda _, __, check: check.update(bad=True),
    "text as number": lambda _, __, check: check.update(value="3"),
    "line": lambda _, __, check: check["place"].update(line="7; DROP TABLE runs"),
    "file": lambda _, __, check: check["place"].update(file=None),
    "severity": lambda _, __, check: check.update(severity="mild"),
    "definition": lambda _, __, check: check.update(definition="x" * 16),
    "metric": lambda _, product, __: product.update(metrics=[{"name": "row_count"}]),
    "value of a metric": lambda _, product, __: product["metrics"][0].update(value={"a": 1}),
    "unit of a metric": lambda _, product, __: product["metrics"][0].update(unit="apples"),
    "metric twice": lambda _, product, __: product["metrics"].append(product["metrics"][0]),
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_report_is_refused_and_nothing_is_written(new_place, tmp_path, change):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(hostile(change)))
    with open_store(new_place("sqlite")) as store:
        with pytest.raises(StoreError, match="MK417"):
            store.import_(path)
        assert set(store.info().rows.values()) == {0}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "7", '"run"', "{", "[" * 200_000, '{"products": ' + "9" * 5_000 + "}", '{"a": NaN}', "\ud800"],
    ids=["empty", "list", "null", "number", "text", "cut", "deep", "digits", "nan", "surrogate"],
)
def test_what_is_no_report_is_refused(new_place, tmp_path, text):
    path = tmp_path / "run.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with open_store(new_place("sqlite")) as store:
        with pytest.raises(StoreError, match=r"MK417 .* no report of meshkit check"):
            store.import_(path)
        assert set(store.info().rows.values()) == {0}


def test_a_report_that_is_not_there_is_told(new_place, tmp_path):
    with open_store(new_place("sqlite")) as store, pytest.raises(StoreError, match=r"MK417 .* no such file"):
        store.import_(tmp_path / "nothing.json")


def test_control_characters_and_paths_of_a_report_do_no_harm(store, tmp_path):
    values = hostile(
        lambda _, product, check: (
            product.update(owner="a\x1b[2Jb\x00"),
            check["place"].update(file="../../etc/passwd"),
        )
    )
    path = tmp_path / "run.json"
    path.write_text(json.dumps(values))
    store.import_(path)
    (read,) = store.last_runs()
    assert read.owner == "a\ufffd[2Jb\ufffd"
    assert read.verdicts[0].place == "passwd:7:5"


def test_no_row_and_no_condition_of_a_report_is_kept(store, place, tmp_path):
    values = hostile(
        lambda _, __, check: check.update(
            samples={"columns": ["x"], "rows": [["SECRET1"]]},
            why=["SECRET2"],
            sql="SELECT 'SECRET3'",
            message="3 of 10 rows, allowed 0; where note = 'a; SECRET4'",
        )
    )
    path = tmp_path / "run.json"
    path.write_text(json.dumps(values))
    store.import_(path)
    assert "SECRET" not in str(everything(place))
    assert store.last_runs()[0].verdicts[0].message == "3 of 10 rows, allowed 0; where ..."


def test_a_report_of_a_real_mesh_is_taken_in(new_place, tmp_path):
    run = meshkit.load("sample_data/retail").check(now="2026-11-22T06:00:00Z", metrics="all")
    path = tmp_path / "run.json"
    path.write_text(render_json(run.result))
    own, taken = new_place("sqlite"), new_place("sqlite")
    with open_store(own) as store:
        recorded(store, run.result)
    with open_store(taken) as store:
        store.import_(path)
    columns = [c for c in exchange.COLUMNS["metrics"].split() if c != "run_id"]
    query = f"SELECT {', '.join(columns)} FROM metrics ORDER BY 1, 2, 3, 4, 5"
    assert raw(taken, query) == raw(own, query)
    assert len(raw(own, query)) > 300
    columns = [c for c in exchange.COLUMNS["verdicts"].split() if c not in ("run_id", "place", "message")]
    query = f"SELECT {', '.join(columns)} FROM verdicts ORDER BY 1, 2, 3"
    assert raw(taken, query) == raw(own, query)
