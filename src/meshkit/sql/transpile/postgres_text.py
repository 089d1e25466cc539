"""Texts, patterns and lists in PostgreSQL's dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.letters import SEVERAL_CAPITALS
from meshkit.sql.transpile.parts import list_members
from meshkit.sql.transpile.posix import Flavour, posix
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    SPACES,
    at_least,
    call,
    cast_as,
    filled_text,
    is_there,
    literal_text,
    number,
    text,
    texts_only,
    typed,
    when,
)

_ADVANCED = Flavour(knows_words=False, has_classes=False, dot="[^\n]")
_SHORTEST_DIFFERS = re.compile(r"[|?]|\)[*+{]")
"""Where PostgreSQL takes the longest match, and RE2 the first."""


def binary(value: exp.Expr) -> exp.Expr:
    """Order a text by code point, as DuckDB does, whatever the database's collation is."""
    if isinstance(value, exp.Collate) and value.expression.name == "C":
        return value.copy()
    inner = exp.Paren(this=value.copy()) if isinstance(value, exp.Binary) else value.copy()
    return exp.Collate(this=inner, expression=exp.to_identifier("C", quoted=True))


def bare(value: exp.Expr) -> exp.Expr:
    """Take a column as a text without the blanks that char(n) is filled up with."""
    return typed(value, "VARCHAR") if isinstance(value, exp.Column) else value.copy()


