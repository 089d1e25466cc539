"""Small pieces that rules put together, and aggregates with their FILTER and OVER."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of, kind_of_type
from meshkit.sql.transpile.rules import Context, Rule

Part = exp.Expr
Wrap = Callable[[exp.Expr], exp.Expr]
"""Puts the FILTER and OVER of an aggregate around a call."""
Aggregate = Callable[[exp.Expr, Wrap, Context], exp.Expr]
_UNITS = "year quarter month week day hour minute second".split()
SECONDS = {"week": 604800, "day": 86400, "hour": 3600, "minute": 60, "second": 1}


def value(part: exp.Expr | str | int) -> exp.Expr:
    """Write a text as a literal, a number as a number; a part is copied."""
    if isinstance(part, str):
        return exp.Literal.string(part)
    if isinstance(part, int):
        number = exp.Literal.number(abs(part))
        return exp.Neg(this=number) if part < 0 else number
    return part.copy()


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """Call a function by its own name."""
    return exp.Anonymous(this=name, expressions=[value(a) for a in arguments])


def infix(kind: type[exp.Binary], left: exp.Expr | int, right: exp.Expr | int) -> exp.Paren:
    """Put an operator between two parts, in parentheses."""
    sides = [
        exp.Paren(this=s) if isinstance(s, (exp.Binary, exp.Connector)) else s for s in (value(left), value(right))
    ]
    return exp.Paren(this=kind(this=sides[0], expression=sides[1]))


def when(*branches: tuple[exp.Expr, exp.Expr | str | int], default: exp.Expr | str | int | None = None) -> exp.Case:
    """Write CASE WHEN."""
    ifs = [exp.If(this=c.copy(), true=value(v)) for c, v in branches]
    return exp.Case(ifs=ifs, default=None if default is None else value(default))


def present(part: exp.Expr) -> exp.Expr:
    """Return the condition that a part is not NULL."""
    return exp.Not(this=exp.Is(this=part.copy(), expression=exp.Null()))


def text_of(node: exp.Expr | None) -> str | None:
    """Return the text of a literal; None where it is none."""
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def number_of(node: exp.Expr | None) -> int | None:
    """Return the whole number that is written there; None where there is none."""
    node = node.unnest() if node is not None else None
    if isinstance(node, exp.Neg):
        found = number_of(node.this)
        return None if found is None else -found
    return int(node.name) if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit() else None


def unit_of(node: exp.Expr, context: Context) -> str:
    """Return the unit of a date function, such as `week`."""
    unit = node.args.get("unit")
    name = unit.name.lower() if unit is not None else "day"
    name = {"weeks": "week", "isoweek": "week"}.get(name, name.removesuffix("s"))
    if name not in _UNITS:
        context.refuse(node, f"in {name}s")
    return name


def like_pattern(pattern: str, escape: str) -> str:
    r"""Write a pattern of LIKE with the backslash as its escape character.

    Example:
        >>> like_pattern("a!%b\\", "!")
        'a\\%b\\\\'
    """
    found, rest = "", iter(pattern)
    for character in rest:
        if character == escape:
            character = next(rest, "")
            found += "\\" + character if character in ("%", "_", "\\") else character
        else:
            found += "\\\\" if character == "\\" else character
    return found


def like(node: exp.Expr, context: Context) -> exp.Expr:
    """Write LIKE for engines whose escape character is the backslash, whatever DuckDB's is here."""
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    if isinstance(node.parent, exp.Escape):
        return node
    return _escaped(node, "", context)


def escaped_like(node: exp.Expr, context: Context) -> exp.Expr:
    """Write LIKE ... ESCAPE with the backslash."""
    escape = text_of(node.expression)
    if escape is None or len(escape) > 1:
        context.refuse(node, "with an escape character that is computed")
    context.note("LIKE is written with the backslash as its escape character")
    return _escaped(node.this.copy(), escape, context)


