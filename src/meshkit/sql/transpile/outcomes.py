"""What parts of a query give in DuckDB, where sqlglot does not know it, or takes a decimal for a float."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

_T = exp.DType
_TEXTS = (exp.Left, exp.Right, exp.RegexpExtract, exp.RegexpReplace, exp.SplitPart, exp.Replace, exp.Pad)
_MOMENTS = (_T.DATE, _T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.TIMESTAMPTZ, _T.TIMESTAMPLTZ)
_Annotator = Callable[[Any, exp.Expr], exp.Expr]


def _kept(own: _Annotator) -> _Annotator:
    """Annotate by `own` unless a date or time is added to or taken away from."""

    def annotate(annotator: Any, node: exp.Expr) -> exp.Expr:
        node = own(annotator, node)
        left, right = (_name(p) for p in (node.this, node.expression))
        if left in _MOMENTS and right in _MOMENTS and _T.DATE not in (left, right):
            node.type = exp.DataType.build("INTERVAL")
        elif left is _T.DATE and right is _T.DATE:
            node.type = exp.DataType.build("BIGINT")
        elif left is _T.DATE and right in exp.DataType.INTEGER_TYPES:
            node.type = exp.DataType.build("DATE")
        elif left in _MOMENTS and isinstance(node.expression, exp.Interval):
            node.type = exp.DataType.build("TIMESTAMP" if left is _T.DATE else left)
        return node

    return annotate


def _name(node: exp.Expr) -> exp.DType | None:
    return node.type.this if isinstance(node.type, exp.DataType) else None


def _literal(own: _Annotator) -> _Annotator:
    def annotate(annotator: Any, node: exp.Expr) -> exp.Expr:
        node = own(annotator, node)
        if not node.is_string and "." in node.name and "e" not in node.name.lower():
            node.type = exp.DataType.build("DECIMAL")
        return node

    return annotate


def _like_this(annotator: Any, node: exp.Expr) -> exp.Expr:
    if isinstance(node.this.type, exp.DataType):
        node.type = node.this.type.copy()
    return node


def _rounded(annotator: Any, node: exp.Expr) -> exp.Expr:
    name = _name(node.this)
    node.type = (
        node.this.type.copy() if name in (_T.DECIMAL, *exp.DataType.INTEGER_TYPES) else exp.DataType.build("DOUBLE")
    )
    return node


def _own(kind: type[exp.Expr]) -> _Annotator:
    annotate: _Annotator = DuckDB.EXPRESSION_METADATA[kind]["annotator"]
    return annotate


OUTCOMES: dict[type[exp.Expr], dict[str, Any]] = {
    **DuckDB.EXPRESSION_METADATA,
    **{kind: {"returns": _T.VARCHAR} for kind in _TEXTS},
    exp.Split: {"returns": exp.DataType.build("ARRAY<VARCHAR>")},
    **{kind: {"annotator": _like_this} for kind in (exp.ArgMax, exp.ArgMin)},
    exp.IgnoreNulls: {"annotator": _like_this},
    exp.Median: {"returns": _T.DOUBLE},
    exp.Round: {"annotator": _rounded},
    exp.Literal: {"annotator": _literal(_own(exp.Literal))},
    exp.Add: {"annotator": _kept(_own(exp.Add))},
    exp.Sub: {"annotator": _kept(_own(exp.Sub))},
}
"""For `annotate_types`: class -> what it gives."""
