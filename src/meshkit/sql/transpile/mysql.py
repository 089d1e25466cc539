"""The dialect of MySQL (from 8.0.31 on) and MariaDB. Source: their reference manuals, and the suite of `truth/` on MariaDB 10.11."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile import mysql_numbers as numbers
from meshkit.sql.transpile import mysql_text as texts
from meshkit.sql.transpile import mysql_time as times
from meshkit.sql.transpile.kinds import Kind, kind_of, kind_of_type
from meshkit.sql.transpile.mysql_queries import finished
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.snowflake import counted_if, remainder
from meshkit.sql.transpile.writing import (
    call,
    exact_product,
    grouped,
    number,
    rounded_half_even,
    text,
    typed,
    when,
)

_MOST_MEMBERS = 100_000
_PLACES = 30
_MOST_EXTREMES = 4
_SAME = (shared.STRUCTURE - {"Nullif", "Case", "If", "Union", "Join", "Distinct"}) | frozenset(
    "Floor Ceil Sign RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue Values Tuple Qualify If".split()
)
_WIDE = {exp.DType.INT128: "DECIMAL(38, 0)", exp.DType.UBIGINT: "DECIMAL(20, 0)", exp.DType.UINT128: "DECIMAL(39, 0)"}
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_FLOAT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?([0-9]{1,2}|[12][0-9]{2}))?")
_BYTES = "texts are compared as bytes, so case, accents and blanks at the end count"


def _as_bytes(value: exp.Expr, context: Context) -> exp.Expr:
    """Write a text as its bytes; a literal is read as bytes beside others."""
    if kind_of(value) is not Kind.TEXT:
        return value
    context.note(_BYTES)
    return texts.exact(value)


def _compared(node: exp.Expr, context: Context) -> exp.Expr:
    node = times.compared(node, context)
    for name in ("this", "expression"):
        part = node.args[name]
        if name == "this" or not isinstance(part, exp.Literal):
            node.set(name, _as_bytes(part, context))
    return node


def _between(node: exp.Expr, context: Context) -> exp.Expr:
    node = times.between(node, context)
    for name in ("this", "low", "high"):
        node.set(name, _as_bytes(node.args[name], context))
    return node


def _one_of(node: exp.Expr, context: Context) -> exp.Expr:
    node = listed.one_of(_MOST_MEMBERS)(node, context)
    query = node.args.get("query")
    chosen = query.this if isinstance(query, exp.Subquery) else query
    if query is not None and (not isinstance(chosen, exp.Select) or chosen.args.get("limit")):
        context.refuse(node, "of a sub-query with LIMIT, or of several")
    if kind_of(node.this) is Kind.TEXT:
        node.set("this", _as_bytes(node.this, context))
        if chosen is not None:
            output = chosen.selects[0]
            if chosen.args.get("distinct"):
                chosen.set("distinct", None)  # a set either way
            made = texts.exact(output.unalias())
            chosen.set("expressions", [exp.alias_(made, output.alias, quoted=True) if output.alias else made])
    return times.literals_read(node, context)


def _nullif(node: exp.Expr, context: Context) -> exp.Expr:
    if Kind.TEXT not in (kind_of(node.this), kind_of(node.expression)):
        context.require(
            node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP, Kind.NULL, of=node
        )
        return node
    if not shared.comparable(kind_of(node.this), kind_of(node.expression)):
        context.refuse(node, "of values of several kinds")
    same = exp.EQ(this=_as_bytes(node.this, context).copy(), expression=_as_bytes(node.expression, context).copy())
    return when(same, exp.null(), node.this)


def _case(node: exp.Expr, context: Context) -> exp.Expr:
    if node.this is not None:
        kinds = {kind_of(node.this), *(kind_of(i.this) for i in node.args["ifs"])} - {Kind.NULL}
        if len(kinds) > 1 and not all(k.is_number for k in kinds):
            context.refuse(node, "of values of several kinds")
        node.set("this", _as_bytes(node.this, context))
    return node


def _ordered(node: exp.Expr, context: Context) -> exp.Expr:
    if kind_of(node.this) is Kind.TEXT and not isinstance(node.this, exp.Literal):
        node.set("this", _as_bytes(node.this, context))
    return node


def _cast(node: exp.Expr, context: Context) -> exp.Expr:
    source, to = kind_of(node.this), kind_of(node)
    if to.is_moment:
        return times.cast(node, source, to, context)
    if to is Kind.TEXT:
        return texts.as_text(node, source, context)
    if to is Kind.FLOAT and node.args["to"].this is not exp.DType.DOUBLE:
        context.refuse(node, "to a float of 32 bits")
    if isinstance(node.this, exp.Literal) and node.this.is_string and to.is_number:
        name = node.this.name.strip().removeprefix("+")
        pattern = _FLOAT if to is Kind.FLOAT else _DECIMAL
        if not pattern.fullmatch(name):
            context.refuse(node, "of a text that is no number")
        written = number(name)
        return _wide(exp.Cast(this=written, to=node.args["to"].copy()))
    if source is Kind.FLOAT and to is Kind.INTEGER:
        context.note("a cast of a float to an integer rounds half to even")
        return _wide(exp.Cast(this=rounded_half_even(node.this), to=node.args["to"].copy()))
    if source is Kind.FLOAT and to is Kind.DECIMAL:
        context.refuse(node, f"from {source} to {to}")
    if (source.is_number and to.is_number) or source is Kind.NULL or (source, to) == (Kind.BOOLEAN, Kind.INTEGER):
        return _wide(node)
    if source is to is Kind.BOOLEAN:
        return node.this  # type: ignore[no-any-return]
    context.refuse(node, f"from {source} to {to}")


def _wide(node: exp.Expr) -> exp.Expr:
    """Cast to integers of more than 64 bits as decimals without places."""
    to = node.args["to"]
    if to.this in _WIDE:
        return exp.Cast(this=node.this.copy(), to=exp.DataType.build(_WIDE[to.this], dialect="duckdb"))
    return typed(node.this, "BIGINT") if kind_of_type(to) is Kind.INTEGER else node


def _smallest(node: exp.Expr, context: Context) -> exp.Expr:
    """Take the least or the greatest; texts by their bytes, which are a text again at the end."""
    kind = kind_of(node.this)
    if kind in (Kind.LIST, Kind.STRUCT, Kind.JSON, Kind.BOOLEAN, Kind.UNKNOWN) or node.expressions:
        context.refuse(node, f"of {kind}")
    if kind is not Kind.TEXT:
        return node
    node.set("this", _as_bytes(node.this, context))
    return node if isinstance(node.parent, exp.Window | exp.Filter) else texts.characters(node)


def _again_text(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Read the bytes of an extreme text as a text."""
    if kind_of(value) is Kind.TEXT and isinstance(value, exp.Min | exp.Max):
        return texts.characters(node)
    return node


