"""Dialects of engines that are not run here: a short allow-list by their documentation, and refusal on any doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.strict_compare import Comparisons, Spec
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    is_windowed,
    literal_integer,
    literal_text,
    number,
    or_zero,
    text,
    when,
)

Made = Callable[[exp.Expr, Context], exp.Expr]
_SAME = (
    shared.STRUCTURE
    - {"Group", "Var", "Ordered", "Is", "Distinct", "Boolean", "Count", "Column", "Literal", "Limit", "Offset"}
) | frozenset(["RowNumber", "Rank", "DenseRank", "Lag", "Lead", "Abs"])
_FIXED = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def dialect(spec: Spec) -> Dialect:
    """Make a dialect."""
    rules = _Rules(spec)
    return Dialect(spec.name, spec.writes, _SAME | spec.same, {**rules.table(), **spec.rules}, rules.finish)


def literal_of(node: exp.Expr) -> str | None:
    """Return the text of a day or time that is written out, as the builders and the clock write it."""
    return node.meta.get("written")


class _Rules(Comparisons):
    """The rules that all strict dialects share."""

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

    def counted_if(self, node: exp.Expr, context: Context) -> exp.Expr:
        if or_zero(node):
            return shared.counted_if(node, context)
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
        if (kind is Kind.FLOAT and not self.spec.nan_is_last) or kind is Kind.UNKNOWN or kind is Kind.BOOLEAN:
            context.refuse(node, f"of {kind}")
        self.refuse_texts(node, {kind}, context)
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
        made = exp.cast(
            text(moved + "+00" if zoned else moved), "TIMESTAMPTZ" if zoned else "TIMESTAMP", dialect="duckdb"
        )
        assert isinstance(made, exp.Cast)
        return self.literal_moment(made, context)

    def interval(self, node: exp.Expr, context: Context) -> exp.Expr:
        if not isinstance(node.parent, exp.Add | exp.Sub):
            context.refuse(node, "that stands by itself")
        return node

    def date_part(self, node: exp.Expr, context: Context) -> exp.Expr:
        name, value = node.expressions
        if name.name != "epoch" or kind_of(value) is not Kind.INTERVAL:
            context.refuse(node)
        return _seconds_of(value)

    def epoch(self, node: exp.Expr, context: Context) -> exp.Expr:
        if kind_of(node.this) is not Kind.INTERVAL:
            context.refuse(node)
        return _seconds_of(node.this)

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
        if (
            kind_of(node) is Kind.BOOLEAN
            and not self.spec.has_booleans
            and not isinstance(node.parent, exp.Count | exp.Is)
        ):
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
        if (kind is Kind.FLOAT and not self.spec.nan_is_last) or kind is Kind.UNKNOWN:
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
        if node.args.get("method") or node.args.get("kind") not in (
            None,
            "",
            "INNER",
            "OUTER",
            "CROSS",
            "ANTI",
            "SEMI",
        ):
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


def _seconds_of(value: exp.Expr) -> exp.Expr:
    """Return the time between two moments, which is counted in seconds already, as the number that it is."""
    seconds = value.copy()
    seconds.type = exp.DataType.build("DOUBLE")
    return seconds


__all__ = ["Spec", "dialect"]
