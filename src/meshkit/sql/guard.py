"""Author SQL to a tree that is proved to be one read-only SELECT made of allowed parts only."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

from meshkit.errors import SqlError
from meshkit.model.names import did_you_mean
from meshkit.sql.dialects import render
from meshkit.sql.guarding.reading import refuse_other_reading, refuse_unsettled
from meshkit.sql.guarding.rules import RULES
from meshkit.sql.guarding.walk import refuse_moved_ctes, refuse_what_is_not_allowed

MAX_LENGTH = 100_000
MAX_NESTING = 200
_STARTS = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN, TokenType.VALUES}
_CONDITION_PARTS = {"expressions", "where", "kind", "hint", "distinct", "operation_modifiers"}
_QUOTED = {
    TokenType.STRING, TokenType.IDENTIFIER, TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING,
    TokenType.BYTE_STRING, TokenType.UNICODE_STRING, TokenType.BIT_STRING, TokenType.HEX_STRING,
}  # fmt: skip


def parse_query(text: str, dialect: str = "duckdb") -> exp.Query:
    """Parse author SQL that must be exactly one read-only SELECT.

    The whole tree is walked: every node and function must be on the dialect's list in `guarding`. Quotes and comments are
    read a second time, apart from sqlglot. What later runs is written anew from the tree, so no other reading of the text
    can slip through; for dialects other than DuckDB's, whose own parser reads it again, what is written must read back as
    the same tree.

    Raises:
        SqlError: MK201 not one SELECT, MK202 it writes, MK203 a function that is not allowed, MK207 not SQL,
            MK209 a construct that is not allowed.
    """
    if dialect not in RULES:
        raise SqlError(f"no rules for SQL of the dialect '{dialect}'", did_you_mean(dialect, list(RULES)), code="MK209")
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
    _read_again(text, dialect, _tokens(text, dialect))
    tree = _parse(text, dialect)
    if not isinstance(tree, exp.Query):
        raise SqlError("not a SELECT", "write one SELECT", code="MK201")
    refuse_what_is_not_allowed(tree, RULES[dialect])
    return tree if dialect == "duckdb" else _read_back(tree, dialect)


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


def _read_again(text: str, dialect: str, tokens: list[sqlglot.Token]) -> None:
    spans = [(t.start, t.end) for t in tokens]
    quoted = [(t.start, t.end) for t in tokens if text[t.end] in "'\"`]$" and t.token_type in _QUOTED]
    refuse_other_reading(text, dialect, spans, quoted)


def _read_back(tree: exp.Query, dialect: str) -> exp.Query:
    """Return the tree of what is written for `tree`, which must be written and read without a change from then on."""
    written = render(tree, dialect)
    refuse_unsettled(written, dialect)
    _read_again(written, dialect, _tokens(written, dialect))
    settled = _parse(written, dialect)
    if settled != tree:
        again = render(settled, dialect) if settled is not None else ""
        if not isinstance(settled, exp.Query) or _parse(again, dialect) != settled:
            raise SqlError("SQL that does not mean the same when it is written anew", "simplify it", code="MK209")
        refuse_moved_ctes(tree, settled)
        refuse_what_is_not_allowed(settled, RULES[dialect])
        refuse_unsettled(again, dialect)
        _read_again(again, dialect, _tokens(again, dialect))
    assert isinstance(settled, exp.Query)
    return settled
