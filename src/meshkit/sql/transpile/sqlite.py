"""SQLite's dialect, for version 3.39 or later and connections that have the functions of meshkit's driver.

Days and times are ISO texts, decimals floats, booleans 0 and 1, lists JSON. Source: SQLite's documentation, and the suite of `truth/`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import (
    listed,
    shared,
    sqlite_groups,
    sqlite_numbers,
    sqlite_queries,
    sqlite_text,
    sqlite_time,
)
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.outputs import grouped_out
from meshkit.sql.transpile.parts import in_from
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.writing import floats_of, literal_integer, literal_text

_MOST_MEMBERS = 100_000
_SAME = shared.STRUCTURE - {
    "Column",
    "Table",
    "Literal",
    "Join",
    "Union",
    "Window",
    "Case",
    "If",
    "Coalesce",
    "Nullif",
} | frozenset(
    """
    Qualify RowNumber Rank DenseRank PercentRank CumeDist Ntile FirstValue LastValue NthValue Collate JSONPath JSONPathRoot
    JSONPathKey JSONPathSubscript IntervalSpan Values
    """.split()
) - {"Count", "Neg", "And", "Or", "Not", "Limit", "Offset", "Group", "Distinct"}
_COMPARED = (
    Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, Kind.INTERVAL, Kind.NULL,
)  # fmt: skip


def _sides(sides: list[exp.Expr], node: exp.Expr, context: Context) -> list[exp.Expr]:
    """Write values so that they compare as in DuckDB, or refuse `node`."""
    kinds = [kind_of(s) for s in sides]
    for side, kind in zip(sides, kinds, strict=True):
        if kind not in _COMPARED:
            context.refuse(node, f"of {kind}")
        for other in sides:
            _refuse_rounding(literal_text(side), other, node, context)
    there = set(kinds) - {Kind.NULL}
    if Kind.INTERVAL in there:
        if there != {Kind.INTERVAL}:
            context.refuse(node, f"between {' and '.join(sorted(there))}")
        return [sqlite_time.micros(s, node, context) for s in sides]
    if there == {Kind.BOOLEAN, Kind.INTEGER} and all(_is_bit(s) for s in sides if kind_of(s) is Kind.INTEGER):
        return sides
    if there <= {Kind.DATE, Kind.TIMESTAMP, Kind.ZONED}:
        return [sqlite_time.naive(s) for s in sides] if len(there) > 1 else sides
    settled = [sides[0]]
    for side in sides[1:]:
        left, right = shared.settled(settled[0], side, node, context)
        settled = [left, *settled[1:], right]
    settled = [_read(s, context) for s in settled]
    if {Kind.FLOAT, Kind.INTEGER} <= {kind_of(s) for s in settled}:
        return [floats_of(s) if kind_of(s) is Kind.INTEGER and literal_integer(s) is None else s for s in settled]
    return settled


def _is_bit(side: exp.Expr) -> bool:
    """Tell whether a number is the one that a boolean is held as."""
    return literal_integer(side) in (0, 1)


def _refuse_rounding(written: str | None, other: exp.Expr, node: exp.Expr, context: Context) -> None:
    """Refuse a text that DuckDB would round before it compares it."""
    if written is None or kind_of(other) not in (Kind.INTEGER, Kind.DECIMAL):
        return
    places = sqlite_numbers.places_of(other)
    if len(written.partition(".")[2]) > places:
        context.refuse(node, "between a number and a text of more decimal places")


def _read(side: exp.Expr, context: Context) -> exp.Expr:
    """Write a literal that was given the type of what it is compared with."""
    if isinstance(side, exp.Cast) and isinstance(side.this, exp.Literal) and kind_of(side).is_moment:
        made = sqlite_time.literal_moment(side.this.name, kind_of(side), side, context)
        made.type = side.type
        return made
    return side


def _compared(node: exp.Expr, context: Context) -> exp.Expr:
    left, right = _ordered(_sides([node.this, node.expression], node, context), node)
    node.set("this", left)
    node.set("expression", right)
    return node


def _ordered(sides: list[exp.Expr], node: exp.Expr) -> list[exp.Expr]:
    """Let texts be ordered as texts, whatever the column of one of them is declared as."""
    if not isinstance(node, exp.LT | exp.LTE | exp.GT | exp.GTE | exp.Between):
        return sides
    is_column = (exp.Column, exp.Collate)
    return [sqlite_text.bare(s) if kind_of(s) is Kind.TEXT and isinstance(s, is_column) else s for s in sides]


def _between(node: exp.Expr, context: Context) -> exp.Expr:
    names = ("this", "low", "high")
    if node.args.get("symmetric"):
        context.refuse(node, "SYMMETRIC")
    for name, side in zip(names, _ordered(_sides([node.args[n] for n in names], node, context), node), strict=True):
        node.set(name, side)
    return node


def _one_of(node: exp.Expr, context: Context) -> exp.Expr:
    held = node.args.get("query")
    if held is None and not isinstance(node.this, exp.Tuple) and node.expressions:
        sides = _sides([node.this, *node.expressions], node, context)
        return exp.In(this=sides[0].copy(), expressions=[s.copy() for s in sides[1:]])
    if held is not None and isinstance(node.this, exp.Tuple):
        return _rows_of(node, held, context)
    found = listed.one_of(_MOST_MEMBERS)(node, context)
    if kind_of(found.this) not in _COMPARED:
        context.refuse(node, f"of {kind_of(found.this)}")
    inner = found.args.get("query")
    if inner is not None:
        chosen = (inner.this if isinstance(inner, exp.Subquery) else inner).selects[0].unalias()
        if {kind_of(found.this), kind_of(chosen)} == {Kind.FLOAT, Kind.INTEGER}:
            context.refuse(node, "between floats and whole numbers")
    return found


def _rows_of(node: exp.Expr, held: exp.Expr, context: Context) -> exp.Expr:
    """Keep several values that a sub-query may have in one row, where each pair is of one kind."""
    inner = held.this if isinstance(held, exp.Subquery) else held
    assert isinstance(inner, exp.Query)
    sides = [kind_of(s) for s in node.this.expressions]
    if sides != [kind_of(c.unalias()) for c in inner.selects] or not set(sides) <= set(_COMPARED):
        context.refuse(node, "of values of several kinds")
    return node


def _alike(*names: str) -> Rule:
    """Keep a part whose values are of one kind, or all numbers."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        parts = [p for n in names for p in _listed(node.args.get(n))]
        kinds = {kind_of(p) for p in parts} - {Kind.NULL}
        if Kind.UNKNOWN in kinds or (len(kinds) > 1 and not all(k.is_number for k in kinds)):
            context.refuse(node, f"of {' and '.join(sorted(kinds))}")
        return node

    return apply


