"""Texts, patterns and lists in Snowflake's dialect."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.posix import posix
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    SPACES,
    at_least,
    call,
    filled_text,
    is_there,
    literal_text,
    number,
    text,
    texts_only,
    when,
)


def as_text(node: exp.Expr, source: Kind, context: Context) -> exp.Expr:
    """Write a value as a text; times with their format, since the session has another."""
    if source in (Kind.TEXT, Kind.NULL, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN):
        return node
    if source is Kind.DATE:
        return call("TO_CHAR", node.this, text("YYYY-MM-DD"))
    context.refuse(node, f"from {source} to text")


def _pattern(node: exp.Expr, context: Context) -> str:
    pattern = literal_text(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    try:
        return posix(pattern)
    except ValueError as error:
        context.refuse(node, str(error))


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    """Find a pattern anywhere: REGEXP_LIKE is anchored at both ends."""
    texts_only(node, node.this, context=context)
    flag = node.args.get("flag")
    if flag is not None and literal_text(flag) not in ("", "c", "i"):
        context.refuse(node, "with these options")
    context.note("a pattern is found anywhere: REGEXP_INSTR(...) > 0")
    mode = text("i" if flag is not None and flag.name == "i" else "c")
    found = call("REGEXP_INSTR", node.this, text(_pattern(node, context)), number(1), number(1), number(0), mode)
    return exp.GT(this=found, expression=number(0))


def _full_match(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("options") is not None:
        context.refuse(node, "with options")
    context.note("a whole text is matched by REGEXP_LIKE, which is anchored at both ends")
    return call("REGEXP_LIKE", node.this, text(f"({_pattern(node, context)})"), text("c"))


def _similar(node: exp.Expr, context: Context) -> exp.Expr:
    """SIMILAR TO is a full match in DuckDB."""
    return _full_match(node, context)


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    pattern = _pattern(node, context)
    group = node.args.get("group")
    which = at_least(group, 0, node, context) if group is not None else 0
    if "|" in pattern or "?" in pattern or "(?:" in (literal_text(node.expression) or ""):
        context.refuse(node, "with a choice, an option or a group without a number in its pattern")
    if node.args.get("parameters") is not None:
        context.refuse(node, "with options")
    context.note("regexp_extract gives '' where nothing matches, REGEXP_SUBSTR NULL")
    mode = [text("e"), number(which)] if which else [text("c")]
    found = call("REGEXP_SUBSTR", node.this, text(pattern), number(1), number(1), *mode)
    return when(is_there(node.this), exp.Coalesce(this=found, expressions=[text("")]))


def _replaced(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    modifiers = node.args.get("modifiers")
    if modifiers is None or modifiers.name != "g":
        context.refuse(node, "that replaces the first match, or has other options than 'g'")
    by, pattern = literal_text(node.args["replacement"]), _pattern(node, context)
    if by is None or "\\" in by or "|" in pattern or "?" in pattern or "*" in pattern:
        context.refuse(node, "with groups in the replacement, or a choice or option in the pattern")
    return call("REGEXP_REPLACE", node.this, text(pattern), text(by))


def _trimmed(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("collation") is not None:
        context.refuse(node)
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(node.args.get("position") or "").upper(), "TRIM")
    characters = node.args.get("expression")
    if characters is None:
        context.note("trim takes away all of Unicode's spaces")
        if name == "TRIM":
            return call(name, node.this, text(SPACES))
        ends = f"^[{SPACES}]+" if name == "LTRIM" else f"[{SPACES}]+$"
        return call("REGEXP_REPLACE", node.this, text(ends), text(""))
    return call(name, node.this, text(filled_text(characters, node, context)))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    start, length = node.args.get("start"), node.args.get("length")
    parts = [number(at_least(start, 1, node, context))]
    parts += [number(at_least(length, 0, node, context))] if length is not None else []
    return call("SUBSTR", node.this, *parts)


def _end(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        return call(name, node.this, number(at_least(node.expression, 0, node, context)))

    return apply


def _search(name: str, needle_first: bool = False) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        needle = node.args.get("expression") or node.args.get("substr")
        texts_only(node, node.this, needle, context=context)
        if node.args.get("position") is not None or node.args.get("occurrence") is not None:
            context.refuse(node, "from a position")
        found = text(filled_text(needle, node, context))
        return call(name, found, node.this) if needle_first else call(name, node.this, found)

    return apply


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    filled_text(node.expression, node, context)
    return call("REPLACE", node.this, node.expression, node.args["replacement"])


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    filled_text(node.args["delimiter"], node, context)
    return call(
        "SPLIT_PART", node.this, node.args["delimiter"], number(at_least(node.args["part_index"], 1, node, context))
    )


def _padded(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    length = number(at_least(node.expression, 0, node, context))
    fill = text(filled_text(node.args.get("fill_pattern"), node, context))
    return call("LPAD" if node.args.get("is_left") else "RPAD", node.this, length, fill)


def _joined(node: exp.Expr, context: Context) -> exp.Expr:
    """Join texts, NULL as none: concat() passes over NULL."""
    whole: exp.Expr | None = None
    for part in node.expressions:
        kind = context.require(part, Kind.TEXT, Kind.INTEGER, Kind.NULL, of=node)
        as_one = part.copy() if kind is Kind.TEXT else exp.cast(part.copy(), "VARCHAR")
        piece = exp.Coalesce(this=as_one, expressions=[text("")])
        whole = piece if whole is None else exp.DPipe(this=whole, expression=piece)
    if whole is None:
        context.refuse(node)
    context.note("concat() passes over NULL: COALESCE(..., '')")
    return exp.Paren(this=whole)


def _both_texts(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node


def _md5(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return node


def _gathered(node: exp.Expr, context: Context) -> exp.Expr:
    """Join the texts of rows; LISTAGG over no rows is '', string_agg NULL."""
    inner = node.this
    order = inner if isinstance(inner, exp.Order) else None
    value = order.this if order is not None else inner
    bare = value.expressions[0] if isinstance(value, exp.Distinct) else value
    context.require(bare, Kind.TEXT, of=node)
    if order is None:
        context.refuse(node, "without an order")
    separator = node.args.get("separator") or text(",")
    context.note("string_agg over no values is NULL, LISTAGG is ''")
    joined = exp.WithinGroup(
        this=call("LISTAGG", value, separator), expression=exp.Order(expressions=order.expressions)
    )
    return when(exp.GT(this=exp.Count(this=bare.copy(), big_int=True), expression=number(0)), joined)


def split(node: exp.Expr, context: Context) -> exp.Expr:
    """Split a text by another; an array."""
    texts_only(node, node.this, context=context)
    return call("SPLIT", node.this, text(filled_text(node.expression, node, context)))


def flattened(node: exp.Expr, context: Context) -> exp.Expr:
    """Mark a list that is unfolded into rows, for `flatten_joined`."""
    select = node.find_ancestor(exp.Select)
    holder = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if holder is not select or not (isinstance(node.this, exp.Anonymous) and node.this.name == "SPLIT"):
        context.refuse(node, "other than of string_split(), as an output by itself")
    if (
        not isinstance(select, exp.Select)
        or not select.args.get("from_")
        or (
            set(select.args) & {"group", "having", "distinct"}
            and any(select.args.get(k) for k in ("group", "having", "distinct", "qualify", "windows", "order", "limit"))
        )
    ):
        context.refuse(node, "in a query that groups, orders or limits")
    return call("FLATTEN", node.this)


def flatten_joined(query: exp.Query, context: Context) -> exp.Query:
    """Move each list that is unfolded among the outputs to a LATERAL FLATTEN behind the tables."""
    for index, mark in enumerate([n for n in query.find_all(exp.Anonymous) if n.name == "FLATTEN"]):
        select = mark.find_ancestor(exp.Select)
        assert isinstance(select, exp.Select)
        if sum(n.name == "FLATTEN" for n in select.find_all(exp.Anonymous)) > 1:
            context.refuse(mark, "more than once in a query")
        context.note("unnest of a list is LATERAL FLATTEN")
        name = f"unfolded{index}"
        unfolded = exp.Lateral(
            this=call("FLATTEN", exp.Kwarg(this=exp.var("INPUT"), expression=mark.expressions[0].copy())),
            alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)),
        )
        select.append("joins", exp.Join(this=unfolded, kind="CROSS"))
        value = exp.column("VALUE", table=exp.to_identifier(name, quoted=True))
        mark.replace(exp.cast(value, "VARCHAR"))
    return query


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.SimilarTo: _similar,
    exp.RegexpExtract: _extracted,
    exp.RegexpReplace: _replaced,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Trim: _trimmed,
    exp.Substring: _substring,
    exp.Left: _end("LEFT"),
    exp.Right: _end("RIGHT"),
    exp.StrPosition: _search("POSITION", needle_first=True),
    exp.Contains: _search("CONTAINS"),
    exp.StartsWith: _search("STARTSWITH"),
    exp.EndsWith: _search("ENDSWITH"),
    exp.Replace: _replace,
    exp.SplitPart: _split_part,
    exp.Pad: _padded,
    exp.Concat: _joined,
    exp.DPipe: _both_texts,
    exp.MD5: _md5,
    exp.GroupConcat: _gathered,
}
__all__ = ["RULES", "as_text", "flatten_joined", "flattened", "kind_of", "split"]
