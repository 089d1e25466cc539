"""A contract to its checks: one file per family. No SQL, no clock."""