def _filtered(node: exp.Expr, context: Context) -> exp.Expr:
    inner = node.this
    distinct = inner.this if isinstance(inner, exp.Count) else None
    if isinstance(distinct, exp.Distinct):
        if len(distinct.expressions) != 1:
            context.refuse(node, "of this aggregate")
        context.note("FILTER is written as CASE inside the aggregate")
        return exp.Count(
            this=exp.Distinct(expressions=[when(node.expression.this, distinct.expressions[0])]), big_int=True
        )
    if isinstance(inner, exp.Sum) and isinstance(inner.this, exp.Distinct):
        context.refuse(node, "of this aggregate")
    kind = kind_of(inner)
    made = shared.filtered(node, context)
    if kind is Kind.TEXT and isinstance(inner, exp.Min | exp.Max):
        made.type = inner.type
        return made if isinstance(node.parent, exp.Window) else texts.characters(made)
    return made


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    """Take the greatest or least of what is there, as DuckDB does."""
    parts = [p for p in (node.this, *node.expressions) if kind_of(p) is not Kind.NULL]
    kinds = {kind_of(p) for p in parts}
    if (len(kinds) > 1 and not all(k.is_number for k in kinds)) or kinds & {
        Kind.UNKNOWN,
        Kind.LIST,
        Kind.STRUCT,
        Kind.JSON,
    }:
        context.refuse(node, "of values of several kinds")
    if not parts or len(parts) > _MOST_EXTREMES:
        context.refuse(node, "of none or of many values")
    context.note(f"{node.key.upper()} passes over NULL: COALESCE(...) in its place")
    is_text = kinds == {Kind.TEXT}
    whole = _as_bytes(parts[0], context) if is_text else parts[0]
    for part in parts[1:]:
        other = _as_bytes(part, context) if is_text else part
        both = [exp.Coalesce(this=a.copy(), expressions=[b.copy()]) for a, b in ((whole, other), (other, whole))]
        whole = call(node.key.upper(), *both)
    return texts.characters(whole) if is_text else whole.copy()


