"""A verdict never depends on the plan: every shape of plan agrees with the others, and with plain Python."""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit
from meshkit.engines import duckdb as engine
from meshkit.engines.budget import Budget
from meshkit.run import arrange, keys

NOW = datetime(2026, 1, 2, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1)
LEAST, GREATEST = -(2**63), 2**63 - 1
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


class Column(NamedTuple):
    """A column of random values.

    Attributes:
        values: What they are, in Python; NULL may stand anywhere.
        type: What Arrow keeps them as.
        written: How a bound stands in a contract.
    """

    values: st.SearchStrategy[Any]
    type: pa.DataType
    written: Callable[[Any], str] = str


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    most = 10**digits - 1
    return st.one_of(st.integers(-3, 3), st.integers(-most, most)).map(lambda n: Decimal(f"{n}e-{places}"))


def moments(zone: Any = None) -> st.SearchStrategy[datetime]:
    edges = [datetime(1, 1, 1), datetime(1677, 9, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), EPOCH]
    edges += [datetime(2262, 4, 12), datetime(9999, 12, 31, 23, 59, 59, 999999)]
    anything = st.one_of(st.sampled_from(edges), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
    return anything.map(lambda m: m.replace(tzinfo=zone))


def nanoseconds(value: int) -> str:
    return (EPOCH + timedelta(microseconds=value // 1000)).isoformat(sep=" ")


def instant(value: datetime) -> str:
    return value.isoformat(sep=" ")


LETTERS = st.text(st.sampled_from("ab é😀\n%'\"\\"), max_size=3)
TEXTS = st.one_of(LETTERS, LETTERS.map(lambda end: "x" * 260 + end), st.sampled_from(["", "NULL", "NaN", "x" * 256]))
SECONDS = st.integers(-9_223_372_036, 9_223_372_036)
COLUMNS: Mapping[str, Column] = {
    "integer": Column(st.one_of(st.integers(-2, 2), st.integers(LEAST, GREATEST), st.just(LEAST)), pa.int64()),
    "small": Column(st.integers(-128, 127), pa.int8()),
    "unsigned": Column(st.one_of(st.integers(0, 2), st.integers(0, 2**64 - 1), st.just(2**64 - 1)), pa.uint64()),
    "decimal": Column(decimals(18, 3), pa.decimal128(18, 3), "{:f}".format),
    "wide": Column(decimals(38, 10), pa.decimal128(38, 10), "{:f}".format),
    "float": Column(st.one_of(st.sampled_from([0.0, -0.0, 0.1 + 0.2, math.nan]), st.floats()), pa.float64(), repr),
    "date": Column(st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(1969, 12, 31)])), pa.date32()),
    "moment": Column(moments(), pa.timestamp("us"), instant),
    "instant": Column(moments(UTC), pa.timestamp("us", "UTC"), instant),
    "nano": Column(st.one_of(SECONDS.map(lambda s: s * 10**9), st.integers(LEAST + 1, GREATEST - 1)), pa.timestamp("ns")),
    "flag": Column(st.booleans(), pa.bool_(), lambda v: "true" if v else "false"),
    "text": Column(TEXTS, pa.string()),
}  # fmt: skip
COLUMNS = {**COLUMNS, "nano": COLUMNS["nano"]._replace(written=nanoseconds)}


class Expected(NamedTuple):
    """What a check must come to: bad rows of all, or one number."""

    bad: int | None = None
    total: int | None = None
    value: Any = None


class Case(NamedTuple):
    """A table, the contract over it, and what plain Python says of each check."""

    table: pa.Table
    parent: pa.Table
    contract: dict[str, Any]
    expected: dict[str, Expected]


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def bound_of(kind: str, value: Any) -> Any:
    """What a written bound says: nanoseconds are written as whole microseconds."""
    return value // 1000 * 1000 if kind == "nano" else value


