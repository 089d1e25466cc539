"""The error classes of Spark and Databricks as reasons. A text is kept only where it speaks of the query alone."""

from __future__ import annotations

import re

from meshkit.engines.dbapi import OVERFLOW, PATTERN, VALUE, ZERO, Reason

_TOLD = (
    "TABLE_OR_VIEW_NOT_FOUND", "UNRESOLVED_COLUMN", "UNRESOLVED_ROUTINE", "UNRESOLVED_FIELD", "FIELD_NOT_FOUND", "AMBIGUOUS_REFERENCE",
    "PARSE_SYNTAX_ERROR", "PARSE_EMPTY_STATEMENT", "DATATYPE_MISMATCH", "WRONG_NUM_ARGS", "MISSING_AGGREGATION",
    "MISSING_GROUP_BY", "GROUP_BY_AGGREGATE", "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY", "UNSUPPORTED_FEATURE",
    "UNSUPPORTED_DATATYPE", "INSUFFICIENT_PERMISSIONS", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "INVALID_FRACTION_OF_SECOND",
    "INCOMPATIBLE_COLUMN_TYPE", "NUM_COLUMNS_MISMATCH", "NESTED_AGGREGATE_FUNCTION", "PATH_NOT_FOUND",
)  # fmt: skip
_CLASS = re.compile(r"\[([A-Z][A-Z0-9_]+)(?:\.[A-Z0-9_]+)?\]\s*([^\n]*)")
_STATE = re.compile(r"\s*SQLSTATE: \w+\s*$")


def reason_of(text: str) -> Reason:
    """Return why a statement failed.

    Args:
        text: Of the error; it begins with its class, as `[DIVIDE_BY_ZERO] Division by zero. ...`.

    Example:
        >>> reason_of("[CAST_INVALID_INPUT] The value 'secret' of the type ...").what
        'a value does not fit what the SQL does with it'
    """
    found = _CLASS.search(text)
    if not found:
        return Reason("the engine could not finish it", "look at its log")
    name, said = found[1], _STATE.sub("", found[2]).strip()
    if name in ("DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO", "INTERVAL_DIVIDED_BY_ZERO"):
        return ZERO
    if name in ("ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "BINARY_ARITHMETIC_OVERFLOW", "DATETIME_OVERFLOW"):
        return OVERFLOW
    if name in (
        "CAST_INVALID_INPUT",
        "CAST_OVERFLOW",
        "CANNOT_PARSE_TIMESTAMP",
        "INVALID_ARRAY_INDEX",
        "FAILED_READ_FILE",
    ):
        return (
            VALUE
            if name != "FAILED_READ_FILE"
            else Reason("a file of the table cannot be read", "see that it is whole")
        )
    if name == "INVALID_PARAMETER_VALUE" and "REGEX" in text:
        return PATTERN
    if name in _TOLD and said:
        return Reason(said.rstrip("."))
    return Reason(f"the engine could not finish it ({name})")
