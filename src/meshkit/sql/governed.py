"""A query from outside: which names it holds, and the rows and columns of a table that one reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.access import Attribute
from meshkit.model.names import fold
from meshkit.sql.builders import column as column_of
from meshkit.sql.builders import table as table_of
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_condition, parse_query

MOST_JOINS = 20
MAX_LENGTH = 20_000
HASH_LENGTH = 32
_PRINCIPAL = "principal"


class MaskKey(NamedTuple):
    """Two secrets, between which a value is hashed: without them nobody can hash guesses and compare."""

    inner: str
    outer: str


class ReadColumn(NamedTuple):
    """A column that is handed to a query: the name it has there, its name and type in the data, and its mask."""

    name: str
    stored: str
    type: str
    mask: str = ""


def read_query(text: str) -> exp.Query:
    """Parse a query from outside; see `parse_query`.

    Raises:
        SqlError: As `parse_query`; MK209, it is too long, or joins too much.
    """
    if len(text) > MAX_LENGTH:
        raise SqlError(f"a query of more than {MAX_LENGTH:,} characters", "write a shorter one", code="MK209")
    try:
        tree = parse_query(text)
    except SqlError as error:
        raise SqlError(error.what.replace(" in a contract", " in a query"), error.hint, code=error.code) from error
    if sum(1 for _ in tree.find_all(exp.Table)) > MOST_JOINS:
        raise SqlError(f"a query over more than {MOST_JOINS} tables", "join fewer", code="MK209")
    return tree


def named_columns(tree: exp.Query) -> frozenset[str] | None:
    """Return every name that could be a column's, folded; None where any column may be read without being named.

    More than is read, never less: a column whose name stands nowhere in a query cannot change its answer, unless the query
    takes all columns (`*`), joins by whatever names are the same, or takes a table's row as one value.
    """
    tables = {fold(t.alias_or_name) for t in tree.find_all(exp.Table)} | {
        fold(t.name) for t in tree.find_all(exp.Table)
    }
    tables |= {fold(a.name) for a in tree.find_all(exp.TableAlias)}
    for node in tree.walk():
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            return None
        if isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() not in ("", "ASOF"):
            return None
        if isinstance(node, exp.Column) and not node.table and fold(node.name) in tables:
            return None
    names = {fold(i.name) for i in tree.find_all(exp.Identifier)}
    return frozenset(names | {fold(v.name) for v in tree.find_all(exp.Var)})


def row_condition(text: str, attributes: Mapping[str, Attribute], stored: Mapping[str, str]) -> exp.Expr | None:
    """Return a row filter with a principal's attributes in it, as values of a tree and never as text.

    Args:
        text: As the contract says it; empty = no filter.
        attributes: Of the principal.
        stored: Folded name of a column, as the contract calls it -> its name in the data.

    Raises:
        SqlError: It is no condition, or names an attribute or a column that is not there.
    """
    if not text.strip():
        return None

    def bound(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        if fold(node.table) == _PRINCIPAL:
            return _literal(node.name, attributes)
        if node.table or fold(node.name) not in stored:
            raise SqlError(f"the row filter names '{node.name[:60]}', which the table has not", code="MK209")
        return column_of(stored[fold(node.name)])

    return parse_condition(text).transform(bound)


def _literal(name: str, attributes: Mapping[str, Attribute]) -> exp.Expr:
    if name not in attributes:
        raise SqlError(f"the row filter compares with principal.{name[:60]}, which he has not", code="MK209")
    value = attributes[name]
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.convert(value)


def visible_rows(
    relation_id: str,
    columns: Sequence[ReadColumn],
    condition: exp.Expr | None,
    key: MaskKey | None,
    wanted: Sequence[exp.Expr] = (),
) -> str:
    """Write the SELECT of what a reader may see of a table: masked where it is, filtered by values that are not.

    Of these rows, those that `wanted` holds for: conditions over what he sees.

    Raises:
        SqlError: MK209, it cannot be written.
    """
    shown = [exp.alias_(_seen(c, key), c.name, quoted=True) for c in columns]
    one = exp.alias_(exp.Boolean(this=True), "row", quoted=True)
    select = exp.Select(expressions=shown or [one]).from_(table_of(relation_id))
    visible = select.where(condition.copy()) if condition is not None else select
    if wanted:
        visible = exp.select("*").from_(visible.subquery("visible")).where(*(w.copy() for w in wanted))
    return render(visible)


def _seen(column: ReadColumn, key: MaskKey | None) -> exp.Expr:
    value = column_of(column.stored)
    text = exp.cast(value.copy(), "VARCHAR", dialect="duckdb")
    match column.mask:
        case "":
            return value
        case "hash":
            assert key is not None
            inner = _sha256(exp.DPipe(this=exp.Literal.string(key.inner), expression=text))
            outer = _sha256(exp.DPipe(this=exp.Literal.string(key.outer), expression=inner))
            return exp.func("LEFT", outer, exp.Literal.number(HASH_LENGTH))
        case "partial":
            return _partly(text)
    return exp.cast(exp.null(), null_type(column.type), dialect="duckdb")


def seen_type(column: ReadColumn) -> str:
    """Return the type that a column has for its reader, in DuckDB's words."""
    return column.type if not column.mask else null_type(column.type) if column.mask == "null" else "VARCHAR"


def null_type(kind: str) -> str:
    """Return the type of a column that is all NULL: one that lists values in its name would tell them."""
    return "VARCHAR" if "ENUM(" in kind.upper() else kind


def _partly(text: exp.Expr) -> exp.Expr:
    """Show of an e-mail address its first letter and its domain, of another text of eight letters or more its last two."""
    is_mail = exp.GT(
        this=exp.func("STRPOS", text.copy(), exp.Literal.string("@"), dialect="duckdb"),
        expression=exp.Literal.number(1),
    )
    domain = exp.Anonymous(
        this="split_part", expressions=[text.copy(), exp.Literal.string("@"), exp.Literal.number(-1)]
    )
    first = exp.func("LEFT", text.copy(), exp.Literal.number(1))
    mail = exp.Concat(expressions=[first, exp.Literal.string("***@"), domain], safe=True)
    is_long = exp.GTE(this=exp.func("LENGTH", text.copy()), expression=exp.Literal.number(8))
    end = exp.Concat(
        expressions=[exp.Literal.string("***"), exp.func("RIGHT", text.copy(), exp.Literal.number(2))], safe=True
    )
    is_null = text.copy().is_(exp.null())
    ifs = [exp.If(this=is_null, true=exp.null()), exp.If(this=is_mail, true=mail), exp.If(this=is_long, true=end)]
    return exp.Case(ifs=ifs, default=exp.Literal.string("***"))


def _sha256(text: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="sha256", expressions=[text])
