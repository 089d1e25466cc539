"""Tables and ports (C06, C07), their layout (L01, L03), and what is asserted of a whole table (K01, K02, Q)."""

from __future__ import annotations

from meshkit.change.columns import compare_columns
from meshkit.change.notes import Notes
from meshkit.change.predicates import compare_thresholds, read_threshold
from meshkit.change.strictness import compare_strictness
from meshkit.model.change import Direction, Effect
from meshkit.model.names import fold
from meshkit.model.table import Constraint, RowCount, Table

_TABLE_FORMATS = {"delta", "iceberg", "table"}


def compare_tables(notes: Notes) -> None:
    """Compare all tables, by name or id; the only tables of both sides are always the same one."""
    old, new = list(notes.old.tables), list(notes.new.tables)
    pairs: list[tuple[Table, Table]] = []
    for table in new:
        same = next((t for t in old if fold(t.name) == fold(table.name)), None)
        same = same or next((t for t in old if table.id and t.id == table.id), None)
        if same is not None:
            old.remove(same)
            pairs.append((same, table))
    left = [t for t in new if t not in [p[1] for p in pairs]]
    if len(notes.old.tables) == len(notes.new.tables) == 1 and not pairs:
        pairs, old, left = [(old[0], left[0])], [], []
    for table in old:
        notes.add(
            "C06", f"schema.{table.name}", Direction.LOOSENS, f"table {table.name} was removed", old=table.pointer
        )
    for table in left:
        notes.add("C06", f"schema.{table.name}", Direction.TIGHTENS, f"table {table.name} was added", new=table.pointer)
    for one, other in pairs:
        _compare_table(notes, one, other)


def _compare_table(notes: Notes, old: Table, new: Table) -> None:
    path = notes.table_path(new)
    is_product_renamed = old.name == notes.old.name and new.name == notes.new.name
    if old.name != new.name and not is_product_renamed:
        notes.add(
            "C06", path, Direction.BOTH, f"table {old.name} was renamed to {new.name}", old=old.pointer, new=new.pointer
        )
    _location(notes, path, old, new)
    if old.partitioned_by != new.partitioned_by:
        is_table = (new.format or old.format) in _TABLE_FORMATS
        notes.add("L01", f"{path}.partitioned_by", Direction.BOTH,
                  f"partitions changed from {_listed(old.partitioned_by)} to {_listed(new.partitioned_by)}",
                  old=(*old.pointer, "partitioned_by"), new=(*new.pointer, "partitioned_by"),
                  consumer=Effect.ADDITIVE if is_table else None,
                  hint="" if is_table else "who reads by path finds other folders")  # fmt: skip
    _primary_key(notes, path, old, new)
    compare_columns(notes, old, new)
    _row_count(notes, path, old.row_count, new.row_count)
    _table_constraints(notes, path, old, new)


def _location(notes: Notes, path: str, old: Table, new: Table) -> None:
    if old.format != new.format:
        notes.add("L03", f"{path}.type", Direction.BOTH, f"the format changed from {old.format or 'none'} to {new.format or 'none'}",
                  old=(*old.pointer, "type"), new=(*new.pointer, "type"))  # fmt: skip
    if old.location == new.location:
        return
    is_named = notes.new.form == "native" and old.name == new.name != notes.new.name
    notes.add("C07", f"{path}.location", Direction.NONE if is_named else Direction.BOTH, "the data moved to another location",
              old=(*old.pointer, "location"), new=(*new.pointer, "location"),
              hint=f"readers by its alias {new.name} need not care" if is_named else "readers by path must follow")  # fmt: skip


