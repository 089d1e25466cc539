"""Dialects of engines that are not run here: a short allow-list by their documentation, and refusal on any doubt."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    grouped,
    is_windowed,
    literal_integer,
    literal_text,
    number,
    text,
    when,
)

Made = Callable[[exp.Expr, Context], exp.Expr]
_SAME = (
    shared.STRUCTURE - {"Group", "Var", "Ordered", "Is", "Distinct", "Boolean", "Count", "Column", "Literal", "Limit", "Offset"}
) | frozenset(["RowNumber", "Rank", "DenseRank", "Lag", "Lead", "Abs"])
_FIXED = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


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


def dialect(spec: Spec) -> Dialect:
    """Make a dialect."""
    rules = _Rules(spec)
    return Dialect(spec.name, spec.writes, _SAME | spec.same, {**rules.table(), **spec.rules}, rules.finish)


def literal_of(node: exp.Expr) -> str | None:
    """Return the text of a day or time that is written out, as the builders and the clock write it."""
    return getattr(node, "meta", {}).get("written") if not isinstance(node, exp.Cast) else literal_text(node.this)


class _Rules:
    """The rules that all strict dialects share."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def table(self) -> Mapping[type[exp.Expr] | str, Rule]:
        """Return the rules by class."""
        compared = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
        return {
            **dict.fromkeys(compared, self.compared),
            exp.Between: self.between,
            exp.In: self.one_of,
            exp.Cast: listed.left_alone(self.cast),
            exp.Array: listed.left_alone(),
            exp.Explode: listed.left_alone(),
            exp.Split: listed.left_alone(),
            "unnest": listed.left_alone(),
            "string_split": listed.left_alone(),
            exp.CountIf: self.counted_if,
            exp.Filter: shared.filtered,
            exp.Sum: self.summed,
            exp.Avg: self.averaged,
            exp.Count: self.counted,
            **dict.fromkeys((exp.Min, exp.Max), self.extreme),
            exp.Mul: shared.numbers_only,
            exp.Div: self.divided,
            exp.Add: self.added,
            exp.Sub: self.added,
            exp.Interval: self.interval,
            "date_part": self.date_part,
            exp.TimeToUnix: self.epoch,
            exp.Mod: self.remainder,
            exp.Round: self.rounded,
            exp.IsNan: self.is_nan,
            exp.Length: self.length,
            exp.RegexpLike: self.matches,
            exp.Is: self.is_,
            exp.Boolean: self.boolean,
            exp.Column: self.column,
            exp.Literal: self.literal,
            exp.Group: self.group,
            exp.Distinct: self.distinct,
            exp.Ordered: self.ordered,
            exp.Window: self.window,
            exp.Join: self.joined,
            exp.Union: self.union,
            exp.Coalesce: self.coalesced,
            exp.Limit: self.limit,
            exp.Var: lambda node, _: node,
        }

    def read(self, node: exp.Expr) -> exp.Expr:
        """Write what a comparison made of a literal."""
        if isinstance(node, exp.Cast) and kind_of(node).is_moment and literal_text(node.this) is not None:
            return self._literal(node)
        return node

    def _literal(self, node: exp.Cast) -> exp.Expr:
        made = self.spec.written(node.this.name, kind_of(node))
        made.type = node.to.copy()
        made.meta["written"] = node.this.name
        return made

    def compared(self, node: exp.Expr, context: Context) -> exp.Expr:
        kinds = {kind_of(node.this), kind_of(node.expression)}
        if kinds == {Kind.TIMESTAMP, Kind.ZONED}:
            context.note("times with a zone are compared in UTC")
            sides = [self.spec.naive(p, kind_of(p)) if kind_of(p) is Kind.ZONED else p for p in (node.this, node.expression)]
            return type(node)(this=sides[0].copy(), expression=sides[1].copy())
        node = shared.comparison(node, context)
        for side in ("this", "expression"):
            node.set(side, self.read(node.args[side]))
        self._texts(node, {kind_of(node.this), kind_of(node.expression)}, context)
        return self._nan(node, context)

    def _texts(self, node: exp.Expr, kinds: set[Kind], context: Context) -> None:
        if Kind.BOOLEAN in kinds and not self.spec.has_booleans:
            context.refuse(node, "of conditions, which are no values there")
        if Kind.TEXT in kinds and not isinstance(node, exp.EQ | exp.NEQ | exp.In) and self.spec.name in ("sqlserver", "oracle"):
            context.refuse(node, "of texts, whose order is the database's")

    def _nan(self, node: exp.Expr, context: Context) -> exp.Expr:
        if self.spec.nan_is_last:
            return node
        left, right = node.this, node.expression
        of_floats = [kind_of(p) is Kind.FLOAT and not _is_constant(p) for p in (left, right)]
        if not any(of_floats):
            return node
        if isinstance(node, exp.EQ | exp.NEQ):
            if all(of_floats):
                context.refuse(node, "of floats that may both be NaN")
            return node
        is_up = isinstance(node, exp.GT | exp.GTE)
        greater, lesser = (left, right) if is_up else (right, left)
        if kind_of(greater) is not Kind.FLOAT or _is_constant(greater):
            return node
        context.note("NaN is greater than all numbers, and equals itself")
        nan: exp.Expr = self.spec.is_nan(greater)
        if not _is_constant(lesser):
            is_strict = isinstance(node, exp.GT | exp.LT) and kind_of(lesser) is Kind.FLOAT
            other: exp.Expr = self.spec.is_nan(lesser) if is_strict else exp.Is(this=grouped(lesser), expression=exp.null())
            nan = exp.Paren(this=exp.And(this=nan, expression=exp.Not(this=other)))
        return exp.Paren(this=exp.Or(this=nan, expression=node.copy()))

    def between(self, node: exp.Expr, context: Context) -> exp.Expr:
        node = shared.between(node, context)
        for part in ("this", "low", "high"):
            node.set(part, self.read(node.args[part]))
        kinds = {kind_of(node.args[p]) for p in ("this", "low", "high")}
        if Kind.FLOAT in kinds and not self.spec.nan_is_last and not all(_is_constant(node.args[p]) for p in ("low", "high")):
            context.refuse(node, "of floats that may be NaN")
        self._texts(node, kinds, context)
        return node

    def one_of(self, node: exp.Expr, context: Context) -> exp.Expr:
        node = listed.one_of(self.spec.most_members)(node, context)
        node.set("expressions", [self.read(e) for e in node.expressions])
        kinds = {kind_of(node.this)} | {kind_of(e) for e in node.expressions}
        self._texts(node, kinds, context)
        if isinstance(node.this, exp.Tuple):
            context.refuse(node, "of several columns")
        return node

    def cast(self, node: exp.Expr, context: Context) -> exp.Expr:
        source, to = kind_of(node.this), kind_of(node)
        assert isinstance(node, exp.Cast)
        bare = literal_text(node.this)
        if bare is not None and to.is_moment:
            return self._literal(node)
        if bare is not None and to.is_number and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", bare):
            return self._number(node, bare, to, context)
        if to is Kind.TEXT and source is Kind.INTEGER:
            return self.spec.as_text(node.this)
        if to is Kind.TEXT and source is Kind.TEXT:
            return node.this
        if to is Kind.TIMESTAMP and source.is_moment:
            return self.spec.naive(node.this, source) if source is not Kind.TIMESTAMP else node.this
        if to is Kind.DATE and source is Kind.DATE:
            return node.this
        if to is Kind.FLOAT and source.is_number:
            return cast_as(node.this, self.spec.floats, "DOUBLE")
        if to is Kind.INTEGER and source is Kind.INTEGER:
            return cast_as(node.this, self.spec.integers, "HUGEINT")
        if to is Kind.DECIMAL and source in (Kind.INTEGER, Kind.DECIMAL) and _places(node.to) >= _places_of(node.this):
            return cast_as(node.this, self.spec.decimals(_places(node.to)), node.to.sql("duckdb"))
        context.refuse(node, f"from {source} to {to}")

    def _number(self, node: exp.Cast, bare: str, to: Kind, context: Context) -> exp.Expr:
        if to is Kind.FLOAT:
            return cast_as(node.this, self.spec.floats, "DOUBLE")
        if to is Kind.DECIMAL and _places(node.to) >= len(bare.partition(".")[2]) and "e" not in bare:
            return cast_as(node.this, self.spec.decimals(_places(node.to)), node.to.sql("duckdb"))
        context.refuse(node, "of this text")

    def counted_if(self, node: exp.Expr, context: Context) -> exp.Expr:
        context.note("COUNT_IF is written as SUM(CASE WHEN ...)")
        return exp.Sum(this=when(node.this, number(1), number(0)))

    def summed(self, node: exp.Expr, context: Context) -> exp.Expr:
        shared.numbers_only(node, context)
        return node

    def averaged(self, node: exp.Expr, context: Context) -> exp.Expr:
        shared.numbers_only(node, context)
        if is_windowed(node) or isinstance(node.this, exp.Distinct):
            context.refuse(node, "with OVER, FILTER or DISTINCT")
        context.note("AVG is a sum divided by a count, as floats")
        total = cast_as(exp.Sum(this=node.this.copy()), self.spec.floats, "DOUBLE")
        filled = call("NULLIF", exp.Count(this=node.this.copy(), big_int=True), number(0))
        return exp.Div(this=total, expression=cast_as(filled, self.spec.floats, "DOUBLE"), typed=True, safe=False)

    def counted(self, node: exp.Expr, context: Context) -> exp.Expr:
        distinct = node.this
        if isinstance(distinct, exp.Distinct) and (
            len(distinct.expressions) != 1 or isinstance(distinct.expressions[0], exp.Tuple)
        ):
            context.refuse(node, "of several columns")
        return node

    def extreme(self, node: exp.Expr, context: Context) -> exp.Expr:
        kind = kind_of(node.this)
        if kind is Kind.FLOAT and not self.spec.nan_is_last or kind is Kind.UNKNOWN or kind is Kind.BOOLEAN:
            context.refuse(node, f"of {kind}")
        self._texts(node, {kind}, context)
        return node

    def divided(self, node: exp.Expr, context: Context) -> exp.Expr:
        divisor = node.expression
        if not (isinstance(divisor, exp.Var) and divisor.name.rstrip("D").strip("0.")):
            shared.division(node.copy(), context)
        sides = (cast_as(side, self.spec.floats, "DOUBLE") for side in (node.this, node.expression))
        return exp.Div(this=next(sides), expression=next(sides), typed=True, safe=False)

    def added(self, node: exp.Expr, context: Context) -> exp.Expr:
        left, right = kind_of(node.this), kind_of(node.expression)
        if left.is_number and right.is_number:
            return node
        if isinstance(node, exp.Sub) and left is right is Kind.TIMESTAMP:
            context.note("the time between two moments is counted in seconds")
            return self.spec.seconds(node.this, node.expression)
        if literal_of(node.this) is not None and isinstance(node.expression, exp.Interval):
            return self._folded(node, context)
        context.refuse(node, f"of {left} and {right}")

    def _folded(self, node: exp.Expr, context: Context) -> exp.Expr:
        """Work out a written time and a written interval, such as the clock's less three hours."""
        unit = node.expression.args.get("unit")
        per = _FIXED.get(unit.name.lower().removesuffix("s")) if isinstance(unit, exp.Var) else None
        count = node.expression.this
        if per is None or not isinstance(count, exp.Literal) or not count.name.isdigit():
            context.refuse(node, "of an interval of months, of several units, or a computed one")
        kind = kind_of(node.this)
        moment = dt.datetime.fromisoformat((literal_of(node.this) or "").removesuffix("+00"))
        passed = dt.timedelta(seconds=per * int(count.name))
        moved = (moment - passed if isinstance(node, exp.Sub) else moment + passed).isoformat(sep=" ")
        kind = Kind.TIMESTAMP if kind is Kind.DATE else kind
        context.note("a written time and an interval are worked out")
        zoned = kind is Kind.ZONED
        made = exp.cast(text(moved + "+00" if zoned else moved), "TIMESTAMPTZ" if zoned else "TIMESTAMP", dialect="duckdb")
        assert isinstance(made, exp.Cast)
        return self._literal(made)

    def interval(self, node: exp.Expr, context: Context) -> exp.Expr:
        if not isinstance(node.parent, exp.Add | exp.Sub):
            context.refuse(node, "that stands by itself")
        return node

    def date_part(self, node: exp.Expr, context: Context) -> exp.Expr:
        name, value = node.expressions
        if name.name != "epoch" or kind_of(value) is not Kind.INTERVAL:
            context.refuse(node)
        return value

    def epoch(self, node: exp.Expr, context: Context) -> exp.Expr:
        if kind_of(node.this) is not Kind.INTERVAL:
            context.refuse(node)
        return node.this

    def remainder(self, node: exp.Expr, context: Context) -> exp.Expr:
        for part in (node.this, node.expression):
            context.require(part, Kind.INTEGER, Kind.DECIMAL, of=node)
        if not shared.is_never_zero(node.expression):
            context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
        return node

    def rounded(self, node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, of=node)
        places = node.args.get("decimals")
        if places is not None and (kind_of(node.this) is Kind.FLOAT or literal_integer(places) is None):
            context.refuse(node, "to places of a float, or to computed places")
        return call("ROUND", node.this, number(literal_integer(places) or 0))

    def is_nan(self, node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.FLOAT, of=node)
        return self.spec.is_nan(node.this)

    def length(self, node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.TEXT, of=node)
        return self.spec.length(node.this)

    def matches(self, node: exp.Expr, context: Context) -> exp.Expr:
        pattern = literal_text(node.expression)
        if self.spec.matches is None:
            context.refuse(node, "it has no regular expressions")
        if pattern is None or node.args.get("flag") is not None:
            context.refuse(node, "with options, or a pattern that is computed")
        context.require(node.this, Kind.TEXT, of=node)
        try:
            return self.spec.matches(node.this, pattern)
        except ValueError as error:
            context.refuse(node, str(error))

    def is_(self, node: exp.Expr, context: Context) -> exp.Expr:
        if not isinstance(node.expression, exp.Null):
            context.refuse(node, "TRUE or FALSE")
        return node

    def boolean(self, node: exp.Expr, context: Context) -> exp.Expr:
        if self.spec.has_booleans:
            return node
        return exp.EQ(this=number(1), expression=number(1 if node.this else 0))

    def column(self, node: exp.Expr, context: Context) -> exp.Expr:
        if kind_of(node) is Kind.BOOLEAN and not self.spec.has_booleans and not isinstance(node.parent, exp.Count | exp.Is):
            context.refuse(node, "of a condition, which is no value there")
        return node

    def literal(self, node: exp.Expr, context: Context) -> exp.Expr:
        if self.spec.name == "oracle" and literal_text(node) == "":
            context.refuse(node, "an empty text is NULL there")
        return node

    def group(self, node: exp.Expr, context: Context) -> exp.Expr:
        if any(node.args.get(k) for k in ("all", "grouping_sets", "cube", "rollup", "totals")):
            context.refuse(node, "BY ALL or of several groupings")
        return node

    def distinct(self, node: exp.Expr, context: Context) -> exp.Expr:
        if node.args.get("on") is not None:
            context.refuse(node, "ON")
        return node

    def ordered(self, node: exp.Expr, context: Context) -> exp.Expr:
        kind = kind_of(node.this)
        if kind is Kind.FLOAT and not self.spec.nan_is_last or kind is Kind.UNKNOWN:
            context.refuse(node, f"by {kind}")
        if kind is Kind.TEXT and self.spec.name in ("sqlserver", "oracle"):
            context.refuse(node, "by texts, whose order is the database's")
        return node

    def window(self, node: exp.Expr, context: Context) -> exp.Expr:
        ranked = isinstance(node.this, exp.RowNumber | exp.Rank | exp.DenseRank | exp.Lag | exp.Lead)
        if node.args.get("spec") is not None or ranked is not bool(node.args.get("order")):
            context.refuse(node, "with a frame, or of a function that needs or forbids an order")
        return node

    def joined(self, node: exp.Expr, context: Context) -> exp.Expr:
        if node.args.get("method") or node.args.get("kind") not in (None, "", "INNER", "OUTER", "CROSS", "ANTI", "SEMI"):
            context.refuse(node)
        return node

    def union(self, node: exp.Expr, context: Context) -> exp.Expr:
        if node.args.get("by_name") or (node.args.get("distinct") and self.spec.name in ("sqlserver", "oracle")):
            context.refuse(node, "BY NAME, or of distinct rows")
        return node

    def coalesced(self, node: exp.Expr, context: Context) -> exp.Expr:
        kind = context.kind(node.this, *node.expressions)
        if kind is Kind.BOOLEAN and not self.spec.has_booleans:
            context.refuse(node, "of conditions, which are no values there")
        return node

    def limit(self, node: exp.Expr, context: Context) -> exp.Expr:
        if literal_integer(node.expression) is None:
            context.refuse(node, "to a computed number")
        return node

    def finish(self, query: exp.Query, context: Context) -> exp.Query:
        """Look up what is missing by EXISTS; refuse outputs that the engine does not have."""
        query = looked_up(query)
        for chosen in query.selects:
            if kind_of(chosen.unalias()) is Kind.INTERVAL:
                context.refuse(chosen.unalias(), "as an output")
        if not self.spec.has_booleans:
            for select in query.find_all(exp.Select):
                for chosen in select.expressions:
                    if kind_of(chosen.unalias()) is Kind.BOOLEAN and not isinstance(chosen.unalias(), exp.Column):
                        context.refuse(chosen.unalias(), "as an output")
        return self.spec.finish(query)


def _is_constant(node: exp.Expr) -> bool:
    return not any(node.find_all(exp.Column))


def _places(to: exp.DataType) -> int:
    numbers = [literal_integer(p.this) or 0 for p in to.expressions]
    return numbers[1] if len(numbers) > 1 else 0 if numbers else 3


def _places_of(node: exp.Expr) -> int:
    kind = node.type
    return _places(kind) if isinstance(kind, exp.DataType) and kind_of(node) is Kind.DECIMAL else 0


__all__ = ["Spec", "dialect", "grouped"]
