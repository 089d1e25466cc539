"""Types of parts that sqlglot leaves open, or has otherwise than DuckDB."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from meshkit.model.names import fold
from meshkit.sql.transpile.kinds import Kind, kind_of

_TEXTS = (
    exp.RegexpReplace, exp.RegexpExtract, exp.Left, exp.Right, exp.Replace, exp.Reverse, exp.SplitPart, exp.TimeToStr, exp.Trim,
    exp.GroupConcat, exp.JSONExtractScalar, exp.Pad, exp.Repeat, exp.Concat, exp.ConcatWs, exp.DPipe, exp.MD5, exp.SHA2,
    exp.Dayname, exp.Monthname, exp.Substring, exp.Lower, exp.Upper,
)  # fmt: skip
_FLOATS = (
    exp.Div, exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Corr, exp.CovarPop,
    exp.CovarSamp, exp.Sqrt, exp.Ln, exp.Log, exp.Exp, exp.Pow, exp.Cbrt, exp.TimeToUnix,
)  # fmt: skip
_WHOLES = (
    exp.Count, exp.Length, exp.StrPosition, exp.DateDiff, exp.Year, exp.Month, exp.Day, exp.Quarter, exp.Hour, exp.Minute,
    exp.Second, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Week, exp.WeekOfYear, exp.ArraySize, exp.RowNumber,
    exp.Rank, exp.DenseRank, exp.Ntile, exp.DayOfMonth,
)  # fmt: skip
_ALIKE = (
    exp.Min, exp.Max, exp.Mode, exp.ArgMax, exp.ArgMin, exp.AnyValue, exp.First, exp.Last, exp.IgnoreNulls, exp.Filter,
    exp.Window, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Nullif, exp.Abs, exp.Neg, exp.Paren,
    exp.Quantile, exp.PercentileDisc, exp.Alias, exp.BitwiseAndAgg, exp.BitwiseOrAgg,
)  # fmt: skip
_JOINED = (exp.Coalesce, exp.Greatest, exp.Least, exp.Case, exp.If)
_SMALL = (exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.MEDIUMINT)


def settle_types(query: exp.Query) -> None:
    """Set types in place: of each scope's parts before the whole, and of inner queries before outer ones."""
    for scope in traverse_scope(query):
        for node in reversed(list(scope.walk())):
            found = _column(node, scope) if isinstance(node, exp.Column) else _type(node)
            if found is not None:
                node.type = found


def _built(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def _column(node: exp.Column, scope: Scope) -> exp.DataType | None:
    source = scope.sources.get(node.table)
    if isinstance(source, Scope) and isinstance(source.expression, exp.Query):
        for place, selected in enumerate(source.expression.selects):
            outer = source.outer_columns[place] if place < len(source.outer_columns) else selected.alias_or_name
            if outer == node.name:
                return _of_set(source.expression, place) or selected.unalias().type
    if isinstance(source, exp.Table) and isinstance(source.this, exp.GenerateSeries):
        return _built("TIMESTAMP") if kind_of(source.this.args["start"]).is_moment else _built("BIGINT")
    return None


def _of_set(query: exp.Query, place: int) -> exp.DataType | None:
    """Return the type of a column of several queries put together; None for one query, or where it is not known."""
    leaves, held = [], [query]
    while held:
        part = held.pop().unnest()
        if isinstance(part, exp.SetOperation):
            held += [part.left, part.right]
        elif isinstance(part, exp.Query) and place < len(part.selects):
            leaves.append(part.selects[place].unalias())
    return _common(leaves) if len(leaves) > 1 else None


def _type(node: exp.Expr) -> exp.DataType | None:
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, exp.Interval):
        return _built("INTERVAL")
    if isinstance(node, exp.UnixToTime):
        return _built("BIGINT")
    if isinstance(node, _TEXTS):
        return _built("VARCHAR")
    if isinstance(node, _FLOATS):
        return _built("DOUBLE")
    if isinstance(node, _WHOLES):
        return _built("BIGINT")
    if isinstance(node, _ALIKE):
        return node.this.type if isinstance(node.this, exp.Expr) and kind_of(node.this) is not Kind.UNKNOWN else None
    if isinstance(node, _JOINED):
        return _joined(node)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv)):
        return _arithmetic(node)
    return _other(node)


def _literal(node: exp.Literal) -> exp.DataType | None:
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return None
    whole, _, places = node.name.partition(".")
    digits = len(whole.lstrip("0")) + len(places)
    return _built(f"DECIMAL({max(digits, 1)},{len(places)})") if digits <= 38 else None


def _joined(node: exp.Expr) -> exp.DataType | None:
    if isinstance(node, exp.Case):
        parts = [i.args["true"] for i in node.args["ifs"]] + [node.args.get("default")]
    elif isinstance(node, exp.If):
        parts = [node.args["true"], node.args.get("false")]
    else:
        parts = [node.this, *node.expressions]
    return _common([p for p in parts if p is not None])


def _common(parts: list[exp.Expr]) -> exp.DataType | None:
    kinds = [kind_of(p) for p in parts]
    known = [p for p, k in zip(parts, kinds, strict=True) if k is not Kind.NULL]
    if not known or Kind.UNKNOWN in kinds:
        return None
    if len({kind_of(p) for p in known}) == 1 and kind_of(known[0]) not in (Kind.DECIMAL, Kind.INTEGER):
        return known[0].type
    if not all(kind_of(p).is_number for p in known):
        return None
    if any(kind_of(p) is Kind.FLOAT for p in known):
        return _built("DOUBLE")
    if all(kind_of(p) is Kind.INTEGER for p in known):
        return known[0].type if len({p.type for p in known}) == 1 else _built("BIGINT")
    sizes = [decimal_size(p) for p in known]
    scale = max(s for _, s in sizes)
    return _built(f"DECIMAL({min(38, max(p - s for p, s in sizes) + scale)},{scale})")


