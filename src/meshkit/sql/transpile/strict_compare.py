"""How strict dialects compare and cast: what each is made of, and the rules in which they differ most."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import cast_as, grouped, literal_integer, literal_text, moment_text


class Spec(NamedTuple):
    """What a strict dialect is made of.

    Attributes:
        name: As `--dialect` takes it.
        writes: In sqlglot's words.
        floats: Name of its 64-bit float.
        integers: Name of an integer of 38 digits.
        decimals: Name of a decimal, given places.
        written: A literal day or time, from its text and kind.
        naive: A day, or a moment with a zone, as a moment without one, in UTC.
        seconds: The seconds between two moments without a zone, later and earlier.
        length: The characters of a text.
        as_text: An integer as text.
        is_nan: Whether a float is NaN.
        matches: Whether a pattern is found in a text.
        most_members: How many members a list may have.
        nan_is_last: Whether NaN is greater than all numbers, and equals itself.
        has_booleans: Whether conditions are values.
        texts_compare: Whether texts are compared exactly.
        rules: What more it knows.
        same: What more means the same.
        finish: What is done to whole queries at the end.
    """

    name: str
    writes: str
    floats: str
    integers: str
    decimals: Callable[[int], str]
    written: Callable[[str, Kind], exp.Expr]
    naive: Callable[[exp.Expr, Kind], exp.Expr]
    seconds: Callable[[exp.Expr, exp.Expr], exp.Expr]
    length: Callable[[exp.Expr], exp.Expr]
    as_text: Callable[[exp.Expr], exp.Expr]
    is_nan: Callable[[exp.Expr], exp.Expr]
    matches: Callable[[exp.Expr, str], exp.Expr] | None
    most_members: int
    nan_is_last: bool = False
    has_booleans: bool = True
    texts_compare: bool = True
    rules: Mapping[type[exp.Expr] | str, Rule] = {}
    same: frozenset[str] = frozenset()
    finish: Callable[[exp.Query], exp.Query] = lambda query: query


class Comparisons:
    """The rules of comparisons and casts."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def read(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Write what a comparison made of a literal."""
        if not isinstance(node, exp.Cast) or node.to.this is exp.DType.USERDEFINED:
            return node
        is_written = kind_of(node).is_moment and literal_text(node.this) is not None
        return self.literal_moment(node, context) if is_written else node

    def literal_moment(self, node: exp.Cast, context: Context) -> exp.Expr:
        """Write a day or time that is written out."""
        kind = kind_of(node)
        written = moment_text(node, node.this.name, kind, context)
        made = self.spec.written(written, kind)
        made.type = node.to.copy()
        made.meta["written"] = written
        return made

    def compared(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Compare; a moment with a zone beside one without is read in UTC."""
        kinds = {kind_of(node.this), kind_of(node.expression)}
        if kinds == {Kind.TIMESTAMP, Kind.ZONED}:
            context.note("times with a zone are compared in UTC")
            sides = [
                self.spec.naive(p, kind_of(p)) if kind_of(p) is Kind.ZONED else p for p in (node.this, node.expression)
            ]
            return type(node)(this=sides[0].copy(), expression=sides[1].copy())
        node = shared.comparison(node, context)
        for side in ("this", "expression"):
            node.set(side, self.read(node.args[side], context))
        self.refuse_texts(node, {kind_of(node.this), kind_of(node.expression)}, context)
        return self._nan(node, context)

    def refuse_texts(self, node: exp.Expr, kinds: set[Kind], context: Context) -> None:
        """Refuse an order of texts that is the database's, and conditions as values."""
        if Kind.BOOLEAN in kinds and not self.spec.has_booleans:
            context.refuse(node, "of conditions, which are no values there")
        if (
            Kind.TEXT in kinds
            and not isinstance(node, exp.EQ | exp.NEQ | exp.In)
            and self.spec.name in ("sqlserver", "oracle")
        ):
            context.refuse(node, "of texts, whose order is the database's")

    def _nan(self, node: exp.Expr, context: Context) -> exp.Expr:
        if self.spec.nan_is_last:
            return node
        left, right = node.this, node.expression
        of_floats = [kind_of(p) is Kind.FLOAT and not is_constant(p) for p in (left, right)]
        if not any(of_floats):
            return node
        if isinstance(node, exp.EQ | exp.NEQ):
            if all(of_floats):
                context.refuse(node, "of floats that may both be NaN")
            return node
        is_up = isinstance(node, exp.GT | exp.GTE)
        greater, lesser = (left, right) if is_up else (right, left)
        if kind_of(greater) is not Kind.FLOAT or is_constant(greater):
            return node
        context.note("NaN is greater than all numbers, and equals itself")
        nan: exp.Expr = self.spec.is_nan(greater)
        if not is_constant(lesser):
            is_strict = isinstance(node, exp.GT | exp.LT) and kind_of(lesser) is Kind.FLOAT
            other: exp.Expr = (
                self.spec.is_nan(lesser) if is_strict else exp.Is(this=grouped(lesser), expression=exp.null())
            )
            nan = exp.Paren(this=exp.And(this=nan, expression=exp.Not(this=other)))
        return exp.Paren(this=exp.Or(this=nan, expression=node.copy()))

    def between(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Compare with both ends."""
        node = shared.between(node, context)
        for part in ("this", "low", "high"):
            node.set(part, self.read(node.args[part], context))
        kinds = {kind_of(node.args[p]) for p in ("this", "low", "high")}
        if (
            Kind.FLOAT in kinds
            and not self.spec.nan_is_last
            and not all(is_constant(node.args[p]) for p in ("low", "high"))
        ):
            context.refuse(node, "of floats that may be NaN")
        self.refuse_texts(node, kinds, context)
        return node

    def one_of(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Compare with each of a list."""
        node = listed.one_of(self.spec.most_members)(node, context)
        node.set("expressions", [self.read(e, context) for e in node.expressions])
        kinds = {kind_of(node.this)} | {kind_of(e) for e in node.expressions}
        self.refuse_texts(node, kinds, context)
        if isinstance(node.this, exp.Tuple):
            context.refuse(node, "of several columns")
        return node

    def cast(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Cast between kinds whose casts are alike everywhere."""
        assert isinstance(node, exp.Cast)
        value: exp.Expr = node.this
        source, to = kind_of(value), kind_of(node)
        bare = literal_text(value)
        if bare is not None and to.is_moment:
            return self.literal_moment(node, context)
        if bare is not None and to.is_number and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", bare):
            return self._number(node, bare, to, context)
        if to is Kind.TEXT and source is Kind.INTEGER:
            return self.spec.as_text(value)
        if to is Kind.TEXT and source is Kind.TEXT:
            return value
        if to is Kind.TIMESTAMP and source.is_moment:
            return self.spec.naive(value, source) if source is not Kind.TIMESTAMP else value
        if to is Kind.DATE and source is Kind.DATE:
            return value
        if to is Kind.FLOAT and source.is_number:
            return cast_as(value, self.spec.floats, "DOUBLE")
        if to is Kind.INTEGER and source is Kind.INTEGER:
            return cast_as(value, self.spec.integers, "HUGEINT")
        if to is Kind.DECIMAL and source in (Kind.INTEGER, Kind.DECIMAL) and _places(node.to) >= _places_of(value):
            return cast_as(value, self.spec.decimals(_places(node.to)), node.to.sql("duckdb"))
        context.refuse(node, f"from {source} to {to}")

    def _number(self, node: exp.Cast, bare: str, to: Kind, context: Context) -> exp.Expr:
        if to is Kind.FLOAT:
            return cast_as(node.this, self.spec.floats, "DOUBLE")
        if to is Kind.DECIMAL and _places(node.to) >= len(bare.partition(".")[2]) and "e" not in bare:
            return cast_as(node.this, self.spec.decimals(_places(node.to)), node.to.sql("duckdb"))
        context.refuse(node, "of this text")


def is_constant(node: exp.Expr) -> bool:
    return not any(node.find_all(exp.Column))


def _places(to: exp.DataType) -> int:
    numbers = [literal_integer(p.this) or 0 for p in to.expressions]
    return numbers[1] if len(numbers) > 1 else 0 if numbers else 3


def _places_of(node: exp.Expr) -> int:
    kind = node.type
    return _places(kind) if isinstance(kind, exp.DataType) and kind_of(node) is Kind.DECIMAL else 0