def _listed(held: exp.Expr | list[exp.Expr] | None) -> list[exp.Expr]:
    return held if isinstance(held, list) else [] if held is None else [held]


def _chosen(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep CASE whose values are of one kind; one with an operand compares it."""
    values = [i.args["true"] for i in node.args["ifs"]] + _listed(node.args.get("default"))
    kinds = {kind_of(v) for v in values} - {Kind.NULL}
    if Kind.UNKNOWN in kinds or (len(kinds) > 1 and not all(k.is_number for k in kinds)):
        context.refuse(node, f"of {' and '.join(sorted(kinds))}")
    if node.this is not None:
        sides = _sides([node.this, *(i.this for i in node.args["ifs"])], node, context)
        node.set("this", sides[0].copy())
        for branch, side in zip(node.args["ifs"], sides[1:], strict=True):
            branch.set("this", side.copy())
    return node


def _if(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.parent, exp.Case):
        if node.parent.this is None:
            _condition(node.this, node, context)
        return node
    _condition(node.this, node, context)
    made = exp.Case(ifs=[exp.If(this=node.this.copy(), true=node.args["true"].copy())], default=node.args.get("false"))
    return _chosen(made, context)


def _condition(value: exp.Expr, node: exp.Expr, context: Context) -> None:
    if kind_of(value) in (Kind.TEXT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.INTERVAL):
        context.refuse(node, f"of {kind_of(value)}, which is no condition")


def _connected(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.args.get("expression")):
        if part is not None:
            _condition(part, node, context)
    return node


def _grouped(node: exp.Expr, context: Context) -> exp.Expr:
    if any(node.args.get(k) for k in ("grouping_sets", "cube", "rollup", "totals")):
        context.refuse(node, "of several groupings")
    return node


def _limited(node: exp.Expr, context: Context) -> exp.Expr:
    if literal_integer(node.expression) is None:
        context.refuse(node, "to a computed number")
    return node


def _distinct(node: exp.Expr, context: Context) -> exp.Expr:
    for part in node.expressions:
        if kind_of(part) in (Kind.UNKNOWN, Kind.STRUCT, Kind.MAP):
            context.refuse(node, f"of {kind_of(part)}")
    return node


def _left(node: exp.Expr, context: Context) -> exp.Expr:
    return node


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **sqlite_numbers.RULES,
    **sqlite_groups.RULES,
    **sqlite_text.RULES,
    **sqlite_time.RULES,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), _compared),
    exp.Between: _between,
    exp.In: _one_of,
    exp.Array: listed.left_alone(sqlite_text.listed),
    exp.Explode: listed.left_alone(_left),
    "unnest": listed.left_alone(),
    "string_split": listed.left_alone(sqlite_text.split),
    exp.Split: listed.left_alone(sqlite_text.split),
    exp.Cast: listed.left_alone(sqlite_numbers.cast),
    exp.Column: sqlite_queries.column,
    exp.Table: sqlite_queries.table,
    **dict.fromkeys((exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray), in_from),
    exp.Join: sqlite_queries.joined,
    exp.Window: sqlite_groups.with_window(sqlite_queries.windowed),
    exp.Lag: sqlite_queries.offset_of,
    exp.Lead: sqlite_queries.offset_of,
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), sqlite_queries.set_operation),
    exp.Case: _chosen,
    exp.If: _if,
    exp.Coalesce: _alike("this", "expressions"),
    exp.Nullif: _compared,
    **dict.fromkeys((exp.And, exp.Or, exp.Not, exp.Where, exp.Having), _connected),
    exp.Group: _grouped,
    exp.Limit: _limited,
    exp.Offset: _limited,
    exp.Distinct: _distinct,
}


def _finish(query: exp.Query, context: Context) -> exp.Query:
    return sqlite_queries.finish(grouped_out(looked_up(query)), context)


SQLITE = Dialect("sqlite", "sqlite", _SAME, _RULES, _finish)
