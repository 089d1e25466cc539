"""Which spellings are one query, and which are two; and in what two queries differ."""

from __future__ import annotations

import pytest

from meshkit.sql.canonical import same_condition, same_query
from meshkit.sql.query_changes import QueryChange, compare_queries

SAME = [
    ("SELECT COUNT(*) FROM t WHERE a = 1", "select count ( * )\nfrom T\nwhere A=1 -- all"),
    ("SELECT COUNT(*) FROM t", "SELECT count(*) AS n FROM t;"),
    ("SELECT COUNT(*) FROM t x WHERE x.a > 1", "SELECT COUNT(*) FROM t WHERE (a) > 1"),
    ("SELECT COUNT(*) FROM t a JOIN u b ON a.k = b.k", "SELECT COUNT(*) FROM t AS x INNER JOIN u AS y ON x.k = y.k"),
    ("SELECT COUNT(*) FROM t LEFT JOIN u ON t.k = u.k", "SELECT COUNT(*) FROM t LEFT OUTER JOIN u ON t.k = u.k"),
    ("WITH a AS (SELECT x FROM t) SELECT COUNT(*) FROM a", "WITH bbb AS (SELECT q.x FROM t q) SELECT COUNT(*) FROM bbb z"),
    ("SELECT COUNT(*) FROM t WHERE a <> 1", "SELECT COUNT(*) FROM t WHERE a != 1"),
    ("SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n", "SELECT a, count(*) AS n FROM t GROUP BY 1 ORDER BY n ASC"),
]  # fmt: skip
DIFFERENT = [
    ("SELECT COUNT(*) FROM t WHERE a = 1", "SELECT COUNT(*) FROM t WHERE a = '1'"),
    ("SELECT COUNT(*) FROM t WHERE a = 'x'", "SELECT COUNT(*) FROM t WHERE a = 'X'"),
    ("SELECT COUNT(*) FROM t WHERE (a OR b) AND c", "SELECT COUNT(*) FROM t WHERE a OR b AND c"),
    ("SELECT COUNT(*) FROM t WHERE NOT (a AND b)", "SELECT COUNT(*) FROM t WHERE NOT a AND b"),
    ("SELECT a - (b - c) AS x FROM t", "SELECT a - b - c AS x FROM t"),
    ("SELECT COUNT(*) FROM t JOIN u USING (k)", "SELECT COUNT(*) FROM t LEFT JOIN u USING (k)"),
    ("SELECT COUNT(*) FROM t a JOIN u b ON a.k = b.k WHERE a.x", "SELECT COUNT(*) FROM t a JOIN u b ON a.k = b.k WHERE b.x"),
    ("SELECT COUNT(*) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = y)",
     "SELECT COUNT(*) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = u.y)"),
    ("WITH a AS (SELECT x FROM t), b AS (SELECT x FROM u) SELECT COUNT(*) FROM a",
     "WITH a AS (SELECT x FROM t), b AS (SELECT x FROM u) SELECT COUNT(*) FROM b"),
    ("SELECT -a AS a FROM t ORDER BY a", "SELECT -a AS a FROM t ORDER BY t.a"),
    ('SELECT COUNT(*) FROM t WHERE "a b" = 1', "SELECT COUNT(*) FROM t WHERE a = 1"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_spelling_is_the_same_query(one, other):
    assert same_query(one, other)
    assert same_query(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_meaning_is_another_query(one, other):
    assert not same_query(one, other)


def test_what_cannot_be_read_is_compared_as_words():
    assert same_query("SELEKT  1", "SELEKT 1")
    assert not same_query("SELEKT 1", "SELEKT 2")


def test_conditions_and_aggregates_have_one_spelling_too():
    assert same_condition("a=1 AND (b)", "A = 1 and b")
    assert same_condition("AVG( amount )", "avg(amount)")
    assert not same_condition("avg(amount)", "max(amount)")


SUM = "SELECT day, sum(x) AS s FROM t WHERE x > 0 GROUP BY day"


@pytest.mark.parametrize(
    ("new", "change"),
    [
        ("select T.day, sum(T.x) as s from t where x > 0 group by all", QueryChange()),
        ("SELECT day, sum(x) AS s, count(*) AS n FROM t WHERE x > 0 GROUP BY day", QueryChange(added=("n",))),
        ("SELECT day FROM t WHERE x > 0 GROUP BY day", QueryChange(removed=("s",))),
        ("SELECT day, max(x) AS s FROM t WHERE x > 0 GROUP BY day", QueryChange(changed=("s",))),
        ("SELECT day, sum(x) AS s FROM t WHERE x > 1 GROUP BY day", QueryChange(parts=("WHERE",))),
        ("SELECT day, sum(x) AS s FROM t WHERE x > 0 GROUP BY day HAVING sum(x) > 1", QueryChange(parts=("HAVING",))),
        ("SELECT day, sum(x) AS s FROM t JOIN u USING (k) WHERE x > 0 GROUP BY day", None),
        ("SELECT sum(x) AS s FROM t WHERE x > 0", QueryChange(grain=True, removed=("day",))),
        ("SELECT day, k, sum(x) AS s FROM t WHERE x > 0 GROUP BY 1, 2", QueryChange(grain=True, added=("k",))),
        ("SELECT day, sum(x) AS s FROM t WHERE x > 0 GROUP BY day LIMIT 5", QueryChange(parts=("LIMIT",))),
        (f"{SUM} UNION ALL {SUM}", QueryChange(parts=("UNION",))),
    ],
)
def test_what_differs_between_two_queries(new, change):
    found = compare_queries(SUM, new)
    if change is None:
        assert "JOIN" in found.parts
    else:
        assert found == change
