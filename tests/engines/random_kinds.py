"""Random tables and checks, and a judge in plain Python that counts what each check should."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit

SOME = settings(
    max_examples=int(os.environ.get("MESHKIT_EXAMPLES") or examples(1, 60)),
    deadline=None,
    derandomize="MESHKIT_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
NOW = "2026-11-22T12:00:00Z"
_TABLES = 6
_LETTERS = "aAbBkK09 .'\"\\\n\t%_-éÉßſKİ日😀\u0301\u00a0"
_WORDS = [
    "a",
    "A",
    "",
    " ",
    "a ",
    "ab",
    "o'b",
    "é",
    "e\u0301",
    "ß",
    "ss",
    "日本",
    "NULL",
    "nan",
    "1",
    "1.0",
    "%",
    "a\n",
    "\\",
]
_FIRST, _LAST = dt.datetime(1900, 1, 1), dt.datetime(2261, 12, 31, 23, 59, 59, 999999)


class Sort(NamedTuple):
    """A kind of column.

    Attributes:
        logical: In ODCS.
        arrow: In files.
        values: Draws one.
        divisors: What values may be asked to be multiples of.
        has_order: Whether it has bounds.
    """

    logical: str
    arrow: pa.DataType
    values: st.SearchStrategy[Any]
    divisors: tuple[str, ...] = ()
    has_order: bool = True


def _decimals(places: int) -> st.SearchStrategy[Decimal]:
    few = st.sampled_from([Decimal(v).scaleb(-places) for v in (0, 1, -1, 5, 25, 50, 100, -100, 125)])
    return st.one_of(few, st.integers(-(10**9), 10**9).map(lambda v: Decimal(v).scaleb(-places)))


_WHOLE = st.one_of(st.integers(-3, 6), st.sampled_from([127, 128, 2**31, 2**53, 2**53 + 1, -(2**63), 2**63 - 1]))
_TAME = st.one_of(
    st.sampled_from([0.0, -0.0, 0.1, 0.3, 0.5, -2.5, 1e6, 3.0, 0.25]), st.integers(-400, 400).map(lambda v: v / 100)
)
_WILD = st.one_of(_TAME, st.sampled_from([math.nan, math.inf, -math.inf]))
_TEXTS = st.one_of(st.sampled_from(_WORDS), st.text(_LETTERS, max_size=4))
_DAYS = st.one_of(
    st.sampled_from([dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date(2024, 2, 29)]),
    st.dates(_FIRST.date(), _LAST.date()),
)
_MOMENTS = st.one_of(
    st.sampled_from(
        [dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(1970, 1, 1), dt.datetime(2024, 2, 29, 12, 30)]
    ),
    st.datetimes(_FIRST, _LAST),
)
SORTS: Mapping[str, Sort] = {
    "whole": Sort("integer", pa.int64(), _WHOLE, ("2", "3", "5", "0.5", "1.5")),
    "money": Sort("number", pa.decimal128(12, 2), _decimals(2), ("0.05", "0.25", "1", "3", "0.001")),
    "fine": Sort("number", pa.decimal128(14, 4), _decimals(4), ("0.05", "0.0001", "7")),
    "float": Sort("number", pa.float64(), _TAME, ("0.1", "0.25", "3")),
    "wild": Sort("number", pa.float64(), _WILD, ("0.1", "0.25", "3")),
    "text": Sort("string", pa.string(), _TEXTS, has_order=False),
    "day": Sort("date", pa.date32(), _DAYS),
    "moment": Sort("timestamp", pa.timestamp("us"), _MOMENTS),
}
PATTERNS = [
    "^[a-z]+$",
    "a",
    "^.{2}$",
    "[0-9]$",
    r"^\s",
    "[^a]",
    "^$",
    "é|ß",
    "o'b",
    r"\.",
    r"^\w*$",
    r"\d",
    "^(a|ab)$",
    "a?b*$",
    r"\\",
    "%",
    r"^[^\n]*$",
]


class Column(NamedTuple):
    """A column and what is asked of it: kind of check -> its argument."""

    name: str
    sort: str
    values: list[Any]
    asked: dict[str, Any]
    others: list[Any]


class Table(NamedTuple):
    """A table of `rows` rows."""

    rows: int
    columns: list[Column]
    pair: tuple[str, str] | None

    @property
    def is_wild(self) -> bool:
        """Whether it holds NaN or infinity, which some engines do not."""
        return any(c.sort == "wild" for c in self.columns)


@st.composite
def tables(draw: Callable[..., Any]) -> Table:
    """Draw a table with its checks."""
    rows = draw(st.sampled_from([0, 1, 2, 5, 8, 8]))
    names = draw(st.permutations(["a", "order", "Mixed Case", 'q"uote', "É"]))[: draw(st.integers(1, 3))]
    columns = []
    for name in names:
        sort = draw(st.sampled_from(sorted(SORTS)))
        drawn = SORTS[sort].values
        pool = draw(st.lists(drawn, min_size=1, max_size=6))
        values = draw(
            st.lists(st.one_of(st.none(), st.sampled_from(pool), st.sampled_from(pool)), min_size=rows, max_size=rows)
        )
        some = st.one_of(st.sampled_from(pool), drawn)
        asked = draw(_asked(SORTS[sort], some))
        others = draw(st.lists(st.one_of(st.none(), some), max_size=5))
        columns.append(Column(name, sort, values, asked, others))
    pair = (columns[0].name, columns[1].name) if len(columns) > 1 and draw(st.booleans()) else None
    return Table(rows, columns, pair)


BATCHES = st.lists(tables(), min_size=_TABLES, max_size=_TABLES)


@st.composite
def _asked(draw: Callable[..., Any], sort: Sort, some: st.SearchStrategy[Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {"not_null": True, "unique": True}
    real = some.filter(lambda v: not isinstance(v, float) or math.isfinite(v))
    if sort.has_order:
        for kind in draw(st.lists(st.sampled_from(["min", "max", "exclusive_min", "exclusive_max"]), unique=True)):
            asked[kind] = draw(real)
    else:
        asked["pattern"] = draw(st.sampled_from(PATTERNS))
        asked["min_length"], asked["max_length"] = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    if sort.divisors:
        asked["multiple_of"] = draw(st.sampled_from(sort.divisors))
    if sort.logical in ("integer", "number", "string"):
        asked["in"] = draw(st.lists(real, min_size=1, max_size=12, unique_by=lambda v: v or 0))
        asked["missing"] = draw(st.lists(real, min_size=1, max_size=3, unique_by=lambda v: v or 0))
        asked["invalid"] = (
            draw(st.lists(real, min_size=1, max_size=12, unique_by=lambda v: v or 0)),
            draw(st.lists(real, min_size=1, max_size=3, unique_by=lambda v: v or 0)),
        )
    if draw(st.booleans()):
        asked["references"] = True
    return asked


# --- The contract


_OPTIONS = {
    "min": "minimum", "max": "maximum", "exclusive_min": "exclusiveMinimum", "exclusive_max": "exclusiveMaximum",
    "multiple_of": "multipleOf", "pattern": "pattern", "min_length": "minLength", "max_length": "maxLength",
}  # fmt: skip


def plain(value: Any) -> Any:
    """Write an argument so that YAML keeps each of its digits; a loader reads numbers from their texts."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat(*([" "] if isinstance(value, dt.datetime) else []))
    return float(value) if isinstance(value, Decimal) else value


