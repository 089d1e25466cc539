"""The tables of the store, once for both engines. Only PostgreSQL, migrations and tests import it: SQLite has `schema.sql`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

HEAD = "0002"
"""The newest migration, whose tables these are."""

metadata = sa.MetaData()


def _text(name: str, *, is_key: bool = False, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=is_key, nullable=optional)


def _number(name: str, *, is_key: bool = False, optional: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=is_key, nullable=optional, autoincrement=False)


def _run() -> sa.Column[str]:
    key = sa.ForeignKey("runs.id", ondelete="CASCADE")
    return sa.Column("run_id", sa.Text, key, primary_key=True, nullable=False)


runs = sa.Table(
    "runs",
    metadata,
    _text("id", is_key=True),
    _text("kind"),
    _text("scope"),
    _text("state"),
    _text("outcome", optional=True),
    _text("started"),
    _text("ended", optional=True),
    _text("clock", optional=True),
    _text("meshkit_version"),
    _text("revision", optional=True),
    _text("host", optional=True),
    _number("pid"),
    _text("environment", optional=True),
    _text("engine", optional=True),
    _text("actor", optional=True),
    sa.Index("ix_runs_started", "started"),
    sa.Index("ix_runs_state", "state"),
)

product_runs = sa.Table(
    "product_runs",
    metadata,
    _run(),
    _text("product", is_key=True),
    _text("version", is_key=True),
    _number("position", optional=False),
    _text("started"),
    _text("status", optional=True),
    _text("owner", optional=True),
    _number("table_rows"),
    _text("outcome", optional=True),
    _number("reached"),
    sa.Index("ix_product_runs_product", "product", "version", "started"),
    sqlite_with_rowid=False,
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    _run(),
    _text("product", is_key=True),
    _text("version", is_key=True),
    _text("check_id", is_key=True),
    _number("position", optional=False),
    _text("kind"),
    _text("table_name"),
    _text("column_name", optional=True),
    _text("severity"),
    _text("outcome"),
    _number("bad"),
    _number("total"),
    sa.Column("value", sa.Double),
    _text("unit"),
    _text("threshold"),
    _text("message"),
    _text("place"),
    _text("definition", optional=True),
    sqlite_with_rowid=False,
)

metrics = sa.Table(
    "metrics",
    metadata,
    _run(),
    _text("product", is_key=True),
    _text("version", is_key=True),
    _text("table_name", is_key=True),
    _text("column_name", is_key=True),
    _text("metric", is_key=True),
    sa.Column("value", sa.Double),
    _text("detail", optional=True),
    sqlite_with_rowid=False,
)

evaluations = sa.Table(
    "evaluations",
    metadata,
    _run(),
    _number("position", is_key=True, optional=False),
    _text("product"),
    _text("version"),
    _text("at_point"),
    _text("policy"),
    _text("severity"),
    _text("outcome"),
    _text("message"),
    _text("place"),
    _text("remedy"),
    _text("waiver", optional=True),
    sa.Index("ix_evaluations_product", "product"),
    sqlite_with_rowid=False,
)

versions = sa.Table(
    "versions",
    metadata,
    _text("product", is_key=True),
    _text("published_at", is_key=True),
    _text("version", is_key=True),
    _text("since"),
    _text("files"),
    _text("sha256"),
    _text("published_by", optional=True),
    sqlite_with_rowid=False,
)

requests = sa.Table(
    "requests",
    metadata,
    _text("id", is_key=True),
    _text("product"),
    _text("version"),
    _text("principal"),
    _text("purpose"),
    _text("column_names"),
    _text("level"),
    _text("until"),
    _text("reason"),
    _text("state"),
    _text("codes"),
    _text("requested_at"),
    _text("first_by", optional=True),
    _text("first_at", optional=True),
    _text("decided_by", optional=True),
    _text("decided_at", optional=True),
    _text("decision", optional=True),
    _text("revoked_by", optional=True),
    _text("revoked_at", optional=True),
    _text("revocation", optional=True),
    sa.Index("ix_requests_principal", "principal", "state", "until"),
    sa.Index("ix_requests_product", "product", "requested_at"),
    sa.Index("ix_requests_state", "state", "requested_at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _text("id", is_key=True),
    sa.Column("request_id", sa.Text, sa.ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    _text("recipient"),
    _text("kind"),
    _text("payload"),
    _text("state"),
    _number("tries", optional=False),
    _text("created_at"),
    _text("next_at"),
    _text("sent_at", optional=True),
    _text("error", optional=True),
    sa.Index("ix_outbox_request", "request_id"),
    sa.Index("ix_outbox_state", "state", "next_at"),
)

audit = sa.Table(
    "audit",
    metadata,
    _number("seq", is_key=True, optional=False),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("payload"),
    _text("previous"),
    _text("hash"),
    sa.UniqueConstraint("previous", name="uq_audit_previous"),
)

SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit\n"
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit\n"
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    # INSERT OR REPLACE deletes without the trigger above
    "CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit\n"
    "WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)\n"
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
POSTGRES_TRIGGERS = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS\n"
    "$$BEGIN RAISE EXCEPTION 'the audit log is append-only'; END$$",
    "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit\n"
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def sqlite_text() -> str:
    """Return what makes an empty store in SQLite, as `schema.sql` holds it."""
    dialect = sqlite.dialect()
    made = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        made += [
            str(CreateIndex(i).compile(dialect=dialect)).strip()
            for i in sorted(table.indexes, key=lambda i: str(i.name))
        ]
    made += SQLITE_TRIGGERS
    made += [
        "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL,\n"
        "\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)",
        f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')",  # noqa: S608  # a constant
    ]
    lines = "\n".join(line.rstrip() for line in ";\n\n".join(made).split("\n"))
    return f"-- Made from schema.py by `make golden`; what a store of SQLite starts as.\n{lines};\n"
