"""Queries in an engine's own words: a quoted name that nothing has is refused where the engine would read it as a text."""

from __future__ import annotations

import sqlite3

import pytest
import sqlglot

from meshkit.errors import SqlError
from meshkit.model.relation import SeenColumn
from meshkit.sql.transpile.frame import as_it_stands
from meshkit.sql.transpile.names import Stored

TABLES = {"r1": Stored(("orders",), (SeenColumn(name="id", type="BIGINT"), SeenColumn(name="Status", type="VARCHAR")))}


def written(sql: str) -> str:
    return as_it_stands(sqlglot.parse_one(sql, read="sqlite"), "sqlite", TABLES)


def test_sqlite_itself_reads_a_name_that_is_not_there_as_a_text():
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE orders (id)")
        database.execute("INSERT INTO orders VALUES (1)")
        assert database.execute("""SELECT count(*) FROM orders WHERE "typo" = 'typo'""").fetchone() == (1,)


@pytest.mark.parametrize("name", ["typo", "statüs", "stat us"])
def test_a_quoted_name_that_nothing_has_is_refused(name):
    with pytest.raises(SqlError, match="no column") as error:
        written(f'SELECT count(*) FROM r1 WHERE "{name}" = 1')
    assert error.value.code == "MK206"


@pytest.mark.parametrize(
    "sql",
    [
        """SELECT count(*) FROM r1 WHERE "status" = 'x'""",
        'SELECT count(*) FROM (SELECT id AS "an id" FROM r1) WHERE "an id" > 0',
        'WITH c("one") AS (SELECT id FROM r1) SELECT count(*) FROM c WHERE "one" > 0',
        'SELECT count(*) FROM r1 WHERE "rowid" > 0',
        "SELECT count(*) FROM r1 WHERE status = 'typo'",
    ],
)
def test_names_that_are_there_pass(sql):
    assert "orders" in written(sql)
