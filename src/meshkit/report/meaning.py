"""What a check asserts, in one or two plain sentences. Words of contracts stand in quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from meshkit.model.check import Check, Kind
from meshkit.model.table import Severity
from meshkit.report.order import one_line

_LONGEST = 80
_LISTED = 10
_CUT = "…"
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?")


def meaning_of(check: Check) -> str:
    """Say what a check asserts, what it counts, and when it is missed.

    Example:
        >>> import meshkit
        >>> product = meshkit.load("sample_data/retail").product("sales.sales_orders")
        >>> print(meaning_of(next(c for c in product.checks if c.id.endswith("order_id.unique"))))
        No value of 'order_id' occurs twice. It counts rows beyond the first of each value, NULL not among them, and is missed by \
one or more; a miss fails (severity error).
    """
    says = f"{_SAYS[check.kind](check)}. {_counts(check)}"
    if check.where:
        says += f" Only rows that meet '{_short(check.where)}' are looked at."
    if check.refusal:
        says += f" As it is written, it has no answer: {one_line(check.refusal)}."
    elif check.skip:
        says += f" It is skipped: {one_line(check.skip)}."
    if check.description:
        says += f" Its author says: {_quoted(check.description)}."
    return says


def _counts(check: Check) -> str:
    counted = _COUNTED[check.kind].format(units=_units(check))
    if not counted:
        return "It is told, and never run."
    mild = check.severity in (Severity.INFO, Severity.WARNING)
    then = f"a miss {'warns' if mild else 'fails'} (severity {check.severity})"
    if check.answer is not None:
        wanted = f"'{_short(str(check.answer))}'" if isinstance(check.answer, str) else str(check.answer).lower()
        return f"It is missed when the answer is {'' if check.is_denied else 'not '}{wanted}; {then}."
    return f"It {counted}, and is missed {_when(check)}; {then}."


def _when(check: Check) -> str:
    """Say when the number is outside of the threshold."""
    threshold = check.threshold
    text = str(threshold)
    hours = " hours" if threshold.unit == "hours" else ""
    is_upper = threshold.high is not None and threshold.low is None and not threshold.high_open
    if is_upper and threshold.unit in ("rows", "columns", "cells", "ratio"):
        most = text.removeprefix("<= ")
        if not threshold.high:
            return "by one or more"
        return f"by more than {most}{' of all' if threshold.unit == 'ratio' else ''}"
    if text == "any":
        return "never"
    return f"when that is not {text}{hours}"


def _units(check: Check) -> str:
    return "elements" if any(step.startswith("[") for step in check.path) else "rows"


def _short(text: str) -> str:
    line = one_line(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}{_CUT}"


def _quoted(text: str) -> str:
    return f"'{_short(text)}'"


def _list(values: tuple[str, ...]) -> str:
    shown = ", ".join(map(_quoted, values[:_LISTED]))
    return f"{shown} and {len(values) - _LISTED:,} more" if len(values) > _LISTED else shown


def _of(check: Check) -> str:
    return _list(check.columns) if check.columns else _quoted(check.part or check.table)


def _first(check: Check) -> str:
    value = check.values[0] if check.values else ""
    return value if _NUMBER.fullmatch(value) else _quoted(value)


def _key(check: Check) -> str:
    if len(check.columns) > 1:
        return f"No two rows have the same values in {_of(check)}"
    return f"No value of {_of(check)} occurs twice"


def _references(check: Check) -> str:
    target, columns = check.values[0] if check.values else "", check.values[1:]
    return f"Each value of {_of(check)} is there in {_list(columns)} of {_quoted(target)}"


def _invalid(check: Check) -> str:
    valid = [f"is one of {_list(check.values)}"] if check.values else []
    valid += [f"matches the pattern {_quoted(check.pattern)}"] if check.pattern else []
    return f"Each value of {_of(check)} {' and '.join(valid) or 'is valid'}"


def _missing(check: Check) -> str:
    more = f", nor is one of {_list(check.missing or check.values)}" if check.missing or check.values else ""
    return f"No value of {_of(check)} is missing{more}"


def _completeness(check: Check) -> str:
    within = f", in {_list(check.columns)}" if check.columns else ""
    return f"Enough cells of {_quoted(check.table)} have a value{within}"


def _freshness(check: Check) -> str:
    if check.column:
        return f"The newest value of {_of(check)} is new enough"
    return f"The data of {_quoted(check.table)} is new enough"


def _prose(check: Check) -> str:
    return f"A rule in prose, or for another engine, about {_quoted(check.table)}"


_Words = Callable[[Check], str]
_SAYS: Mapping[Kind, _Words] = {
    Kind.COLUMNS: lambda c: f"Each declared column is there in the data of {_quoted(c.table)}",
    Kind.TYPES: lambda c: f"Each column of {_quoted(c.table)} has the type that the contract declares",
    Kind.EXTRA_COLUMNS: lambda c: f"The data of {_quoted(c.table)} has no column that the contract does not declare",
    Kind.ROW_COUNT: lambda c: f"The number of rows of {_quoted(c.table)} is as promised",
    Kind.NOT_NULL: lambda c: f"Each row has a value in {_of(c)}",
    Kind.UNIQUE: _key,
    Kind.MIN: lambda c: f"No value of {_of(c)} is less than {_first(c)}",
    Kind.MAX: lambda c: f"No value of {_of(c)} is greater than {_first(c)}",
    Kind.EXCLUSIVE_MIN: lambda c: f"Each value of {_of(c)} is greater than {_first(c)}",
    Kind.EXCLUSIVE_MAX: lambda c: f"Each value of {_of(c)} is less than {_first(c)}",
    Kind.IN: lambda c: f"Each value of {_of(c)} is one of {_list(c.values)}",
    Kind.PATTERN: lambda c: f"Each value of {_of(c)} matches the pattern {_first(c)} somewhere",
    Kind.MIN_LENGTH: lambda c: f"No text in {_of(c)} is shorter than {_first(c)} characters",
    Kind.MAX_LENGTH: lambda c: f"No text in {_of(c)} is longer than {_first(c)} characters",
    Kind.MULTIPLE_OF: lambda c: f"Each value of {_of(c)} is a multiple of {_first(c)}",
    Kind.FORMAT: lambda c: f"Each value of {_of(c)} has the format {_first(c)}",
    Kind.MISSING: _missing,
    Kind.INVALID: _invalid,
    Kind.MIN_ITEMS: lambda c: f"No list in {_of(c)} has fewer than {_first(c)} items",
    Kind.MAX_ITEMS: lambda c: f"No list in {_of(c)} has more than {_first(c)} items",
    Kind.UNIQUE_ITEMS: lambda c: f"No list in {_of(c)} has an item twice",
    Kind.MIN_PROPERTIES: lambda c: f"No object in {_of(c)} has fewer than {_first(c)} keys",
    Kind.MAX_PROPERTIES: lambda c: f"No object in {_of(c)} has more than {_first(c)} keys",
    Kind.REQUIRED_KEYS: lambda c: f"Each object in {_of(c)} has a value under {_list(c.values)}",
    Kind.REFERENCES: _references,
    Kind.COMPLETENESS: _completeness,
    Kind.FRESHNESS: _freshness,
    Kind.NOT_FUTURE: lambda c: f"No value of {_of(c)} lies after the time of the run",
    Kind.RETENTION: lambda c: f"The oldest value of {_of(c)} is as old as is promised",
    Kind.FREQUENCY: lambda c: f"The gaps between the values of {_of(c)} are short enough",
    Kind.TIME_OF_AVAILABILITY: lambda c: f"The newest value of {_of(c)} is there by the promised time of day",
    Kind.GENERAL_AVAILABILITY: lambda c: f"The table {_quoted(c.table)} is generally available by now",
    Kind.END_OF_SUPPORT: lambda c: f"The table {_quoted(c.table)} is still supported",
    Kind.END_OF_LIFE: lambda c: f"The table {_quoted(c.table)} has not reached the end of its life",
    Kind.SQL: lambda c: f"A query by the contract's author about {_of(c)} gives the right answer",
    Kind.TEXT: _prose,
    Kind.CUSTOM: _prose,
    Kind.METRIC: lambda c: f"Nothing is asserted of {_of(c)}: a number is measured",
}  # fmt: skip

_BAD = "counts the {units} that break this, which NULL does not"
_ANSWER = "compares the one number that the query returns"
_CLOCK = "asks the clock alone, in hours since then"
_COUNTED: Mapping[Kind, str] = {
    **dict.fromkeys(Kind, _BAD),
    Kind.COLUMNS: "counts columns that are not there",
    Kind.TYPES: "counts columns of another type, in text files values that do not parse",
    Kind.EXTRA_COLUMNS: "counts such columns",
    Kind.ROW_COUNT: "counts all rows",
    Kind.NOT_NULL: "counts {units} that are NULL",
    Kind.UNIQUE: "counts rows beyond the first of each value, NULL not among them",
    Kind.REFERENCES: "counts rows whose value is not found there, NULL not among them",
    Kind.MISSING: "counts {units} without a value",
    Kind.COMPLETENESS: "takes the share of all cells that are not NULL",
    Kind.FRESHNESS: "takes the hours from then to the time of the run",
    Kind.RETENTION: "takes the hours since that value",
    Kind.FREQUENCY: "takes the longest gap in hours",
    Kind.TIME_OF_AVAILABILITY: "takes the hours that it lags behind",
    **dict.fromkeys((Kind.GENERAL_AVAILABILITY, Kind.END_OF_SUPPORT, Kind.END_OF_LIFE), _CLOCK),
    Kind.SQL: _ANSWER,
    **dict.fromkeys((Kind.TEXT, Kind.CUSTOM, Kind.METRIC), ""),
}
