"""What a plan is made of: asks, statements, keys, and the steps that answer them. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from meshkit.model.check import SLICED_KINDS, Check
from meshkit.model.relation import Relation, SeenTable
from meshkit.sql.measures import Measure
from meshkit.sql.trees import Tree


class How(StrEnum):
    """The way in which a step answers its checks."""

    FOOTER = "footer"
    PRUNED = "pruned"
    SCAN = "scan"
    KEYS = "keys"
    JOIN = "join"
    QUERY = "query"
    KEPT = "kept"


class Statement(NamedTuple):
    """A query and how to read its one row.

    Attributes:
        tree: The query.
        roles: Per check id, role -> name of the column that holds it.
        exact_floats: Whether it reads floating-point columns.
        dialect: Whose meaning the query has.
    """

    tree: Tree
    roles: Mapping[str, Mapping[str, str]]
    exact_floats: bool
    dialect: str = "duckdb"


class Ask(NamedTuple):
    """One check's part of a scan.

    Attributes:
        check: The check.
        measures: The numbers it needs, by role. `total`, if it is not among them, is all rows.
        reads_floats: Whether they are made of floating-point columns.
        reads: Folded names of the columns they are made of.
        alone: The statement that answers it by itself, where that is another one than a scan.
        within: The slice whose rows alone are read; None = all rows are. `total` is then among the measures.
    """

    check: Check
    measures: Mapping[str, Measure]
    reads_floats: bool
    reads: frozenset[str]
    alone: Statement | None = None
    within: Tree | None = None


class Key(NamedTuple):
    """A check that the values of a key are unique.

    Attributes:
        check: The check.
        columns: The key's columns.
        where: Which rows count; None = all.
        alone: The statement that answers it by grouping.
        can_hash: Whether equal values always have equal hashes, so that sorted hashes can prove it.
    """

    check: Check
    columns: tuple[str, ...]
    where: Tree | None
    alone: Statement
    can_hash: bool


class Own(NamedTuple):
    """A check that needs a statement of its own: a reference, or a query that is more than one scan."""

    check: Check
    alone: Statement


class Refused(NamedTuple):
    """A check that does not get a statement: it is errored, or skipped, for a reason."""

    error: str = ""
    skip: str = ""


Planned = Ask | Key | Own | Refused


class Step(NamedTuple):
    """One decision of a plan: which checks are answered together, how, and why so.

    Attributes:
        how: The way.
        asks: What a scan answers, or what shares the scan of a key.
        own: The check with a statement of its own, or the key.
        statement: What is run; None for footers.
        known: What footers prove: check id -> role -> number.
        reason: Why this way was chosen, for people.
        weight: About how much it reads: rows times columns. The heaviest step starts first.
        lacks_total: Whether its statement leaves the number of all rows out, which a scan of the table brings.
    """

    how: How
    asks: tuple[Ask, ...] = ()
    own: Key | Own | None = None
    statement: Statement | None = None
    known: Mapping[str, Mapping[str, Any]] = {}
    reason: str = ""
    weight: float = 0.0
    lacks_total: bool = False

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that it answers."""
        return (*((self.own.check,) if self.own else ()), *(a.check for a in self.asks))


class TableSlice(NamedTuple):
    """What the slice that a caller asks for is to one table.

    Attributes:
        within: Which rows are of the slice; None = the table is judged whole.
        words: The slice in words; else why the table is judged whole, if a slice was asked for.
    """

    within: Tree | None = None
    words: str = ""

    def of(self, check: Check) -> str:
        """Return the slice that a check is limited to, in words; empty where it is about the whole table."""
        return self.words if self.within is not None and check.kind in SLICED_KINDS else ""


class Target(NamedTuple):
    """The table that checks are about.

    Attributes:
        relation: What is read.
        alias: Its name in author SQL.
        seen: What was seen of it.
        broken: Folded column or part -> id of the check that says what is wrong with it.
        parts: Folded name of a part of a nested column -> its declared type, and format of its dates and times.
        within: The slice that row checks are limited to; None = there is none.
    """

    relation: Relation
    alias: str
    seen: SeenTable
    broken: Mapping[str, str]
    parts: Mapping[str, tuple[str, str]] = {}
    within: Tree | None = None
