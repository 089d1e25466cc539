"""A query that is taken as one number about one table gives the number that it gave before."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from meshkit.model.relation import Relation
from meshkit.sql import statements
from meshkit.sql.bind import bind_query
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_query
from meshkit.sql.measures import Measure
from meshkit.sql.one_scan import one_scan

NAMES = frozenset({"x", "y", "l", "n", "m0", "st"})
COLUMNS = "x INTEGER, y DECIMAL(9, 2), l INTEGER[], n INTEGER, m0 VARCHAR, st STRUCT(x INTEGER)"
ROWS = {
    "several": "(1, 1.5, [1, 2], 5, 'a', {x: 9}), (NULL, -2, [], 6, 'b', {x: 8}), (3, NULL, NULL, NULL, NULL, NULL), (3, 0, [7], -1, '', {x: NULL})",
    "one": "(0, 0, [NULL], 0, '0', {x: 0})",
    "all NULL": "(NULL, NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL, NULL, NULL)",
}  # fmt: skip


def measure_of(query: str) -> Measure | None:
    bound = bind_query(parse_query(query), lambda name, schema: Relation(id="d.p.t" if name == "t" else "d.p.u"))
    return one_scan(bound.tree, "d.p.t", NAMES)


@pytest.fixture(scope="module")
def databases():
    made = {}
    for name, rows in {**ROWS, "empty": ""}.items():
        made[name] = duckdb.connect()
        made[name].execute(f"CREATE TABLE t ({COLUMNS})")
        made[name].execute('CREATE VIEW "d.p.t" AS FROM t')
        if rows:
            made[name].execute(f"INSERT INTO t VALUES {rows}")
    yield made
    for database in made.values():
        database.close()


def answers(database: duckdb.DuckDBPyConnection, query: str) -> object:
    try:
        return database.execute(query).fetchall()[0][0]
    except duckdb.Error as error:
        return type(error)


VALUES = st.sampled_from(
    ["x", "y", "x + 1", "CAST(x AS DECIMAL(9, 1))", "n", "coalesce(x, n)", "len(l)", "1", "x * 1.0"]
)
TESTS = st.one_of(
    st.builds("{} {} {}".format, VALUES, st.sampled_from(["<", ">=", "=", "<>"]), st.integers(-2, 4)),
    st.sampled_from(["x IS NULL", "y IS NOT NULL", "m0 LIKE 'a%'", "x IN (1, 3)", "l IS NULL OR x = 1", "x <> y", "TRUE",
                     "st.x > 8", "len(list_filter(l, v -> v > 1)) > 0"]),
)  # fmt: skip
AGGREGATES = st.one_of(
    st.sampled_from(["COUNT(*)", "COUNT(1)", "COUNT(x)", "COUNT(NULL)", "COUNT(DISTINCT x)", "COUNT_IF(x > 1)"]),
    st.builds("{}({})".format, st.sampled_from(["SUM", "AVG", "MIN", "MAX", "STDDEV", "VAR_POP"]), VALUES),
    st.builds("COUNT(CASE WHEN {} THEN 1 END)".format, TESTS),
    st.builds("SUM(CASE WHEN {} THEN 1 ELSE 0 END)".format, TESTS),
    st.builds("{} FILTER (WHERE {})".format, st.sampled_from(["COUNT(*)", "SUM(x)"]), TESTS),
)
ASKED = st.one_of(
    AGGREGATES,
    st.builds("{} * 1.0 / nullif({}, 0)".format, AGGREGATES, AGGREGATES),
    st.builds("coalesce({}, 0) AS n".format, AGGREGATES),
    st.builds("CASE WHEN COUNT(*) = 0 THEN 0 ELSE {} END".format, AGGREGATES),
)
SOURCES = st.sampled_from(
    ["t", "t AS x2", "(SELECT * FROM t) AS s", "(SELECT * FROM t WHERE x > 0) AS s", "(SELECT y AS x, x AS y, l, n, m0, st FROM t) AS s",
     "(SELECT x + 1 AS x, y, l, n, m0, st FROM t WHERE n > 0) AS s", "(SELECT unnest(l) AS x, y, l, n, m0, st FROM t) AS s",
     "(SELECT DISTINCT x, y, l, n, m0, st FROM t) AS s", "(SELECT * FROM t LIMIT 1) AS s", "t, t AS u", "(SELECT v AS x, y, l, n, m0, st FROM (SELECT n + 1 AS v, * FROM t) AS i) AS s",
     "(SELECT n + 1 AS n, x, y, l, m0, st FROM (SELECT x AS n, y AS x, n AS y, l, m0, st FROM t WHERE x = 3) AS i) AS s"]
)  # fmt: skip


@st.composite
def queries(draw: st.DrawFn) -> str:
    source, asked = draw(SOURCES), draw(ASKED)
    where = f" WHERE {draw(TESTS)}" if draw(st.booleans()) else ""
    if draw(st.booleans()) and source != "t, t AS u":
        return f"WITH c AS (SELECT * FROM {source}{where}) SELECT {asked} FROM c"
    return f"SELECT {asked} FROM {source}{where}"


@settings(max_examples=examples(60, 200), deadline=None)
@given(query=queries())
def test_a_measure_is_what_its_query_answers(databases, query: str) -> None:
    measure = measure_of(query)
    if measure is None:
        return
    scan = render(statements.scan("d.p.t", "t", [measure.tree]))
    for name, database in databases.items():
        wanted = answers(database, query)
        found = answers(database, f"SELECT m0 FROM ({scan})")
        if isinstance(found, type):
            continue  # what fails in a scan is asked again by itself
        assert found == wanted, (name, scan)
        assert type(found) is type(wanted), (name, scan)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM t WHERE x > 1",
        "SELECT COUNT(x) FROM t",
        "WITH c AS (SELECT x AS v FROM t WHERE y > 0), e AS (SELECT v FROM c) SELECT COUNT(*) FROM e WHERE v = 3",
        "SELECT SUM(x) * 1.0 / COUNT(*) FROM (SELECT * FROM t) AS s WHERE y IS NOT NULL",
    ],
)
def test_a_count_or_an_aggregate_of_one_table_is_one_scan(query: str) -> None:
    assert measure_of(query) is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM (SELECT unnest(l) AS v FROM t) AS s",
        "SELECT COUNT(*) FROM (SELECT v + 1 AS w, l FROM (SELECT x AS v, l FROM t) AS i) AS s WHERE len(list_filter(l, v -> v > w)) > 0",
        "SELECT COUNT(*) FROM t WHERE x IN (SELECT y FROM u)",
        "SELECT COUNT(*) FROM t, u",
        "SELECT COUNT(*) FROM u",
        "SELECT COUNT(*) FROM t GROUP BY x",
        "SELECT COUNT(*) FROM (SELECT DISTINCT x FROM t) AS s",
        "SELECT COUNT(*) FROM (SELECT x FROM t LIMIT 2) AS s",
        "SELECT COUNT(*) FROM (SELECT x FROM t UNION ALL SELECT x FROM t) AS s",
        "SELECT MAX(r) FROM (SELECT row_number() OVER () AS r FROM t) AS s",
        "SELECT COUNT(*) FROM t WHERE st.x > 1",
        "SELECT x FROM t",
    ],
)  # fmt: skip
def test_what_is_more_than_one_pass_is_left_alone(query: str) -> None:
    assert measure_of(query) is None