@st.composite
def cases(draw: st.DrawFn, most: int) -> Case:
    rows = draw(st.integers(0, most))
    kinds = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=3, unique=True))
    values: dict[str, list[Any]] = {}
    for kind in kinds:
        strategy = COLUMNS[kind].values
        if draw(st.booleans()):
            strategy = st.sampled_from(draw(st.lists(strategy, min_size=1, max_size=3)))
        values[kind] = draw(
            st.lists(st.one_of(st.none(), strategy) if draw(st.booleans()) else strategy, min_size=rows, max_size=rows)
        )
    few = st.one_of(st.none(), st.integers(-1, 3))
    values["k"], values["g"] = (draw(st.lists(few, min_size=rows, max_size=rows)) for _ in "kg")
    parents = draw(st.lists(st.integers(-1, 3), max_size=3))
    expected: dict[str, Expected] = {"row_count": Expected(value=rows)}
    fields = [_field(draw, kind, values[kind], expected) for kind in kinds]
    fields += _keys(values, parents, expected)
    sla: dict[str, Any] = {
        "quality_checks": _queries(draw, values, expected),
        "completeness": {"min_threshold": "50%", "columns": [*kinds, "k"]},
    }
    missing = sum(v is None for kind in (*kinds, "k") for v in values[kind])
    expected["completeness"] = Expected(missing, rows * (len(kinds) + 1))
    timed = [kind for kind in kinds if kind in ("moment", "instant")]
    if timed:
        sla["freshness"] = {"column": timed[0], "max_age_hours": 24}
        aware = [v.replace(tzinfo=UTC) for v in values[timed[0]] if v is not None]
        known = [v for v in aware if v <= NOW]
        expected["freshness"] = Expected(value=(NOW - max(known)).total_seconds() / 3600 if known else None)
        expected["not_future"] = Expected(len(aware) - len(known), rows)
    types = {**{kind: COLUMNS[kind].type for kind in kinds}, "k": pa.int64(), "g": pa.int32()}
    contract = {
        "name": "p", "version": "1.0.0", "domain": "d", "description": "Random.", "inputs": {"r": "r.parquet"}, "sla": sla,
        "schema": {"alias": "t", "location": "data/*.parquet", "fields": fields},
    }  # fmt: skip
    table = pa.table({name: pa.array(values[name], kind) for name, kind in types.items()})
    return Case(table, pa.table({"id": pa.array(parents, pa.int64())}), contract, expected)


def _field(draw: st.DrawFn, kind: str, values: list[Any], expected: dict[str, Expected]) -> dict[str, Any]:
    column = COLUMNS[kind]
    filled = [v for v in values if v is not None]
    some = st.one_of(column.values, st.sampled_from(filled)) if filled else column.values
    total = len(values)
    constraints: list[Any] = ["not_null"]
    expected[f"{kind}.not_null"] = Expected(total - len(filled), total)
    if kind != "float":  # equal floats are the engine's to tell
        constraints.append("unique")
        expected[f"{kind}.unique"] = Expected(len(filled) - len(set(filled)), total)
    listed = draw(st.lists(some.filter(lambda v: not is_nan(v) and not (v != v or v in (math.inf, -math.inf))
                                       if isinstance(v, float) else True), min_size=1, max_size=3))  # fmt: skip
    members = [bound_of(kind, v) for v in listed]
    constraints.append({"in": [column.written(v) for v in listed]})
    expected[f"{kind}.in"] = Expected(sum(v not in members for v in filled), total)
    if kind == "text":
        length, pattern = draw(st.integers(0, 261)), draw(st.sampled_from(["^a", "%", "b.", "é|'", r"\\"]))
        constraints += [{"min_length": length}, {"max_length": length}, {"pattern": pattern}]
        expected["text.min_length"] = Expected(sum(len(v) < length for v in filled), total)
        expected["text.max_length"] = Expected(sum(len(v) > length for v in filled), total)
        expected["text.pattern"] = Expected(sum(not re.search(pattern, v) for v in filled), total)
    elif kind != "flag":
        low, high = listed[0], listed[-1]
        constraints += [{"min": column.written(low)}, {"max": column.written(high)}]
        expected[f"{kind}.min"] = Expected(sum(is_nan(v) or v < members[0] for v in filled), total)
        expected[f"{kind}.max"] = Expected(sum(is_nan(v) or v > members[-1] for v in filled), total)
    return {"name": kind, "constraints": constraints}