def _pattern(node: exp.Expr, context: Context) -> str:
    pattern = literal_text(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    try:
        return posix(pattern, _ADVANCED)
    except ValueError as error:
        context.refuse(node, str(error))


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    flag = node.args.get("flag")
    if flag is not None and literal_text(flag) not in ("", "c", "i"):
        context.refuse(node, "with these options")
    operator = exp.RegexpILike if flag is not None and flag.name == "i" else exp.RegexpLike
    return operator(this=bare(node.this), expression=text(_pattern(node, context)))


def _full_match(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("options") is not None:
        context.refuse(node, "with options")
    context.note("a whole text is matched by ~ with ^(...)$")
    return exp.RegexpLike(this=bare(node.this), expression=text(f"^({_pattern(node, context)})$"))


def _parts(node: exp.Expr, context: Context) -> str:
    """Return a pattern of which a match is cut out; the longest must be the first that RE2 finds."""
    texts_only(node, node.this, context=context)
    pattern = _pattern(node, context)
    if _SHORTEST_DIFFERS.search(pattern) or "(?:" in (literal_text(node.expression) or ""):
        context.refuse(node, "with a choice, an option or a repeated group in its pattern")
    return pattern


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    pattern, group = _parts(node, context), node.args.get("group")
    which = at_least(group, 0, node, context) if group is not None else 0
    if node.args.get("parameters") is not None or which > pattern.count("("):
        context.refuse(node, "with options, or a group that is not there")
    context.note("regexp_extract gives '' where nothing matches, REGEXP_MATCH NULL")
    groups = exp.Paren(this=call("REGEXP_MATCH", bare(node.this), text(pattern if which else f"({pattern})")))
    found = exp.Bracket(this=groups, expressions=[number(max(which, 1))], offset=1)
    return when(is_there(node.this), exp.Coalesce(this=found, expressions=[text("")]))


def _replaced(node: exp.Expr, context: Context) -> exp.Expr:
    pattern, modifiers = _parts(node, context), node.args.get("modifiers")
    by = literal_text(node.args["replacement"])
    if by is None or "\\" in by or (modifiers is not None and modifiers.name not in ("", "g")) or "*" in pattern:
        context.refuse(node, "with groups in the replacement, other options than 'g', or a match of nothing")
    flags = [text("g")] if modifiers is not None and modifiers.name == "g" else []
    return call("REGEXP_REPLACE", bare(node.this), text(pattern), text(by), *flags)


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    if isinstance(node, exp.ILike):
        node = exp.Like(this=_lowered(node.this, context), expression=_lowered(node.expression, context))
        node.type = exp.DataType.build("BOOLEAN")
        return exp.Escape(this=node, expression=text(""))
    node.set("this", bare(node.this))
    if isinstance(node.parent, exp.Escape):
        return node
    context.note("LIKE has no escape character in DuckDB: ESCAPE '' says so")
    return exp.Escape(this=node.copy(), expression=text(""))


def _escaped(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Like):
        context.refuse(node, "of ILIKE")
    return node


def _in_unicode(name: str, value: exp.Expr, context: Context) -> exp.Expr:
    """Change case by Unicode's rules, whatever the database's collation is."""
    context.note('upper and lower case are Unicode\'s: COLLATE "und-x-icu"')
    collated = exp.Collate(this=exp.Paren(this=value), expression=exp.to_identifier("und-x-icu", quoted=True))
    return binary(call(name, collated))


def _lowered(value: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in lower case, each letter by itself: ICU makes two of one, and another of a sigma at the end."""
    return _in_unicode("LOWER", call("TRANSLATE", bare(value), text("\u0130\u03a3"), text("i\u03c3")), context)


def _lower(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return _lowered(node.this, context)


def _upper(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in upper case, each letter by itself: where ICU makes several of one, the query ends with an error."""
    texts_only(node, node.this, context=context)
    made = _in_unicode("UPPER", call("REPLACE", bare(node.this), text("\xdf"), text("\u1e9e")), context)
    context.note("letters that Unicode has several capitals for end the query with an error")
    beyond = exp.Add(this=number(2**63 - 1), expression=call("LENGTH", bare(node.this)))  # an error, out of range
    is_several = exp.RegexpLike(this=bare(node.this), expression=text(f"[{SEVERAL_CAPITALS}]"))
    return binary(when(is_several, cast_as(beyond, "TEXT", "VARCHAR"), made))


def _trimmed(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("collation") is not None:
        context.refuse(node)
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(node.args.get("position") or "").upper(), "BTRIM")
    characters = node.args.get("expression")
    taken = SPACES if characters is None else filled_text(characters, node, context)
    return call(name, node.this, text(taken))


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


def _needle(node: exp.Expr, context: Context) -> exp.Expr:
    needle = node.args.get("expression") or node.args.get("substr")
    texts_only(node, node.this, needle, context=context)
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    return text(filled_text(needle, node, context))


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    return call("STRPOS", node.this, _needle(node, context))


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.GT(this=_position(node, context), expression=number(0))


def _starts(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=call("LEFT", node.this, number(len(needle.name))), expression=needle)


def _ends(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=call("RIGHT", node.this, number(len(needle.name))), expression=needle)


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    filled_text(node.expression, node, context)
    return call("REPLACE", node.this, node.expression, node.args["replacement"])


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    delimiter = text(filled_text(node.args["delimiter"], node, context))
    return call("SPLIT_PART", node.this, delimiter, number(at_least(node.args["part_index"], 1, node, context)))


def _padded(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    length = number(at_least(node.expression, 0, node, context))
    fill = text(filled_text(node.args.get("fill_pattern"), node, context))
    return call("LPAD" if node.args.get("is_left") else "RPAD", node.this, length, fill)


def _joined(node: exp.Expr, context: Context) -> exp.Expr:
    """Join texts; CONCAT passes over NULL in PostgreSQL too."""
    for part in node.expressions:
        context.require(part, Kind.TEXT, Kind.INTEGER, Kind.NULL, of=node)
    return call("CONCAT", *node.expressions)


def _md5(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return node


def _both_texts(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node


def split(node: exp.Expr, context: Context) -> exp.Expr:
    """Split a text by another; an empty one is a list of one, where STRING_TO_ARRAY has none."""
    value, separator = (node.this, node.expression) if isinstance(node, exp.Split) else node.expressions
    texts_only(node, value, context=context)
    made = call("STRING_TO_ARRAY", value, text(filled_text(separator, node, context)))
    context.note("an empty text is split into one part")
    nothing = exp.Array(expressions=[text("")])
    whole = when(exp.EQ(this=value.copy(), expression=text("")), nothing, made)
    whole.type = exp.DataType.build("ARRAY<VARCHAR>")
    return whole


def length(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the characters of a text, or the members of a list."""
    value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if kind_of(value) is Kind.LIST:
        return call("CARDINALITY", value)
    context.require(value, Kind.TEXT, Kind.NULL, of=node)
    return call("LENGTH", bare(value))


def counted(*, is_distinct: bool) -> Rule:
    """Count what is there among the members of a list."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        listed = list_members(node, context)
        member: exp.Expr = exp.column("v", table="e", quoted=True)
        number_ = exp.Count(this=exp.Distinct(expressions=[member]) if is_distinct else member)
        members = exp.Select(expressions=[exp.alias_(call("UNNEST", listed), "v", quoted=True)]).subquery("e")
        rows = exp.Select(expressions=[number_]).from_(members).subquery()
        return when(exp.Is(this=listed.copy(), expression=exp.null()), exp.null(), rows)

    return rule


def unfolded(node: exp.Expr, context: Context) -> exp.Expr:
    """Unfold a list into rows."""
    context.require(node.this, Kind.LIST, of=node)
    return call("UNNEST", node.this)


def _gathered(node: exp.Expr, context: Context) -> exp.Expr:
    inner = node.this
    order = inner if isinstance(inner, exp.Order) else None
    value = order.this if order is not None else inner
    held = value.expressions[0] if isinstance(value, exp.Distinct) else value
    context.require(held, Kind.TEXT, of=node)
    if order is None:
        context.refuse(node, "without an order")
    one = binary(cast_as(held, "TEXT", "VARCHAR"))
    if isinstance(value, exp.Distinct):
        value.set("expressions", [one])
        for ordered in order.expressions:  # what a DISTINCT list is ordered by must be its member to the letter
            by = ordered.this
            if held in (by, by.this) or (isinstance(held, exp.Collate) and held.this == by):
                ordered.set("this", one.copy())
    return node


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.SimilarTo: _full_match,
    exp.RegexpExtract: _extracted,
    exp.RegexpReplace: _replaced,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Escape: _escaped,
    exp.Lower: _lower,
    exp.Upper: _upper,
    exp.Trim: _trimmed,
    exp.Substring: _substring,
    exp.Left: _end("LEFT"),
    exp.Right: _end("RIGHT"),
    exp.StrPosition: _position,
    exp.Contains: _contains,
    exp.StartsWith: _starts,
    exp.EndsWith: _ends,
    exp.Replace: _replace,
    exp.SplitPart: _split_part,
    exp.Pad: _padded,
    exp.Concat: _joined,
    exp.DPipe: _both_texts,
    exp.MD5: _md5,
    exp.GroupConcat: _gathered,
    exp.Length: length,
    exp.ArraySize: length,
    "len": length,
    "list_count": counted(is_distinct=False),
    "list_unique": counted(is_distinct=True),
}
