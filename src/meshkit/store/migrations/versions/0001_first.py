"""The first tables of the store: runs and what came of them, versions, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit\n"
        "WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS\n"
        "$$BEGIN RAISE EXCEPTION 'the audit log is append-only'; END$$",
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit\n"
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ),
}


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("previous", name="uq_audit_previous"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("ended", sa.Text, nullable=True),
        sa.Column("clock", sa.Text, nullable=True),
        sa.Column("meshkit_version", sa.Text, nullable=False),
        sa.Column("revision", sa.Text, nullable=True),
        sa.Column("host", sa.Text, nullable=True),
        sa.Column("pid", sa.BigInteger, nullable=True),
        sa.Column("environment", sa.Text, nullable=True),
        sa.Column("engine", sa.Text, nullable=True),
        sa.Column("actor", sa.Text, nullable=True),
    )
    op.create_index("ix_runs_started", "runs", ["started"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "versions",
        sa.Column("product", sa.Text, primary_key=True, nullable=False),
        sa.Column("published_at", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Text, primary_key=True, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("published_by", sa.Text, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evaluations",
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
        sa.Column("position", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("at_point", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("waiver", sa.Text, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_evaluations_product", "evaluations", ["product"])
    op.create_table(
        "metrics",
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
        sa.Column("product", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Text, primary_key=True, nullable=False),
        sa.Column("table_name", sa.Text, primary_key=True, nullable=False),
        sa.Column("column_name", sa.Text, primary_key=True, nullable=False),
        sa.Column("metric", sa.Text, primary_key=True, nullable=False),
        sa.Column("value", sa.Double, nullable=True),
        sa.Column("detail", sa.Text, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_runs",
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
        sa.Column("product", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Text, primary_key=True, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=True),
        sa.Column("owner", sa.Text, nullable=True),
        sa.Column("table_rows", sa.BigInteger, nullable=True),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.Column("reached", sa.BigInteger, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_product_runs_product", "product_runs", ["product", "version", "started"])
    op.create_table(
        "verdicts",
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
        sa.Column("product", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Text, primary_key=True, nullable=False),
        sa.Column("check_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("column_name", sa.Text, nullable=True),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("bad", sa.BigInteger, nullable=True),
        sa.Column("total", sa.BigInteger, nullable=True),
        sa.Column("value", sa.Double, nullable=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("threshold", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=True),
        sqlite_with_rowid=False,
    )
    for trigger in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(trigger)