def _counted(node: exp.Expr, context: Context) -> exp.Expr:
    distinct = node.this
    if not isinstance(distinct, exp.Distinct):
        return node
    if len(distinct.expressions) != 1:
        context.refuse(node, "of several DISTINCT values")
    value = distinct.expressions[0].unnest()
    members = value.expressions if isinstance(value, exp.Tuple) else None
    if members is None:
        distinct.set("expressions", [_as_bytes(value, context)])
        return node
    context.note("distinct tuples are counted by their members' texts, NULL apart")
    parts: list[exp.Expr] = []
    for member in members:
        written = texts.as_text(exp.Paren(this=member.copy()), kind_of(member), context)
        parts.append(call("ISNULL", member))
        parts.append(exp.Coalesce(this=texts.exact(written), expressions=[text("")]))
    return exp.Count(this=exp.Distinct(expressions=parts), big_int=True)


def _tuple(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Distinct | exp.Values):
        context.refuse(node)
    return node


def _summed(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) and not kind_of(node.this.expressions[0]).is_number:
        context.refuse(node, "of these values")
    return node if isinstance(node.this, exp.Distinct) else shared.numbers_only(node, context)


def _window(node: exp.Expr, context: Context) -> exp.Expr:
    spec = node.args.get("spec")
    if spec is not None:
        ends = {str(spec.args.get("start")), str(spec.args.get("end"))} - {"UNBOUNDED", "CURRENT ROW", "None"}
        if spec.args.get("kind") not in ("ROWS", "RANGE") or spec.args.get("exclude"):
            context.refuse(node, "with this frame")
        if spec.args.get("kind") == "RANGE" and ends:
            context.refuse(node, "with a RANGE of values")
    if isinstance(node.this, exp.Count) and isinstance(node.this.this, exp.Distinct):
        context.refuse(node, "of DISTINCT values")
    ranked = exp.RowNumber | exp.Rank | exp.DenseRank | exp.Ntile | exp.Lag | exp.Lead | exp.PercentRank | exp.CumeDist
    if isinstance(node.this, ranked) and not node.args.get("order"):
        context.refuse(node, "without an order")
    if isinstance(node.this, exp.Lag | exp.Lead) and node.this.args.get("default") is not None:
        context.refuse(node, "with a default")  # MariaDB has none
    if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls):
        context.refuse(node, "with IGNORE NULLS")
    parts = [_as_bytes(p, context) for p in node.args.get("partition_by") or [] if _varies(p)]
    is_named = node.args.get("alias") is not None or not isinstance(node.this, exp.Func | exp.Filter)
    if not parts and not is_named and not _varies(node.args.get("order")) and _has_other_windows(node):
        context.note("OVER () is PARTITION BY RAND() * 0: beside other windows, MariaDB loses one without any part")
        parts = [exp.Mul(this=call("RAND"), expression=number(0))]
    node.set("partition_by", parts)
    return _again_text(node, node.this)


def _remainder(node: exp.Expr, context: Context) -> exp.Expr:
    """Add 0 to what is left of a decimal: of a negative one it is -0.00, which is not 0 there."""
    kind = kind_of(node)
    made = remainder(node, context)
    if kind is Kind.INTEGER:
        return made
    return exp.Paren(this=exp.Add(this=exp.Paren(this=made.copy()), expression=number(0)))


def _varies(part: exp.Expr | None) -> bool:
    return part is not None and part.find(exp.Column, exp.Query) is not None


