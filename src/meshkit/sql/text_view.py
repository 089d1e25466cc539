"""Text formats: the view that parses CSV and JSON into the declared types, and the count of what does not parse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from meshkit.model.names import fold
from meshkit.model.types import MAX_PRECISION, Family, LogicalType, parse_type
from meshkit.sql.builders import column, count_if, table

_DEFAULT_SCALE = 18
_INTEGER = r"\s*[-+]?\d+\s*"
_OFFSET = r"\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)\s*$"
_EXPONENT = r"\s*[-+]?\d+(?:\.\d*)?[eE][-+]?\d+\s*"
_DATE = r"\s*\d{1,6}-\d{1,2}-\d{1,2}\s*"
_CAST: Mapping[Family, str] = {
    Family.INTEGER: "HUGEINT",
    Family.FLOAT: "DOUBLE",
    Family.BOOLEAN: "BOOLEAN",
    Family.DATE: "DATE",
    Family.TIME: "TIME",
}
_JSON_TYPES: Mapping[Family, tuple[str, ...]] = {
    **dict.fromkeys(
        (Family.INTEGER, Family.DECIMAL, Family.FLOAT, Family.NUMBER),
        ("UBIGINT", "BIGINT", "DOUBLE", "HUGEINT", "UHUGEINT"),
    ),
    Family.BOOLEAN: ("BOOLEAN",),
    Family.OBJECT: ("OBJECT",),
    Family.MAP: ("OBJECT",),
    Family.ARRAY: ("ARRAY",),
}


class Declared(NamedTuple):
    """What is declared of text columns, by folded name: types, formats of dates and times, and their zones."""

    types: Mapping[str, str]
    formats: Mapping[str, str] = {}
    zones: Mapping[str, str] = {}


def text_view(text_id: str, seen: Sequence[str], declared: Declared, file_format: str) -> exp.Select:
    """Select every column of a text relation, parsed where a type is declared; what does not parse is NULL.

    Args:
        text_id: The relation that holds text (CSV) or JSON values.
        seen: Its columns.
        declared: What they are to be parsed as.
        file_format: `csv` or `json`.
    """
    parsed = [exp.alias_(_parsed(name, declared, file_format), name, quoted=True) for name in seen]
    return exp.Select(expressions=parsed).from_(table(text_id))


def unparsed_measures(seen: Sequence[str], declared: Declared, file_format: str) -> dict[str, exp.Expr]:
    """Count, per declared column, the values that do not parse as its type.

    Shape: one row; a column's name -> rows (>= 0).
    """
    measures = {}
    for name in seen:
        if declared.types.get(fold(name)):
            lost = exp.and_(_is_filled(name, file_format), _parsed(name, declared, file_format).is_(exp.null()))
            measures[name] = count_if(lost)
    return measures


def from_json(value: exp.Expr, declared: str, time_format: str = "", zone: str = "") -> exp.Expr:
    """Parse a JSON value into a declared type; NULL where it is of another one."""
    logical = parse_type(declared)
    wanted = _JSON_TYPES.get(logical.family, ("VARCHAR",))
    kind = exp.Anonymous(this="json_type", expressions=[value.copy()])
    is_wanted = exp.In(this=kind, expressions=[exp.Literal.string(t) for t in wanted])
    text = exp.Anonymous(this="json_extract_string", expressions=[value.copy(), exp.Literal.string("$")])
    parsed = value.copy() if logical.family.is_nested else _from_text(text, logical, time_format, zone)
    return exp.Case(ifs=[exp.If(this=is_wanted, true=parsed)])


def parsed_type(declared: str) -> LogicalType:
    """Return what a declared type becomes when it is parsed from text."""
    logical = parse_type(declared)
    if logical.family is Family.FLOAT:
        return LogicalType(family=Family.FLOAT, length=64)
    if logical.family in (Family.DECIMAL, Family.NUMBER):
        scale = _DEFAULT_SCALE if logical.scale is None else logical.scale
        return LogicalType(family=Family.DECIMAL, precision=logical.precision or MAX_PRECISION, scale=scale)
    return logical.model_copy(update={"is_uuid": False})


def _is_filled(name: str, file_format: str) -> exp.Expr:
    filled: exp.Expr = column(name).is_(exp.null()).not_()
    if file_format == "json":
        filled = exp.and_(filled, exp.NEQ(this=_json_type(name), expression=exp.Literal.string("NULL")))
    return filled


def _parsed(name: str, declared: Declared, file_format: str) -> exp.Expr:
    kind, time_format, zone = (of.get(fold(name), "") for of in declared)
    if not kind:
        return column(name)
    if file_format == "csv":
        return _from_text(column(name), parse_type(kind), time_format, zone)
    return from_json(column(name), kind, time_format, zone)


def _json_type(name: str) -> exp.Expr:
    return exp.Anonymous(this="json_type", expressions=[column(name)])


def _from_text(text: exp.Expr, logical: LogicalType, time_format: str, zone: str) -> exp.Expr:
    """Parse text exactly: a cast alone would round 1.5 to an integer and 0.129 to two places."""
    if time_format and logical.family.is_temporal:
        moment = exp.Anonymous(this="try_strptime", expressions=[text, exp.Literal.string(time_format)])
        if logical.zoned and zone and "%z" not in time_format.lower():
            return _in_zone(moment, zone)
        kind = "TIMESTAMPTZ" if logical.zoned else str(logical.family).upper()
        return exp.Cast(this=moment, to=exp.DataType.build(kind, dialect="duckdb"))
    match logical.family:
        case Family.STRING | Family.BINARY:
            return text
        case Family.OBJECT | Family.ARRAY | Family.MAP:
            valid = exp.Anonymous(this="json_valid", expressions=[text.copy()])
            return exp.Case(ifs=[exp.If(this=valid, true=exp.cast(text, "JSON", dialect="duckdb"))])
        case Family.TIMESTAMP if logical.zoned and zone:
            has_offset = exp.Anonymous(this="regexp_matches", expressions=[text.copy(), exp.Literal.string(_OFFSET)])
            local = _in_zone(_try_cast(text.copy(), "TIMESTAMP"), zone)
            return exp.Case(ifs=[exp.If(this=has_offset, true=_try_cast(text, "TIMESTAMPTZ"))], default=local)
        case Family.TIMESTAMP:
            return _try_cast(text, "TIMESTAMPTZ" if logical.zoned else "TIMESTAMP")
        case Family.INTEGER:
            return _guarded(text, _INTEGER, _CAST[Family.INTEGER])
        case Family.DATE:
            return _guarded(text, _DATE, _CAST[Family.DATE])
        case Family.DECIMAL | Family.NUMBER:
            precision, scale = logical.precision or MAX_PRECISION, logical.scale
            scale = _DEFAULT_SCALE if scale is None else scale
            exact = _guarded(text, _decimal_pattern(precision, scale), f"DECIMAL({precision},{scale})")
            return exact if logical.family is Family.DECIMAL else exp.func("COALESCE", exact, _with_exponent(text))
    return _try_cast(text, _CAST[logical.family])


def _decimal_pattern(precision: int, scale: int) -> str:
    whole = rf"0*\d{{0,{precision - scale}}}" if precision > scale else "0*"
    return rf"\s*[-+]?(?:{whole}\.\d{{0,{scale}}}0*|{whole})\s*"


def _in_zone(moment: exp.Expr, zone: str) -> exp.Expr:
    """Take a time without a zone as one of `zone`."""
    return exp.Anonymous(this="timezone", expressions=[exp.Literal.string(zone), moment])


def _with_exponent(text: exp.Expr) -> exp.Expr:
    """Parse a number such as 1e-05 as a decimal; NULL where that would lose anything."""
    exact = _guarded(text, _EXPONENT, f"DECIMAL({MAX_PRECISION},{_DEFAULT_SCALE})")
    same = exp.EQ(this=exp.cast(exact, "DOUBLE", dialect="duckdb"), expression=_try_cast(text.copy(), "DOUBLE"))
    return exp.Case(ifs=[exp.If(this=same, true=exact.copy())])


def _guarded(text: exp.Expr, pattern: str, to: str) -> exp.Expr:
    matches = exp.Anonymous(this="regexp_full_match", expressions=[text.copy(), exp.Literal.string(pattern)])
    return exp.Case(ifs=[exp.If(this=matches, true=_try_cast(text, to))])


def _try_cast(text: exp.Expr, to: str) -> exp.Expr:
    return exp.TryCast(this=text, to=exp.DataType.build(to, dialect="duckdb"))
