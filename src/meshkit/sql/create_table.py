"""CREATE TABLE text to contracts that are proposed: what it declares, as its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from meshkit.errors import Place, SqlError, UsageError
from meshkit.model.dialects import dialect_called, near_dialect
from meshkit.model.draft import DraftColumn, DraftContract, Proposal
from meshkit.model.names import fold
from meshkit.model.types import MAX_PRECISION

_T = exp.DType
_TYPES: Mapping[str, tuple[exp.DType, ...]] = {
    "integer": (*exp.DataType.INTEGER_TYPES, _T.SERIAL, _T.BIGSERIAL, _T.SMALLSERIAL),
    "float": (_T.FLOAT, _T.DOUBLE),
    "boolean": (_T.BOOLEAN,),
    "date": (_T.DATE, _T.DATE32),
    "timestamp": (_T.TIMESTAMP, _T.DATETIME, _T.DATETIME2, _T.DATETIME64, _T.TIMESTAMPNTZ, _T.TIMESTAMP_S, _T.TIMESTAMP_MS,
                  _T.TIMESTAMP_NS),
    "timestamp_tz": (_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ),
    "time": (_T.TIME, _T.TIMETZ),
    "binary": (_T.BINARY, _T.VARBINARY, _T.BLOB, _T.LONGBLOB, _T.MEDIUMBLOB, _T.TINYBLOB),
    "string": (*exp.DataType.TEXT_TYPES, _T.ENUM, _T.LONGTEXT, _T.MEDIUMTEXT, _T.TINYTEXT),
    "array": (_T.ARRAY, _T.LIST),
    "map": (_T.MAP,),
    "object": (_T.STRUCT, _T.OBJECT, _T.JSON, _T.JSONB, _T.VARIANT, _T.SUPER),
}  # fmt: skip
_NAMES = {kind: name for name, kinds in _TYPES.items() for kind in kinds}
_ADAPTERS = {"sqlserver": "tsql", "synapse": "tsql"}  # as dbt calls them
_COPIED = re.compile(r"^COPY\b[^;]*\bFROM stdin\b[^;]*;$.*?^\\\.$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
"""Rows that a dump of PostgreSQL holds between its statements."""
_BOUNDS: Mapping[type[exp.Expr], str] = {exp.GTE: "min", exp.LTE: "max"}


def read_tables(text: str, dialect: str, file: str) -> list[DraftContract]:
    """Read the tables that a SQL script creates. Other statements are passed over.

    Args:
        text: The script.
        dialect: Whose SQL it is; empty = what most have in common.
        file: The file's name, as it is shown.

    Raises:
        SqlError: MK207 it cannot be parsed. UsageError: an unknown dialect, or the script creates no table.
    """
    statements = _parsed(text, dialect, file)
    tables: dict[str, _Table] = {}
    for statement in statements:
        if isinstance(statement, exp.Create) and statement.kind == "TABLE" and isinstance(statement.this, exp.Schema):
            table = _Table(statement.this)
            tables.setdefault(fold(table.name), table)
    for statement in statements:
        _complete(statement, tables)
    if not tables:
        raise UsageError(f"'{file}' creates no table with columns", "give CREATE TABLE statements")
    return [t.draft(tables, file) for t in tables.values()]


def contract_type(text: str, dialect: str) -> tuple[str, int | None]:
    """Return a contract's type for a database's, and the longest text it takes; empty where there is no word for it.

    Example:
        >>> contract_type("varchar(20)", ""), contract_type("NUMBER(12, 2)", "snowflake"), contract_type("geography", "")
        (('string', 20), ('decimal(12,2)', None), ('', None))
    """
    known = _ADAPTERS.get(dialect, dialect)
    try:
        return _type(exp.DataType.build(text, dialect=known if sqlglot.Dialect.get(known) else None))
    except (SqlglotError, ValueError):
        return "", None


def _parsed(text: str, dialect: str, file: str) -> list[exp.Expr]:
    without_rows = _COPIED.sub(lambda rows: "\n" * rows[0].count("\n"), text)
    try:
        meant = dialect and (dialect_called(dialect, sqlglot.Dialect.classes) or dialect)
        return [s for s in sqlglot.parse(without_rows, dialect=meant or None) if s is not None]
    except SqlglotError as error:
        details = (getattr(error, "errors", None) or [{}])[0]
        place = Place(file, int(details.get("line") or 1), int(details.get("col") or 1))
        raise SqlError(
            "cannot be parsed as SQL", "name whose SQL it is with --dialect, such as postgres", place, "MK207"
        ) from error
    except ValueError as error:
        known = sorted(d for d in sqlglot.Dialect.classes if d)
        raise UsageError(f"unknown dialect '{dialect}'", near_dialect(dialect, known)) from error


def _complete(statement: exp.Expr, tables: Mapping[str, _Table]) -> None:
    """Take in what is said of a table after it was created: comments, and constraints that a dump adds at its end."""
    if isinstance(statement, exp.Comment) and isinstance(statement.expression, exp.Literal):
        of_column = str(statement.args.get("kind", "")).upper() == "COLUMN"
        name = statement.this.args["table"].name if of_column and statement.this.args.get("table") else ""
        table = tables.get(fold(name or statement.this.name))
        if table and of_column:
            table.descriptions[fold(statement.this.name)] = statement.expression.name
        elif table:
            table.about = statement.expression.name
    if isinstance(statement, exp.Alter):
        table = tables.get(fold(statement.this.name))
        for constraint in statement.find_all(exp.AddConstraint) if table else ():
            for part in constraint.expressions:
                assert table is not None
                table.constrain(part)


class _Table:
    """One CREATE TABLE, taken apart."""

    def __init__(self, schema: exp.Schema) -> None:
        self.name = schema.this.name
        self.about = ""
        self.columns: dict[str, exp.ColumnDef] = {}
        self.descriptions: dict[str, str] = {}
        self.proposals: dict[str, list[Proposal]] = {}
        self.references: list[tuple[str, str, str]] = []
        self.defaults: dict[str, str] = {}
        self.notes: list[str] = []
        self.key: tuple[str, ...] = ()
        for part in schema.expressions:
            if isinstance(part, exp.ColumnDef):
                self.columns[fold(part.name)] = part
                for constraint in part.args.get("constraints") or ():
                    self._column(part.name, constraint.kind)
        for part in schema.expressions:
            if not isinstance(part, exp.ColumnDef):
                self.constrain(part)

    def constrain(self, part: exp.Expr) -> None:
        """Take in a constraint of the table as a whole."""
        if isinstance(part, exp.Constraint):
            for inner in part.expressions:
                self.constrain(inner)
        elif isinstance(part, exp.PrimaryKey):
            self.key = tuple(e.name for e in part.expressions)
        elif isinstance(part, exp.UniqueColumnConstraint):
            names = [e.name for e in part.this.expressions] if part.this else []
            if len(names) == 1:
                self._propose(names[0], Proposal(kind="unique", evidence="declared: UNIQUE"))
            else:
                self.notes.append(f"declared UNIQUE together, not carried over: {', '.join(names)}")
        elif isinstance(part, exp.ForeignKey):
            self._reference([e.name for e in part.expressions], part.args.get("reference"))
        elif isinstance(part, exp.CheckColumnConstraint):
            self._check(part.this)

    def _column(self, name: str, kind: exp.Expr) -> None:
        match kind:
            case exp.PrimaryKeyColumnConstraint():
                self.key = (name,)
            case exp.NotNullColumnConstraint() if not kind.args.get("allow_null"):
                self._propose(name, Proposal(kind="not_null", evidence="declared: NOT NULL"))
            case exp.UniqueColumnConstraint():
                self._propose(name, Proposal(kind="unique", evidence="declared: UNIQUE"))
            case exp.CheckColumnConstraint():
                self._check(kind.this)
            case exp.CommentColumnConstraint():
                self.descriptions.setdefault(fold(name), kind.name)
            case exp.Reference():
                self._reference([name], kind)
            case exp.DefaultColumnConstraint() if isinstance(kind.this, exp.Literal):
                self.defaults[fold(name)] = kind.this.name

    def _propose(self, name: str, proposal: Proposal) -> None:
        known = self.proposals.setdefault(fold(name), [])
        if all((p.kind, p.values) != (proposal.kind, proposal.values) for p in known):
            known.append(proposal)

    def _reference(self, names: list[str], reference: exp.Expr | None) -> None:
        target = reference.this if reference is not None else None
        table = target.find(exp.Table) if target is not None else None
        theirs = [e.name for e in target.expressions] if isinstance(target, exp.Schema) else []
        if table is not None and len(names) == 1 and len(theirs) <= 1:
            found = (names[0], table.name, theirs[0] if theirs else "")
            if not any(fold(r[0]) == fold(found[0]) and fold(r[1]) == fold(found[1]) for r in self.references):
                self.references.append(found)
        else:
            self.notes.append(f"declared FOREIGN KEY of several columns, not carried over: {', '.join(names)}")

    def _check(self, condition: exp.Expr) -> None:
        """Carry over what a contract says with a constraint: a list of values, and bounds; note all else."""
        for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
            bare = part.unnest()
            found = list(_simple(bare))
            if not found:
                self.notes.append(f"declared CHECK, not carried over: {bare.sql(comments=False)}")
            for name, kind, values in found:
                evidence = f"declared: CHECK ({bare.sql(comments=False)})"
                self._propose(name, Proposal(kind=kind, values=values, evidence=evidence))

    def draft(self, tables: Mapping[str, _Table], file: str) -> DraftContract:
        columns = [self._draft_column(name, column, tables) for name, column in self.columns.items()]
        is_single = len(self.key) == 1
        return DraftContract(
            name=self.name,
            about=self.about or f"Drafted from CREATE TABLE {self.name} in {file}; say here what it is.",
            notes=("add location: where the table is; the SQL does not say", *self.notes),
            primary_key=() if is_single else self.key,
            key_evidence="" if is_single else "declared: PRIMARY KEY",
            columns=tuple(columns),
        )

    def _draft_column(self, name: str, column: exp.ColumnDef, tables: Mapping[str, _Table]) -> DraftColumn:
        kind = column.args.get("kind")
        native = kind.sql(comments=False) if kind is not None else ""
        declared, longest = _type(kind) if kind is not None else ("", None)
        is_key = len(self.key) == 1 and fold(self.key[0]) == name
        proposals = [p for p in self.proposals.get(name, []) if not (is_key and p.kind in ("not_null", "unique"))]
        notes = []
        if longest:
            proposals.append(Proposal(kind="max_length", values=(str(longest),), evidence=f"declared: {native}"))
        if kind is not None and kind.this is _T.ENUM:
            values = tuple(e.name for e in kind.expressions)
            proposals.append(Proposal(kind="in", values=values, evidence="declared: ENUM"))
        for ours, target, theirs in self.references:
            if fold(ours) != name:
                continue
            known = tables.get(fold(target))
            theirs = theirs or (known.key[0] if known and len(known.key) == 1 else "")
            if known and theirs:
                reference = Proposal(kind="references", values=(known.name, theirs), evidence="declared: REFERENCES")
                proposals.append(reference)
            else:
                notes.append(f"declared REFERENCES {target}, which is not created here")
        return DraftColumn(
            name=column.name,
            type=declared,
            type_evidence=f"declared: {native}"
            if declared
            else f"type left out: a contract has no word for {native or 'it'}",
            description=self.descriptions.get(name, ""),
            notes=tuple(notes),
            proposals=tuple(proposals),
            key_evidence="declared: PRIMARY KEY" if is_key else "",
            default=self.defaults.get(name, ""),
        )


def _simple(condition: exp.Expr) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield column, kind and values of a condition that a constraint can say."""
    column = _bare(condition.this) if isinstance(condition.this, exp.Expr) else None
    if not isinstance(column, exp.Column):
        return
    if isinstance(condition, exp.EQ) and isinstance(condition.expression, exp.Any):  # as PostgreSQL writes an IN
        listed = _bare(condition.expression.this)
        condition = exp.In(this=column, expressions=listed.expressions if isinstance(listed, exp.Array) else [])
    if isinstance(condition, exp.In):
        values = [_literal(e) for e in condition.expressions]
        if values and None not in values:
            yield column.name, "in", tuple(str(v) for v in values)
    elif type(condition) in _BOUNDS:
        value = _literal(condition.expression)
        if value is not None:
            yield column.name, _BOUNDS[type(condition)], (value,)
    elif isinstance(condition, exp.Between):
        low, high = _literal(condition.args["low"]), _literal(condition.args["high"])
        if low is not None and high is not None:
            yield column.name, "min", (low,)
            yield column.name, "max", (high,)


def _bare(node: exp.Expr) -> exp.Expr:
    """Take parentheses and casts off."""
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    return node


def _literal(node: exp.Expr) -> str | None:
    bare = _bare(node)
    if isinstance(bare, exp.Neg) and isinstance(bare.this, exp.Literal):
        return f"-{bare.this.name}"
    return bare.name if isinstance(bare, exp.Literal) else None


def _type(kind: exp.DataType) -> tuple[str, int | None]:
    arguments = [int(e.name) for e in kind.expressions if isinstance(e, exp.DataTypeParam) and e.name.isdigit()]
    if kind.this in (_T.DECIMAL, _T.BIGDECIMAL):
        if not arguments:
            return "decimal", None
        precision, scale = (*arguments, 0)[:2]
        is_in_range = 1 <= precision <= MAX_PRECISION and scale <= precision
        return f"decimal({precision},{scale})" if is_in_range else "number", None
    name = _NAMES.get(kind.this, "") if isinstance(kind.this, exp.DType) else ""
    return name, arguments[0] if name == "string" and arguments and kind.this is not _T.ENUM else None
