"""ClickHouse's casts: DuckDB rounds where ClickHouse truncates, and reads other texts."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile.kinds import NUMBERS, Kind, kind_of
from meshkit.sql.transpile.parts import (
    DAY,
    DAY_PART,
    FALSE_TEXTS,
    HOUR_PART,
    MOMENT,
    NUMERIC,
    OTHER_NUMERIC,
    TRUE_TEXTS,
    call,
    infix,
    is_iso,
    precision,
    text_of,
    value,
    when,
)
from meshkit.sql.transpile.rules import Context

_T = exp.DType
_NAMES = {
    _T.TINYINT: "Int8", _T.SMALLINT: "Int16", _T.INT: "Int32", _T.BIGINT: "Int64", _T.INT128: "Int128", _T.UTINYINT: "UInt8",
    _T.USMALLINT: "UInt16", _T.UINT: "UInt32", _T.UBIGINT: "UInt64", _T.UINT128: "UInt128", _T.FLOAT: "Float32",
    _T.DOUBLE: "Float64", _T.DATE: "Date32", _T.BOOLEAN: "Bool", _T.VARCHAR: "String", _T.TEXT: "String",
    _T.TIMESTAMP: "DateTime64(6, 'UTC')", _T.TIMESTAMPNTZ: "DateTime64(6, 'UTC')", _T.DATETIME: "DateTime64(6, 'UTC')",
    _T.TIMESTAMPTZ: "DateTime64(6, 'UTC')", _T.TIMESTAMPLTZ: "DateTime64(6, 'UTC')",
}  # fmt: skip
_TIMES = (Kind.TIMESTAMP, Kind.ZONED)
_MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)
_LARGEST = {"Int8": 2**7, "Int16": 2**15, "Int32": 2**31, "Int64": 2**63}


def as_type(part: exp.Expr, name: str) -> exp.Expr:
    """Cast to a type by ClickHouse's own name; NULL stays NULL."""
    return call("CAST", part, f"Nullable({name})")


def float_of(part: exp.Expr) -> exp.Expr:
    """Write a value as a 64-bit float."""
    return call("toFloat64", part)


def moment_of(part: exp.Expr) -> exp.Expr:
    """Write a day or a moment in microseconds, in UTC, whatever the column's own precision is."""
    if isinstance(part, exp.Anonymous) and part.name == "toDateTime64":
        return part.copy()
    return call("toDateTime64", part, 6, "UTC")


def day_of(part: exp.Expr) -> exp.Expr:
    """Write a day in the type that holds days before 1970 and after 2149."""
    is_moved = isinstance(part, exp.Anonymous) and part.name == "addDays" and kind_of(part) not in _TIMES
    if is_moved or (isinstance(part, exp.Anonymous) and part.name == "toDate32"):
        return part.copy()
    if kind_of(part) is Kind.DATE:
        return call("toDate32", part)
    return call("toDate32", moment_of(part))


def kind_named(to: exp.DataType) -> Kind:
    """Return the kind of a type."""
    probe = exp.Cast(this=exp.Null(), to=to)
    probe.type = to
    return kind_of(probe)


def _name(node: exp.Expr, context: Context) -> str:
    to = node.args["to"]
    if kind_named(to) is Kind.DECIMAL:
        sizes = [p.name for p in to.expressions] or ["18", "3"]
        return f"Decimal({sizes[0]}, {sizes[1] if len(sizes) > 1 else 0})"
    name = _NAMES.get(to.this)
    if name is None:
        context.refuse(node, f"to {to.sql('duckdb')}")
    return name


