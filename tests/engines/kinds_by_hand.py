"""One table of awkward columns, and what each kind of check counts over it: worked out by hand, not by an engine.

Every column holds eight values; the same table is judged empty, and with three rows of NULLs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import yaml

import meshkit

NOW = "2026-11-22T12:00:00Z"
BIG = 2**53 + 1
UTC = dt.UTC
STATES = ("full", "empty", "nothing")
ROWS = {"full": 8, "empty": 0, "nothing": 3}


class Hand(NamedTuple):
    """A column and its counts.

    Attributes:
        name: Of the column.
        kind: Its logical type in ODCS.
        native: Its type in the native form; empty = it stands in the ODCS contract alone.
        arrow: Its type in a file.
        values: Eight of them.
        says: What the ODCS contract says of it besides.
        bad: What each check counts over the full table; `[]` in a name is of elements.
        constraints: What the native contract says of it.
    """

    name: str
    kind: str
    native: str
    arrow: pa.DataType
    values: Sequence[Any]
    says: Mapping[str, Any]
    bad: Mapping[str, int]
    constraints: Sequence[Any] = ()


def options(**keys: Any) -> dict[str, Any]:
    """Say bounds and the like, as ODCS has them."""
    return {"logicalTypeOptions": keys}


def metric(name: str, **arguments: Any) -> dict[str, Any]:
    """Say a rule that no row may break."""
    return {"metric": name, "mustBe": 0, **({"arguments": arguments} if arguments else {})}


def enum(*values: Any) -> list[dict[str, Any]]:
    """Say a list of values."""
    return [{"value": v} for v in values]


def day(text: str) -> dt.date:
    """Read a day."""
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    """Read a time."""
    return dt.datetime.fromisoformat(text)


def texts_in(name: str, kind: str, bad: int, values: Sequence[str | None]) -> Hand:
    """Return a column of texts in a format, `bad` of them in none."""
    return Hand(name, "string", "", pa.string(), values, options(format=kind), {"format": bad})


BOTH = {"required": True, "unique": True}
COLUMNS: tuple[Hand, ...] = (
    Hand(
        "n", "integer", "integer", pa.int64(), [5, 5, -3, 0, 10, None, BIG, 7],
        {**BOTH, **options(minimum=0, maximum=2**53, exclusiveMinimum=0, exclusiveMaximum=10, multipleOf=5, format="i8"),
         "enum": enum(0, 5, 7, 10), "relationships": [{"to": "others.num"}],
         "quality": [metric("missingValues", missingValues=[-3]), metric("invalidValues", validValues=[5, 7], missingValues=[-3])]},
        # 5 twice; -3; 2^53 + 1; -3, 0; 10, 2^53 + 1; -3, 2^53 + 1, 7; 2^53 + 1; -3, 2^53 + 1; the same; NULL, -3; 0, 10, 2^53 + 1
        {"not_null": 1, "unique": 1, "min": 1, "max": 1, "exclusive_min": 2, "exclusive_max": 2, "multiple_of": 3, "format": 1,
         "in": 2, "references": 2, "missing": 2, "invalid": 3},
        ["not_null", {"in": list(range(1000))}, {"max": {"value": 5, "where": "n <> 7"}}, {"min": {"value": 1, "threshold": 2}}],
    ),
    Hand(
        "d", "number", "decimal(38,10)", pa.decimal128(38, 10),
        [Decimal(v) if v else None for v in
         ("0.3", "0.3000000001", "-1.5", "1234567890123456789012345678.0123456789", "", "0", "2.5", "0.3")],
        {**BOTH, **options(minimum=0, maximum=0.3, exclusiveMinimum=0, exclusiveMaximum=2.5, multipleOf=0.1),
         "enum": enum(0.3, 2.5, 0, -1.5)},
        {"not_null": 1, "unique": 1, "min": 1, "max": 3, "exclusive_min": 2, "exclusive_max": 2, "multiple_of": 2, "in": 2},
        [{"max": "1234567890123456789012345678.0123456788"}],
    ),
    Hand(
        "m", "number", "decimal(9,2)", pa.decimal128(9, 2),
        [Decimal(v) if v else None for v in ("10.50", "-1.00", "", "0.00", "7.25", "10.50", "0.05", "99.99")],
        {**BOTH, **options(minimum=0, maximum=10, exclusiveMinimum=0, exclusiveMaximum=7.25, multipleOf=0.25),
         "enum": enum(10.5, 0)},
        {"not_null": 1, "unique": 1, "min": 1, "max": 3, "exclusive_min": 2, "exclusive_max": 4, "multiple_of": 2, "in": 4},
        [{"min": "0.004"}],
    ),
    Hand(
        "f", "number", "float", pa.float64(), [0.3, 0.1, -0.0, 2.5, None, 0.1, -7.25, 1e6],
        {**BOTH, **options(minimum=0, maximum=2.5, exclusiveMinimum=0, exclusiveMaximum=2.5, multipleOf=0.1),
         "enum": enum(0.3, 0.1, 0, 2.5)},
        {"not_null": 1, "unique": 1, "min": 1, "max": 1, "exclusive_min": 2, "exclusive_max": 2, "multiple_of": 1, "in": 2},
    ),
    Hand(
        "g", "number", "", pa.float64(), [0.3, float("nan"), float("inf"), float("-inf"), None, 0.1, float("nan"), 2.5],
        {**BOTH, **options(minimum=0, maximum=2.5, exclusiveMinimum=0, exclusiveMaximum=2.5, multipleOf=0.1),
         "enum": enum(0.3, 0.1, 0, 2.5), "relationships": [{"to": "others.real"}]},
        # NaN is one value, twice; it is beyond each bound, in no list, and a multiple of nothing
        {"not_null": 1, "unique": 1, "min": 3, "max": 3, "exclusive_min": 3, "exclusive_max": 4, "multiple_of": 4, "in": 4, "references": 4},
    ),
    Hand(
        "r", "number", "float", pa.float32(), [0.3, 0.4, 0.5, None, 0.3, -0.0, 1, 2],
        {**BOTH, **options(minimum=0.3, maximum=0.3), "enum": enum(0.3, 0.4)},
        {"not_null": 1, "unique": 1, "min": 1, "max": 4, "in": 4},
    ),
    Hand(
        "s", "string", "string", pa.string(), ["a", "A", None, "", "a ", "O'Brien", "日本語", "a"],
        {**BOTH, **options(minLength=1, maxLength=3, pattern="^[a-z]"), "enum": enum("a", "O'Brien", ""),
         "relationships": [{"to": "others.key"}],
         "quality": [metric("missingValues", missingValues=["", "n/a"]),
                     metric("invalidValues", validValues=["a", "A"], missingValues=[""])]},
        {"not_null": 1, "unique": 1, "min_length": 1, "max_length": 1, "pattern": 4, "in": 3, "references": 4, "missing": 2,
         "invalid": 3},
        [{"not_null": {"threshold": "12.5%"}}, {"pattern": "(?i)^a"}, {"in": [f"v{i}" for i in range(999)] + ["a"]}],
    ),
    Hand(
        "lines", "string", "string", pa.string(), ["ab", "ab\n", "AB", "éb", None, "b", "a\nb", "ab"],
        {**BOTH, **options(pattern="^ab$", minLength=2, maxLength=2),
         "quality": [metric("invalidValues", pattern="^..$")]},
        {"not_null": 1, "unique": 1, "pattern": 5, "min_length": 1, "max_length": 2, "invalid": 3},
        [{"pattern": r"\w{2}$"}],
    ),
    texts_in("u", "uuid", 4, ["243c25e5-a081-43a9-aeab-6d5d5b6cb5e2", "243C25E5-A081-43A9-AEAB-6D5D5B6CB5E2", None,
                              "243c25e5a08143a9aeab6d5d5b6cb5e2", "x243c25e5-a081-43a9-aeab-6d5d5b6cb5e2", "",
                              "243c25e5-a081-43a9-aeab-6d5d5b6cb5e2\n", "00000000-0000-0000-0000-000000000000"]),
    texts_in("mail", "email", 5, ["a.b+c@example.co.uk", "o'hara@x.io", None, "a@", "a b@x.io", "a@-x.io", ".a@x.io", "a@x.io "]),
    texts_in("ip4", "ipv4", 4, ["127.0.0.1", "255.255.255.255", None, "256.0.0.1", "1.2.3", "01.2.3.4", "0.0.0.0", ""]),
    texts_in("ip6", "ipv6", 4, ["::1", "2001:db8::8a2e:370:7334", None, "1:2:3", ":::", "1::2::3", "g::", "::ffff:192.0.2.1"]),
    texts_in("host", "hostname", 4, ["example.com", "a-b.c", None, "-a.com", "a_b.com", "a..b", "localhost", "é.com"]),
    texts_in("link", "uri", 3, ["https://example.com/a?b=c#d", "urn:isbn:0451450523", None, "example.com", "http://a b", "://x",
                                "mailto:a@x.io", "ftp://x/y"]),
    texts_in("b64", "byte", 3, ["aGVsbG8=", "", None, "aGVsbG8", "a===", "*", "YQ==", "AAAA"]),
    Hand(
        "day", "date", "date", pa.date32(),
        [day(v) if v else None for v in
         ("1969-12-31", "1970-01-01", "1900-01-01", "2024-02-29", "", "2299-12-31", "1969-12-31", "1950-02-03")],
        {**BOTH, **options(minimum="1970-01-01", maximum="2024-02-29", exclusiveMinimum="1970-01-01", exclusiveMaximum="2024-02-29")},
        {"not_null": 1, "unique": 1, "min": 4, "max": 1, "exclusive_min": 5, "exclusive_max": 2},
        [{"in": ["1969-12-31", "2299-12-31"]}],
    ),
    Hand(
        "at", "timestamp", "timestamp", pa.timestamp("us"),
        [moment(v) if v else None for v in
         ("1969-12-31 23:59:59.999999", "1970-01-01 00:00:00", "2024-01-01 12:30:00", "2024-01-01 12:30:00.000001", "",
          "1950-02-03 04:05:06", "2024-01-01 12:30:00", "2026-11-22 06:00:00")],
        {**BOTH, **options(minimum="1970-01-01 00:00:00", maximum="2024-01-01 12:30:00", exclusiveMinimum="1970-01-01 00:00:00",
                           exclusiveMaximum="2024-01-01 12:30:00")},
        {"not_null": 1, "unique": 1, "min": 2, "max": 2, "exclusive_min": 3, "exclusive_max": 4},
        [{"in": ["1950-02-03 04:05:06", "2024-01-01 12:30:00"]}],
    ),
    Hand(
        "zoned", "timestamp", "timestamp_tz", pa.timestamp("us", "UTC"),
        [moment(v) if v else None for v in
         ("2024-01-01 00:00:00+00:00", "2024-01-01 09:00:00+09:00", "2023-12-31 23:59:59.999999+00:00", "", "1969-12-31 23:00:00-01:00",
          "1950-02-03 04:05:06+05:30", "2024-01-01 00:00:00-00:30", "2299-12-31 00:00:00+00:00")],
        {**BOTH, **options(timezone=True, minimum="1970-01-01T00:00:00Z", maximum="2024-01-01T00:00:00Z",
                           exclusiveMinimum="1970-01-01T00:00:00Z", exclusiveMaximum="2024-01-01T00:00:00Z")},
        # 00:00 and 09:00+09:00 are one moment; 23:00-01:00 is the first of 1970; 00:00-00:30 is half past
        {"not_null": 1, "unique": 1, "min": 1, "max": 2, "exclusive_min": 2, "exclusive_max": 4},
        [{"in": ["2024-01-01T00:00:00Z"]}],
    ),
    Hand(
        "flag", "boolean", "boolean", pa.bool_(), [True, False, None, True, True, False, True, True],
        BOTH, {"not_null": 1, "unique": 5}, [{"in": [True]}],
    ),
    Hand("k1", "integer", "", pa.int32(), [1, 1, 1, None, 2, 2, 3, 3], {}, {}),
    Hand("k2", "string", "", pa.string(), ["x", "x", "y", "x", "x", None, "X", "x"], {}, {}),
    *(
        Hand(name, "integer", "integer", pa.int32(), [1, 1, 2, None, -1, 3, 4, 5],
             {**BOTH, **options(minimum=0)}, {"not_null": 1, "unique": 1, "min": 1}, [{"max": 4}])
        for name in ("order", "Select", "Mixed Case", 'a"quote', "it's", "tick`", "ÜPPER", "a.b", "percent%s", "n0", "bad")
    ),
)  # fmt: skip
"""Columns that every engine holds, unless `lacking` says that it does not."""

NAN_AS_NULL = next(c for c in COLUMNS if c.name == "g")._replace(
    bad={
        "not_null": 3,
        "unique": 0,
        "min": 1,
        "max": 1,
        "exclusive_min": 1,
        "exclusive_max": 2,
        "multiple_of": 2,
        "in": 2,
        "references": 2,
    },
)
"""The column with NaN on an engine that keeps NaN as NULL."""

ZONED_SINCE_1970 = next(c for c in COLUMNS if c.name == "zoned")._replace(
    values=[moment(v) if v else None for v in
            ("2024-01-01 00:00:00+00:00", "2024-01-01 00:00:00+00:00", "2023-12-31 23:59:59.999999+00:00", "", "1970-01-01 00:00:01+00:00",
             "1970-01-01 00:00:02+00:00", "2024-01-01 00:00:00.000001+00:00", "2037-12-31 00:00:00+00:00")],
    bad={"not_null": 1, "unique": 1, "min": 0, "max": 2, "exclusive_min": 0, "exclusive_max": 4},
)  # fmt: skip
"""The column of moments on an engine that has none before 1970 and after 2038; its native list misses as many."""

LISTS = Hand(
    "list", "array", "", pa.list_(pa.int64()), [[1, 2], [1, 1], [], None, [None, None], [1, 2, 3, 4], [5], [7]],
    {**options(minItems=1, maxItems=3, uniqueItems=True),
     "items": {"logicalType": "integer", "required": True, "logicalTypeOptions": {"maximum": 4, "multipleOf": 2}}},
    {"min_items": 1, "max_items": 1, "unique_items": 1, "[].not_null": 2, "[].max": 2, "[].multiple_of": 7},
)  # fmt: skip
"""Of twelve elements two are NULL, and 1, 1, 1, 1, 3, 5, 7 odd."""
ELEMENTS = 12

LISTS_NEVER_NULL = LISTS._replace(bad={**LISTS.bad, "min_items": 2})
"""On an engine where a list is empty, never NULL; there, a table of NULLs has lists that are too short."""

OBJECTS = Hand(
    "thing", "object", "", pa.struct([("a", pa.int64()), ("b", pa.string())]),
    [{"a": 1, "b": "x"}, {"a": 1, "b": None}, None, {"a": None, "b": None}, {"a": -1, "b": "yy"}, {"a": 2, "b": ""}, None, {"a": 3, "b": "z"}],
    {**options(required=["a"], minProperties=1, maxProperties=1),
     "properties": [{"name": "a", "logicalType": "integer", "required": True, "logicalTypeOptions": {"minimum": 0}},
                    {"name": "b", "logicalType": "string", "logicalTypeOptions": {"pattern": "^.$"}}]},
    {"required_keys": 1, "min_properties": 1, "max_properties": 4, ".a.not_null": 1, ".a.min": 1, ".b.pattern": 2},
)  # fmt: skip

NATIVE_BAD: Mapping[str, tuple[str, int, int]] = {
    "n.not_null": ("failed", 1, 8),
    "n.in": ("failed", 2, 8),  # -3 and 2^53 + 1 are not among the thousand
    "n.max": ("failed", 2, 6),  # 10 and 2^53 + 1, of the six that are there and not 7
    "n.min": ("passed", 2, 8),  # -3 and 0: two may be
    "d.max": ("failed", 1, 8),
    "m.min": ("failed", 2, 8),  # -1.00 and 0.00 are below 0.004
    "s.not_null": ("passed", 1, 8),  # one of eight is just 12.5 percent
    "s.pattern": ("failed", 3, 8),  # '', O'Brien, 日本語
    "s.in": ("failed", 5, 8),  # all but NULL and a, twice
    "lines.pattern": (
        "failed",
        4,
        8,
    ),  # a line break at the end; é is no \w of RE2; b is short; and so is b below a line
    "day.in": ("failed", 4, 8),
    "at.in": ("failed", 4, 8),
    "zoned.in": ("failed", 5, 8),
    "flag.in": ("failed", 2, 8),
}
OTHERS = pa.table({
    "key": pa.array(["a", "b", "A", None, "c"]), "num": pa.array([5, 0, 10, 7, 1], pa.int64()),
    "few": pa.array([5, 0, 10, 7, 1], pa.int32()), "label": pa.array(["x", "y", "x", None, "x"]),
    "real": pa.array([0.3, 0.1, None, 2.5, 7.0]),
})  # fmt: skip
"""(1, y), (2, x), (3, X), (3, x) are not among its pairs."""
OLDEST = (moment("2026-11-22 12:00:00") - moment("1950-02-03 04:05:06")) / dt.timedelta(hours=1)
LONGEST_GAP = (moment("2024-01-01 12:30:00") - moment("1970-01-01 00:00:00")) / dt.timedelta(hours=1)


def standard(columns: Sequence[Hand]) -> str:
    """Return the ODCS contract of the columns."""
    properties = [{"name": c.name, "logicalType": c.kind, **c.says} for c in columns]
    promises = [
        ("latency", 7, "h"),
        ("retention", 90, "y"),
        ("frequency", 20, "d"),
        ("timeOfAvailability", "05:00", ""),
    ]
    table = {
        "name": "t", "properties": properties, "relationships": [{"from": ["t.k1", "t.k2"], "to": ["others.few", "others.label"]}],
        "quality": [{"metric": "duplicateValues", "arguments": {"properties": ["k1", "k2"]}, "mustBe": 0}],
    }  # fmt: skip
    document = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "name": "p", "domain": "d", "version": "1.0.0",
        "schema": [table, {"name": "others", "properties": [{"name": n} for n in OTHERS.column_names]}],
        "slaProperties": [{"property": p, "value": v, "element": "t.at", **({"unit": u} if u else {})} for p, v, u in promises],
    }  # fmt: skip
    return yaml.safe_dump(document, sort_keys=False)


def native(columns: Sequence[Hand]) -> str:
    """Return the native contract of the columns; its completeness is of `n` and `at`, its key of `k1` and `k2`."""
    fields = [{"name": c.name, "type": c.native, "constraints": list(c.constraints)} for c in columns if c.native]
    fields += [{"name": "k1", "type": "integer"}, {"name": "k2", "type": "string"}]
    document = {
        "name": "own", "version": "1.0.0", "domain": "d", "description": "x",
        "schema": {"alias": "t", "location": "t.parquet", "primary_key": ["k1", "k2"], "fields": fields},
        "sla": {"completeness": {"min_threshold": "87.5%", "columns": ["n", "at"]}},
    }  # fmt: skip
    return yaml.safe_dump(document, sort_keys=False)


def write_mesh(folder: Path, columns: Sequence[Hand]) -> None:
    """Write both contracts."""
    (folder / "standard.yaml").write_text(standard(columns))
    (folder / "own.yaml").write_text(native(columns))


def arrow(columns: Sequence[Hand], state: str) -> pa.Table:
    """Return the table in a state."""
    held = {"full": lambda c: c.values, "empty": lambda c: [], "nothing": lambda c: [None] * 3}[state]
    return pa.table({c.name: pa.array(held(c), c.arrow) for c in columns})


Answer = tuple[str, float | int | None, int | None]


def expected(columns: Sequence[Hand], state: str) -> Iterator[tuple[str, Answer]]:
    """Return outcome, number and total of each check, by what follows `d.` in its id."""
    rows, is_full = ROWS[state], state == "full"
    for column in columns:
        for kind, bad in column.bad.items():
            label = column.name + (kind if kind[0] in ".[" else f".{kind}")
            is_lacking = kind in ("not_null", "missing") or (column is LISTS_NEVER_NULL and kind == "min_items")
            nulls = rows if is_lacking else 0
            of = (ELEMENTS if is_full else 0) if kind.startswith("[") else rows
            yield f"p.t.{label}", _judged(bad if is_full else nulls, of)
    yield "p.t.references", _judged(4 if is_full else 0, rows)
    yield "p.t.unique", _judged(1 if is_full else 0, rows)
    yield "own.t.primary_key", _judged(1 if is_full else 0, rows)
    for key in ("k1", "k2"):
        yield f"own.t.{key}.not_null", _judged(1 if is_full else rows, rows)
    native_names = {c.name for c in columns if c.native}
    for name, (outcome, bad, total) in NATIVE_BAD.items():
        if name.split(".")[0] in native_names:
            yield f"own.t.{name}", (outcome, bad, total) if is_full else _native(name, rows)
    for column in columns:
        if column.native and {"max": 4} in column.constraints:
            yield f"own.t.{column.name}.max", _judged(1 if is_full else 0, rows)
    for product in ("p", "own"):
        for kind in ("columns", "types"):
            yield f"{product}.t.{kind}", ("passed", 0, None)
        yield f"{product}.t.row_count", ("passed" if rows else "warned", rows, None)
    yield "p.t.extra_columns", ("passed", 0, None)
    unknown = sum(not c.native for c in columns) - 2  # k1 and k2 are its key
    yield "own.t.extra_columns", ("warned", unknown, None)
    yield (
        "own.t.completeness",
        ("failed" if state == "nothing" else "passed", {"full": 0.875, "empty": 1.0, "nothing": 0.0}[state], 2 * rows),
    )
    yield "p.t.freshness", ("passed", 6.0, None) if is_full else ("failed", None, None)
    yield "p.t.not_future", _judged(0, rows, "warned")
    yield "p.t.retention", ("passed", OLDEST if is_full else 0.0, None)
    yield "p.t.frequency", ("failed", LONGEST_GAP, None) if is_full else ("skipped", None, None)
    yield "p.t.time_of_availability", ("passed", 0.0, None) if is_full else ("failed", None, None)


def _judged(bad: int, rows: int, missed: str = "failed") -> Answer:
    return (missed if bad else "passed"), bad, rows


def _native(name: str, rows: int) -> Answer:
    """Judge what is empty or NULL: only `not_null` minds, and a third of three rows may not be NULL either."""
    total = 0 if name == "n.max" else rows  # NULL is not known to be other than 7
    return _judged(rows if name.endswith("not_null") else 0, total)


Found = dict[str, meshkit.Verdict]
NONE: Mapping[str, str] = {}


def verdicts(folder: Path, **keys: Any) -> Found:
    found = meshkit.load(folder)
    assert not [p for p in found.problems if p.severity == "error"], found.problems
    return {v.id.removeprefix("d."): v for v in found.check(now=NOW, **keys).verdicts}


def seen(found: Found, name: str) -> tuple[str, float | int | None, int | None]:
    verdict = found[name]
    value = verdict.value if verdict.bad is None or name.endswith("completeness") else verdict.bad
    return str(verdict.outcome), float(value) if isinstance(value, Decimal) else value, verdict.total


def held(found: Found, columns: Sequence[Hand], state: str, refused: Mapping[str, str] = NONE) -> None:
    """Compare every count, or the reason why there is none; a check of which nothing is known would be seen, too."""
    wrong = []
    for name, answer in expected(columns, state):
        reason = next((r for n, r in refused.items() if name == n), "")
        if reason:
            if str(found[name].outcome) != "errored" or reason not in found[name].message:
                wrong.append(f"{name}: {found[name].outcome} {found[name].message}, refused by hand: {reason}")
            continue
        got = seen(found, name) if name in found else ("missing", None, None)
        if got[0] != answer[0] or got[1] != pytest.approx(answer[1]) or (answer[2] is not None and got[2] != answer[2]):
            wrong.append(f"{name}: {got}, by hand {answer}: {found[name].message if name in found else ''}")
    assert not wrong, "\n".join(wrong)
    unexpected = set(found) - {n for n, _ in expected(columns, state)}
    assert not {n for n in unexpected if not n.startswith("p.others.")}
