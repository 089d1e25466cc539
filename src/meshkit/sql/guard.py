"""Author SQL to a tree that is proved to be one read-only SELECT made of allowed parts only."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

from meshkit.errors import SqlError
from meshkit.model.names import nearest
from meshkit.sql.allowed import ANONYMOUS, FUNCTIONS, NODES, TABLE_FUNCTIONS

MAX_LENGTH = 100_000
MAX_NESTING = 200
MAX_REPEATS = 10_000
_REPEATERS = {"Repeat": "times", "Pad": "expression", "Space": "this"}  # function -> the argument that says how often
_STARTS = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN, TokenType.VALUES}
_CONDITION_PARTS = {"expressions", "where", "kind", "hint", "distinct", "operation_modifiers"}
_WRITES = {
    "Insert", "Update", "Delete", "Merge", "Create", "Drop", "Alter", "TruncateTable", "Copy", "Attach", "Detach", "Command",
    "Set", "Pragma", "Use", "Into", "Lock", "Install", "Export", "LoadData", "Grant", "Revoke",
}  # fmt: skip


def parse_query(text: str, dialect: str = "duckdb") -> exp.Query:
    """Parse author SQL that must be exactly one read-only SELECT.

    The whole tree is walked: every node and function must be on the list in `allowed`. What later runs is written anew
    from the tree, so no other reading of the text can slip through.

    Raises:
        SqlError: MK201 not one SELECT, MK202 it writes, MK203 a function that is not allowed, MK207 not SQL,
            MK209 a construct that is not allowed.
    """
    _refuse_by_size(text)
    tokens = _tokens(text, dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise SqlError("the query is empty", "write one SELECT", code="MK201")
    if any(t.token_type is TokenType.SEMICOLON for t in tokens):
        raise SqlError("more than one statement", "keep one SELECT, and take the ';' out", code="MK201")
    if tokens[0].token_type not in _STARTS:
        raise SqlError(
            f"a statement that starts with {tokens[0].text.upper()[:20]!r}", "write one SELECT", code="MK201"
        )
    tree = _parse(text, dialect)
    if not isinstance(tree, exp.Query):
        raise SqlError("not a SELECT", "write one SELECT", code="MK201")
    _walk(tree)
    return tree


def parse_condition(text: str, dialect: str = "duckdb") -> exp.Expr:
    """Parse one boolean expression over a table's columns, without sub-queries.

    Raises:
        SqlError: As `parse_query`; MK209 for a sub-query or an aggregate.
    """
    tree = _wrapped(text, "SELECT 1 WHERE {}", dialect)
    where = tree.args.get("where")
    if where is None or any(v for k, v in tree.args.items() if k not in _CONDITION_PARTS and v):
        raise SqlError("more than one condition", "write one boolean expression, like status = 'PAID'", code="MK209")
    condition: exp.Expr = where.this
    if condition.find(exp.AggFunc, exp.Window):
        raise SqlError("an aggregate in a condition over rows", "write a quality check with SQL instead", code="MK209")
    return condition


def parse_scalar(text: str, dialect: str = "duckdb") -> exp.Expr:
    """Parse one scalar or aggregate expression over a table's columns, without sub-queries.

    Raises:
        SqlError: As `parse_condition`.
    """
    tree = _wrapped(text, "SELECT {}", dialect)
    if len(tree.expressions) != 1 or any(
        v for k, v in tree.args.items() if k not in _CONDITION_PARTS - {"where"} and v
    ):
        raise SqlError("more than one expression", "write one, like avg(total_amount)", code="MK209")
    expression: exp.Expr = tree.expressions[0]
    return expression


def _wrapped(text: str, frame: str, dialect: str) -> exp.Query:
    # The line break keeps a trailing comment from swallowing what the frame adds.
    if not text.strip():
        raise SqlError("the expression is empty", code="MK207")
    tree = parse_query(frame.format(text + "\n"), dialect)
    if tree.find(exp.Subquery, exp.Exists, exp.From) or len(list(tree.find_all(exp.Query))) > 1:
        raise SqlError(
            "a sub-query where one expression is wanted", "write a quality check with SQL instead", code="MK209"
        )
    return tree


def _refuse_by_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise SqlError(f"longer than {MAX_LENGTH:,} characters", code="MK209")
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    if deepest > MAX_NESTING:
        raise SqlError(f"nested deeper than {MAX_NESTING} levels", code="MK209")


def _tokens(text: str, dialect: str) -> list[sqlglot.Token]:
    try:
        return list(_tokenized(text, dialect))
    except TokenError as error:
        raise SqlError("the SQL cannot be read: a quote or comment is not closed", code="MK207") from error


@lru_cache(maxsize=512)
def _tokenized(text: str, dialect: str) -> tuple[sqlglot.Token, ...]:
    return tuple(sqlglot.tokenize(text, read=dialect))


@lru_cache(maxsize=512)
def _parsed(text: str, dialect: str) -> exp.Expr | None:
    trees = Dialect.get_or_raise(dialect).parser().parse(list(_tokenized(text, dialect)), text)
    return next(iter(trees), None)


def _parse(text: str, dialect: str) -> exp.Expr | None:
    try:
        tree = _parsed(text, dialect)
    except ParseError as error:
        detail = error.errors[0] if error.errors else {}
        near = f" near '{detail['highlight']}'" if detail.get("highlight") else ""
        where = f" in line {detail['line']}, column {detail['col']} of the SQL" if detail.get("line") else ""
        raise SqlError(f"the SQL cannot be read{near}{where}", code="MK207") from error
    except (SqlglotError, RecursionError, ValueError) as error:
        raise SqlError("the SQL cannot be read", code="MK207") from error
    return tree.copy() if tree is not None else None


def _walk(tree: exp.Expr) -> None:
    try:
        for node in tree.walk():
            _refuse_node(node)
    except RecursionError as error:
        raise SqlError("nested too deeply", code="MK209") from error


def _refuse_node(node: exp.Expr) -> None:
    name = type(node).__name__
    if isinstance(node, exp.Table):
        _refuse_table(node)
    elif isinstance(node, exp.Anonymous):
        function = node.name.lower()
        if function not in ANONYMOUS:
            raise SqlError(
                f"function '{function[:60]}' is not allowed in a contract",
                f"did you mean '{near[0]}'?" if (near := nearest(function, ANONYMOUS)) else "",
                code="MK203",
            )
    elif isinstance(node, exp.With) and node.args.get("recursive"):
        raise SqlError("WITH RECURSIVE is not allowed in a contract", code="MK209")
    elif name in _WRITES:
        raise SqlError(f"{name.upper()} is not allowed in a contract", "write one SELECT that only reads", code="MK202")
    elif isinstance(node, exp.Func):
        if name not in FUNCTIONS and name not in NODES:
            raise SqlError(f"function '{node.sql_name().lower()}' is not allowed in a contract", code="MK203")
        _refuse_arguments(node, name)
    elif name not in NODES:
        raise SqlError(f"{name.upper()} is not allowed in a contract", "write a plain SELECT", code="MK209")


def _refuse_arguments(node: exp.Func, name: str) -> None:
    if isinstance(node, exp.Count) and node.this is None:
        raise SqlError("COUNT() counts nothing", "write COUNT(*)", code="MK207")
    if name in _REPEATERS:
        times = node.args.get(_REPEATERS[name])
        if not (isinstance(times, exp.Literal) and times.is_int and int(times.name) <= MAX_REPEATS):
            raise SqlError(f"{name.lower()}() of a text more than {MAX_REPEATS:,} times, or a computed number of times",
                           "write the number out", code="MK209")  # fmt: skip


def _refuse_table(node: exp.Table) -> None:
    if isinstance(node.this, (exp.Func, exp.Anonymous)):
        if type(node.this).__name__ not in TABLE_FUNCTIONS:
            name = node.this.name if isinstance(node.this, exp.Anonymous) else node.this.sql_name()
            raise SqlError(
                f"table function '{name.lower()[:60]}' is not allowed in a contract", "read a bound name", code="MK203"
            )
    elif not isinstance(node.this, exp.Identifier):
        raise SqlError("a table that is no name", "read a bound name", code="MK209")
    elif node.args.get("catalog"):
        raise SqlError("a table name of three parts", "write the product's name", code="MK209")
