"""Relationships of the standard to references, in each of the three forms that they are written in.

Shorthand `object.property` by names; `schema/OBJECT/properties/PROPERTY` by stable ids; and either behind `FILE#`, for a
contract in another file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from meshkit.loading.odcs.form import ObjectForm, PropertyForm, RelationshipForm
from meshkit.loading.odcs.notes import Notes
from meshkit.model.names import did_you_mean
from meshkit.model.table import Constraint, Pointer

_BY_ID = re.compile(r"/?schema/([^/]+)/properties/(.+)")


class _End(NamedTuple):
    """One end of a relationship: a file (empty = this one), an object and a property, by name or by id."""

    file: str
    table: str
    column: str
    by_id: bool = False


class ReferenceReader:
    """Reads relationships of one contract."""

    def __init__(self, objects: Sequence[ObjectForm], notes: Notes) -> None:
        self.objects = objects
        self.notes = notes

    def of_property(self, form: PropertyForm, pointer: Pointer, *, is_nested: bool) -> list[Constraint]:
        """Read the relationships under a property: only `to` stands there. Those of a part of a column are not checked."""
        found = []
        for position, relationship in enumerate(form.relationships):
            here = (*pointer, "relationships", position)
            if relationship.from_ is not None:
                self.notes.note(
                    "MK142",
                    "'from' has no place under a property",
                    "the property itself is where it is from",
                    (*here, "from"),
                )
            if not isinstance(relationship.to, str):
                hint = "write to: object.property"
                self.notes.note("MK142", "a property refers to one other", hint, (*here, "to"), of_value=False)
            if is_nested:
                hint = "flatten it, or write a rule in SQL"
                self.notes.note("MK142", "a relationship of a nested property is not checked", hint, here)
            targets = [relationship.to] if isinstance(relationship.to, str) else []
            found.append(self._constraint(relationship, targets, (), here))
        return found

    def of_object(self, form: ObjectForm, pointer: Pointer) -> list[Constraint]:
        """Read the relationships under an object: both ends stand there, each one property or a list."""
        found = []
        for position, relationship in enumerate(form.relationships):
            here = (*pointer, "relationships", position)
            ends = [_listed(relationship.from_), _listed(relationship.to)]
            for key, names in zip(("from", "to"), ends, strict=True):
                if not names:
                    hint = "a relationship of an object names both ends"
                    self.notes.note("MK142", f"key '{key}' is missing", hint, (*here, key), of_value=False)
            if all(ends) and len(ends[0]) != len(ends[1]):
                what = f"'from' has {len(ends[0])} properties and 'to' has {len(ends[1])}"
                self.notes.note("MK142", what, "give both the same number", here)
            if all(ends) and isinstance(relationship.from_, str) is not isinstance(relationship.to, str):
                self.notes.note("MK142", "one of 'from' and 'to' is a list, the other is not", "write both alike", here)
            columns = tuple(self._own(text, form, (*here, "from")) for text in ends[0])
            found.append(self._constraint(relationship, ends[1], columns, here))
        return found

    def _constraint(
        self, form: RelationshipForm, targets: Sequence[str], columns: tuple[str, ...], pointer: Pointer
    ) -> Constraint:
        values = self._target(targets, (*pointer, "to")) if targets else ()
        refusal = self.notes.bind(pointer, "references")
        return Constraint(
            kind="references", values=values or ("",), columns=columns, pointer=(*pointer, "to"), refusal=refusal
        )

    def _own(self, text: str, form: ObjectForm, pointer: Pointer) -> str:
        """Return the data's name of a column of the object itself, written with or without the object's name."""
        end = self._parse(text, pointer) if "." in text or "/" in text else _End("", form.name or "", text)
        names = _called(form, by_id=end is not None and end.by_id)
        is_own = end is not None and end.table in _names_of(form, by_id=end.by_id)
        if end is None or not is_own or end.column not in names:
            hint = did_you_mean(end.column if end else text, [n for n in names if n])
            self.notes.note("MK144", f"'{text}' is no property of '{form.name}'", hint, pointer)
            return text
        found = names[end.column]
        return found.physicalName or found.name or end.column

    def _target(self, texts: Sequence[str], pointer: Pointer) -> tuple[str, ...]:
        """Return the table and the columns that a reference leads to; ids of other files are followed later."""
        ends = [end for text in texts if (end := self._parse(text, pointer)) is not None]
        if len(ends) != len(texts):
            return ()
        if len({(e.file, e.table) for e in ends}) > 1:
            self.notes.note("MK142", "'to' names properties of several objects", "a key is of one object", pointer)
            return ()
        if ends[0].file:
            mark = "#" if ends[0].by_id else ""
            return (f"{ends[0].file}#{mark}{ends[0].table}", *(f"{mark}{e.column}" for e in ends))
        return self._here(ends, pointer)

    def _here(self, ends: Sequence[_End], pointer: Pointer) -> tuple[str, ...]:
        by_id = ends[0].by_id
        target = next((o for o in self.objects if ends[0].table in _names_of(o, by_id=by_id)), None)
        if target is None:
            return (
                ends[0].table,
                *(e.column for e in ends),
            )  # of another product of the mesh, or of none: `check` tells
        names = _called(target, by_id=by_id)
        columns = []
        for end in ends:
            if end.column not in names:
                what = f"'{end.table}' has no property '{end.column}'"
                self.notes.note(
                    "MK144", what, did_you_mean(end.column, [n for n in names if n]), pointer, warning=not names
                )
            found = names.get(end.column)
            columns.append((found.name or end.column) if found else end.column)
        return (target.name or "", *columns)

    def _parse(self, text: str, pointer: Pointer) -> _End | None:
        file, _, rest = text.rpartition("#")
        by_id = _BY_ID.fullmatch(rest)
        table, _, column = (by_id[1], "", by_id[2]) if by_id else rest.partition(".")
        if not table or not column:
            self.notes.note("MK142", f"'{text}' is no reference", "write it like object.property", pointer)
            return None
        if "/" in column or "." in column:
            self.notes.note(
                "MK142",
                f"'{text}' leads into a nested property, which is not checked",
                "refer to a column",
                pointer,
                warning=True,
            )
            return None
        return _End(file, table, column, by_id is not None)


def _names_of(form: ObjectForm, *, by_id: bool) -> tuple[str | None, ...]:
    return (form.id,) if by_id else (form.name, form.physicalName)


def _called(form: ObjectForm, *, by_id: bool) -> dict[str, PropertyForm]:
    """Return the properties of an object by their ids, or by their names."""
    keyed = ((p.id if by_id else p.name, p) for p in form.properties)
    return {key: p for key, p in keyed if key}


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
