"""The SQL that makes a product (X01 to X04, X06), and the products it is made of (X05)."""

from __future__ import annotations

from meshkit.change.notes import Notes
from meshkit.model.change import Change, Direction
from meshkit.model.contract import Contract
from meshkit.model.names import major_of
from meshkit.sql.query_changes import compare_queries

_SQL = ("transformation", "sql")
_PATH = "transformation.sql"


def compare_transformation(notes: Notes) -> None:
    """Compare how the product is made."""
    _inputs(notes)
    old, new = notes.old.transformation_sql, notes.new.transformation_sql
    if old == new:
        return
    if not old or not new:
        said = "is no longer declared" if old else "is declared now"
        notes.add("D01", _PATH, Direction.NONE, f"how the product is made {said}", old=_SQL, new=_SQL)
        return
    found = compare_queries(old, new)
    if found.is_spelling:
        notes.add("X04", _PATH, Direction.NONE, "the SQL is written in another way", old=_SQL, new=_SQL)
    elif found.is_unreadable:
        notes.add("X02", _PATH, Direction.UNDETERMINED, "the SQL changed, and cannot be read", old=_SQL, new=_SQL)
    elif found.grain:
        notes.add("X06", _PATH, Direction.BOTH, "the SQL groups by other columns", old=_SQL, new=_SQL,
                  hint="a row means something else now")  # fmt: skip
    elif found.parts:
        notes.add(
            "X02",
            _PATH,
            Direction.BOTH,
            f"the SQL gives other rows: {', '.join(found.parts)} changed",
            old=_SQL,
            new=_SQL,
        )
    else:
        _outputs(notes, found.added, found.removed, found.changed)


def _outputs(notes: Notes, added: tuple[str, ...], removed: tuple[str, ...], changed: tuple[str, ...]) -> None:
    if added:
        notes.add(
            "X01", _PATH, Direction.TIGHTENS, f"the SQL gives more columns: {', '.join(added)}", old=_SQL, new=_SQL
        )
    for name in changed:
        _column(notes, name, Direction.BOTH, f"the SQL computes {name} in another way")
    for name in removed:
        _column(notes, name, Direction.LOOSENS, f"the SQL no longer gives {name}")


def _column(notes: Notes, name: str, direction: Direction, said: str) -> None:
    """Note a change of one computed column, which touches only who reads that column."""
    table = notes.old.tables[0] if notes.old.tables else None
    column = table.column(name) if table else None
    notes.add("X03", _PATH, direction, said, old=_SQL, new=_SQL)
    if table and column:
        notes.changes[-1] = notes.changes[-1].model_copy(update={"table": table.name, "column": column.name})


def _inputs(notes: Notes) -> None:
    old, new = notes.old.inputs, notes.new.inputs
    for name in [*new, *(n for n in old if n not in new)]:
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        direction = Direction.UNDETERMINED if before and after else Direction.NONE
        said = f"reads {after} instead of {before}" if before and after else "was added" if after else "was removed"
        pointer = ("inputs", name)
        notes.add("X05", f"inputs.{name}", direction, f"input {name} {said}", old=pointer, new=pointer,
                  hint="record a decision: no program can tell whether both hold the same" if before and after else "")  # fmt: skip


def source_change(consumer: Contract, name: str, old: Contract, new: Contract) -> Change | None:
    """Return the change that a consumer takes over when a source that it names by no version rose to another major."""
    if major_of(old.version) == major_of(new.version):
        return None
    notes = Notes(consumer, consumer, lambda _: None)
    pointer = ("inputs", name)
    said = f"input {name} is now {new.product_id} {new.version} and no longer {old.version}"
    hint = "look at what changed there, then record a decision"
    notes.add("X05", f"inputs.{name}", Direction.UNDETERMINED, said, old=pointer, new=pointer, hint=hint)
    return notes.changes[0]
