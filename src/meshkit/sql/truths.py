"""What a condition can be in rows of which only bounds and NULL counts are known: true, false, or NULL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlglot import exp

from meshkit.model.statistics import ColumnFacts, RowGroup, Value
from meshkit.sql.trees import Tree

TRUE, FALSE, NULL = 1, 2, 4
ANYTHING = TRUE | FALSE | NULL
_MAX_DIGITS = 18
_YEARS_IN_NANOSECONDS = range(1678, 2262)
"""A column of nanoseconds cannot be compared with other years at all: what fails there must not be proved."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(\+00)?")


def count_in(condition: Tree, group: RowGroup) -> int | None:
    """Return in how many rows of a group a condition is true, where its facts prove it; else None.

    Example:
        >>> from meshkit.sql.guard import parse_condition
        >>> group = RowGroup(100, {"x": ColumnFacts(3, 1, 9)})
        >>> [count_in(parse_condition(text), group) for text in ("x < 1 OR x > 9", "x IS NULL", "x < 5")]
        [0, 3, None]
    """
    if not group.rows:
        return 0
    nulls = _null_test(condition)
    if nulls is not None:
        column, is_null = nulls
        known = group.facts(column).nulls
        return None if known is None else known if is_null else group.rows - known
    possible = truths(condition, group)
    if not possible & TRUE:
        return 0
    return group.rows if possible == TRUE else None


def truths(tree: Tree, group: RowGroup) -> int:
    """Return what a condition can be in any row of a group, as a sum of `TRUE`, `FALSE` and `NULL`.

    Never too little: what is not understood can be anything.
    """
    judge = _JUDGES.get(type(tree))
    return judge(tree, group) if judge else ANYTHING


def cannot_fail(tree: Tree) -> bool:
    """Tell whether a condition has an answer for any row: a cast or a calculation that fails must not be proved away."""
    if constant(tree) is not None:
        return True
    if type(tree) in _COMPARED:
        return any(constant(side) is not None for side in (tree.this, tree.expression)) and _parts_cannot_fail(tree)
    return type(tree) in _HARMLESS and _parts_cannot_fail(tree)


def _parts_cannot_fail(tree: Tree) -> bool:
    return all(cannot_fail(part) for part in tree.iter_expressions())


def _and(tree: Tree, group: RowGroup) -> int:
    left, right = truths(tree.this, group), truths(tree.expression, group)
    found = TRUE if left & right & TRUE else 0
    found |= FALSE if (left | right) & FALSE else 0
    if (left & NULL and right & (TRUE | NULL)) or (right & NULL and left & (TRUE | NULL)):
        found |= NULL
    return found


def _not(tree: Tree, group: RowGroup) -> int:
    return _negated(truths(tree.this, group))


def _negated(possible: int) -> int:
    return (possible & NULL) | (FALSE if possible & TRUE else 0) | (TRUE if possible & FALSE else 0)


def _or(tree: Tree, group: RowGroup) -> int:
    left, right = _negated(truths(tree.this, group)), _negated(truths(tree.expression, group))
    found = TRUE if left & right & TRUE else 0
    found |= FALSE if (left | right) & FALSE else 0
    if (left & NULL and right & (TRUE | NULL)) or (right & NULL and left & (TRUE | NULL)):
        found |= NULL
    return _negated(found)


def _paren(tree: Tree, group: RowGroup) -> int:
    return truths(tree.this, group)


def _boolean(tree: Tree, group: RowGroup) -> int:
    return TRUE if tree.this else FALSE


def _null_test(tree: Tree) -> tuple[str, bool] | None:
    """Return the column of `x IS NULL` (True) or `x IS NOT NULL` (False)."""
    if isinstance(tree, exp.Paren):
        return _null_test(tree.this)
    if isinstance(tree, exp.Not):
        inner = _null_test(tree.this)
        return (inner[0], not inner[1]) if inner else None
    if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and _is_plain(tree.this):
        return tree.this.name, True
    return None


def _is_plain(tree: Tree) -> bool:
    """Tell whether a tree is a column by its bare name: `s.x` may be a part of column `s`, whatever column `x` holds."""
    return isinstance(tree, exp.Column) and not tree.table


def _is(tree: Tree, group: RowGroup) -> int:
    found = _null_test(tree)
    if found is None:
        return TRUE | FALSE
    facts = group.facts(found[0])
    if facts.nulls is None:
        return TRUE | FALSE
    return (TRUE if facts.nulls else 0) | (FALSE if facts.nulls < group.rows else 0)


def _comparison(tree: Tree, group: RowGroup) -> int:
    left, right, kind = tree.this, tree.expression, type(tree)
    if isinstance(right, exp.Column):
        left, right, kind = right, left, _MIRRORED[kind]
    value = constant(right)
    if not _is_plain(left) or value is None:
        return ANYTHING
    return _ranged(group.facts(left.name), group.rows, value, _COMPARED[kind])