def cast(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast a value; a failure is an error on both sides."""
    source, to, name = kind_of(node.this), kind_named(node.args["to"]), _name(node, context)
    literal = text_of(node.this)
    if literal is not None:
        return _read(literal, node, name, to, context)
    if source in (Kind.NULL, Kind.UNKNOWN) and not isinstance(node.this, exp.Null):
        context.refuse(node, f"from {source}")
    if source is Kind.NULL or (source is to and to in (Kind.TEXT, Kind.BOOLEAN)):
        return as_type(node.this, name)
    if source in NUMBERS and to in NUMBERS:
        return _number(node, source, to, name, context)
    if source is Kind.BOOLEAN and to is Kind.INTEGER:
        return as_type(node.this, name)
    if to is Kind.TEXT:
        return text(node.this, node, context)
    if source in _MOMENTS and to is Kind.DATE:
        return day_of(node.this)
    if source in _MOMENTS and to in (Kind.TIMESTAMP, Kind.ZONED):
        return moment_of(node.this)
    if source is Kind.TEXT:
        context.refuse(node, "of a text that may be read differently: use TRY_CAST")
    return context.refuse(node, f"from {source} to {to}")


def _number(node: exp.Expr, source: Kind, to: Kind, name: str, context: Context) -> exp.Expr:
    if to is Kind.INTEGER:
        if source is Kind.INTEGER:
            return call("accurateCast", node.this, f"Nullable({name})")
        context.note("a cast to an integer rounds")
        rounded = call("roundBankers" if source is Kind.FLOAT else "round", node.this)
        if source is Kind.FLOAT:
            return call("accurateCast", rounded, f"Nullable({name})")
        return call("accurateCast", as_type(rounded, "Int256"), f"Nullable({name})")
    if to is Kind.DECIMAL:
        if source is Kind.FLOAT:
            context.refuse(node, "of a float to DECIMAL: ROUND it instead")
        places = int(node.args["to"].expressions[1].name) if len(node.args["to"].expressions) > 1 else 3
        rounded = (
            call("round", node.this, places)
            if source is Kind.DECIMAL and precision(node.this)[1] > places
            else node.this
        )
        return as_type(rounded, name)
    return as_type(node.this, name)


def text(part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    """Write a value as text, in DuckDB's form."""
    kind = kind_of(part)
    if kind in (Kind.TEXT, Kind.NULL):
        return part.copy()
    if kind is Kind.INTEGER:
        return call("toString", part)
    if kind is Kind.BOOLEAN:
        return when((part, "true"), (exp.Not(this=exp.Paren(this=part.copy())), "false"))
    if kind is Kind.DECIMAL:
        return call("toDecimalString", part, precision(part)[1])
    if kind is Kind.DATE:
        return call("toString", day_of(part))
    if kind is Kind.TIMESTAMP:
        context.note("moments are written without zeros at the end of their fraction")
        whole = call("toString", moment_of(part))
        return call("replaceRegexpOne", call("replaceRegexpOne", whole, "0+$", ""), "^(.{10} .{0,8})\\.?$", "\\1")
    return context.refuse(node, f"of {kind} to text")


def _read(written: str, node: exp.Expr, name: str, to: Kind, context: Context) -> exp.Expr:
    bare = written.strip().lower()
    if to.is_moment and is_iso(written, last="2299" if to is Kind.DATE else "2261"):
        if to is Kind.DATE:
            return call("toDate32", written[:10])
        clock = written[11:26].removesuffix("Z").split("+")[0] or "00:00:00"
        return call("toDateTime64", f"{written[:10]} {clock}", 6, "UTC")
    if to is Kind.BOOLEAN and bare in ("true", "false"):
        return exp.Boolean(this=bare == "true")
    if to is Kind.TEXT:
        return exp.Literal.string(written)
    digits = bare.lstrip("+-")
    if to is Kind.FLOAT and bare in ("nan", "inf", "infinity", "-inf", "-infinity"):
        return call("toFloat64", bare)
    is_number = digits[:1].isdigit() and digits.replace(".", "", 1).replace("e-", "", 1).replace("e", "", 1).isdigit()
    if not is_number or (to is Kind.INTEGER and not digits.isdigit()):
        context.refuse(node, "of this text")
    if to is Kind.DECIMAL:
        places = len(digits.partition(".")[2])
        if "e" in digits or places > precision_of(node.args["to"])[1]:
            context.refuse(node, "of this text")
    return call("CAST", written.strip(), name)


def precision_of(to: exp.DataType) -> tuple[int, int]:
    """Return the digits of a DECIMAL type."""
    sizes = [int(p.name) for p in to.expressions] or [18, 3]
    return sizes[0], sizes[1] if len(sizes) > 1 else 0


def try_cast(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast a value or give NULL; texts are guarded by patterns, since ClickHouse reads others than DuckDB does."""
    source, to, name = kind_of(node.this), kind_named(node.args["to"]), _name(node, context)
    if to is Kind.TEXT:
        return text(node.this, node, context)
    if source is not Kind.TEXT:
        if source in NUMBERS and to is Kind.INTEGER:
            rounded = node.this if source is Kind.INTEGER else call(
                "roundBankers" if source is Kind.FLOAT else "round", node.this)  # fmt: skip
            return call("accurateCastOrNull", rounded, name)
        if (source, to) in ((Kind.DECIMAL, Kind.DECIMAL), (Kind.FLOAT, Kind.DECIMAL), (Kind.INTEGER, Kind.DECIMAL)):
            context.refuse(node, "to DECIMAL")
        return cast(node, context)
    context.note("TRY_CAST of a text is guarded by a pattern: ClickHouse reads other texts than DuckDB does")
    part = node.this
    if to is Kind.BOOLEAN:
        lower = call("lower", part)
        return when(*[(exp.In(this=lower.copy(), expressions=[value(t) for t in words]), exp.Boolean(this=is_true))
                      for words, is_true in ((TRUE_TEXTS, True), (FALSE_TEXTS, False))])  # fmt: skip
    if to in NUMBERS:
        return _try_number(node, name, to, context)
    if to is Kind.DATE:
        return when((call("match", part, DAY), _try_day(part)))
    if to is Kind.TIMESTAMP:
        hour = call("regexpExtract", part, HOUR_PART, 1)
        micros = infix(exp.Mul, call("toUnixTimestamp64Micro", call("toDateTime64OrNull", call(
            "concat", "1970-01-01 ", _two_digits(hour)), 6, "UTC")), 1)  # fmt: skip
        moment = call("addMicroseconds", call("toDateTime64", _try_day(part), 6, "UTC"), call("coalesce", micros, 0))
        return when((call("match", part, MOMENT), moment))
    return context.refuse(node, f"of a text to {to}")


def _two_digits(clock: exp.Expr) -> exp.Expr:
    """Write 1:2:3 as 01:02:03, and 10:00 as 10:00:00."""
    padded = call("replaceRegexpAll", clock, "(^|:)([0-9])\\b", "\\10\\2")
    return when((call("match", padded, "^[0-9]+:[0-9]+$"), call("concat", padded, ":00")), default=padded)


def _try_day(part: exp.Expr) -> exp.Expr:
    bare = call("replaceRegexpAll", call("regexpExtract", part, DAY_PART, 1), r"[/ \\]", "-")
    pieces = call("splitByChar", "-", call("assumeNotNull", bare))
    year, month, day = (call("toInt32OrZero", call("arrayElement", pieces, i)) for i in (1, 2, 3))
    made = call("makeDate32", year, month, day)
    is_real = exp.and_(
        exp.Between(this=month.copy(), low=value(1), high=value(12)),
        exp.EQ(this=call("toDayOfMonth", made), expression=day.copy()),
        exp.EQ(this=call("toYear", made), expression=year.copy()),
    )
    return when((is_real, made))


def _try_number(node: exp.Expr, name: str, to: Kind, context: Context) -> exp.Expr:
    part = node.this
    bare = call("replaceRegexpAll", part, r"[\s_+]", "")
    numeric = call("match", part, NUMERIC)
    if to is Kind.FLOAT:
        special = call("match", part, r"^(?i)\s*[+-]?(nan|inf|infinity)\s*$".replace("^(?i)", "(?i)^"))
        return when((exp.Or(this=numeric, expression=special), call("toFloat64OrNull", bare)))
    if to is Kind.DECIMAL:
        digits, places = precision_of(node.args["to"])
        if places > 20 or digits - places > 30:
            context.refuse(node, "of a text to so many digits")
        exact = call("toDecimal256OrNull", bare, places + 12)
        rounded = call("round", exact, places)
        limit = call("toDecimal256", "1" + "0" * (digits - places), places)
        return when((exp.and_(numeric, exp.LT(this=call("abs", rounded), expression=limit)), as_type(rounded, name)))
    rounded = call("toInt256", call("round", call("toDecimal256OrNull", bare, 20)))
    other = call("throwIf", call("match", part, OTHER_NUMERIC), "a number in base 2 or 16 is not read")
    read = call("accurateCastOrNull", rounded, name)
    return when((numeric, read), (exp.EQ(this=other, expression=value(1)), value(0)), default=exp.Null())
