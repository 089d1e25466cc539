"""What a dialect is made of: which parts of a tree mean the same there, and how the others are rewritten or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.sql.transpile.kinds import Kind, kind_of


class Context:
    """What rules may know of the query at work, and where they note what they do.

    Args:
        dialect: Name of the dialect that is written, as `--dialect` takes it.

    Attributes:
        notes: What was rewritten, each once, in the order in which it was met.
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.notes: dict[str, None] = {}

    def note(self, text: str) -> None:
        """Note a rewrite, such as `date_diff counts boundaries: both sides are truncated first`."""
        self.notes[text] = None

    def refuse(self, node: exp.Expr, why: str = "") -> NoReturn:
        """Refuse the query for a part of it.

        Args:
            node: The part, as DuckDB has it.
            why: What keeps it from meaning the same, such as `'g' without a flag`; empty = it has no equal.

        Raises:
            SqlError: MK210, with the way out.
        """
        what = f"{called(node)} has no equal on {self.dialect}" + (f": {why}" if why else "")
        raise SqlError(what, f"write sql.{self.dialect} for this check, or run with --fetch", code="MK210")

    def kind(self, *nodes: exp.Expr | None) -> Kind:
        """Return the kind that all of `nodes` are of; `Kind.UNKNOWN` where they differ. NULL is of any kind."""
        kinds = {kind_of(n) for n in nodes if n is not None} - {Kind.NULL}
        return kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN if kinds else Kind.NULL

    def require(self, node: exp.Expr, *kinds: Kind, of: exp.Expr) -> Kind:
        """Return the kind of `node`, which must be one of `kinds`, or refuse `of`, the part that holds it."""
        found = kind_of(node)
        if found not in kinds:
            self.refuse(of, f"of {found}, which is not {' or '.join(kinds)}")
        return found


Rule = Callable[[exp.Expr, Context], exp.Expr]
"""Takes a part of a tree whose own parts are rewritten already, each with the type that it had in DuckDB; returns what
stands in its place, or refuses. What it returns is written as it is: no rule looks at it again."""


class Dialect(NamedTuple):
    """How one engine's SQL differs from DuckDB's.

    Attributes:
        name: As `--dialect` takes it.
        writes: The dialect of the text, in sqlglot's words.
        same: Classes of sqlglot's tree, and lower-case names of functions that it has no class for, that are written by
            sqlglot and mean the same: each was run on the engine.
        rules: By class, or by lower-case name of a function without a class: how to write what differs. They go before `same`.
        finish: Whole queries to what is written, after all rules: what concerns more than one part.
    """

    name: str
    writes: str
    same: frozenset[str]
    rules: Mapping[type[exp.Expr] | str, Rule]
    finish: Callable[[exp.Query, Context], exp.Query] = lambda query, _: query


def called(node: exp.Expr) -> str:
    """Name a part of a query as its author knows it."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Func):
        return node.sql(dialect="duckdb", comments=False).partition("(")[0].lower()[:40]
    return node.key.upper()


def rewritten(node: exp.Expr, dialect: Dialect, context: Context) -> exp.Expr:
    """Write one part anew by its rule; keep what means the same; refuse anything else.

    Raises:
        SqlError: MK210.
    """
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    rule = dialect.rules.get(name) if name else dialect.rules.get(type(node))
    if rule is not None:
        return rule(node, context)
    if (name or type(node).__name__) not in dialect.same:
        context.refuse(node)
    return node
