"""Spark's casts: DuckDB rounds where Spark truncates, and reads other texts."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.parts import (
    DAY,
    DAY_PART,
    FALSE_TEXTS,
    HOUR_PART,
    MOMENT,
    NUMERIC,
    OTHER_NUMERIC,
    TRUE_TEXTS,
    call,
    is_iso,
    text_of,
    value,
    when,
)
from meshkit.sql.transpile.rules import Context

_T = exp.DType
_NAMES = {
    _T.TINYINT: "TINYINT", _T.SMALLINT: "SMALLINT", _T.INT: "INT", _T.BIGINT: "BIGINT", _T.INT128: "DECIMAL(38,0)",
    _T.UTINYINT: "SMALLINT", _T.USMALLINT: "INT", _T.UINT: "BIGINT", _T.UBIGINT: "DECIMAL(20,0)",
    _T.FLOAT: "FLOAT", _T.DOUBLE: "DOUBLE", _T.DATE: "DATE", _T.BOOLEAN: "BOOLEAN", _T.VARCHAR: "STRING", _T.TEXT: "STRING",
}  # fmt: skip
_UNSIGNED = (_T.UTINYINT, _T.USMALLINT, _T.UINT, _T.UBIGINT)


def as_type(part: exp.Expr, name: str, *, is_tried: bool = False) -> exp.Expr:
    """Cast to a type by Spark's own name."""
    made = exp.DataType.build(name, dialect="spark")
    if is_tried:
        return exp.TryCast(this=part.copy(), to=made, safe=True)
    return exp.Cast(this=part.copy(), to=made)


def float_of(part: exp.Expr) -> exp.Expr:
    """Write a value as a 64-bit float."""
    return as_type(part, "DOUBLE")


def moment_of(part: exp.Expr) -> exp.Expr:
    """Write a day or a moment as a TIMESTAMP without a zone, in UTC."""
    return part.copy() if kind_of(part) is Kind.TIMESTAMP else as_type(part, "TIMESTAMP_NTZ")


def _kind(to: exp.DataType) -> Kind:
    probe = exp.Cast(this=exp.Null(), to=to)
    probe.type = to
    return kind_of(probe)


def name_of(node: exp.Expr, context: Context) -> str:
    """Name the type that a cast is to."""
    to = node.args["to"]
    kind = _kind(to)
    if kind is Kind.DECIMAL:
        sizes = ",".join(p.name for p in to.expressions) or "18,3"
        return f"DECIMAL({sizes})"
    if kind is Kind.TIMESTAMP and to.this not in (_T.TIMESTAMP_S, _T.TIMESTAMP_MS, _T.TIMESTAMP_NS):
        return "TIMESTAMP_NTZ"
    if kind is Kind.ZONED:
        return "TIMESTAMP_LTZ"
    name = _NAMES.get(to.this)
    if name is None or to.this in _UNSIGNED:
        context.refuse(node, f"to {to.sql('duckdb')}")
    return name


