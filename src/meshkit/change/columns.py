"""Columns that came, went, moved or got another name (C01 to C05, C08), and what each pair is compared by."""

from __future__ import annotations

from collections.abc import Sequence

from meshkit.change.constraints import compare_constraints, is_required
from meshkit.change.notes import Notes, Subject
from meshkit.change.pairing import Pair, pair_columns
from meshkit.change.privacy import compare_protection
from meshkit.change.types import compare_column_types
from meshkit.change.values import compare_attributes
from meshkit.model.change import Direction, Effect
from meshkit.model.table import Column, Pointer, Table


def compare_columns(notes: Notes, old: Table, new: Table) -> None:
    """Compare the columns of a table that is on both sides."""
    path = f"{notes.table_path(new)}.fields"
    parents: tuple[Pointer, Pointer] = ((*old.pointer, "fields"), (*new.pointer, "fields"))
    tables = (old, new)
    pairs = _compare_lists(notes, old.columns, new.columns, (path, ""), parents, tables, "")
    _order(notes, path, pairs, tables)


def _compare_lists(
    notes: Notes,
    old: Sequence[Column],
    new: Sequence[Column],
    words: tuple[str, str],
    parents: tuple[Pointer, Pointer],
    tables: tuple[Table, Table],
    owner: str,
) -> list[Pair]:
    """Compare two lists of columns. `words` is their path and what stands before their names in messages."""
    path, before = words
    pairing = pair_columns(old, new)
    for column in pairing.removed:
        subject = _subject(path, before, tables, (column, column), owner)
        notes.add("C01", subject.path, Direction.LOOSENS, f"field {subject.said} was removed", old=column.pointer,
                  subject=subject, hint="deprecate it first, and keep the old version in parallel")  # fmt: skip
    for column in pairing.added:
        subject = _subject(path, before, tables, (column, column), owner)
        _added(notes, subject, column, parents[0])
    for pair in pairing.pairs:
        subject = _subject(path, before, tables, (pair.old, pair.new), owner)
        if pair.evidence:
            notes.add("C02", subject.path, Direction.BOTH, f"field {before}{pair.old.name} was renamed to {pair.new.name}",
                      old=pair.old.pointer, new=pair.new.pointer, subject=subject, more=pair.evidence,
                      hint=f"a view with {pair.new.name} AS {pair.old.name} keeps readers going: --compat-view")  # fmt: skip
        compare_pair(notes, subject)
    return pairing.pairs


def _subject(
    path: str, before: str, tables: tuple[Table, Table], columns: tuple[Column, Column], owner: str
) -> Subject:
    name = columns[0].name
    subject = Subject(f"{path}.{name}", f"{before}{name}", tables, columns)
    subject.column = owner or name
    return subject


def _added(notes: Notes, subject: Subject, column: Column, parent: Pointer) -> None:
    is_needed = is_required(column)
    subject.column = subject.column if "." in subject.said else ""  # no reader can know it yet
    notes.add(
        "C04" if is_needed else "C03",
        subject.path,
        Direction.TIGHTENS,
        f"{'not-null ' if is_needed else ''}field {subject.said} was added",
        old=None,
        new=column.pointer or parent,
        subject=subject,
        hint="" if is_needed else "who reads by SELECT * or by position gets one column more",
    )


def _order(notes: Notes, path: str, pairs: Sequence[Pair], tables: tuple[Table, Table]) -> None:
    """Note another order of the columns that are on both sides; only who reads by position minds."""
    old, new = tables
    places = {c.name: n for n, c in enumerate(old.columns)}
    positions = [places[p.old.name] for p in pairs]
    if positions == sorted(positions):
        return
    is_positional = "csv" in (old.format, new.format) or old.location.lower().split(".")[-1] in ("csv", "tsv")
    moved = next(p.new.name for p, n in zip(pairs, sorted(positions), strict=True) if places[p.old.name] != n)
    notes.add(
        "C05",
        path,
        Direction.BOTH if is_positional else Direction.NONE,
        "the fields stand in another order",
        old=(*old.pointer, "fields"),
        new=(*new.pointer, "fields"),
        more=f"the first that moved is {moved}",
        hint="CSV is read by position" if is_positional else "",
    )


def compare_pair(notes: Notes, subject: Subject) -> None:
    """Compare one column with what became of it, with all its parts."""
    compare_column_types(notes, subject)
    compare_constraints(notes, subject)
    compare_attributes(notes, subject)
    compare_protection(notes, subject)
    old, new = subject.old, subject.new
    if old.fields and new.fields:
        parents = ((*old.pointer, "fields"), (*new.pointer, "fields"))
        words = (subject.path, f"{subject.said}.")
        _compare_lists(notes, old.fields, new.fields, words, parents, subject.tables, subject.column)
    elif old.fields or new.fields:
        _nesting(notes, subject, "the parts", bool(new.fields))
    for step, one, other in (
        ("[]", old.items, new.items),
        ("[key]", old.key, new.key),
        ("[value]", old.value, new.value),
    ):
        if one is not None and other is not None:
            compare_pair(notes, subject.part(step, (one, other)))
        elif one is not None or other is not None:
            _nesting(notes, subject, f"the type of {subject.said}{step}", other is not None)


def _nesting(notes: Notes, subject: Subject, what: str, is_added: bool) -> None:
    """Note parts that are declared on one side only."""
    if subject.old.type != subject.new.type:
        return  # another type altogether, which is told already
    notes.add(
        "C08",
        subject.path,
        Direction.TIGHTENS if is_added else Direction.LOOSENS,
        f"{what} of {subject.said} {'are now' if is_added else 'are no longer'} declared",
        old=subject.old.pointer,
        new=subject.new.pointer,
        subject=subject,
        consumer=Effect.ADDITIVE if is_added else None,
    )
