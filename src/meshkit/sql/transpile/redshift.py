"""Redshift's dialect: PostgreSQL's, without what Redshift lacks. Source: Redshift's SQL reference. It is not run here.

Texts are compared and ordered by their bytes there, unless a database was made to ignore case.
"""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile import postgres_time as times
from meshkit.sql.transpile.kinds import Kind
from meshkit.sql.transpile.postgres import POSTGRES, without_lists
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.snowflake import filtered
from meshkit.sql.transpile.snowflake_text import RULES as JOINED
from meshkit.sql.transpile.writing import call, literal_text, texts_only

_MOST_MEMBERS = 10_000
_LACKING = (
    exp.RegexpExtract, exp.RegexpReplace, exp.Split, exp.Explode, exp.Array, exp.ArgMax, exp.ArgMin, exp.AnyValue, exp.Mode,
    exp.GroupConcat, exp.ArraySize, exp.DayOfWeekIso, exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray,
    exp.ILike, exp.Tuple, exp.LogicalAnd, exp.LogicalOr,
)  # fmt: skip


def _refused(node: exp.Expr, context: Context) -> exp.Expr:
    context.refuse(node)


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep LIKE where no backslash stands in its pattern, which escapes there."""
    texts_only(node, node.this, node.expression, context=context)
    pattern = literal_text(node.expression)
    if pattern is None or "\\" in pattern or isinstance(node.parent, exp.Escape):
        context.refuse(node, "with a backslash, ESCAPE or a computed pattern")
    return node


def _cased(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        return call(name, node.this)

    return apply


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(
        node.this, Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node
    )
    return node


REDSHIFT = Dialect(
    "redshift",
    "redshift",
    POSTGRES.same
    - {"Filter", "Escape", "Tuple", "Cube", "Rollup", "GroupingSets", "Grouping", "LogicalAnd", "LogicalOr"},
    {
        **POSTGRES.rules,
        **dict.fromkeys(_LACKING, listed.left_alone(_refused)),
        **dict.fromkeys(("unnest", "string_split", "len"), listed.left_alone(_refused)),
        **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), times.compared),
        exp.Between: times.between,
        exp.In: listed.one_of(_MOST_MEMBERS),
        exp.Ordered: lambda node, _: node,
        exp.Min: _extreme,
        exp.Max: _extreme,
        exp.Greatest: _extreme,
        exp.Least: _extreme,
        exp.Filter: filtered,
        exp.Like: _like,
        exp.Lower: _cased("LOWER"),
        exp.Upper: _cased("UPPER"),
        exp.Concat: JOINED[exp.Concat],
        exp.NullSafeEQ: _refused,
        exp.NullSafeNEQ: _refused,
        exp.Table: without_lists,
        **dict.fromkeys((exp.Mul, exp.Abs, exp.Sum), shared.numbers_only),
    },
    POSTGRES.finish,
)
