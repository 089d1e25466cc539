"""Lineage over tables whose columns are known, worked out by hand."""

from __future__ import annotations

import pytest

from meshkit.errors import SqlError
from meshkit.sql.lineage import Known, trace

TABLES = {
    "orders": ("id", "customer", "total", "day", "tags"),
    "people": ("id", "name", "city"),
    "open": None,
}


def look_up(name: str, _: str) -> Known | None:
    return Known(name, TABLES[name]) if name in TABLES else None


def dotted(origins) -> str:
    return " ".join(sorted(f"{o.table}.{o.column}" for o in origins))


# The query, its output columns with the origins of their values, and what has an influence on the rows.
VECTORS = {
    "plain": ("SELECT id, total + customer AS x FROM orders WHERE day > 1", {"id": "orders.id", "x": "orders.customer orders.total"}, "orders.day"),
    "upper and lower case": ("SELECT O.Total FROM Orders o", {"total": "orders.total"}, ""),
    "constant": ("SELECT 1 AS one FROM orders", {"one": ""}, ""),
    "join": ("SELECT o.total, p.name FROM orders o JOIN people p ON p.id = o.customer", {"total": "orders.total", "name": "people.name"}, "orders.customer people.id"),
    "unqualified in a join": ("SELECT total, city FROM orders JOIN people ON name = day", {"total": "orders.total", "city": "people.city"}, "orders.day people.name"),
    "using": ("SELECT total, name FROM orders JOIN people USING (id)", {"total": "orders.total", "name": "people.name"}, "orders.id people.id"),
    "semi join": ("SELECT total FROM orders o SEMI JOIN people p ON p.id = o.customer AND p.city = 'x'", {"total": "orders.total"}, "orders.customer people.city people.id"),
    "anti join by using": ("SELECT total FROM orders ANTI JOIN people USING (id)", {"total": "orders.total"}, "orders.id people.id"),
    "star of a semi join": ("SELECT * FROM people SEMI JOIN orders USING (id)", {"id": "people.id", "name": "people.name", "city": "people.city"}, "orders.id people.id"),
    "star": ("SELECT * FROM people", {"id": "people.id", "name": "people.name", "city": "people.city"}, ""),
    "star without a column": ("SELECT * EXCLUDE (city) FROM people", {"id": "people.id", "name": "people.name"}, ""),
    "star of a join by using": ("SELECT * FROM people JOIN orders USING (id)", {"id": "people.id", "name": "people.name", "city": "people.city", "customer": "orders.customer", "total": "orders.total", "day": "orders.day", "tags": "orders.tags"}, "orders.id people.id"),
    "star of one": ("SELECT p.* FROM people p, orders", {"id": "people.id", "name": "people.name", "city": "people.city"}, ""),
    "cte": ("WITH c AS (SELECT id AS k, total FROM orders WHERE day = 1) SELECT k FROM c WHERE total > 5", {"k": "orders.id"}, "orders.day orders.total"),
    "cte over a cte": ("WITH a AS (SELECT total AS x FROM orders), b AS (SELECT x * 2 AS y FROM a) SELECT y FROM b", {"y": "orders.total"}, ""),
    "cte that hides a table": ("WITH people AS (SELECT total AS name FROM orders) SELECT name FROM people", {"name": "orders.total"}, ""),
    "star over a cte": ("WITH c AS (SELECT id, name FROM people) SELECT * FROM c", {"id": "people.id", "name": "people.name"}, ""),
    "derived table": ("SELECT d.x FROM (SELECT total AS x, day FROM orders WHERE customer = 1) d WHERE d.day = 2", {"x": "orders.total"}, "orders.customer orders.day"),
    "renamed columns": ("SELECT d.b FROM (SELECT id, total FROM orders) d(a, b)", {"b": "orders.total"}, ""),
    "scalar sub-query": ("SELECT id, (SELECT max(total) FROM orders o WHERE o.customer = p.id) AS most FROM people p", {"id": "people.id", "most": "orders.total"}, "orders.customer people.id"),
    "exists": ("SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM orders WHERE customer = p.id)", {"id": "people.id"}, "orders.customer people.id"),
    "in": ("SELECT name FROM people WHERE id IN (SELECT customer FROM orders WHERE total > 3)", {"name": "people.name"}, "orders.customer orders.total people.id"),
    "union all": ("SELECT id, name FROM people UNION ALL SELECT customer, day FROM orders WHERE total = 1", {"id": "orders.customer people.id", "name": "orders.day people.name"}, "orders.total"),
    "union": ("SELECT id FROM people UNION SELECT customer FROM orders", {"id": "orders.customer people.id"}, "orders.customer people.id"),
    "except": ("SELECT id FROM people EXCEPT SELECT customer FROM orders", {"id": "orders.customer people.id"}, "orders.customer people.id"),
    "group by position": ("SELECT city AS c, count(*) AS n FROM people GROUP BY 1", {"c": "people.city", "n": ""}, "people.city"),
    "group by all": ("SELECT city, max(name) AS m FROM people GROUP BY ALL", {"city": "people.city", "m": "people.name"}, "people.city"),
    "having and order": ("SELECT city FROM people GROUP BY city HAVING count(id) > 1 ORDER BY max(name)", {"city": "people.city"}, "people.city people.id people.name"),
    "window": ("SELECT sum(total) OVER (PARTITION BY customer ORDER BY day) AS running FROM orders", {"running": "orders.customer orders.day orders.total"}, ""),
    "qualify": ("SELECT id FROM orders QUALIFY row_number() OVER (PARTITION BY customer ORDER BY day) = 1", {"id": "orders.id"}, "orders.customer orders.day"),
    "distinct": ("SELECT DISTINCT city FROM people", {"city": "people.city"}, "people.city"),
    "alias used again": ("SELECT total * 2 AS twice, twice + 1 AS more FROM orders", {"twice": "orders.total", "more": "orders.total"}, ""),
    "unnest in FROM": ("SELECT id, t.tag FROM orders, UNNEST(tags) AS t(tag)", {"id": "orders.id", "tag": "orders.tags"}, ""),
    "unnest in SELECT": ("SELECT unnest(tags) AS tag FROM orders", {"tag": "orders.tags"}, ""),
    "a part of an object": ("SELECT tags.colour FROM orders", {"colour": "orders.tags"}, ""),
    "case": ("SELECT CASE WHEN city = 'x' THEN name END AS n FROM people", {"n": "people.city people.name"}, ""),
    "filtered aggregate": ("SELECT count(*) FILTER (WHERE city = 'x') AS n FROM people", {"n": "people.city"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_values_and_influence(name):
    query, outputs, influences = VECTORS[name]
    found = trace(query, look_up)
    assert {c.name: dotted(c.values) for c in found.columns} == outputs
    assert dotted(found.influences) == influences
    assert found.unresolved == ()


def test_a_star_is_told():
    assert trace("SELECT * FROM people", look_up).stars == {"people"}
    assert trace("SELECT count(*) AS n FROM people", look_up).stars == frozenset()


def test_a_cte_that_nothing_uses_is_read_all_the_same():
    found = trace("WITH c AS (SELECT city FROM people) SELECT id FROM orders", look_up)
    assert dotted(found.reads) == "orders.id people.city"
    assert [c.name for c in found.columns] == ["id"]


def test_the_one_table_whose_columns_are_not_known_has_what_no_other_has():
    found = trace("SELECT name, price FROM people, open", look_up)
    assert [dotted(c.values) for c in found.columns] == ["people.name", "open.price"]


def test_a_star_over_unknown_columns_stays_a_star():
    found = trace("SELECT * FROM (SELECT * FROM open) o", look_up)
    assert [(c.name, dotted(c.values)) for c in found.columns] == [("*", "open.*")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nope FROM people", "nope: no table has it"),
        ("SELECT p.nope FROM people p", "p.nope: p has none of that name"),
        ("SELECT x FROM open a, open b", "x: it could be of a or b"),
        ("SELECT x FROM nowhere", "table nowhere, which is not known"),
    ],
)
def test_what_cannot_be_resolved_is_said(query, said):
    assert said in trace(query, look_up).unresolved


def test_a_cte_never_sees_what_stands_beside_it():
    found = trace("WITH c AS (SELECT city FROM orders) SELECT p.id FROM people p, c", look_up)
    assert found.unresolved == ("city: no table has it",)


def test_what_a_contract_may_not_hold_is_refused():
    with pytest.raises(SqlError):
        trace("DELETE FROM people", look_up)