def _primary_key(notes: Notes, path: str, old: Table, new: Table) -> None:
    renamed = {fold(c.renamed_from): fold(c.name) for c in new.columns if c.renamed_from}
    old_key = [renamed.get(fold(n), fold(n)) for n in old.primary_key]
    new_key = [fold(n) for n in new.primary_key]
    if sorted(old_key) == sorted(new_key):
        return
    pointers = {"old": (*old.pointer, "primary_key"), "new": (*new.pointer, "primary_key")}
    path = f"{path}.primary_key"
    if not old_key:
        notes.add("K02", path, Direction.TIGHTENS, f"a primary key was added: {_listed(new.primary_key)}", **pointers)  # type: ignore[arg-type]  # both are pointers
    elif not new_key:
        notes.add("K01", path, Direction.LOOSENS, f"the primary key {_listed(old.primary_key)} was dropped", **pointers)  # type: ignore[arg-type]
    else:
        notes.add("K01", path, Direction.BOTH, f"the primary key changed from {_listed(old.primary_key)} to {_listed(new.primary_key)}",
                  hint="rows mean something else now", **pointers)  # type: ignore[arg-type]  # fmt: skip


def _row_count(notes: Notes, path: str, old: RowCount | None, new: RowCount | None) -> None:
    """Compare how many rows there must be; None where nothing is said of it."""
    path = f"{path}.row_count"
    if old is None or new is None:
        if old is not new:
            id_, direction = ("Q05", Direction.TIGHTENS) if new else ("Q01", Direction.LOOSENS)
            pointers = (old.pointer if old else None, new.pointer if new else None)
            said = f"the number of rows is {'now' if new else 'no longer'} checked"
            notes.add(id_, path, direction, said, old=pointers[0], new=pointers[1])
        return
    if old.range != new.range:
        direction = compare_thresholds(read_threshold(old.range, "number"), read_threshold(new.range, "number"))
        said = f"the number of rows must now be {new.range}, and not {old.range}"
        notes.add("Q02", path, direction, said, old=old.pointer, new=new.pointer)
    one, other = (
        Constraint(kind="row_count", severity=c.severity, description=c.description, pointer=c.pointer)
        for c in (old, new)
    )
    compare_strictness(notes, path, "row_count", (one, other))


_KEYS = {"unique": ("K02", "K01"), "references": ("K03", "K03")}
"""Kind of an assertion on several columns -> the rule when it is added, and when it is removed."""


def _table_constraints(notes: Notes, path: str, old: Table, new: Table) -> None:
    """Compare assertions on several columns: paired by kind, name and columns."""
    olds = {(c.kind, c.name, c.columns): c for c in old.constraints}
    news = {(c.kind, c.name, c.columns): c for c in new.constraints}
    for key, constraint in news.items():
        said = _said(constraint)
        if key not in olds:
            id_ = _KEYS.get(constraint.kind, ("Q05", "Q01"))[0]
            notes.add(id_, path, Direction.TIGHTENS, f"{said} was added", old=old.pointer, new=constraint.pointer)
            continue
        before = olds[key]
        if (before.values, before.missing, before.pattern) != (
            constraint.values,
            constraint.missing,
            constraint.pattern,
        ):
            is_retargeted = constraint.kind == "references"
            notes.add("K03" if is_retargeted else "Q02", path, Direction.BOTH if is_retargeted else Direction.UNDETERMINED,
                      f"{said} now leads to {'.'.join(constraint.values)}" if is_retargeted else f"the argument of {said} changed",
                      old=before.pointer, new=constraint.pointer)  # fmt: skip
        compare_strictness(notes, path, said, (before, constraint))
    for key, constraint in olds.items():
        if key not in news:
            id_ = _KEYS.get(constraint.kind, ("Q05", "Q01"))[1]
            notes.add(
                id_,
                path,
                Direction.LOOSENS,
                f"{_said(constraint)} was removed",
                old=constraint.pointer,
                new=new.pointer,
            )


def _said(constraint: Constraint) -> str:
    name = constraint.name or {"references": "reference"}.get(constraint.kind, constraint.kind)
    return f"{name} over {_listed(constraint.columns)}" if constraint.columns else name


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