def _keys(values: dict[str, list[Any]], parents: list[int], expected: dict[str, Expected]) -> list[dict[str, Any]]:
    """A key of two columns, one of which refers to another table, with a condition."""
    rows = len(values["k"])
    pairs = [p for p in zip(values["k"], values["g"], strict=True) if None not in p]
    expected["primary_key"] = Expected(len(pairs) - len(set(pairs)), rows)
    for name in "kg":
        expected[f"{name}.not_null"] = Expected(values[name].count(None), rows)
    ones = [k for k, g in zip(values["k"], values["g"], strict=True) if g == 1]
    expected["k.references"] = Expected(sum(k is not None and k not in parents for k in values["k"]), rows)
    expected["k.unique"] = Expected(sum(n - 1 for k, n in Counter(ones).items() if k is not None), len(ones))
    expected["k.min"] = Expected(sum(k is not None and k < 1 for k in ones), len(ones))
    where = "g = 1"
    constraints = [{"references": "r.id"}, {"unique": {"where": where}}, {"min": {"value": 1, "where": where}}]
    return [
        {"name": "k", "is_primary_key": True, "constraints": constraints},
        {"name": "g", "is_primary_key": True},
    ]


def _queries(draw: st.DrawFn, values: dict[str, list[Any]], expected: dict[str, Expected]) -> list[dict[str, Any]]:
    b = draw(st.integers(-2, 4))
    k, g = values["k"], values["g"]
    filled = [v for v in k if v is not None]
    above = sum(v > b for v in filled)
    answers: dict[str, tuple[str, Any]] = {
        "plain": (f"SELECT COUNT(*) FROM t WHERE k > {b}", above),
        "turned": (f"SELECT COUNT(1) AS n FROM t WHERE NOT ({b} >= k)", above),
        "alias": (f"SELECT COUNT(*) FROM t AS z WHERE z.k > {b} OR z.k IS NULL", above + len(k) - len(filled)),
        "cte": (
            f"WITH c AS (SELECT k AS v FROM t WHERE g = 1) SELECT COUNT(*) FROM c WHERE v <= {b}",
            sum(y == 1 and x is not None and x <= b for x, y in zip(k, g, strict=True)),
        ),
        "cast": (
            f"SELECT COUNT(*) FROM (SELECT CAST(k AS DECIMAL(20, 2)) AS v FROM t) AS s WHERE s.v NOT BETWEEN 0 AND {b}.5",
            sum(not 0 <= v <= b + Fraction(1, 2) if b >= 0 else not 0 <= v <= b - Fraction(1, 2) for v in filled),
        ),
        "values": ("SELECT COUNT(k) FROM t", len(filled)),
        "case": (f"SELECT COUNT(CASE WHEN k > {b} THEN 1 END) FROM t", above),
        "sum": (
            f"SELECT COALESCE(SUM(k), 0) * 2 FROM (SELECT * FROM t) AS q WHERE k < {b}",
            2 * sum(v for v in filled if v < b),
        ),
        "ratio": (
            "SELECT CASE WHEN COUNT(*) = 0 THEN 0 ELSE COUNT(k) / COUNT(*) END FROM t",
            len(filled) / len(k) if k else 0,
        ),
        "distinct": ("SELECT COUNT(DISTINCT k) FROM t", len(set(filled))),
        "unnested": ("SELECT COUNT(*) FROM (SELECT unnest([k, g]) AS v FROM t) AS s", 2 * len(k)),
        "joined": (
            "SELECT COUNT(*) FROM t AS a JOIN t AS b ON a.k = b.g",
            sum(x is not None and x == y for x in k for y in g),
        ),
    }
    expected.update({name: Expected(value=value) for name, (_, value) in answers.items()})
    return [{"name": name, "query": query} for name, (query, _) in answers.items()]


