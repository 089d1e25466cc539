"""Names of dialects: one that is known under another name is taken, any other is refused with its nearest."""

from __future__ import annotations

import pytest

import meshkit
from meshkit.errors import UsageError

PRODUCT = "sales.sales_orders"


@pytest.fixture(scope="module")
def product():
    return meshkit.load("sample_data/retail").product(PRODUCT)


@pytest.mark.parametrize(
    ("name", "known"),
    [("athena", "trino"), ("postgresql", "postgres"), ("mariadb", "mysql"), ("mssql", "sqlserver"), ("tsql", "sqlserver"),
     ("chdb", "clickhouse"), ("Snowflake", "snowflake")],
)  # fmt: skip
def test_a_dialect_is_known_by_its_other_names(product, name, known):
    assert product.sql("order_id.unique", dialect=name) == product.sql("order_id.unique", dialect=known)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("presto", "its nearest is 'trino'"), ("spark2", "its nearest is 'spark'"), ("doris", "its nearest is 'mysql'"),
     ("snowflke", "did you mean 'snowflake'"), ("teradata", "known: duckdb, .*, oracle$")],
)  # fmt: skip
def test_any_other_is_refused_with_its_nearest(product, name, hint):
    with pytest.raises(UsageError, match=f"unknown dialect '{name}'; {hint}"):
        product.sql("order_id.unique", dialect=name)


def test_tables_are_written_in_a_dialect_by_its_other_names_too(product):
    assert str(product.export("sql", dialect="mssql")) == str(product.export("sql", dialect="tsql"))
    assert str(product.export("sql", dialect="athena")) == str(product.export("sql", dialect="trino"))
    with pytest.raises(UsageError, match="for dialect 'presto'; its nearest is 'trino'"):
        product.export("sql", dialect="presto")


def test_an_author_names_an_engine_by_the_one_name_that_meshkit_has(mesh, contract):
    queries = [{"name": "q", "query": "SELECT 1", "sql": {"athena": "SELECT 1"}, "must_be": 1}]
    (found,) = mesh(contract([{"name": "a"}], sla={"quality_checks": queries})).problems
    assert (found.code, found.hint) == ("MK110", "write it 'trino'")
