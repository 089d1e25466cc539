"""How much a function may make out of nothing: repeated and padded texts, widths of formats, and series."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from meshkit.errors import SqlError

MAX_REPEATS = 10_000
MAX_WIDTH = 1_000
MAX_SERIES = 1_000_000
_REPEATERS = {"Repeat": "times", "Pad": "expression", "Space": "this"}  # function -> the argument that says how often
_NAMED_REPEATERS = frozenset({"leftpad", "tofixedstring"})
_NAMED_FORMATS = frozenset({"printf", "format"})
_DIRECTIVE = re.compile(r"%[-+ 0#,'(<!$*.\d]*|\{[^{}]*[{}]?")
_DIGITS = re.compile(r"\d+")
_SERIES = (exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray)
_SECONDS: Mapping[str, int] = {
    "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800, "MONTH": 2419200, "QUARTER": 7776000, "YEAR": 31536000,
}  # fmt: skip
_STEP = re.compile(r"\s*[+-]?(\d+)\s*([A-Za-z]+?)s?\s*", re.IGNORECASE)
_NUMBERS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def refuse_what_is_too_large(node: exp.Func) -> None:
    """Refuse a function that makes more than a query needs, or as much as something computed says.

    Raises:
        SqlError: MK209.
    """
    name = type(node).__name__
    if name in _REPEATERS:
        _refuse_repeats(node, name.lower(), node.args.get(_REPEATERS[name]))
    elif isinstance(node, exp.Format):
        _refuse_widths(node.this)
    elif isinstance(node, exp.Anonymous) and node.name.lower() in _NAMED_FORMATS:
        _refuse_widths(node.expressions[0] if node.expressions else None)
    elif isinstance(node, exp.Anonymous) and node.name.lower() in _NAMED_REPEATERS:
        _refuse_repeats(node, node.name.lower(), node.expressions[1] if len(node.expressions) > 1 else None)
    elif isinstance(node, _SERIES):
        _refuse_series(node)


def _refuse_repeats(node: exp.Func, name: str, times: exp.Expr | None) -> None:
    whole = _times(times)
    outer = node.find_ancestor(exp.Repeat)
    while whole is not None and name == "repeat" and outer is not None:
        whole = None if (more := _times(outer.args.get("times"))) is None else whole * more
        outer = outer.find_ancestor(exp.Repeat)
    if whole is None or whole > MAX_REPEATS:
        raise SqlError(
            f"{name}() of a text more than {MAX_REPEATS:,} times, or a computed number of times", "write the number out",
            code="MK209",
        )  # fmt: skip


def _times(node: exp.Expr | None) -> int | None:
    return int(node.name) if isinstance(node, exp.Literal) and node.is_int else None


def _refuse_widths(text: exp.Expr | None) -> None:
    """Refuse `%1000000000s`, `%*d`, `{:>1000000000}` and `{:{}}`, and a format that is computed."""
    if not isinstance(text, exp.Literal) or not text.is_string:
        raise SqlError("format() of a computed text", "write the format out", code="MK209")
    for found in _DIRECTIVE.findall(text.name):
        is_nested = found.startswith("{") and found.endswith("{") and len(found) > 2
        is_wide = any(int(n[:9]) > MAX_WIDTH or len(n) > 9 for n in _DIGITS.findall(found))
        if is_wide or is_nested or (found.startswith("%") and "*" in found):
            raise SqlError(
                f"format() with a width of more than {MAX_WIDTH:,}, or a computed one", "write a smaller width out",
                code="MK209",
            )  # fmt: skip


def _refuse_series(node: exp.Expr) -> None:
    start, end, step = (node.args.get(key) for key in ("start", "end", "step"))
    is_of_times = isinstance(node, (exp.GenerateDateArray, exp.GenerateTimestampArray)) or any(
        _is_time(part) for part in (start, end, step) if part is not None
    )
    if not (_length_of_times(start, end, step) if is_of_times else _length(start, end, step)):
        raise SqlError(
            f"a series of more than {MAX_SERIES:,} values, or one whose length cannot be told",
            "write its ends and its step out, or take its ends from columns",
            code="MK209",
        )


def _length(start: exp.Expr | None, end: exp.Expr | None, step: exp.Expr | None) -> bool:
    """Tell whether a series of numbers is short, or as long as the data says."""
    width = Decimal(1) if step is None else _number(step)
    if not width:  # computed, or 0
        return False
    ends = [_number(e) for e in (start, end) if e is not None]
    if any(_number(e) is None and not e.find(exp.Column) for e in (start, end) if e is not None):
        return False
    known = [e for e in ends if e is not None]
    return len(known) < 2 or abs(known[1] - known[0]) / abs(width) <= MAX_SERIES  # and one more, where the end counts


def _number(node: exp.Expr) -> Decimal | None:
    """Return what a piece of arithmetic over written numbers is; None for anything else."""
    if isinstance(node, (exp.Paren, exp.Cast, exp.Neg)):
        inner = _number(node.this)
        return -inner if isinstance(node, exp.Neg) and inner is not None else inner
    if isinstance(node, exp.Literal):
        return Decimal(node.name) if re.fullmatch(r"\d{1,40}(\.\d{1,40})?", node.name) else None
    if type(node) in _NUMBERS:
        left, right = _number(node.this), _number(node.expression)
        if left is not None and right is not None:
            sign = _NUMBERS[type(node)]
            return left + right if sign == "+" else left - right if sign == "-" else left * right
    return None


def _is_time(node: exp.Expr) -> bool:
    of_type = [n.to.this for n in node.find_all(exp.Cast)]
    return any(t in exp.DataType.TEMPORAL_TYPES or t == exp.DType.INTERVAL for t in of_type) or bool(
        node.find(exp.Interval, exp.CurrentDate, exp.CurrentTimestamp, exp.Date, exp.Timestamp, exp.TsOrDsToDate,
                  exp.DateTrunc, exp.TimestampTrunc, exp.StrToTime, exp.StrToDate, exp.DateFromParts)
    )  # fmt: skip


def _length_of_times(start: exp.Expr | None, end: exp.Expr | None, step: exp.Expr | None) -> bool:
    """Tell whether a series of times is short, or goes by minutes or more to an end that is not written out."""
    seconds = _SECONDS["DAY"] if step is None else _seconds(step)
    if seconds is None:
        return False
    ends = [_moment(e) for e in (start, end) if e is not None]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        return abs((ends[1] - ends[0]).total_seconds()) / seconds < MAX_SERIES * 4  # all days that a calendar has
    return seconds >= _SECONDS["MINUTE"]


def _seconds(step: exp.Expr) -> int | None:
    """Return how long a step is at least; None where it is less than a second, or computed."""
    step = step.this if isinstance(step, exp.Neg) else step
    if isinstance(step, exp.Interval):
        text = f"{step.this.name if isinstance(step.this, exp.Literal) else ''} {step.args['unit'].name if step.args.get('unit') else ''}"
    elif isinstance(step, exp.Cast) and isinstance(step.this, exp.Literal):
        text = step.this.name
    else:
        return None
    found = _STEP.fullmatch(text)
    amount = int(found[1][:9]) * _SECONDS.get(found[2].upper(), 0) if found else 0
    return amount or None


def _moment(node: exp.Expr) -> datetime | None:
    literal = node.this if isinstance(node, (exp.Cast, exp.Date, exp.Timestamp, exp.TsOrDsToDate)) else node
    try:
        return datetime.fromisoformat(literal.name).replace(tzinfo=None) if isinstance(literal, exp.Literal) else None
    except ValueError:
        return None
