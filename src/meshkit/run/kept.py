"""Which numbers of a check add up over files, and how: as sums, as least or greatest values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple, NoReturn

from meshkit.model.check import Kind
from meshkit.model.types import Family
from meshkit.run.steps import Ask, Target
from meshkit.sql.dialects import render
from meshkit.sql.measures import Measure
from meshkit.sql.per_file import Sum, as_sums, greatest
from meshkit.sql.trees import Tree
from meshkit.sql.types import native_type

Part = tuple[Any, str]
"""A value, and the engine's word for its type; empty where the file has no rows."""
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
_DIGITS = 120


class InFullError(Exception):
    """A check cannot be answered from what is kept per file; its text says why. It is then run in full."""


class Piece(NamedTuple):
    """One number per file.

    Attributes:
        tree: The aggregate that gives it.
        sql: Its text, which names it.
        merge: `sum`, `min` or `max`.
    """

    tree: Tree
    sql: str
    merge: str


class Way(NamedTuple):
    """How a check's numbers are made of pieces.

    Attributes:
        ask: The check's part of a scan.
        pieces: By role; several only where `sums` is made of them.
        until: For a greatest time: it must be earlier than this, so that the clock does not matter.
        sums: An expression over sums, to be put together again.
    """

    ask: Ask
    pieces: Mapping[str, tuple[Piece, ...]]
    until: date | None = None
    sums: Sum | None = None


def way_of(ask: Ask, target: Target, now: datetime) -> Way:
    """Return how a check is answered file by file.

    Raises:
        InFullError: It is not.
    """
    if ask.check.kind is Kind.NOT_FUTURE:
        return _future(ask, target, now)
    pieces: dict[str, tuple[Piece, ...]] = {}
    until, sums = None, None
    for role, measure in ask.measures.items():
        if measure.extreme is not None:
            until = measure.extreme.until
            tree = measure.tree if until is None else greatest(measure.extreme.column)
            pieces[role] = (_piece(tree, measure.merge),)
        elif ask.check.kind is Kind.METRIC and not measure.merge:
            raise InFullError("it does not add up over files")
        elif measure.merge == "sum":
            pieces[role] = (_timeless(measure.tree, now),)
        else:
            sums = _sums(ask, measure)
            pieces[role] = tuple(_timeless(part, now) for part in sums.parts)
    return Way(ask, pieces, until, sums)


def _future(ask: Ask, target: Target, now: datetime) -> Way:
    """No row is later than now if the latest is not; only if it is, rows must be counted by this run's clock."""
    assert ask.check.column is not None
    seen = target.seen.column(ask.check.column)
    native = native_type(seen.type) if seen else None
    is_date = native is not None and native.family is Family.DATE
    until = now.astimezone(UTC).date() if is_date else now
    return Way(ask, {"bad": (_piece(greatest(ask.check.column), "max"),)}, until)


def _sums(ask: Ask, measure: Measure) -> Sum:
    sums = None if ask.reads_floats else as_sums(measure.tree)
    if sums is None:
        raise InFullError("its aggregates do not add up exactly over files")
    return sums


def _piece(tree: Tree, merge: str) -> Piece:
    return Piece(tree, render(tree), merge)


def _timeless(tree: Tree, now: datetime) -> Piece:
    piece = _piece(tree, "sum")
    if depends_on(piece.sql, now):
        raise InFullError("it depends on the clock")
    return piece


def depends_on(sql: str, now: datetime) -> bool:
    """Tell whether a query may name the time of the run: every way to write that time holds its day."""
    return now.astimezone(UTC).date().isoformat() in sql


def merged(way: Way, files: Sequence[Mapping[str, Part]]) -> tuple[dict[str, Any], list[Part]]:
    """Return a check's numbers by role, and for an expression over sums its parts, to be put together.

    Args:
        way: How they are made.
        files: Per file, a piece's text -> its value.

    Raises:
        InFullError: They cannot be told from the parts.
    """
    numbers: dict[str, Any] = {}
    if way.sums is not None:
        parts = [_merged(p, files) for p in way.pieces["value"]]
        return numbers, [part if part[1] else _no_rows() for part in parts]
    for role, (piece, *_) in way.pieces.items():
        found = _merged(piece, files)[0]
        numbers[role] = 0 if found is None and piece.merge == "sum" else found  # a file without rows has no sums
        if way.until is not None and numbers[role] is not None and not _is_before(numbers[role], way.until):
            raise InFullError("there are values later than the clock")
        if way.ask.check.kind is Kind.NOT_FUTURE:
            numbers[role] = 0
    return numbers, []


def kind_of(way: Way, files: Sequence[Mapping[str, Part]]) -> str:
    """Return the type of an author's count.

    Raises:
        InFullError: No file has rows, so it is not known.
    """
    (piece,) = way.pieces["value"]
    return _merged(piece, files)[1] or _no_rows()


def _no_rows() -> NoReturn:
    raise InFullError("no file has rows")


def _merged(piece: Piece, files: Sequence[Mapping[str, Part]]) -> Part:
    parts = [file[piece.sql] for file in files]
    kinds = {kind for _, kind in parts if kind}
    if len(kinds) > 1:
        raise InFullError("its type differs between files")
    values = [value for value, _ in parts if value is not None]
    kind = kinds.pop() if kinds else ""
    if piece.merge == "sum":
        return _added(values, kind), kind
    if not values:
        return None, kind
    if any(not isinstance(value, datetime) for value in values):
        raise InFullError("it holds times that cannot be compared")
    return (min if piece.merge == "min" else max)(values), kind


def _added(values: Sequence[Any], kind: str) -> Any:
    if kind and kind not in _WHOLE and not kind.startswith("DECIMAL("):
        raise InFullError("its aggregates do not add up exactly over files")
    if not values:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        return sum(values)


def _is_before(value: datetime, until: date) -> bool:
    if isinstance(until, datetime):
        return value < until.astimezone(UTC).replace(tzinfo=None)
    return value.date() <= until


def stored(value: Any) -> Any:
    """Return a number or a time as JSON can hold it, to be read by `restored`.

    Raises:
        InFullError: It is none.
    """
    match value:
        case None:
            return None
        case bool():
            raise InFullError("its answer is not a number")
        case int():
            return ["i", str(value)]
        case Decimal() if value.is_finite():
            return ["d", str(value)]
        case float() if value - value == 0:
            return ["f", repr(value)]
        case datetime() if value.tzinfo is None:
            return ["t", value.isoformat()]
    raise InFullError("its answer is not a number")


def restored(value: Any) -> Any:
    """Return what `stored` was given.

    Raises:
        ValueError: It is nothing of that kind.
    """
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, str) for v in value):
        raise ValueError("not a stored value")
    tag, text = value
    readers: Mapping[str, Callable[[str], Any]] = {"i": int, "d": Decimal, "f": float, "t": datetime.fromisoformat}
    if tag not in readers:
        raise ValueError("not a stored value")
    return readers[tag](text)
