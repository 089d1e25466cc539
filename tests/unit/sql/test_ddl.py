"""CREATE TABLE text to drafts: what is declared is carried over, what cannot be is said."""

from __future__ import annotations

import duckdb
import pytest

import meshkit
from meshkit.model.draft import DraftColumn
from meshkit.sql.create_table import contract_type, read_tables

SHOP = """
CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(200) UNIQUE NOT NULL);
CREATE TABLE shop.orders (
  id bigint, line_no int,
  customer_id bigint NOT NULL REFERENCES customers,
  status varchar(20) NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid')),
  total numeric(10,2) CHECK (total >= -1.5 AND total < 5),
  share double precision CHECK (share BETWEEN 0 AND 1),
  gone bigint REFERENCES elsewhere (id),
  place geography, placed_at timestamptz,
  PRIMARY KEY (id, line_no)
);
COMMENT ON TABLE shop.orders IS 'All orders.';
COMMENT ON COLUMN shop.orders.status IS 'Where it: stands';
CREATE TABLE copied AS SELECT 1 AS a;
INSERT INTO customers VALUES (1, 'x');
"""


def columns(text: str, dialect: str = "", table: int = 0) -> dict[str, DraftColumn]:
    return {c.name: c for c in read_tables(text, dialect, "f.sql")[table].columns}


def constraints(column: DraftColumn) -> list[tuple[str, tuple[str, ...]]]:
    return [(p.kind, p.values) for p in column.proposals]


def test_what_a_script_declares_is_carried_over():
    customers, orders = read_tables(SHOP, "postgres", "shop.sql")
    assert (customers.name, orders.name, orders.about) == ("customers", "orders", "All orders.")
    found = {c.name: c for c in customers.columns}
    assert (found["id"].type, found["id"].key_evidence, constraints(found["id"])) == (
        "integer",
        "declared: PRIMARY KEY",
        [],
    )
    assert constraints(found["email"]) == [("unique", ()), ("not_null", ()), ("max_length", ("200",))]
    assert orders.primary_key == ("id", "line_no")
    found = {c.name: c for c in orders.columns}
    assert constraints(found["customer_id"]) == [("not_null", ()), ("references", ("customers", "id"))]
    assert constraints(found["status"]) == [("not_null", ()), ("in", ("open", "paid")), ("max_length", ("20",))]
    assert (found["status"].default, found["status"].description) == ("open", "Where it: stands")
    assert (found["total"].type, constraints(found["total"])) == ("decimal(10,2)", [("min", ("-1.5",))])
    assert constraints(found["share"]) == [("min", ("0",)), ("max", ("1",))]
    assert found["placed_at"].type == "timestamp_tz"


def test_what_cannot_be_carried_over_is_said():
    orders = read_tables(SHOP, "postgres", "shop.sql")[1]
    found = {c.name: c for c in orders.columns}
    assert "declared CHECK, not carried over: total < 5" in orders.notes
    assert found["gone"].notes == ("declared REFERENCES elsewhere, which is not created here",)
    assert constraints(found["gone"]) == []
    assert (found["place"].type, found["place"].type_evidence) == (
        "",
        "type left out: a contract has no word for GEOGRAPHY",
    )


def test_constraints_that_a_dump_adds_at_its_end_count_too():
    text = """
    CREATE TABLE public.t (id integer NOT NULL, other integer);
    ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
    ALTER TABLE ONLY public.t ADD CONSTRAINT t_other UNIQUE (other);
    """
    found = columns(text, "postgres")
    assert found["id"].key_evidence == "declared: PRIMARY KEY"
    assert constraints(found["other"]) == [("unique", ())]