def decimal_size(node: exp.Expr) -> tuple[int, int]:
    """Return the digits of an exact number and how many are behind the point."""
    kind = node.type
    assert isinstance(kind, exp.DataType)
    if kind_of(node) is Kind.DECIMAL:
        sizes = [int(p.name) for p in kind.expressions if p.name.isdigit()]
        return (sizes[0], sizes[1]) if len(sizes) == 2 else (18, 3)
    if isinstance(node, exp.Literal):
        return len(node.name), 0
    return {exp.DType.TINYINT: 3, exp.DType.SMALLINT: 5, exp.DType.INT: 10, exp.DType.BIGINT: 19}.get(kind.this, 38), 0


def _arithmetic(node: exp.Expr) -> exp.DataType | None:
    left, right = kind_of(node.this), kind_of(node.expression)
    if Kind.UNKNOWN in (left, right):
        return None
    if Kind.INTERVAL in (left, right):
        other = right if left is Kind.INTERVAL else left
        return {
            Kind.DATE: _built("TIMESTAMP"),
            Kind.TIMESTAMP: _built("TIMESTAMP"),
            Kind.ZONED: _built("TIMESTAMPTZ"),
        }.get(other, _built("INTERVAL"))
    if left is right is Kind.DATE:
        return _built("BIGINT")
    if Kind.DATE in (left, right) and Kind.INTEGER in (left, right):
        return _built("DATE")
    if left.is_moment and right.is_moment:
        return _built("INTERVAL")
    if not (left.is_number and right.is_number):
        return None
    if Kind.FLOAT in (left, right):
        return _built("DOUBLE")
    if left is right is Kind.INTEGER:
        kinds = {s.type.this for s in (node.this, node.expression) if isinstance(s.type, exp.DataType)}
        return _built("INTEGER" if kinds <= set(_SMALL) else "BIGINT" if exp.DType.INT128 not in kinds else "HUGEINT")
    (p1, s1), (p2, s2) = decimal_size(node.this), decimal_size(node.expression)
    if isinstance(node, exp.Mul):
        return _built(f"DECIMAL({min(38, p1 + p2)},{min(38, s1 + s2)})")
    scale = max(s1, s2)
    return _built(f"DECIMAL({min(38, max(p1 - s1, p2 - s2) + 1 + scale)},{scale})")


def _other(node: exp.Expr) -> exp.DataType | None:
    kind = kind_of(node.this) if isinstance(node.this, exp.Expr) else Kind.UNKNOWN
    if isinstance(node, exp.Sum):
        inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
        kind = kind_of(inner)
        if kind is Kind.DECIMAL:
            return _built(f"DECIMAL(38,{decimal_size(inner)[1]})")
        return {Kind.INTEGER: _built("HUGEINT"), Kind.FLOAT: _built("DOUBLE")}.get(kind)
    if isinstance(node, (exp.Median, exp.PercentileCont)):
        return node.this.type if kind is Kind.DECIMAL else _built("DOUBLE") if kind.is_number else None
    if isinstance(node, exp.WithinGroup):
        inner = node.expression.expressions[0].this
        is_float = isinstance(node.this, exp.PercentileCont) and kind_of(inner) is not Kind.DECIMAL
        return _built("DOUBLE") if is_float else inner.type
    if isinstance(node, (exp.Ceil, exp.Floor, exp.Round)):
        return _rounded(node, kind)
    if isinstance(node, (exp.DateTrunc, exp.TimestampTrunc)):
        return node.this.type if kind is Kind.ZONED else _built("TIMESTAMP") if kind.is_moment else None
    if isinstance(node, exp.Split) or (
        isinstance(node, exp.Anonymous) and node.name.lower() in ("string_split", "str_split")
    ):
        return _built("VARCHAR[]")
    if isinstance(node, (exp.Explode, exp.Bracket)) and isinstance(node.this.type, exp.DataType) and kind is Kind.LIST:
        return node.this.type.expressions[0] if node.this.type.expressions else None
    if isinstance(node, exp.StructExtract):
        return _field_type(node)
    if isinstance(node, (exp.LastDay, exp.DateFromParts)):
        return _built("DATE")
    if isinstance(node, exp.CountIf):
        return _built("HUGEINT")
    if isinstance(node, exp.Anonymous) and node.name.lower() in ("list_count", "list_unique"):
        return _built("BIGINT")
    if isinstance(node, exp.Anonymous) and node.name.lower() in ("date_part", "datepart", "epoch"):
        is_epoch = node.name.lower() == "epoch" or node.expressions[0].name.lower() == "epoch"
        return _built("DOUBLE" if is_epoch else "BIGINT")
    if isinstance(node, exp.Extract):
        return _built("DOUBLE" if node.name.lower() == "epoch" else "BIGINT")
    return None


def _field_type(node: exp.StructExtract) -> exp.DataType | None:
    fields = node.this.type.expressions if isinstance(node.this.type, exp.DataType) else []
    found = [f for f in fields if isinstance(f, exp.ColumnDef) and fold(f.name) == fold(node.expression.name)]
    return found[0].args.get("kind") if len(found) == 1 else None


def _rounded(node: exp.Expr, kind: Kind) -> exp.DataType | None:
    if kind is not Kind.DECIMAL:
        return node.this.type if kind.is_number else None
    digits, scale = decimal_size(node.this)
    kept = node.args.get("decimals")
    places = min(scale, int(kept.name)) if isinstance(kept, exp.Literal) else 0
    return _built(f"DECIMAL({digits},{places})")