def _property(column: Column, place: int) -> dict[str, Any]:
    asked = column.asked
    options = {_OPTIONS[k]: plain(v) for k, v in asked.items() if k in _OPTIONS and k != "multiple_of"}
    if "multiple_of" in asked:
        options["multipleOf"] = float(asked["multiple_of"])
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": SORTS[column.sort].logical,
        "required": True,
        "unique": True,
    }
    if options:
        found["logicalTypeOptions"] = options
    if "in" in asked:
        found["enum"] = [{"value": plain(v)} for v in asked["in"]]
        missing, (valid, gone) = asked["missing"], asked["invalid"]
        found["quality"] = [
            {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": [plain(v) for v in missing]}},
            {"metric": "invalidValues", "mustBe": 0,
             "arguments": {"validValues": [plain(v) for v in valid], "missingValues": [plain(v) for v in gone]}},
        ]  # fmt: skip
    if "references" in asked:
        found["relationships"] = [{"to": f"o{place}.{column.name}"}]
    return found


def contract(table: Table, place: int) -> str:
    """Return the contract of the table `t{place}`."""
    properties = [_property(c, place) for c in table.columns]
    own: dict[str, Any] = {"name": f"t{place}", "properties": properties}
    if table.pair:
        own["quality"] = [{"metric": "duplicateValues", "arguments": {"properties": list(table.pair)}, "mustBe": 0}]
    other = {"name": f"o{place}", "properties": [{"name": c.name} for c in table.columns]}
    whole = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": f"c{place}", "name": f"p{place}", "domain": "d",
             "version": "1.0.0", "schema": [own, other]}  # fmt: skip
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def arrow(batch: Sequence[Table], *, with_wild: bool = True) -> dict[str, pa.Table]:
    """Return all tables by name."""
    found = {}
    for place, table in enumerate(batch):
        if with_wild or not table.is_wild:
            found[f"t{place}"] = pa.table({c.name: pa.array(c.values, SORTS[c.sort].arrow) for c in table.columns})
            longest = max(len(c.others) for c in table.columns)
            others = {
                c.name: pa.array(c.others + [None] * (longest - len(c.others)), SORTS[c.sort].arrow)
                for c in table.columns
            }
            found[f"o{place}"] = pa.table(others)
    return found


