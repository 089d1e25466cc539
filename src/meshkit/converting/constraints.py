"""Native constraints of a column to keys and rules of an ODCS property, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from meshkit.converting.assertions import (
    Assertion,
    as_number,
    in_order,
    is_refused,
    kind_of,
    read_assertion,
    rule_bounds,
)
from meshkit.converting.document import (
    Value,
    copied,
    custom_of,
    is_number,
    mapping_of,
    mappings_of,
    put_custom,
    text_of,
)

ENGINE = "meshkit"
"""The engine of rules that are written in the native form, since the standard has no words for them."""

_NUMBERS = ("integer", "number")
_TIMES = ("date", "timestamp", "time")
_KEYS = {"min": "minimum", "max": "maximum", "min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
_EXCLUSIVE = {"exclusiveMinimum": ("min", 1), "exclusiveMaximum": ("max", -1)}
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\.[A-Za-z_][A-Za-z0-9_\-]*")
_DIMENSIONS = (
    "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness",
)  # fmt: skip
_METRICS = {"not_null": "nullValues", "unique": "duplicateValues", "in": "invalidValues", "pattern": "invalidValues"}


def write_constraints(target: dict[str, Any], items: list[Value]) -> None:
    """Write the items of a column's `constraints` into the property `target`, which has its logical type already."""
    items = [item for item in items if not is_refused(item)]
    for item in items:
        found = read_assertion(item)
        written = found is not None and (_as_key(target, found) or _as_rule(target, found))
        if not written:
            implementation = item if isinstance(item, dict) else {item: {}} if isinstance(item, str) else None
            if implementation is None:
                put_custom(target, "constraints", items)
                return
            target.setdefault("quality", []).append(
                {"type": "custom", "engine": ENGINE, "implementation": implementation}
            )
    _keep_order(target, items)


def _keep_order(target: dict[str, Any], items: list[Value]) -> None:
    """Note the order of the items where the property alone would give another, or else the items as they are."""
    before = [_meaning(item) for item in items]
    kinds = [kind_of(item) for item in items]
    after = read_constraints(copied(target))
    if [_meaning(item) for item in after] == before:
        return
    if [_meaning(item) for item in in_order(after, kinds)] == before:
        put_custom(target, "order", kinds)
    else:
        put_custom(target, "constraints", items)


def _meaning(item: Value) -> object:
    found = read_assertion(item)
    if found is None and isinstance(item, dict):
        return item
    return found.meaning if found else item


def _as_key(target: dict[str, Any], found: Assertion) -> bool:
    """Write a constraint that every bad row breaks by a key of the standard; tell whether there is one."""
    if found.options:
        return False
    match found.kind:
        case "not_null":
            return _set(target, "required", True)
        case "unique":
            return _set(target, "unique", True)
        case "in":
            return _is_distinct(found.value) and _set(target, "enum", [{"value": v} for v in _distinct(found.value)])
        case "references":
            if not _REFERENCE.fullmatch(found.value):
                return False
            target.setdefault("relationships", []).append({"to": found.value})
            return True
    value = _option_value(found, target.get("logicalType", ""))
    return value is not None and _set(target.setdefault("logicalTypeOptions", {}), _KEYS[found.kind], value)


def _set(target: dict[str, Any], key: str, value: Value) -> bool:
    if key in target:
        return False
    target[key] = value
    return True


def _distinct(values: list[Value]) -> list[Value]:
    return list({(str(v).lower() if isinstance(v, bool) else str(v)): v for v in reversed(values)}.values())[::-1]


def _is_distinct(values: list[Value]) -> bool:
    """Tell whether the standard takes the values for different ones: 1 and 1.0 are one number to it."""
    kept = _distinct(values)
    return len({(isinstance(v, bool), isinstance(v, str), v) for v in kept}) == len(kept)


def _option_value(found: Assertion, logical: str) -> Value:
    """Return what stands behind the option of a logical type, or None where the type has no such option."""
    if found.kind in ("min", "max"):
        if logical in _TIMES:
            return found.value if isinstance(found.value, str) else None
        return as_number(found.value) if logical in _NUMBERS else None
    return found.value if logical == "string" else None


def _as_rule(target: dict[str, Any], found: Assertion) -> bool:
    """Write a constraint with a threshold or another option by a rule of the library; tell whether there is one."""
    bounds = rule_bounds(found.threshold)
    metric = _METRICS.get(found.kind)
    if metric is None or bounds is None or "where" in found.options:
        return False
    rule: dict[str, Value] = {"metric": metric}
    if found.kind == "in":
        rule["arguments"] = {"validValues": _distinct(found.value)}
    elif found.kind == "pattern":
        rule["arguments"] = {"pattern": found.value}
    rule |= bounds
    write_words(rule, found.options)
    if metric == "invalidValues":
        put_custom(rule, "kind", found.kind)
    if found.threshold == "0":
        put_custom(rule, "threshold", 0)
    target.setdefault("quality", []).append(rule)
    return True


def write_words(rule: dict[str, Any], options: Any) -> None:
    """Write severity, description and dimension of a check into a rule."""
    for key in ("severity", "description"):
        if options.get(key) is not None:
            rule[key] = options[key]
    dimension = options.get("dimension")
    if isinstance(dimension, str) and dimension.lower() in _DIMENSIONS:
        rule["dimension"] = dimension.lower()
    elif dimension is not None:
        put_custom(rule, "dimension", dimension)


