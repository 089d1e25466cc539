"""What was recorded: runs, verdicts, versions, the audit log. In SQLite by hand-written SQL, or in PostgreSQL."""

from meshkit.store.store import Store, open_store

__all__ = ["Store", "open_store"]
