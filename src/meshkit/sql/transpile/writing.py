"""Small parts of trees that rules write, and questions that rules ask of parts."""

from __future__ import annotations

import datetime as dt

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context

SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What DuckDB's trim() takes away: Unicode's space separators."""


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """Call a function by the engine's own name."""
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])


def number(value: int | str) -> exp.Expr:
    """Write a number."""
    text = str(value)
    bare = exp.Literal.number(text.lstrip("-"))
    return exp.Neg(this=bare) if text.startswith("-") else bare


def text(value: str) -> exp.Literal:
    """Write a text."""
    return exp.Literal.string(value)


def typed(value: exp.Expr, name: str) -> exp.Cast:
    """Cast to a type by DuckDB's name; the part knows its type."""
    kind = exp.DataType.build(name, dialect="duckdb")
    cast = exp.Cast(this=value.copy(), to=kind)
    cast.type = kind.copy()
    return cast


def cast_as(value: exp.Expr, name: str, means: str) -> exp.Cast:
    """Cast to a type by the engine's own name, written as it is; `means` is DuckDB's name of what it gives."""
    cast = exp.Cast(this=value.copy(), to=exp.DataType(this=exp.DType.USERDEFINED, kind=name))
    cast.type = exp.DataType.build(means, dialect="duckdb")
    return cast


def when(condition: exp.Expr, value: exp.Expr, default: exp.Expr | None = None) -> exp.Case:
    """Write CASE WHEN condition THEN value [ELSE default] END."""
    return exp.Case(ifs=[exp.If(this=condition.copy(), true=value.copy())], default=default.copy() if default else None)


def is_there(value: exp.Expr) -> exp.Not:
    """Write NOT value IS NULL."""
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))


def grouped(value: exp.Expr) -> exp.Expr:
    """Put what is made of several parts in parentheses."""
    return exp.Paren(this=value.copy()) if isinstance(value, exp.Binary | exp.Connector | exp.Not) else value.copy()


def literal_text(node: exp.Expr | None) -> str | None:
    """Return a text that is written out, else None."""
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def literal_integer(node: exp.Expr | None) -> int | None:
    """Return a whole number that is written out, else None."""
    if isinstance(node, exp.Paren):
        return literal_integer(node.this)
    if isinstance(node, exp.Neg):
        found = literal_integer(node.this)
        return None if found is None else -found
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return int(node.name)
    return None


def filled_text(node: exp.Expr | None, of: exp.Expr, context: Context) -> str:
    """Return a text that is written out and not empty, or refuse `of`."""
    found = literal_text(node)
    if not found:
        context.refuse(of, "with a text that is computed or empty")
    return found


def at_least(node: exp.Expr | None, least: int, of: exp.Expr, context: Context) -> int:
    """Return a whole number that is written out and not below `least`, or refuse `of`."""
    found = literal_integer(node)
    if found is None or found < least:
        context.refuse(of, f"with a number that is computed or below {least}")
    return found


def rounded_half_even(value: exp.Expr, round_: str = "ROUND", places: bool = False) -> exp.Expr:
    """Round a float to a whole number, half to even, by a ROUND that takes halves away from zero."""
    zero = [number(0)] if places else []
    half = exp.EQ(
        this=call("ABS", exp.Sub(this=value.copy(), expression=call(round_, value, *zero))),
        expression=exp.Literal.number("0.5"),
    )
    halved = exp.Div(this=grouped(value), expression=exp.Literal.number("2.0"), typed=True, safe=False)
    even = exp.Mul(this=number(2), expression=call(round_, halved, *zero))
    return when(half, even, call(round_, value, *zero))


def floats_of(value: exp.Expr) -> exp.Expr:
    """Write a number as a 64-bit float."""
    return typed(value, "DOUBLE")


def is_windowed(node: exp.Expr) -> bool:
    """Tell whether an aggregate stands before OVER or FILTER."""
    return isinstance(node.parent, exp.Window | exp.Filter)


def texts_only(node: exp.Expr, *parts: exp.Expr | None, context: Context) -> None:
    """Refuse a function of anything but texts."""
    for part in parts:
        if part is not None:
            context.require(part, Kind.TEXT, Kind.NULL, of=node)


def is_kind(node: exp.Expr, *kinds: Kind) -> bool:
    """Tell whether a part is of one of some kinds."""
    return kind_of(node) in kinds


def or_zero(node: exp.Expr) -> bool:
    """Tell whether 0 is taken in the place of a part that is NULL."""
    holder = node.parent
    return isinstance(holder, exp.Coalesce) and [literal_integer(e) for e in holder.expressions] == [0]


def moment_text(node: exp.Expr, written: str, kind: Kind, context: Context) -> str:
    """Return a written day or time as ISO has it; one with a zone in UTC, as which DuckDB reads it, with +00 at the end."""
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        context.refuse(node, "of a text that is no day or time of ISO 8601")
    if kind is Kind.DATE:
        return moment.date().isoformat()
    if kind is Kind.ZONED:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ") + "+00"
    if moment.tzinfo is not None:
        context.refuse(node, "of a text with a zone")
    return moment.isoformat(sep=" ")


def scale_of(node: exp.Expr) -> int | None:
    """Return how many decimal places a number may have; None where it cannot be told."""
    if isinstance(node, exp.Mul):
        scales = [scale_of(p) for p in (node.this, node.expression)]
        return None if None in scales else sum(s or 0 for s in scales)
    if isinstance(node, exp.Literal) and not node.is_string:
        return len(node.name.partition(".")[2])
    if kind_of(node) in (Kind.INTEGER, Kind.NULL):
        return 0
    if isinstance(node, exp.Column):
        sizes = [literal_integer(p.this) for p in node.type.expressions] if isinstance(node.type, exp.DataType) else []
        return sizes[1] if len(sizes) > 1 else None
    if isinstance(node, exp.Paren | exp.Neg | exp.Sum | exp.Min | exp.Max | exp.Abs):
        return scale_of(node.this)
    if isinstance(node, exp.Add | exp.Sub):
        scales = [scale_of(p) for p in (node.this, node.expression)]
        return None if None in scales else max(s or 0 for s in scales)
    return None


def exact_product(most: int, node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a product whose decimal places the engine keeps; it rounds to `most`, or to those of a factor if they are more."""
    kinds = {kind_of(p) for p in (node.this, node.expression)}
    if kinds - {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NULL}:
        context.refuse(node, f"of {' and '.join(sorted(kinds))}")
    if Kind.DECIMAL in kinds and Kind.FLOAT not in kinds:
        scales = [scale_of(p) for p in (node.this, node.expression)]
        if None in scales or sum(s or 0 for s in scales) > max(most, *(s or 0 for s in scales)):
            context.refuse(node, "of decimals of which places may be lost")
    return node
