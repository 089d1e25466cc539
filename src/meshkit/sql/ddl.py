"""Tables that are to be made: CREATE TABLE with its constraints and comments, per dialect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlglot import exp

from meshkit.model.exported import NotHeld, why_soft
from meshkit.model.names import fold
from meshkit.model.table import Column, Constraint, Table
from meshkit.sql.ddl_checks import conditions
from meshkit.sql.ddl_types import native_text, native_tree, words_of

CHECKS = frozenset({"duckdb", "mysql", "postgres", "sqlite", "tsql"})
CHECKS_BY_ALTER = frozenset({"databricks"})
_KEYS = frozenset({"bigquery", "databricks", "duckdb", "mysql", "postgres", "redshift", "snowflake", "sqlite", "tsql"})
_UNIQUE = frozenset({"duckdb", "mysql", "postgres", "redshift", "snowflake", "sqlite", "tsql"})
_ONE_NULL_ONLY = frozenset({"tsql"})
_INFORMATIONAL = frozenset({"bigquery", "databricks", "redshift", "snowflake"})
_NOT_ENFORCED = frozenset({"bigquery"})
_COMMENT_ON = frozenset({"duckdb", "postgres", "redshift"})
_COMMENT_INLINE = frozenset({"databricks", "mysql", "snowflake", "spark", "trino"})
_COLLATED = frozenset({"mysql", "tsql"})
_MAX_NAME = 60
_PLAIN_LOWER = re.compile(r"[a-z_][a-z0-9_]*")

Note = Callable[[str, str], None]


class Tables(NamedTuple):
    """The statements that make tables, and what they cannot hold."""

    text: str
    not_held: tuple[NotHeld, ...]


def create_tables(tables: Sequence[Table], dialect: str, *, within: Sequence[Table] = ()) -> Tables:
    """Write tables in `dialect`, each behind those that it refers to.

    Args:
        tables: What is to be made.
        dialect: A name of `DIALECTS`.
        within: All tables of the product, which references may name (default: `tables`).

    Raises:
        UsageError: A dialect in which no tables are written.
    """
    words_of(dialect)
    missing: list[NotHeld] = []
    statements: list[exp.Expr] = []
    known = within or tables
    for table in in_order(tables, known):
        statements += _Maker(table, known, dialect, missing).statements()
    text = "".join(f"{s.sql(dialect, pretty=True)};\n\n" for s in statements)
    return Tables(text.rstrip("\n") + "\n" if text else "", tuple(missing))


def target_of(constraint: Constraint, tables: Sequence[Table]) -> Table | None:
    """Return the table of the same product that a reference names, or None."""
    wanted = fold(constraint.values[0]) if constraint.values else ""
    return next((t for t in tables if wanted in {fold(n) for n in (t.name, *t.names)}), None)


def references(table: Table) -> Iterator[tuple[tuple[str, ...], Constraint]]:
    """Yield the references of a table, each with its own columns."""
    for column in table.columns:
        yield from (((column.name,), c) for c in column.constraints if c.kind == "references")
    yield from ((c.columns, c) for c in table.constraints if c.kind == "references")


def in_order(tables: Sequence[Table], known: Sequence[Table]) -> list[Table]:
    """Sort tables so that each stands behind those that it refers to; the order given, where they go round in a circle."""
    done: list[Table] = []
    open_: set[str] = set()

    def visit(table: Table) -> None:
        if table in done or table.name in open_:
            return
        open_.add(table.name)
        for _, constraint in references(table):
            target = target_of(constraint, known)
            if target is not None and target in tables:
                visit(target)
        done.append(table)

    for table in tables:
        visit(table)
    return done


class _Maker:
    """Makes one table."""

    def __init__(self, table: Table, known: Sequence[Table], dialect: str, missing: list[NotHeld]) -> None:
        self.table, self.known, self.dialect, self.missing = table, known, dialect, missing
        self.columns = [c for c in table.columns if not c.is_measure]
        self.not_null = {fold(n) for n in table.primary_key} | {
            fold(c.name) for c in self.columns for x in c.constraints if x.kind == "not_null" and not why_soft(x)
        }
        keyed = [*table.primary_key, *(c.name for c in self.columns for x in c.constraints if x.kind == "unique")]
        keyed += [name for names, _ in references(table) for name in names]
        self.keyed = {fold(n) for n in keyed}
        self.taken: set[str] = set()

    def statements(self) -> list[exp.Expr]:
        for column in self.table.columns:
            if column.is_measure:
                self._note(column.name, "a measure is computed by readers; the table has no such column")
        checks = list(self._checks())
        parts: list[exp.Expr] = [self._column(c) for c in self.columns]
        parts += [*self._keys(), *self._references()]
        if self.dialect in CHECKS:
            parts += checks
        made = exp.Create(
            kind="TABLE",
            this=exp.Schema(this=self._table(self.table), expressions=parts),
            properties=self._properties(),
        )
        found: list[exp.Expr] = [made]
        if self.dialect in CHECKS_BY_ALTER:
            added = (exp.AddConstraint(expressions=[check]) for check in checks)
            found += [exp.Alter(this=self._table(self.table), kind="TABLE", actions=[a]) for a in added]
        return [*found, *self._comments()]

    def _note(self, step: str, reason: str) -> None:
        subject = f"{self.table.name}.{step}" if step else self.table.name
        self.missing.append(NotHeld(subject=subject, reason=reason))

    def _name(self, text: str) -> exp.Identifier:
        """Quote a name; Snowflake keeps plain names in upper case, where they are found without quotes."""
        is_folded = self.dialect == "snowflake" and _PLAIN_LOWER.fullmatch(text)
        return exp.to_identifier(text.upper() if is_folded else text, quoted=True)

    def _table(self, table: Table) -> exp.Table:
        return exp.Table(this=self._name(table.physical_name or table.name))

    def _names(self, columns: Sequence[str]) -> list[exp.Expr]:
        return [self._name(c) for c in columns]

    def _constraint(self, *parts: str, body: exp.Expr) -> exp.Constraint:
        """Name a constraint after what it is about, short enough for every dialect, and once."""
        name = "_".join((self.table.name, *parts))
        if len(name) > _MAX_NAME:
            name = f"{name[: _MAX_NAME - 9]}_{sha256(name.encode()).hexdigest()[:8]}"
        number, base = 2, name
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return exp.Constraint(this=self._name(name), expressions=[body])

    def _column(self, column: Column) -> exp.ColumnDef:
        is_key = fold(column.name) in self.keyed
        kind = native_tree(column, self.dialect, lambda reason: self._note(column.name, reason), is_key=is_key)
        held: list[exp.Expr] = []
        for constraint in column.constraints:
            reason = why_soft(constraint)
            if constraint.kind == "not_null" and reason and fold(column.name) not in self.not_null:
                self._note(f"{column.name}.not_null", reason)
        for path, part_constraint in _inside(column):
            self._note(f"{path}.{part_constraint.kind}", "a table has no constraints on parts of a column")
        if fold(column.name) in self.not_null:
            held.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
        if column.description.strip():
            held += self._description(column)
        return exp.ColumnDef(this=self._name(column.name), kind=kind, constraints=held)

    def _description(self, column: Column) -> list[exp.Expr]:
        text = exp.Literal.string(" ".join(column.description.split()))
        if self.dialect in _COMMENT_INLINE:
            return [exp.ColumnConstraint(kind=exp.CommentColumnConstraint(this=text))]
        if self.dialect == "bigquery":
            option = exp.Property(this=exp.to_identifier("description"), value=text)
            return [exp.ColumnConstraint(kind=exp.Properties(expressions=[option]))]
        if self.dialect not in _COMMENT_ON:
            self._note(column.name, f"{self.dialect} has no comments in CREATE TABLE; the description is left out")
        return []

    def _properties(self) -> exp.Properties | None:
        text = exp.Literal.string(" ".join(self.table.description.split()))
        if not text.this:
            return None
        if self.dialect == "bigquery":
            option = exp.Property(this=exp.to_identifier("description"), value=text)
            return exp.Properties(expressions=[option])
        if self.dialect in _COMMENT_INLINE:
            return exp.Properties(expressions=[exp.SchemaCommentProperty(this=text)])
        if self.dialect not in _COMMENT_ON:
            self._note("", f"{self.dialect} has no comments in CREATE TABLE; the description is left out")
        return None

    def _comments(self) -> Iterator[exp.Expr]:
        if self.dialect not in _COMMENT_ON:
            return
        if self.table.description.strip():
            yield _comment("TABLE", self._table(self.table), self.table.description)
        for column in self.columns:
            if column.description.strip():
                place = exp.Column(this=self._name(column.name), table=self._table(self.table).this)
                yield _comment("COLUMN", place, column.description)

    def _keys(self) -> Iterator[exp.Expr]:
        options = ["NOT ENFORCED"] if self.dialect in _NOT_ENFORCED else []
        key = self.table.primary_key
        if key and self._has_all("primary_key", key):
            if self.dialect in _KEYS:
                yield exp.PrimaryKey(expressions=self._names(key), options=options)
            self._informational("primary_key", is_held=self.dialect in _KEYS)
        folded = tuple(fold(k) for k in key)
        for columns, constraint in self._unique():
            step = f"{','.join(columns)}.unique"
            if tuple(fold(c) for c in columns) == folded:
                continue
            reason = why_soft(constraint)
            if not reason and self.dialect in _ONE_NULL_ONLY and not {fold(c) for c in columns} <= self.not_null:
                reason = f"UNIQUE of {self.dialect} takes a second NULL for a duplicate"
            if reason:
                self._note(step, reason)
            elif self._has_all(step, columns):
                if self.dialect in _UNIQUE:
                    body = exp.UniqueColumnConstraint(this=exp.Schema(expressions=self._names(columns)))
                    yield self._constraint(*columns, "unique", body=body)
                self._informational(step, is_held=self.dialect in _UNIQUE)

    def _unique(self) -> Iterator[tuple[tuple[str, ...], Constraint]]:
        for column in self.columns:
            yield from (((column.name,), c) for c in column.constraints if c.kind == "unique")
        yield from ((c.columns, c) for c in self.table.constraints if c.kind == "unique")

    def _has_all(self, step: str, columns: Sequence[str]) -> bool:
        own = {fold(c.name) for c in self.columns}
        absent = [c for c in columns if fold(c) not in own]
        if absent:
            self._note(step, f"'{absent[0]}' is no column of the table")
        return not absent

    def _informational(self, step: str, *, is_held: bool) -> None:
        if not is_held:
            self._note(step, f"a table of {self.dialect} has no such constraint")
        elif self.dialect in _INFORMATIONAL:
            self._note(step, f"{self.dialect} notes it, and does not enforce it")

    def _references(self) -> Iterator[exp.Expr]:
        for columns, constraint in references(self.table):
            step = f"{','.join(columns)}.references"
            target = target_of(constraint, self.known)
            reason = why_soft(constraint) or self._why_no_key(columns, constraint, target)
            if reason or target is None:
                self._note(step, reason)
                continue
            keys = [target.stored(c) for c in constraint.values[1:]]
            there = exp.Schema(this=self._table(target), expressions=self._names(keys))
            options = ["NOT ENFORCED"] if self.dialect in _NOT_ENFORCED else []
            body = exp.ForeignKey(
                expressions=self._names(columns), reference=exp.Reference(this=there), options=options
            )
            yield self._constraint(*columns, "references", body=body)
            self._informational(step, is_held=True)

    def _why_no_key(self, columns: Sequence[str], constraint: Constraint, target: Table | None) -> str:
        """Say why a reference cannot be a foreign key; an empty text when it can."""
        if target is None:
            return f"{constraint.values[0]} is no table of this product"
        if self.dialect not in _KEYS:
            return f"a table of {self.dialect} has no such constraint"
        there = tuple(target.stored(c) for c in constraint.values[1:])
        ours, theirs = [self.table.column(c) for c in columns], [target.column(c) for c in there]
        if len(ours) != len(theirs) or None in ours or None in theirs:
            return "a column of it is not there"
        if not _is_key(target, there):
            return f"{target.name}.{','.join(there)} is neither the primary key nor unique"
        types = [
            [native_text(c, self.dialect, lambda _: None) for c in side if c is not None] for side in (ours, theirs)
        ]
        if types[0] != types[1]:
            return "the two sides have different types"
        order = in_order(self.known, self.known)
        if target is not self.table and order.index(target) > order.index(self.table):
            return "the tables refer to each other in a circle"
        return ""

    def _checks(self) -> Iterator[exp.Constraint]:
        holds = self.dialect in CHECKS | CHECKS_BY_ALTER
        for column in self.columns:
            for kind, tree in conditions(column, self.dialect, self._noted(column)):
                step = f"{column.name}.{kind}"
                if not holds:
                    self._note(step, f"a table of {self.dialect} has no CHECK")
                    continue
                logical = column.logical
                if kind == "in" and self.dialect in _COLLATED and logical is not None and str(logical) == "string":
                    self._note(step, f"{self.dialect} compares by its collation: upper and lower case may be the same")
                yield self._constraint(column.name, kind, body=exp.CheckColumnConstraint(this=tree))
        for constraint in self.table.constraints:
            if constraint.kind not in ("unique", "references"):
                self._note(
                    constraint.name or constraint.kind, why_soft(constraint) or "a table has no constraint for it"
                )

    def _noted(self, column: Column) -> Note:
        return lambda kind, reason: self._note(f"{column.name}.{kind}", reason)


def _is_key(table: Table, columns: Sequence[str]) -> bool:
    folded = tuple(fold(c) for c in columns)
    if tuple(fold(c) for c in table.primary_key) == folded:
        return True
    column = table.column(columns[0]) if len(columns) == 1 else None
    together = [c for c in table.constraints if c.kind == "unique" and tuple(fold(n) for n in c.columns) == folded]
    alone = [c for c in column.constraints if c.kind == "unique"] if column else []
    return any(not why_soft(c) for c in (*together, *alone))


def _inside(column: Column, path: str = "") -> Iterator[tuple[str, Constraint]]:
    """Yield the constraints on parts of a nested column, each with the way to its part."""
    here = path or column.name
    for step, part in column.parts:
        inner = f"{here}{step}" if step.startswith("[") else f"{here}.{step}"
        yield from ((inner, c) for c in part.constraints)
        yield from _inside(part, inner)


def _comment(kind: str, place: exp.Expr, text: str) -> exp.Comment:
    return exp.Comment(this=place, kind=kind, expression=exp.Literal.string(" ".join(text.split())))