@st.composite
def writers(draw: st.DrawFn) -> Callable[[pa.Table, Path], None]:
    """Files by Arrow, DuckDB or polars: several files, row groups, encodings, with and without statistics."""
    size, files = draw(st.integers(1, 5)), draw(st.integers(1, 2))
    library = draw(st.sampled_from(["arrow", "arrow", "duckdb", "polars"]))
    coded, told, empties = draw(st.booleans()), draw(st.sampled_from([True, True, False, ["k"]])), draw(st.booleans())

    def write(table: pa.Table, folder: Path) -> None:
        cut = table.num_rows // files
        for number in range(files):
            part = table.slice(cut * number, None if number == files - 1 else cut)
            file = folder / f"{number}.parquet"
            if library == "polars":
                pl.from_arrow(part).write_parquet(file, row_group_size=size, statistics=bool(told))
            elif library == "duckdb":
                with duckdb.connect() as database:
                    database.register("part", part)
                    database.execute(f"COPY (FROM part) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE {size})")
            else:
                with pq.ParquetWriter(file, part.schema, use_dictionary=coded, write_statistics=told) as writer:
                    if empties:
                        writer.write_table(part.slice(0, 0))
                    writer.write_table(part, row_group_size=size)

    return write


def _small_keys(memory: str | None, made: Any = Budget.of) -> Budget:
    return made(memory)._replace(key_bytes=32)


SHAPES: Mapping[str, tuple[tuple[Any, str, Any], ...]] = {
    "as planned": (),
    "all exact": (),
    "pruned": ((arrange, "_STATEMENT", 0), (arrange, "_COMPARE", 1.0), (arrange, "_MOST_SURVIVING", 1.0)),
    "a statement each": ((arrange, "CHUNK", 1),),
    "sorted hashes": ((arrange, "LEAST_HASHED", 0), (arrange, "MOST_SHARED", 100)),
    "hashes in parts": ((arrange, "LEAST_HASHED", 0), (engine.Budget, "of", _small_keys)),
    "too many equal hashes": ((arrange, "LEAST_HASHED", 0), (keys, "MOST_CANDIDATES", 0)),
}


@contextlib.contextmanager
def shaped(name: str) -> Iterator[str]:
    """Force a shape of plan; what it gives is how far statistics are trusted."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, attribute, value in SHAPES[name]:
            patch.setattr(owner, attribute, value)
        yield "never" if name == "all exact" else "exact"


def verdicts(mesh: meshkit.Mesh, shape: str, tables: dict[str, Any] | None = None) -> dict[str, tuple[Any, ...]]:
    with shaped(shape) as trust:
        found = mesh.check(now=NOW, trust_statistics=trust, tables=tables).verdicts
    return {v.id.removeprefix("d.p.t."): (str(v.outcome), v.bad, v.total, v.value, v.message) for v in found}


def agree(case: Case, write: Callable[[pa.Table, Path], None], folder: Path, shapes: Iterable[str] = SHAPES) -> None:
    (folder / "data").mkdir()
    write(case.table, folder / "data")
    pq.write_table(case.parent, folder / "r.parquet")
    (folder / "p.yaml").write_text(yaml.safe_dump(case.contract, allow_unicode=True), encoding="utf-8")
    mesh = meshkit.load(folder / "p.yaml")
    first = verdicts(mesh, "as planned")
    for name, expected in case.expected.items():
        outcome, bad, total, value, message = first[name]
        assert outcome in ("passed", "failed", "warned"), (name, message)
        if expected.total is not None:
            assert (bad, total) == (expected.bad, expected.total), name
        else:
            assert value == expected.value, name
    for shape in shapes:
        assert verdicts(mesh, shape) == first, shape
    frame = {name: found[1:4] for name, found in verdicts(mesh, "as planned", {"t": case.table}).items()}
    assert {n: frame[n] for n in case.expected} == {n: first[n][1:4] for n in case.expected}


@settings(max_examples=examples(4, 12), deadline=None, suppress_health_check=QUIET)
@given(cases(8), writers(), st.lists(st.sampled_from(sorted(SHAPES)), min_size=2, max_size=2, unique=True))
def test_every_shape_of_plan_says_what_plain_python_says(
    tmp_path_factory: pytest.TempPathFactory, case: Case, write: Callable[[pa.Table, Path], None], shapes: list[str]
) -> None:
    agree(case, write, tmp_path_factory.mktemp("plans"), ["all exact", *shapes])


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=QUIET)
@given(cases(40), writers())
def test_every_shape_of_plan_says_what_plain_python_says_of_more(
    tmp_path_factory: pytest.TempPathFactory, case: Case, write: Callable[[pa.Table, Path], None]
) -> None:
    agree(case, write, tmp_path_factory.mktemp("plans"))
