"""How alembic runs the migrations of the store: over a connection that is handed to it, within one transaction."""

from __future__ import annotations

from alembic import context

from meshkit.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
