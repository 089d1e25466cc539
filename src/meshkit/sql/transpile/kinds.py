"""What a part of a query is: text, a number, a time. The meaning of an operator depends on it."""

from __future__ import annotations

from enum import StrEnum

from sqlglot import exp

_T = exp.DType


class Kind(StrEnum):
    """Kinds of value that engines treat alike."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    ZONED = "timestamp with time zone"
    TIME = "time"
    INTERVAL = "interval"
    BINARY = "binary"
    LIST = "list"
    STRUCT = "struct"
    MAP = "map"
    JSON = "json"
    UUID = "uuid"
    NULL = "null"
    UNKNOWN = "unknown"

    @property
    def is_number(self) -> bool:
        """Whether it is a number, exact or not."""
        return self in NUMBERS

    @property
    def is_moment(self) -> bool:
        """Whether it is a day or a point in time."""
        return self in (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)


NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_KINDS = {
    Kind.TEXT: (_T.VARCHAR, _T.TEXT, _T.CHAR, _T.NCHAR, _T.NVARCHAR, _T.ENUM),
    Kind.INTEGER: (
        _T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT, _T.INT128, _T.UTINYINT, _T.USMALLINT, _T.UINT, _T.UBIGINT, _T.UINT128,
        _T.MEDIUMINT,
    ),
    Kind.DECIMAL: (_T.DECIMAL, _T.BIGDECIMAL),
    Kind.FLOAT: (_T.FLOAT, _T.DOUBLE),
    Kind.BOOLEAN: (_T.BOOLEAN,),
    Kind.DATE: (_T.DATE,),
    Kind.TIMESTAMP: (_T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.DATETIME, _T.TIMESTAMP_S, _T.TIMESTAMP_MS, _T.TIMESTAMP_NS),
    Kind.ZONED: (_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ),
    Kind.TIME: (_T.TIME, _T.TIMETZ),
    Kind.INTERVAL: (_T.INTERVAL,),
    Kind.BINARY: (_T.VARBINARY, _T.BINARY, _T.BLOB),
    Kind.LIST: (_T.ARRAY, _T.LIST),
    Kind.STRUCT: (_T.STRUCT,),
    Kind.MAP: (_T.MAP,),
    Kind.JSON: (_T.JSON, _T.JSONB),
    Kind.UUID: (_T.UUID,),
    Kind.NULL: (_T.NULL,),
}  # fmt: skip
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


OWN_TYPE = "own_type"
"""In the meta of a part that a rule made: it has another type than what it stands for, such as a time in UTC."""


def kind_of(node: exp.Expr) -> Kind:
    """Return the kind of a part whose type is known; what a rule made has the kind of what it stands for."""
    if isinstance(node, exp.Null):
        return Kind.NULL
    if isinstance(node, exp.Interval):
        return Kind.INTERVAL
    if isinstance(node, exp.Paren) and node.type is None:
        return kind_of(node.this)
    return kind_of_type(node.type) if isinstance(node.type, exp.DataType) else Kind.UNKNOWN


def kind_of_type(kind: exp.DataType) -> Kind:
    """Return the kind of a type's values."""
    return _KIND_OF.get(kind.this, Kind.UNKNOWN)


def with_type(node: exp.Expr, like: exp.Expr) -> exp.Expr:
    """Give a new part the type of the part that it stands for."""
    if node.meta.get(OWN_TYPE):
        return node
    if like.type is not None and kind_of(like) is not Kind.UNKNOWN:
        node.type = like.type
        inner = node
        while isinstance(inner, exp.Paren):
            inner = inner.this
            inner.type = like.type
    return node
