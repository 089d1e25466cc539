"""Native row counts and checks in SQL to ODCS rules of an object, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from meshkit.converting.assertions import as_number
from meshkit.converting.constraints import is_whole, read_words, write_words
from meshkit.converting.document import Value, custom_of, is_number, mappings_of, put_custom, text_of
from meshkit.converting.placeholders import Subject, substitute

OPERATORS: Mapping[str, str] = {
    "must_be": "mustBe", "must_not_be": "mustNotBe",
    "must_be_less_than": "mustBeLessThan", "must_be_less_or_equal_to": "mustBeLessOrEqualTo",
    "must_be_greater_than": "mustBeGreaterThan", "must_be_greater_or_equal_to": "mustBeGreaterOrEqualTo",
    "must_be_between": "mustBeBetween", "must_not_be_between": "mustNotBeBetween",
}  # fmt: skip
_SIGNS = {"<": "mustBeLessThan", "<=": "mustBeLessOrEqualTo", ">": "mustBeGreaterThan",
          ">=": "mustBeGreaterOrEqualTo", "==": "mustBe", "!=": "mustNotBe"}  # fmt: skip
_COMPARATOR = re.compile(r"\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*")
_RANGE = re.compile(r"\s*(not\s+)?between\s+(\S+)\s+and\s+(\S+)\s*")
_LABEL = re.compile(r"[a-z_][a-z0-9_]*")


def write_row_count(value: Value) -> dict[str, Any] | None:
    """Return the rule of a native `row_count`; None where it is written in no way that is known."""
    form = {"min": value} if is_whole(value) else value
    if not isinstance(form, dict) or set(form) - {"min", "max", "severity", "description"}:
        return None
    low, high = form.get("min"), form.get("max")
    if not all(v is None or is_whole(v) for v in (low, high)):
        return None
    rule: dict[str, Any] = {"metric": "rowCount"}
    if low is not None and high is not None and low < high:
        rule["mustBeBetween"] = [low, high]
    elif low is not None and low == high:
        rule["mustBe"] = low
    elif low is None and high is not None:
        rule["mustBeLessOrEqualTo"] = high
    else:
        rule["mustBeGreaterOrEqualTo"] = 1 if low is None else low
    write_words(rule, {"severity": "warning", **form})
    return rule


def read_row_count(rule: dict[str, Any]) -> dict[str, Any] | None:
    """Take a rule on the number of rows out as a native `row_count`; None where that cannot say the same."""
    if rule.get("metric", rule.get("rule")) not in ("rowCount", "countCheck") or rule.get("unit", "rows") != "rows":
        return None
    given = {k: v for k, v in rule.items() if k.startswith(("mustBe", "mustNotBe"))}
    if len(given) != 1:
        return None
    match next(iter(given.items())):
        case ("mustBeBetween", [int(low), int(high)]):
            found = {"min": low, "max": high}
        case ("mustBe", int(rows)):
            found = {"min": rows, "max": rows}
        case ("mustBeGreaterOrEqualTo", int(rows)):
            found = {"min": rows}
        case ("mustBeGreaterThan", int(rows)):
            found = {"min": rows + 1}
        case ("mustBeLessOrEqualTo", int(rows)):
            found = {"max": rows}
        case ("mustBeLessThan", int(rows)) if rows > 0:
            found = {"max": rows - 1}
        case _:
            return None
    for key in ("type", "metric", "rule", "unit", *given):
        rule.pop(key, None)
    words = read_words({k: rule.pop(k) for k in ("severity", "description") if k in rule})
    return {**found, "severity": "error", **words}


def write_query(check: dict[str, Any]) -> dict[str, Any] | None:
    """Return the rule of a native check in SQL; None where it is written in no way that is known."""
    name, query = check.get("name"), check.get("query")
    given = [k for k in ("threshold", *OPERATORS) if check.get(k) is not None]
    known = {"name", "query", "sql", "severity", "description", "dimension", *given}
    operator = _operator(given[0], check[given[0]]) if given else ("mustBeLessOrEqualTo", 0)
    if not isinstance(name, str) or not isinstance(query, str) or len(given) > 1 or operator is None:
        return None
    if {k for k, v in check.items() if v is not None} - known:
        return None
    rule: dict[str, Any] = {"name": name, "type": "sql", "query": query, operator[0]: operator[1]}
    write_words(rule, check)
    if check.get("sql"):
        put_custom(rule, "sql", check["sql"])
    if not _LABEL.fullmatch(name):
        put_custom(rule, "name", name)
    if given and _read_back(*operator) != _range(given[0], check[given[0]]):
        put_custom(rule, given[0], check[given[0]])
    return rule


def _operator(key: str, value: Value) -> tuple[str, Value] | None:
    """Return the operator of the standard for a native comparator, and what it compares with."""
    if key == "threshold":
        return ("mustBeLessOrEqualTo", value) if is_whole(value) else None
    if key == "must_be" and isinstance(value, str):
        return _spelled(value)
    if "between" in key:
        is_pair = isinstance(value, list) and len(value) == 2 and all(is_number(v) for v in value)
        return _pair(OPERATORS[key], value[0], value[1]) if is_pair else None
    return (OPERATORS[key], value) if is_number(value) else None


def _spelled(text: str) -> tuple[str, Value] | None:
    ends = _RANGE.fullmatch(text)
    if ends:
        low, high = _number(ends[2]), _number(ends[3])
        if low is None or high is None:
            return None
        return _pair("mustNotBeBetween" if ends[1] else "mustBeBetween", low, high)
    found = _COMPARATOR.fullmatch(text)
    number = _number(found[2] if found else text)
    return None if number is None else (_SIGNS[found[1]] if found else "mustBe", number)


def _number(text: str) -> int | Decimal | None:
    return as_number(text.strip())


def _pair(operator: str, low: Any, high: Any) -> tuple[str, Value] | None:
    """Two equal ends are one number: the standard wants two different ones, the smaller first."""
    if low == high:
        return ("mustNotBe" if "Not" in operator else "mustBe"), low
    return (operator, [low, high]) if low < high else None


def _read_back(operator: str, value: Value) -> str:
    native = next(k for k, v in OPERATORS.items() if v == operator)
    return _range(native, value)


def _range(key: str, value: Value) -> str:
    """Return the text of the range that a native comparator stands for."""
    if key == "must_be" and isinstance(value, str):
        return value
    if "between" in key:
        return f"{'not ' if 'not' in key else ''}between {value[0]} and {value[1]}"
    signs = {operator: sign for sign, operator in _SIGNS.items()}
    return f"{'<=' if key == 'threshold' else signs[OPERATORS[key]]} {value}"


def read_query(rule: dict[str, Any], table: str, column: str, taken: set[str]) -> dict[str, Any] | None:
    """Take a rule in SQL out as a native check; None where a native check cannot say the same.

    Args:
        rule: The rule, to be taken apart.
        table: The name that placeholders of the table stand for.
        column: The name that placeholders of the column stand for, or empty.
        taken: Names that other checks have; the new one is added.
    """
    given = [k for k in rule if k in OPERATORS.values()]
    if not isinstance(rule.get("query"), str) or len(given) != 1 or rule.get("type", "sql") != "sql":
        return None
    own = {k: v for k in ("threshold", *OPERATORS) if (v := custom_of(rule, k)) is not None}
    overrides = custom_of(rule, "sql")
    value = rule[given[0]]
    native = next(k for k, v in OPERATORS.items() if v == given[0])
    if not own and not (is_number(value) or (isinstance(value, list) and all(is_number(v) for v in value))):
        return None
    name = custom_of(rule, "name") or _name(rule, column or table, taken)
    taken.add(name)
    found = {"name": name, "query": substitute(rule.pop("query"), Subject(table, column))}
    found |= {"sql": overrides} if overrides else {}
    found |= own or {native: value}
    text_of(rule, "name")
    for key in ("type", "unit", given[0]):
        rule.pop(key, None)
    return {**found, **read_words(rule)}


def _name(rule: dict[str, Any], about: str, taken: set[str]) -> str:
    """Return a name for a check: its rule's own as it stands in check ids, or one after what it is about."""
    base = _word(str(rule.get("name") or rule.get("id") or "")) or f"{_word(about)}_sql"
    base = base if base[:1].isalpha() or base[:1] == "_" else f"check_{base}"
    number, name = 2, base
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _word(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip().lower()).strip("_")


def read_rules(table: dict[str, Any], name: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Take the row count and the checks in SQL out of an object and its columns."""
    count: dict[str, Any] | None = None
    checks: list[dict[str, Any]] = []
    taken: set[str] = set()
    for column, rule in _all_rules(table):
        found = read_query(rule, name, column, taken)
        if found is not None:
            checks.append(found)
        elif count is None and not column:
            count = read_row_count(rule)
    return count, checks


def _all_rules(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("", rule) for rule in mappings_of(table, "quality"))
    for item in mappings_of(table, "properties"):
        name = item.get("physicalName") or item.get("name")
        yield from ((str(name or ""), rule) for rule in mappings_of(item, "quality"))
