"""What an incremental run read, as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from meshkit.model.reuse import Reuse, TableReuse
from meshkit.report.order import one_line

_MOST = 20


def reuse_lines(reuse: Reuse, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Yield a line per table with its files, and below it each check that was run in full, with the reason."""
    if reuse.note:
        yield paint(f"incremental: {reuse.note}", "faint")
    tables = [t for t in reuse.tables if t.scanned or t.full]
    quiet = len(reuse.tables) - len(tables)
    for table in tables[:_MOST]:
        yield paint(f"incremental: {one_line(_files(table))}", "faint")
        for check in table.full:
            name = check.id.removeprefix(f"{table.product}.{table.table}.")
            yield paint(one_line(f"  in full: {name} ({check.reason})"), "faint")
    if len(tables) > _MOST:
        yield paint(f"incremental: and {len(tables) - _MOST:,} more tables", "faint")
    if quiet:
        files = sum(t.files for t in reuse.tables if not t.scanned and not t.full)
        tables_of = "1 table" if quiet == 1 else f"{quiet:,} tables"
        yield paint(f"incremental: 0 of {files:,} files of {tables_of} were read: nothing has changed", "faint")


def _files(table: TableReuse) -> str:
    name = f"{table.product}.{table.table}"
    return f"{name}: {table.scanned:,} of {table.files:,} files were read" if table.files else name