def _between(tree: Tree, group: RowGroup) -> int:
    operand, low, high = tree.this, tree.args["low"], tree.args["high"]
    return _and(
        exp.And(
            this=exp.GTE(this=operand.copy(), expression=low.copy()),
            expression=exp.LTE(this=operand.copy(), expression=high.copy()),
        ),
        group,
    )


def _in(tree: Tree, group: RowGroup) -> int:
    if not _is_plain(tree.this) or not tree.expressions or tree.args.get("query") or tree.args.get("unnest"):
        return ANYTHING
    facts = group.facts(tree.this.name)
    found = 0
    for member in tree.expressions:
        value = constant(member)
        if value is None:
            return ANYTHING
        here = _ranged(facts, group.rows, value, _COMPARED[exp.EQ])
        found |= here & (TRUE | NULL)
        if here & ~NULL == TRUE:
            return here  # every value is this one
    return found | (FALSE if facts.nulls != group.rows else 0)


def _ranged(facts: ColumnFacts, rows: int, value: Value, compared: Callable[[Value, Value, Value], int]) -> int:
    """Compare a column of known bounds with a value."""
    if facts.nulls == rows:
        return NULL
    nulls = 0 if facts.nulls == 0 else NULL
    if facts.low is None or facts.high is None or not _alike(facts.low, value):
        return nulls | TRUE | FALSE
    return nulls | compared(facts.low, facts.high, value)


def _alike(bound: Value, value: Value) -> bool:
    """Tell whether a bound and a constant compare here as they do in the engine: both exact numbers, or of one type."""
    numbers = (int, Decimal)
    if isinstance(bound, bool) or isinstance(value, bool):
        return isinstance(bound, bool) and isinstance(value, bool)
    if isinstance(bound, numbers):
        return isinstance(value, numbers)
    if isinstance(bound, datetime) or isinstance(value, datetime):
        return (
            isinstance(bound, datetime)
            and isinstance(value, datetime)
            and (bound.tzinfo is None) is (value.tzinfo is None)
            and (value.year in _YEARS_IN_NANOSECONDS or bound.year not in _YEARS_IN_NANOSECONDS)
        )
    return type(bound) is type(value)


def constant(tree: Tree) -> Value | None:
    """Return the value of a literal, as the engine takes it; None for anything else."""
    match tree:
        case exp.Boolean():
            return bool(tree.this)
        case exp.Neg():
            value = constant(tree.this)
            return -value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
        case exp.Paren():
            return constant(tree.this)
        case exp.Literal() if tree.is_string:
            return str(tree.this)
        case exp.Literal():
            return _number(tree.name)
        case exp.Cast() if type(tree) is exp.Cast and isinstance(tree.this, exp.Literal) and tree.this.is_string:
            return _moment(tree.this.name, tree.to.this)
    return None


def _number(text: str) -> int | Decimal | None:
    """Read a number that engines take as exact: with an exponent, or too many digits, it would be a float."""
    digits = text.replace(".", "", 1)
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_DIGITS:
        return None
    return int(text) if "." not in text else Decimal(text)


def _moment(text: str, kind: exp.DType) -> Value | None:
    try:
        if kind is exp.DType.DATE:
            return date.fromisoformat(text) if len(text) == len("2024-01-01") else None
        found = _MOMENT.fullmatch(text)
        if found is None or bool(found[1]) is not (kind is exp.DType.TIMESTAMPTZ):
            return None
        moment = datetime.fromisoformat(text.removesuffix("+00"))
    except ValueError:
        return None
    if kind is exp.DType.TIMESTAMPTZ:
        return moment.replace(tzinfo=UTC)
    return moment if kind is exp.DType.TIMESTAMP else None


def _sides(if_true: bool, if_false: bool) -> int:
    return (TRUE if if_true else 0) | (FALSE if if_false else 0)


_COMPARED: Mapping[type[exp.Expr], Callable[..., int]] = {
    exp.LT: lambda low, high, value: _sides(low < value, high >= value),
    exp.LTE: lambda low, high, value: _sides(low <= value, high > value),
    exp.GT: lambda low, high, value: _sides(high > value, low <= value),
    exp.GTE: lambda low, high, value: _sides(high >= value, low < value),
    exp.EQ: lambda low, high, value: _sides(low <= value <= high, not low == high == value),
    exp.NEQ: lambda low, high, value: _sides(not low == high == value, low <= value <= high),
}
_HARMLESS = frozenset(
    (exp.And, exp.Or, exp.Not, exp.Paren, exp.Boolean, exp.Null, exp.Is, exp.In, exp.Between, exp.Column, exp.Identifier,
     exp.Literal, exp.Neg, exp.Length, exp.IsNan)
)  # fmt: skip
_MIRRORED: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
}  # fmt: skip
_JUDGES: Mapping[type[exp.Expr], Callable[[Tree, RowGroup], int]] = {
    exp.And: _and,
    exp.Or: _or,
    exp.Not: _not,
    exp.Paren: _paren,
    exp.Boolean: _boolean,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    **dict.fromkeys(_COMPARED, _comparison),
}