def read_words(rule: dict[str, Any]) -> dict[str, Value]:
    """Take severity, description and dimension of a rule out."""
    found = {key: text for key in ("severity", "description", "dimension") if (text := text_of(rule, key)) is not None}
    dimension = custom_of(rule, "dimension")
    return found if dimension is None else {**found, "dimension": dimension}


def read_constraints(rest: dict[str, Any]) -> list[Value]:
    """Take what a property asserts out of it, as items of `constraints`; what they cannot say stays."""
    found = [*_from_keys(rest), *_from_rules(rest), *_from_relationships(rest)]
    verbatim, order = custom_of(rest, "constraints"), custom_of(rest, "order")
    if isinstance(verbatim, list):
        return verbatim
    return in_order(found, order) if isinstance(order, list) else found


def _from_keys(rest: dict[str, Any]) -> Iterator[Value]:
    for key, kind in (("required", "not_null"), ("unique", "unique")):
        if isinstance(rest.get(key), bool) and rest.pop(key):
            yield kind
    values = rest.get("enum")
    if isinstance(values, list) and all(isinstance(v, dict) and "value" in v for v in values):
        listed = [v.pop("value") for v in values]
        yield {"in": [v for v in listed if v is not None]}
    yield from _from_options(mapping_of(rest, "logicalTypeOptions"), str(rest.get("logicalType", "")))


def _from_options(options: dict[str, Any], logical: str) -> Iterator[Value]:
    kinds = {option: kind for kind, option in _KEYS.items()}
    for key in [k for k in options if k in kinds or k in _EXCLUSIVE]:
        if key not in options:
            continue
        if key in kinds:
            yield from _from_option(options, key, kinds[key], logical)
        elif key in _EXCLUSIVE and logical == "integer" and is_whole(options[key]):
            kind, step = _EXCLUSIVE[key]
            yield {kind: options.pop(key) + step}


def _from_option(options: dict[str, Any], key: str, kind: str, logical: str) -> Iterator[Value]:
    """Take an option out. A bound that v3.0 calls exclusive is the next whole number, and else stays as it is."""
    value, exclusive = options[key], f"exclusiveM{key[1:]}"
    if isinstance(value, (bool, dict, list)) or value is None:
        return
    if options.get(exclusive) is True:
        if logical == "integer" and is_whole(value):
            del options[key], options[exclusive]
            yield {kind: value + _EXCLUSIVE[exclusive][1]}
        return
    if options.get(exclusive) is False:
        del options[exclusive]
    yield {kind: options.pop(key)}


def is_whole(value: Value) -> bool:
    """Tell whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _from_rules(rest: dict[str, Any]) -> Iterator[Value]:
    for rule in mappings_of(rest, "quality"):
        item = _from_custom(rule) if rule.get("engine") == ENGINE else _from_library(rule)
        if item is not None:
            yield item


def _from_custom(rule: dict[str, Any]) -> Value:
    item = rule.get("implementation")
    rule.clear()
    name = next(iter(item), "") if isinstance(item, dict) else ""
    return name if isinstance(item, dict) and item.get(name) == {} else item


def _from_library(rule: dict[str, Any]) -> Value:
    arguments = mapping_of(rule, "arguments")
    kind, value = _kind(rule.get("metric", rule.get("rule")), arguments)
    threshold = threshold_of(rule)
    if not kind or threshold is None:
        return None
    for key in ("type", "metric", "rule", "arguments", "unit", "mustBe", "mustBeLessThan", "mustBeLessOrEqualTo"):
        rule.pop(key, None)
    custom_of(rule, "kind")
    options = read_words(rule)
    explicit = custom_of(rule, "threshold")
    if threshold or explicit is not None:
        options = {"threshold": threshold or 0, **options}
    return Assertion(kind, value, options).item()


def _kind(metric: Value, arguments: dict[str, Any]) -> tuple[str, Value]:
    """Return the kind of constraint that a metric asserts, with its argument; no kind where there is none."""
    match metric, sorted(arguments):
        case ("nullValues" | "nullCheck" | "nullCount", []):
            return "not_null", None
        case ("duplicateValues" | "duplicateCount" | "uniqueCheck", []):
            return "unique", None
        case ("invalidValues" | "invalidCount", ["validValues"]) if isinstance(arguments["validValues"], list):
            return "in", [v for v in arguments["validValues"] if v is not None]
        case ("invalidValues" | "invalidCount", ["pattern"]):
            return "pattern", arguments["pattern"]
    return "", None


def threshold_of(rule: dict[str, Any]) -> Value:
    """Return the native threshold of a rule: rows, a share, nothing at all as an empty text; None for any other range."""
    given = {k: rule[k] for k in rule if k.startswith(("mustBe", "mustNotBe"))}
    is_share = str(rule.get("unit", "rows")).lower() in ("percent", "percentage", "%")
    key, value = next(iter(given.items()), ("mustBe", 0))
    if len(given) > 1 or not is_number(value):
        return None
    if key == "mustBe" and value == 0:
        return ""
    if key == "mustBeLessThan" and is_whole(value) and value > 0 and not is_share:
        key, value = "mustBeLessOrEqualTo", value - 1
    if key != "mustBeLessOrEqualTo" or value < 0 or not (is_share or is_whole(value)):
        return None
    return f"{value}%" if is_share else "" if value == 0 else value


def _from_relationships(rest: dict[str, Any]) -> Iterator[Value]:
    for item in mappings_of(rest, "relationships"):
        target = item.get("to")
        if isinstance(target, str) and _REFERENCE.fullmatch(target) and item.get("type", "foreignKey") == "foreignKey":
            item.pop("type", None)
            yield {"references": item.pop("to")}
