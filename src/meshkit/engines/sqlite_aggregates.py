"""Aggregates for SQLite, with DuckDB's meaning: NULL is passed over, and no rows give NULL."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from meshkit.engines.sqlite_casts import UnheldError, exact


class _Quantile:
    """`(value, share, places)`; `places` are those of decimals, -1 for floats and whole numbers."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.share, self.places = 0.5, -1

    def step(self, value: Any, share: Any, places: Any) -> None:
        self.share, self.places = float(share), int(places)
        if value is not None:
            self.values.append(value)


class _Continuous(_Quantile):
    def finalize(self) -> float | None:
        if not self.values:
            return None
        found = sorted(self.values)
        at = (len(found) - 1) * self.share
        low, high = math.floor(at), math.ceil(at)
        if self.places < 0:
            return _between(float(found[low]), float(found[high]), at - low)
        one, other = (round(v * 10**self.places) for v in (found[low], found[high]))
        return exact(int(_between(one, other, at - low)) / 10**self.places, self.places)


def _between(low: float, high: float, part: float) -> float:
    return float(low) if low == high or not part else float(low * (1.0 - part) + high * part)


class _Discrete(_Quantile):
    def finalize(self) -> Any:
        if not self.values:
            return None
        found = sorted(self.values)
        return found[max(0, len(found) - math.floor(len(found) - len(found) * self.share) - 1)]


class _Spread:
    """Welford's algorithm, which is DuckDB's."""

    least: ClassVar[int] = 2
    is_root: ClassVar[bool] = False

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def step(self, value: Any) -> None:
        if value is None:
            return
        self.count += 1
        off = float(value) - self.mean
        self.mean += off / self.count
        self.squares += off * (float(value) - self.mean)

    def finalize(self) -> float | None:
        if self.count < self.least:
            return None
        found = self.squares / (self.count - self.least + 1)
        if not math.isfinite(found):
            raise UnheldError("out of range")
        return math.sqrt(found) if self.is_root else found


class _Variance(_Spread):
    pass


class _Deviation(_Spread):
    is_root = True


class _WholeVariance(_Spread):
    least = 1


class _WholeDeviation(_WholeVariance):
    is_root = True


class _Mode:
    def __init__(self) -> None:
        self.found: Counter[Any] = Counter()

    def step(self, value: Any) -> None:
        if value is not None:
            self.found[value] += 1

    def finalize(self) -> Any:
        return max(self.found, key=self.found.__getitem__) if self.found else None


class _First:
    def __init__(self) -> None:
        self.value: Any = None

    def step(self, value: Any) -> None:
        if self.value is None:
            self.value = value

    def finalize(self) -> Any:
        return self.value


class _Most:
    """`(value, by)`: the value of the row where `by` is greatest; rows in which either is NULL are passed over."""

    sign: ClassVar[int] = 1

    def __init__(self) -> None:
        self.value: Any = None
        self.by: Any = None

    def step(self, value: Any, by: Any) -> None:
        if value is None or by is None:
            return
        if self.by is None or (by > self.by if self.sign > 0 else by < self.by):
            self.value, self.by = value, by

    def finalize(self) -> Any:
        return self.value


class _Least(_Most):
    sign = -1


class _Only:
    """The value of the one row: several are an error, as for a scalar sub-query of DuckDB."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def step(self, value: Any) -> None:
        if self.rows:
            raise ValueError("more than one row")
        self.rows.append(value)

    def finalize(self) -> Any:
        return self.rows[0] if self.rows else None


class _Joined:
    """`(text, separator, key, is_descending, is_null_first, is_distinct)`: texts in the order of their keys."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, str]] = []
        self.separator, self.options = "", (0, 0, 0)

    def step(self, text: Any, separator: Any, key: Any, *options: Any) -> None:
        self.separator, self.options = separator, options
        if text is not None:
            self.rows.append((key, text))

    def finalize(self) -> str | None:
        if not self.rows:
            return None
        is_descending, is_null_first, is_distinct = self.options
        there = sorted((r for r in self.rows if r[0] is not None), key=lambda r: r[0], reverse=bool(is_descending))
        missing = [r for r in self.rows if r[0] is None]
        texts = [t for _, t in (missing + there if is_null_first else there + missing)]
        return self.separator.join(dict.fromkeys(texts) if is_distinct else texts)


AGGREGATES: dict[str, tuple[int, Callable[[], Any]]] = {
    "mk_quantile_cont": (3, _Continuous),
    "mk_quantile_disc": (3, _Discrete),
    "mk_var_samp": (1, _Variance),
    "mk_var_pop": (1, _WholeVariance),
    "mk_stddev_samp": (1, _Deviation),
    "mk_stddev_pop": (1, _WholeDeviation),
    "mk_mode": (1, _Mode),
    "mk_any_value": (1, _First),
    "mk_arg_max": (2, _Most),
    "mk_arg_min": (2, _Least),
    "mk_only": (1, _Only),
    "mk_string_agg": (6, _Joined),
}
"""Name -> how many arguments, and what it is made of."""


def register(connection: sqlite3.Connection) -> None:
    """Give a connection all aggregates."""
    for name, (count, aggregate) in AGGREGATES.items():
        connection.create_aggregate(name, count, aggregate)