def test_a_dump_of_postgresql_is_read_past_its_rows():
    text = """
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.t (
    id integer NOT NULL,
    mood character varying(9) DEFAULT 'ok'::character varying,
    price numeric(10,2),
    CONSTRAINT a CHECK ((price >= (0)::numeric)),
    CONSTRAINT b CHECK (((mood)::text = ANY ((ARRAY['ok'::character varying, 'sad'::character varying])::text[])))
);
ALTER TABLE public.t OWNER TO postgres;
COPY public.t (id, mood) FROM stdin;
1\tit's; "q
\\.
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
"""
    found = columns(text, "postgres")
    assert found["id"].key_evidence == "declared: PRIMARY KEY"
    assert constraints(found["mood"]) == [("in", ("ok", "sad")), ("max_length", ("9",))]
    assert constraints(found["price"]) == [("min", ("0",))]


def test_a_list_of_mysql_is_a_list():
    found = columns("CREATE TABLE t (s ENUM('a', 'b') COMMENT 'which', n INT UNSIGNED)", "mysql")
    assert (found["s"].type, constraints(found["s"]), found["s"].description) == (
        "string",
        [("in", ("a", "b"))],
        "which",
    )
    assert found["n"].type == "integer"


@pytest.mark.parametrize(
    ("native", "dialect", "expected"),
    [
        ("varchar(20)", "", ("string", 20)),
        ("text", "", ("string", None)),
        ("NUMBER(38, 0)", "snowflake", ("decimal(38,0)", None)),
        ("NUMERIC(50, 2)", "postgres", ("number", None)),
        ("numeric", "postgres", ("decimal", None)),
        ("INT64", "bigquery", ("integer", None)),
        ("timestamp with time zone", "postgres", ("timestamp_tz", None)),
        ("timestamp", "duckdb", ("timestamp", None)),
        ("jsonb", "postgres", ("object", None)),
        ("int[]", "duckdb", ("array", None)),
        ("uuid", "postgres", ("", None)),
        ("nvarchar(5)", "sqlserver", ("string", 5)),
        ("varchar(5)", "an_adapter_of_ones_own", ("string", 5)),
        ("nothing known", "", ("", None)),
    ],
)
def test_types_of_other_engines(native, dialect, expected):
    assert contract_type(native, dialect) == expected


def test_a_script_that_is_no_sql_names_its_line_and_what_to_do():
    with pytest.raises(meshkit.SqlError, match=r"f\.sql:2:\d+: MK207 .*--dialect"):
        read_tables("CREATE TABLE t (a int);\nCREATE TABLE u (a int;", "", "f.sql")


def test_an_unknown_dialect_and_a_script_without_tables_are_told():
    with pytest.raises(meshkit.UsageError, match="did you mean 'postgres'"):
        read_tables("CREATE TABLE t (a int)", "postgress", "f.sql")
    with pytest.raises(meshkit.UsageError, match="creates no table"):
        read_tables("SELECT 1", "", "f.sql")


def test_drafts_of_a_script_lint_as_one_folder_and_hold_on_a_table_it_creates(tmp_path):
    text = SHOP.replace("shop.orders", "orders").replace("REFERENCES elsewhere (id)", "").replace("geography", "blob")
    (tmp_path / "shop.sql").write_text(text)
    documents = meshkit.draft(tmp_path / "shop.sql", dialect="postgres").split("---\n")
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(
            "CREATE TABLE customers (id BIGINT PRIMARY KEY, email VARCHAR); INSERT INTO customers VALUES (1, 'x')"
        )
        database.execute("CREATE TABLE orders (id BIGINT, line_no INT, customer_id BIGINT, status VARCHAR, total DECIMAL(10,2), "
                         "share DOUBLE, gone BIGINT, place BLOB, placed_at TIMESTAMPTZ)")  # fmt: skip
        database.execute("INSERT INTO orders VALUES (1, 1, 1, 'open', 0, 0.5, NULL, NULL, now())")
    for name, document in zip(("customers", "orders"), documents, strict=True):
        (tmp_path / f"{name}.yaml").write_text(document)
    mesh = meshkit.load(tmp_path)
    assert [str(p) for p in mesh.lint()] == []
    run = mesh.check(tables={n: f"{path}#main.{n}" for n in ("customers", "orders")})
    assert {v.id: v.message for v in run.verdicts if v.outcome != "passed"} == {}