def _escaped(node: exp.Expr, escape: str, context: Context) -> exp.Expr:
    pattern = text_of(node.expression)
    if pattern is not None:
        node.set("expression", exp.Literal.string(like_pattern(pattern, escape)))
    elif escape:
        context.refuse(node, "with a pattern that is computed and an escape character")
    else:
        context.note("LIKE has no escape character in DuckDB: backslashes of the pattern are doubled")
        node.set("expression", call("replace", node.expression, "\\", "\\\\"))
    return node


def aggregates(table: Mapping[type[exp.Expr], Aggregate]) -> dict[type[exp.Expr] | str, Rule]:
    """Make rules of what builds aggregates: each is built with its FILTER and OVER around every call it is made of."""

    def alone(node: exp.Expr, context: Context) -> exp.Expr:
        return node if _is_wrapped(node) else table[type(node)](node, lambda c: c, context)

    def filtered(node: exp.Expr, context: Context) -> exp.Expr:
        if _is_wrapped(node):
            return node
        build = table.get(type(node.this))
        return build(node.this, lambda c: _filter(c, node), context) if build else context.refuse(node)

    def windowed(node: exp.Expr, context: Context) -> exp.Expr:
        inner = node.this
        is_filtered = isinstance(inner, exp.Filter)
        build = table.get(type(inner.this if is_filtered else inner))
        if build is None:
            return context.refuse(node) if is_filtered else node

        def over(c: exp.Expr) -> exp.Expr:
            window = node.copy()
            window.set("this", _filter(c, inner) if is_filtered else c)
            return window

        return build(inner.this if is_filtered else inner, over, context)

    return {**dict.fromkeys(table, alone), exp.Filter: filtered, exp.Window: windowed}


def _is_wrapped(node: exp.Expr) -> bool:
    return (
        isinstance(node.parent, (exp.Filter, exp.Window, exp.IgnoreNulls, exp.WithinGroup)) and node.parent.this is node
    )


def _filter(made: exp.Expr, like_: exp.Expr) -> exp.Filter:
    return exp.Filter(this=made, expression=like_.expression.copy())


def operand(node: exp.Expr) -> exp.Expr:
    """Return what an aggregate is over."""
    inner = node.this
    while isinstance(inner, (exp.Order, exp.Distinct)):
        inner = inner.this if isinstance(inner, exp.Order) else inner.expressions[0]
    assert isinstance(inner, exp.Expr)
    return inner


def is_distinct(node: exp.Expr) -> bool:
    """Tell whether an aggregate is over distinct values."""
    return node.find(exp.Distinct) is not None and isinstance(
        node.this.this if isinstance(node.this, exp.Order) else node.this, exp.Distinct
    )


def wide(node: exp.Expr) -> bool:
    """Tell whether a whole number may need more than 32 bits."""
    kind = node.type
    small = (
        exp.DType.TINYINT,
        exp.DType.SMALLINT,
        exp.DType.INT,
        exp.DType.UTINYINT,
        exp.DType.USMALLINT,
        exp.DType.MEDIUMINT,
    )
    return not (isinstance(kind, exp.DataType) and kind.this in small)


def precision(node: exp.Expr) -> tuple[int, int]:
    """Return the digits of an exact number, and how many of them are behind the point; (38, 0) where that is unknown."""
    kind = node.type
    if isinstance(node, exp.Literal) and not node.is_string:
        whole, _, places = node.name.partition(".")
        return len(whole.lstrip("0")) + len(places), len(places)
    if isinstance(kind, exp.DataType) and kind_of(node) is Kind.DECIMAL:
        sizes = [int(p.name) for p in kind.expressions if p.name.isdigit()]
        return (sizes[0], sizes[1]) if len(sizes) == 2 else (sizes[0], 0) if sizes else (18, 3)
    return {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19, "UBIGINT": 20}.get(
        kind.this.value if isinstance(kind, exp.DataType) else "", 38
    ), 0


