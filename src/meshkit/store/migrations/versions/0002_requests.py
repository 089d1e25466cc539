"""Requests for access, and the notices that go out about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "requests",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (
            "product", "version", "principal", "purpose", "column_names", "level", "until", "reason", "state", "codes", "requested_at",
        )),
        *(sa.Column(name, sa.Text, nullable=True) for name in (
            "first_by", "first_at", "decided_by", "decided_at", "decision", "revoked_by", "revoked_at", "revocation",
        )),
    )  # fmt: skip
    op.create_index("ix_requests_principal", "requests", ["principal", "state", "until"])
    op.create_index("ix_requests_product", "requests", ["product", "requested_at"])
    op.create_index("ix_requests_state", "requests", ["state", "requested_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("request_id", sa.Text, sa.ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("next_at", sa.Text, nullable=False),
        sa.Column("sent_at", sa.Text, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
    )
    op.create_index("ix_outbox_request", "outbox", ["request_id"])
    op.create_index("ix_outbox_state", "outbox", ["state", "next_at"])