def cast(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast a value; a failure is an error on both sides."""
    source, to, name = kind_of(node.this), _kind(node.args["to"]), name_of(node, context)
    literal = text_of(node.this)
    if literal is not None:
        return _read(literal, node, name, to, context)
    if isinstance(node.this, exp.Null) or source is to is Kind.TEXT or source is Kind.NULL:
        return as_type(node.this, name)
    if to is Kind.INTEGER and source in (Kind.FLOAT, Kind.DECIMAL):
        context.note("a cast to an integer rounds")
        return as_type(call("rint" if source is Kind.FLOAT else "round", node.this), name)
    if (source, to) == (Kind.FLOAT, Kind.DECIMAL):
        context.refuse(node, "of a float to DECIMAL: ROUND it instead")
    if (source, to) == (Kind.FLOAT, Kind.TEXT):
        context.refuse(node, "of a float to text: each engine writes other digits")
    if source is to or (source, to) in _SAFE:
        return as_type(node.this, name)
    if source is Kind.TEXT:
        context.refuse(node, "of a text that may be read differently: use TRY_CAST")
    return context.refuse(node, f"from {source} to {to}")


_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_SAFE = frozenset(
    [(a, b) for a in _NUMBERS for b in _NUMBERS]
    + [(Kind.BOOLEAN, Kind.INTEGER), (Kind.BOOLEAN, Kind.TEXT), (Kind.INTEGER, Kind.TEXT), (Kind.DECIMAL, Kind.TEXT)]
    + [(Kind.DATE, Kind.TIMESTAMP), (Kind.TIMESTAMP, Kind.DATE), (Kind.ZONED, Kind.TIMESTAMP), (Kind.ZONED, Kind.DATE)]
    + [(Kind.TIMESTAMP, Kind.ZONED), (Kind.DATE, Kind.ZONED), (Kind.DATE, Kind.TEXT), (Kind.TIMESTAMP, Kind.TEXT)]
)


def _read(text: str, node: exp.Expr, name: str, to: Kind, context: Context) -> exp.Expr:
    """Read a literal, in one of the forms that both sides read alike."""
    bare = text.strip().lower()
    if to.is_moment and is_iso(text, "0001", "9999"):
        zone_free = text if to is Kind.ZONED else text[:26].removesuffix("Z").split("+")[0]
        return as_type(exp.Literal.string(zone_free), name)
    if to is Kind.BOOLEAN and bare in ("true", "false"):
        return exp.Boolean(this=bare == "true")
    if to is Kind.TEXT:
        return exp.Literal.string(text)
    digits = bare.lstrip("+-")
    if to is Kind.FLOAT and bare in ("nan", "inf", "infinity", "-inf", "-infinity"):
        return as_type(exp.Literal.string({"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(bare, bare)), name)
    if (
        to in _NUMBERS
        and digits.replace(".", "", 1).replace("e", "", 1).replace("-", "", 1).isalnum()
        and digits[:1].isdigit()
    ):
        if to is Kind.INTEGER and not digits.isdigit():
            context.refuse(node, "of this text")
        if digits.isdigit() or to is not Kind.INTEGER:
            return as_type(exp.Literal.string(bare), name)
    return context.refuse(node, "of this text")


def try_cast(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast a value or give NULL; texts are guarded by patterns, since Spark reads others than DuckDB does."""
    source, to, name = kind_of(node.this), _kind(node.args["to"]), name_of(node, context)
    if source is not Kind.TEXT:
        made = cast(node, context)
        if isinstance(made, exp.Cast):
            return exp.TryCast(this=made.this.copy(), to=made.to.copy(), safe=True)
        return made
    if to is Kind.TEXT:
        return value(node.this)
    context.note("TRY_CAST of a text is guarded by a pattern: Spark reads other texts than DuckDB does")
    text = node.this
    if to is Kind.BOOLEAN:
        lower = call("lower", text)
        branches = [(exp.In(this=lower.copy(), expressions=[value(t) for t in words]), exp.Boolean(this=is_true))
                    for words, is_true in ((TRUE_TEXTS, True), (FALSE_TEXTS, False))]  # fmt: skip
        return when(*branches)
    if to in _NUMBERS:
        return _try_number(text, name, to)
    if to is Kind.DATE:
        return when((call("regexp_like", text, DAY), as_type(_day(text), "DATE", is_tried=True)))
    if to is Kind.TIMESTAMP:
        hour = call("regexp_extract", text, HOUR_PART, 1)
        whole = call("concat_ws", " ", _day(text), call("nullif", hour, ""))
        return when((call("regexp_like", text, MOMENT), as_type(whole, "TIMESTAMP_NTZ", is_tried=True)))
    return context.refuse(node, f"of a text to {to}")


def _day(text: exp.Expr) -> exp.Expr:
    return call("regexp_replace", call("regexp_extract", text, DAY_PART, 1), r"[/ \\]", "-")


def _try_number(text: exp.Expr, name: str, to: Kind) -> exp.Expr:
    bare = call("regexp_replace", text, r"[\s_]", "")
    if to is Kind.INTEGER:
        exact = as_type(bare, "DECIMAL(38,19)", is_tried=True)
        read = as_type(call("round", exact), name, is_tried=True)
    else:
        read = as_type(bare, name, is_tried=True)
    branches: list[tuple[exp.Expr, exp.Expr | str | int]] = [(call("regexp_like", text, NUMERIC), read)]
    if to is Kind.INTEGER:
        other = call("raise_error", "a number in base 2 or 16 is not read")
        branches.append((call("regexp_like", text, OTHER_NUMERIC), other))
    if to is Kind.FLOAT:
        special = call("regexp_like", text, r"^(?i)\s*[+-]?(nan|inf|infinity)\s*$")
        branches.append((special, as_type(call("trim", text), name, is_tried=True)))
    return when(*branches)