def members_of(query: exp.Expr) -> list[exp.Expr] | None:
    """Return the literals of `SELECT unnest([...])` or `SELECT unnest(string_split('...', ','))`; None for other queries."""
    select = query.this if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select) or len(select.expressions) != 1 or select.args.get("from_"):
        return None
    unnested = select.expressions[0].unalias()
    if not isinstance(unnested, (exp.Explode, exp.Unnest)):
        return None
    listed = unnested.expressions[0] if isinstance(unnested, exp.Unnest) else unnested.this
    numbers = isinstance(listed, exp.Cast)
    listed = listed.this if numbers else listed
    if isinstance(listed, exp.Array):
        return [m.copy() for m in listed.expressions]
    texts = split_literal(listed)
    if texts is None:
        return None
    return [value(int(t)) for t in texts] if numbers else [value(t) for t in texts]


def split_literal(node: exp.Expr) -> list[str] | None:
    """Return the parts of a literal that is split at a literal; None where either is computed."""
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 2:
        text, at = (text_of(e) for e in node.expressions)
    else:
        text, at = text_of(node.this), text_of(node.args.get("expression"))
    return text.split(at) if text is not None and at else None


def list_members(node: exp.Expr, context: Context) -> exp.Expr:
    """Return the list of list_count or list_unique, whose members every engine compares as DuckDB does."""
    listed: exp.Expr = node.expressions[0]
    context.require(listed, Kind.LIST, of=node)
    held = listed.type.expressions if isinstance(listed.type, exp.DataType) else []
    if not held or kind_of_type(held[0]) not in (Kind.INTEGER, Kind.DECIMAL, Kind.TEXT, Kind.BOOLEAN, Kind.DATE):
        context.refuse(node, "of members that are no whole numbers, decimals, texts, booleans or days")
    return listed


def is_listed(node: exp.Expr) -> bool:
    """Tell whether a part is in the list of an IN that is written as a sub-query: its rule writes all of it."""
    ancestor = node.find_ancestor(exp.In, exp.Table, exp.Where)
    query = ancestor.args.get("query") if isinstance(ancestor, exp.In) else None
    return query is not None and members_of(query) is not None


NUMERIC = r"^\s*[+-]?([0-9]+(_[0-9]+)*(\.([0-9]+(_[0-9]+)*)?)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+)?\s*$"
"""Texts that DuckDB reads as numbers, but for 0x1f, 0b1, inf and nan."""
OTHER_NUMERIC = r"^\s*[+-]?0[xXbB][0-9a-fA-F]"
_CLOCK = r"[ T]\s*([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]+)?)?(Z| ?UTC|[+-][0-9]{2}(:[0-9]{2})?)?"
_DAY = r"[0-9]{1,4}(-[0-9]{1,2}-|/[0-9]{1,2}/| [0-9]{1,2} |\\[0-9]{1,2}\\)[0-9]{1,2}"
DAY = rf"^\s*{_DAY}({_CLOCK})?\s*$"
"""Texts that DuckDB reads as a day, if there is such a day; but for `epoch`, `infinity` and years before 1 or after 9999."""
MOMENT = rf"^\s*{_DAY}({_CLOCK}\s*)?$"
"""Texts that DuckDB reads as a moment; it passes over their time zone."""
DAY_PART, HOUR_PART = rf"^\s*({_DAY})", r"[ T]\s*([0-9]+:[0-9]+(:[0-9]+(\.[0-9]{1,6})?)?)"
TRUE_TEXTS = ("true", "t", "1", "yes", "y")
FALSE_TEXTS = ("false", "f", "0", "no", "n")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00|\+00:00)?)?")


def is_iso(text: str, first: str = "1900", last: str = "2261") -> bool:
    """Tell whether a text is a day or a moment of the years that an engine reads as DuckDB does."""
    if _ISO.fullmatch(text) is None or not first <= text[:4] <= last:
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:  # there is no such day
        return False
    return True


def in_from(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a series in FROM; as a value it is a list on DuckDB, and a set of rows, or nothing, elsewhere."""
    if not isinstance(node.parent, exp.Table):
        context.refuse(node, "but in FROM")
    return node