# --- The judge


def expected(table: Table) -> dict[str, int]:
    """Return how many rows each check finds bad, by what follows the table in its id."""
    found = {}
    for column in table.columns:
        there = [v for v in column.values if v is not None]
        for kind, argument in column.asked.items():
            found[f"{column.name}.{kind}"] = _bad(kind, argument, column, there)
    if table.pair:
        held = {c.name: c.values for c in table.columns}
        pairs = zip(*(held[name] for name in table.pair), strict=True)
        found["unique"] = _surplus([tuple(map(_key, p)) for p in pairs if None not in p])
    return found


def _bad(kind: str, argument: Any, column: Column, there: list[Any]) -> int:
    nulls = len(column.values) - len(there)
    if kind == "not_null":
        return nulls
    if kind == "unique":
        return _surplus([_key(v) for v in there])
    if kind == "missing":
        return nulls + sum(_is_among(v, argument) for v in there)
    if kind == "invalid":
        valid, missing = argument
        return sum(not _is_among(v, missing) and not _is_among(v, valid) for v in there)
    if kind == "references":
        known = {_key(v) for v in column.others if v is not None}
        return sum(_key(v) not in known for v in there)
    return sum(_RULES[kind](v, argument) for v in there)


def _surplus(keys: list[Any]) -> int:
    return sum(n - 1 for n in Counter(keys).values())


def _key(value: Any) -> Any:
    """Tell values apart as SQL does: NaN is one value, and so are both zeros."""
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_among(value: Any, members: list[Any]) -> bool:
    return any(value == m for m in members)


def _matches(value: str, pattern: str) -> bool:
    own = re.sub(r"(?<!\\)\$", r"\\Z", pattern).replace(r"\s", r"[\t\n\f\r ]")
    return re.search(own, value, re.ASCII) is not None


def _is_off(value: Any, divisor: str) -> bool:
    """Tell what is no multiple; a float is one up to a billionth of the divisor."""
    if isinstance(value, float) and not math.isfinite(value):
        return True
    times = Fraction(value) / Fraction(divisor)
    distance = abs(times - round(times))
    return distance > Fraction(1, 10**8) if isinstance(value, float) else distance != 0


_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "min": lambda v, a: _is_nan(v) or v < a,
    "max": lambda v, a: _is_nan(v) or v > a,
    "exclusive_min": lambda v, a: _is_nan(v) or v <= a,
    "exclusive_max": lambda v, a: _is_nan(v) or v >= a,
    "in": lambda v, a: not _is_among(v, a),
    "pattern": lambda v, a: not _matches(v, a),
    "min_length": lambda v, a: len(v) < a,
    "max_length": lambda v, a: len(v) > a,
    "multiple_of": _is_off,
}


# --- Comparing


def write_mesh(folder: Path, batch: Sequence[Table], *, with_wild: bool = True) -> None:
    """Write the contracts of a batch, in the place of those that were there."""
    for place, table in enumerate(batch):
        path = folder / f"p{place}.yaml"
        path.unlink(missing_ok=True)
        if with_wild or not table.is_wild:
            path.write_text(contract(table, place))


def held(
    folder: Path, batch: Sequence[Table], *, with_wild: bool = True, codes: tuple[str, ...] = ("MK210",), **keys: Any
) -> int:
    """Compare all counts with the judge's; return how many checks had no answer, with one of the codes of a reason."""
    write_mesh(folder, batch, with_wild=with_wild)
    mesh = meshkit.load(folder)
    assert not [p for p in mesh.problems if p.severity == "error"], mesh.problems
    found = {v.id: v for v in mesh.check(now=NOW, **keys).verdicts}
    wrong, refused = [], 0
    for place, table in enumerate(batch):
        if table.is_wild and not with_wild:
            continue
        for name, bad in expected(table).items():
            verdict = found[f"d.p{place}.t{place}.{name}"]
            if str(verdict.outcome) == "errored" and verdict.message.startswith(codes):
                refused += 1
            elif (verdict.bad, verdict.total) != (bad, table.rows):
                wrong.append(
                    f"{verdict.id}: {verdict.bad} of {verdict.total}, judged {bad} of {table.rows}; {verdict.message}\n{table}"
                )
    assert not wrong, "\n".join(wrong)
    return refused