def _has_other_windows(node: exp.Expr) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is not None and sum(1 for _ in select.find_all(exp.Window)) > 1


def _distinct(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep DISTINCT; DISTINCT ON only where the order of what comes out does not count."""
    on = node.args.get("on")
    if on is not None:
        select = node.parent
        if select is None or not isinstance(select.parent, exp.Subquery | exp.CTE) or select.args.get("limit"):
            context.refuse(node, "ON, in an outermost query or with LIMIT")
        keys = [k.unnest() for k in (on.expressions if isinstance(on, exp.Tuple) else [on])]
        outputs = {o.alias_or_name: o.unalias() for o in getattr(select, "selects", [])}
        kinds = [kind_of(outputs.get(k.name, k) if isinstance(k, exp.Column) and not k.table else k) for k in keys]
        if Kind.TEXT in kinds or Kind.UNKNOWN in kinds:
            context.refuse(node, "ON texts")
    return node


def _join(node: exp.Expr, context: Context) -> exp.Expr:
    assert isinstance(node, exp.Join)
    if node.side.upper() not in ("", "LEFT", "RIGHT") or node.kind.upper() not in (
        "", "INNER", "OUTER", "CROSS", "SEMI", "ANTI"
    ) or node.method:  # fmt: skip
        context.refuse(node, f"{node.method or node.side or node.kind}")
    return node


def _both(name: str) -> Rule:
    """Write bool_and and bool_or as the least and the greatest of 0 and 1."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.BOOLEAN, Kind.NULL, of=node)
        context.note(f"bool_{'and' if name == 'MIN' else 'or'} is {name} of 0 and 1")
        if isinstance(node.parent, exp.Filter):
            return exp.Min(this=node.this.copy()) if name == "MIN" else exp.Max(this=node.this.copy())
        return call(name, node.this)

    return apply


def _never(node: exp.Expr, context: Context) -> exp.Expr:
    """NaN and infinity are not there: false, and NULL for NULL."""
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    context.note("it holds no NaN and no infinity")
    return when(exp.Is(this=grouped(node.this), expression=exp.null()), exp.null(), exp.false())


def _range(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Identifier):
        context.refuse(node.this)
    return node


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **texts.RULES,
    **times.RULES,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _compared),
    exp.Between: _between,
    exp.In: _one_of,
    exp.Nullif: _nullif,
    exp.Case: _case,
    exp.Array: listed.left_alone(),
    exp.Explode: listed.left_alone(),
    "unnest": listed.left_alone(),
    "string_split": listed.left_alone(texts.split_rule()),
    exp.Split: listed.left_alone(texts.split_rule()),
    exp.Cast: listed.left_alone(_cast),
    exp.Ordered: _ordered,
    exp.Min: _smallest,
    exp.Max: _smallest,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.Avg: numbers.average,
    exp.Sum: _summed,
    exp.Stddev: numbers.spread("STDDEV_SAMP"),
    exp.StddevSamp: numbers.spread("STDDEV_SAMP"),
    exp.StddevPop: numbers.spread("STDDEV_POP"),
    exp.Variance: numbers.spread("VAR_SAMP"),
    exp.VariancePop: numbers.spread("VAR_POP"),
    exp.IntDiv: numbers.whole_division,
    exp.Mod: _remainder,
    exp.Div: numbers.division,
    exp.Mul: lambda node, context: exact_product(_PLACES, node, context),
    exp.Round: numbers.rounded,
    exp.CountIf: counted_if,
    exp.Count: _counted,
    exp.Tuple: _tuple,
    exp.Filter: _filtered,
    exp.Window: _window,
    exp.Distinct: _distinct,
    exp.Join: _join,
    exp.LogicalAnd: _both("MIN"),
    exp.LogicalOr: _both("MAX"),
    exp.IsNan: _never,
    exp.IsInf: _never,
    exp.Table: _range,
    **dict.fromkeys((exp.Union, exp.Except, exp.Intersect), lambda node, _: node),
}

MYSQL = Dialect("mysql", "mysql", _SAME, _RULES, finished)
