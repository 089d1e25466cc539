"""A location to what is in it: a few fused scans, pushed down to the engine, and no row fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.drafting.candidates import key_candidates, member_candidates, pair_candidates
from meshkit.drafting.pii import patterns_to_count
from meshkit.engines.base import Engine, Session, Settings
from meshkit.engines.csv_header import header_of
from meshkit.errors import SourceError
from meshkit.model.names import fold
from meshkit.model.profile import ColumnProfile, Form, TableProfile
from meshkit.model.relation import Relation, SeenColumn
from meshkit.sql.dialects import render
from meshkit.sql.profile import (
    column_measures,
    distinct_measure,
    form_measures,
    groups,
    members_measure,
    pattern_measure,
)
from meshkit.sql.propose_type import is_comparable, type_of_forms, type_of_natives
from meshkit.sql.statements import scan
from meshkit.sql.text_view import Declared, text_view, unparsed_measures
from meshkit.sql.trees import Tree
from meshkit.sql.types import holds_floats, native_type

WIDTH = 150
"""Numbers asked for in one scan."""
_SENTINEL = ("value", "string")
_ROUNDS = 3

Measured = Mapping[str, Mapping[str, Any]]


class _Typed(NamedTuple):
    """A column of the relation as checks will see it."""

    seen: SeenColumn
    type: str
    note: str = ""


def profile_table(engine: Engine, relation: Relation, table: str, settings: Settings) -> TableProfile:
    """Measure a table: all its rows, in a few statements.

    Args:
        engine: What reads it.
        relation: Where it is.
        table: Its name, which says something of its key.
        settings: Limits.

    Raises:
        EngineError: It cannot be read.
    """
    session = engine.open([relation.model_copy(update={"types": (_SENTINEL,)})], {}, settings)
    try:
        seen = session.see(relation.id)
        names = [c.name for c in seen.columns]
        if seen.is_text:
            partitions = {c.name for c in seen.columns if seen.format == "json" and c.type != "JSON"}
            session.close()
            is_json = seen.format == "json"
            names = (
                _in_order(engine, relation, names, settings) if is_json else header_of(relation, names, settings.roots)
            )
            session, names = _open_text(engine, relation, names, partitions, settings)
            columns = _type_texts(session, relation, names, partitions, seen.format)
        else:
            columns = [_typed(c) for c in seen.columns]
        if not columns:
            raise SourceError(f"'{relation.location}' has no columns", "there is nothing to draft from")
        return _Scanner(session, relation.id).profile(columns, seen.format, seen.files, table)
    finally:
        session.close()


def _in_order(engine: Engine, relation: Relation, names: Sequence[str], settings: Settings) -> list[str]:
    """Return JSON keys as they stand in the file; asked for by name they come sorted."""
    session = engine.open([relation], {}, settings)
    try:
        written = [c.name for c in session.see(relation.id).columns]
    finally:
        session.close()
    return [n for n in written if n in names] + [n for n in names if n not in written]


def _open_text(
    engine: Engine, relation: Relation, names: list[str], partitions: set[str], settings: Settings
) -> tuple[Session, list[str]]:
    """Open a text format as checks will: its columns declared. That may read its header another way, so look again."""
    for _ in range(_ROUNDS):
        types = tuple((n, "" if n in partitions else "string") for n in names)
        session = engine.open([relation.model_copy(update={"types": types})], {}, settings)
        try:
            found = [c.name for c in session.see(relation.id).columns]
        except BaseException:
            session.close()
            raise
        if set(found) == set(names):
            return session, names
        session.close()
        names = found
    hint = "give its columns plain names, each once"
    raise SourceError(f"the header of '{relation.location}' cannot be made out", hint, code="MK303")


def _typed(column: SeenColumn) -> _Typed:
    declared = type_of_natives((column.type, *column.other_types))
    if declared:
        return _Typed(column, declared)
    kinds = " and ".join(dict.fromkeys((column.type, *column.other_types)))
    return _Typed(column, "", f"type left out: a contract has no word for {kinds}")


def _type_texts(
    session: Session, relation: Relation, names: Sequence[str], partitions: set[str], file_format: str
) -> list[_Typed]:
    """Propose types for a text format, prove that every value parses, and define the view that checks will read."""
    scanner = _Scanner(session, relation.text_id)
    texts = [n for n in names if n not in partitions]
    forms = scanner.scan({n: form_measures(n, file_format) for n in texts})
    types = {n: _proposed(forms[n], file_format) for n in texts}
    lost = _unparsed(scanner, types, file_format)
    for name in lost:
        all_text = file_format == "csv" or not Form(forms[name]["forms"]) & (
            Form.INTEGER | Form.DECIMAL | Form.FLOAT | Form.BOOLEAN | Form.OBJECT | Form.ARRAY
        )
        types[name] = "string" if all_text else ""
    declared = {fold(n): t for n, t in types.items()}
    session.define(relation.id, render(text_view(relation.text_id, names, Declared(declared), file_format)))
    found = {c.name: c for c in session.describe(relation.id)}
    return [_text_column(found[n], types.get(n, ""), n in partitions, forms.get(n, {}), file_format) for n in names]


def _proposed(measured: Mapping[str, Any], file_format: str) -> str:
    forms = Form(int(measured["forms"] or 0))
    return type_of_forms(forms, int(measured["whole"] or 0), int(measured["fraction"] or 0), file_format)


def _unparsed(scanner: _Scanner, types: Mapping[str, str], file_format: str) -> list[str]:
    typed = [n for n in types if types[n]]
    measures = unparsed_measures(typed, Declared({fold(n): types[n] for n in typed}), file_format)
    found = scanner.scan({n: {"lost": measure} for n, measure in measures.items()})
    return [n for n, roles in found.items() if roles["lost"]]


def _text_column(
    column: SeenColumn, declared: str, is_partition: bool, measured: Mapping[str, Any], file_format: str
) -> _Typed:
    if is_partition:
        return _Typed(column, "", "type left out: of JSON, what the folders' names say is not typed")
    if declared == "string":
        return _Typed(column, declared, _seen_forms(Form(int(measured["forms"]))))
    if declared:
        return _Typed(column, declared, "every value parses (counted)")
    if not measured.get("forms"):
        return _Typed(column, "", "type left out: there is no value to tell it by")
    return _Typed(column, "", f"type left out: {file_format.upper()} values of several kinds")


def _seen_forms(forms: Form) -> str:
    """Say what else some values look like, where a column of text is not text throughout."""
    narrower = [f.name.lower().replace("_", " ") for f in Form if f in forms and f is not Form.TEXT and f.name]
    return (
        f"some values look like {' or '.join(narrower)}, but not all" if narrower else "no value is of a narrower type"
    )


class _Scanner:
    """Asks a relation for numbers, many at once."""

    def __init__(self, session: Session, relation_id: str, floats: Iterable[str] = ()) -> None:
        self.session = session
        self.relation_id = relation_id
        self.floats = set(floats)
        self.rows = 0

    def scan(self, wanted: Mapping[str, Mapping[str, Tree]]) -> Measured:
        """Return the numbers of each column by role. Floating-point columns are asked apart: there NaN must count."""
        answers: dict[str, Mapping[str, Any]] = {}
        for exact in (False, True):
            batch: dict[str, Mapping[str, Tree]] = {}
            for name, measures in wanted.items():
                if (name in self.floats) is not exact:
                    continue
                if batch and sum(map(len, batch.values())) + len(measures) > WIDTH:
                    answers |= self._ask(batch, exact_floats=exact)
                    batch = {}
                batch[name] = measures
            if batch:
                answers |= self._ask(batch, exact_floats=exact)
        return answers

    def _ask(self, batch: Mapping[str, Mapping[str, Tree]], *, exact_floats: bool) -> Measured:
        trees = [tree for measures in batch.values() for tree in measures.values()]
        sql = render(scan(self.relation_id, "profiled", trees))
        row = self.session.execute(sql, exact=exact_floats).to_pylist()[0]
        self.rows = int(row["n"])
        numbers = iter(range(len(trees)))
        return {n: {role: row[f"m{next(numbers)}"] for role in measures} for n, measures in batch.items()}

    def profile(self, columns: Sequence[_Typed], file_format: str, files: int, table: str) -> TableProfile:
        """Measure all columns, then look exactly at those that may be more than plain columns."""
        self.floats = {c.seen.name for c in columns if holds_floats(c.seen.type)}
        first = self.scan(
            {
                c.seen.name: column_measures(
                    c.seen.name, native_type(c.seen.type), is_comparable=is_comparable(c.seen.type)
                )
                for c in columns
            }
        )
        profile = TableProfile(
            rows=self.rows,
            format=file_format,
            files=files,
            columns=tuple(_profile_of(c, first[c.seen.name]) for c in columns),
        )
        return self._look_closer(profile, table)

    def _look_closer(self, profile: TableProfile, table: str) -> TableProfile:
        batches = key_candidates(profile, table)
        wanted: dict[str, dict[str, Tree]] = {}
        for name in batches[0] if batches else []:
            wanted.setdefault(name, {})["distinct"] = distinct_measure(name)
        for name in member_candidates(profile):
            wanted.setdefault(name, {})["members"] = members_measure(name)
        for column in profile.columns:
            for pattern in patterns_to_count(column):
                wanted.setdefault(column.name, {})[pattern] = pattern_measure(column.name, pattern)
        found = {name: dict(roles) for name, roles in self.scan(wanted).items()}
        for batch in batches[1:]:
            if _has_key(found, profile.rows):
                break
            for name, roles in self.scan({n: {"distinct": distinct_measure(n)} for n in batch}).items():
                found.setdefault(name, {}).update(roles)
        pair = () if _has_key(found, profile.rows) else self._pair(profile)
        columns = tuple(_closer(c, found.get(c.name, {})) for c in profile.columns)
        return profile.model_copy(update={"columns": columns, "pair": pair})

    def _pair(self, profile: TableProfile) -> tuple[str, ...]:
        for pair in pair_candidates(profile):
            row = self.session.execute(render(groups(self.relation_id, pair))).to_pylist()[0]
            if int(row["n"]) == profile.rows:
                return pair
        return ()


def _has_key(found: Measured, rows: int) -> bool:
    return any(roles.get("distinct") == rows for roles in found.values())


def _profile_of(column: _Typed, measured: Mapping[str, Any]) -> ColumnProfile:
    about = measured.get("about_distinct")
    return ColumnProfile(
        name=column.seen.name,
        native=column.seen.type,
        type=column.type,
        filled=int(measured["filled"]),
        about_distinct=None if about is None else int(about),
        least=measured.get("least") or "",
        most=measured.get("most") or "",
        nans=int(measured.get("nans") or 0),
        longest=int(measured.get("longest") or 0),
        at_signs=int(measured.get("at_signs") or 0),
        numerals=int(measured.get("numerals") or 0),
        lettered=int(measured.get("lettered") or 0),
        long_numbers=int(measured.get("long_numbers") or 0),
        lacking_files=column.seen.lacking_files,
        note=column.note,
    )


def _closer(column: ColumnProfile, measured: Mapping[str, Any]) -> ColumnProfile:
    members = sorted(dict(measured.get("members") or ()).items(), key=lambda m: (-m[1], m[0]))
    patterns = {p: int(measured[p]) for p in patterns_to_count(column) if p in measured}
    distinct = measured.get("distinct")
    return column.model_copy(
        update={
            "distinct": None if distinct is None else int(distinct),
            "members": tuple((text, int(count)) for text, count in members),
            "patterns": patterns,
        }
    )
