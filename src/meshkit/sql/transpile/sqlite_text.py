"""Texts, patterns and lists in SQLite's dialect. Functions that begin with mk_ are given to each connection."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    SPACES,
    at_least,
    call,
    cast_as,
    filled_text,
    grouped,
    literal_integer,
    literal_text,
    number,
    text,
    texts_only,
    when,
)

_UNKNOWN_PATTERN = re.compile(
    r"\\[^BpPQCX]|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<unknown>\\.|\(\?(?!P?<\w+>|[is]*(?:-[is]+)?[:)]).?)", re.DOTALL
)
"""What the functions that search do not know of RE2's patterns, or RE2 itself does not."""


def as_text(value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    """Write a value as the text that DuckDB makes of it."""
    kind = kind_of(value)
    if kind is Kind.DATE and literal_text(value) is None:
        return bare(value)
    if kind in (Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.NULL):
        return value.copy()
    if kind is Kind.INTEGER:
        return cast_as(value, "TEXT", "VARCHAR")
    if kind is Kind.DECIMAL:
        return call("mk_decimal_text", value, number(decimal_size(value)[1]))
    if kind is Kind.BOOLEAN:
        made = when(value, text("true"))
        made.append("ifs", exp.If(this=exp.Not(this=grouped(value)), true=text("false")))
        return made
    if kind is Kind.FLOAT:
        return call("mk_float_text", value)
    if kind is Kind.ZONED:
        return exp.Paren(this=exp.DPipe(this=grouped(value), expression=text("+00")))
    context.refuse(node, f"from {kind} to text")


def bare(value: exp.Expr) -> exp.Expr:
    """Write a text so that it compares as one: a column whose type is no text turns what it is compared with into a number."""
    return exp.Paren(this=exp.DPipe(this=grouped(value), expression=text("")))


def _glob(pattern: str, escape: str) -> str | None:
    """Write a pattern of LIKE as one of GLOB, which minds case; None where its escape character stands at the end."""
    out, rest = "", iter(pattern)
    for character in rest:
        if escape and character == escape:
            character = next(rest, "")
            if not character:
                return None
            out += f"[{character}]" if character in "*?[" else character
        else:
            special = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
            out += special.get(character, character)
    return out


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node if isinstance(node.parent, exp.Escape) else _liked(node, node, "", context)


def _escaped(node: exp.Expr, context: Context) -> exp.Expr:
    escape = literal_text(node.expression)
    if escape is None or len(escape) > 1 or not isinstance(node.this, exp.Like | exp.ILike):
        context.refuse(node, "with an escape character that is computed")
    return _liked(node.this, node, escape, context)


def _liked(like: exp.Expr, node: exp.Expr, escape: str, context: Context) -> exp.Expr:
    pattern = literal_text(like.expression)
    if pattern is None and escape:
        context.refuse(node, "with a pattern that is computed and an escape character")
    globbed = None if pattern is None else _glob(pattern, escape)
    if pattern is not None and globbed is None:
        context.refuse(node, "with its escape character at the end")
    if isinstance(like, exp.ILike):
        sides = [call("mk_lower", s) for s in (like.this, like.expression)]
        made: exp.Expr = call("mk_like", *sides, text(escape.lower()))
    elif globbed is None:
        made = call("mk_like", like.this, like.expression, text(""))
    else:
        context.note("LIKE, which ignores case there, is GLOB")
        made = exp.Paren(this=exp.Glob(this=grouped(like.this), expression=text(globbed)))
    return exp.Paren(this=exp.Not(this=made)) if like.args.get("negate") else made


def _pattern(node: exp.Expr, flag: exp.Expr | None, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    flags = "" if flag is None else literal_text(flag)
    if flags is None or flags not in ("", "c", "i"):
        context.refuse(node, "with these options")
    for found in _UNKNOWN_PATTERN.finditer(literal_text(node.expression) or ""):
        if found["unknown"]:
            context.refuse(node, f"with {found['unknown']} in its pattern")
    if flags != "i":
        pattern_: exp.Expr = node.expression.copy()
        return pattern_
    pattern = literal_text(node.expression)
    if pattern is None:
        context.refuse(node, "with options and a pattern that is computed")
    return text(f"(?i){pattern}")


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    return call("mk_regexp", _pattern(node, node.args.get("flag"), context), node.this)


def _full_match(node: exp.Expr, context: Context) -> exp.Expr:
    return call("mk_regexp_full", _pattern(node, node.args.get("options"), context), node.this)


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    pattern = _pattern(node, node.args.get("parameters"), context)
    group = node.args.get("group")
    place = 0 if group is None else literal_integer(group)
    if place is None or place < 0:
        context.refuse(node, "of groups that are computed or several")
    return call("mk_regexp_extract", node.this, pattern, number(place))


def _replaced(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    modifiers = node.args.get("modifiers")
    flags = "" if modifiers is None else literal_text(modifiers)
    if flags is None or set(flags) - set("gic") or any(node.args.get(k) for k in ("position", "occurrence")):
        context.refuse(node, "with these options")
    pattern = _pattern(node, text("i") if "i" in flags else None, context)
    return call("mk_regexp_replace", node.this, pattern, node.args["replacement"], number(int("g" in flags)))


def _of_text(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        return call(name, node.this)

    return apply


def _trimmed(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(node.args.get("position") or "").upper(), "TRIM")
    characters = node.args.get("expression")
    taken = SPACES if characters is None else filled_text(characters, node, context)
    return call(name, node.this, text(taken))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    places = [p for p in (node.args.get("start"), node.args.get("length")) if p is not None]
    for place in places:
        context.require(place, Kind.INTEGER, of=node)
    return call("SUBSTR", node.this, *places)


def _left(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return call("SUBSTR", node.this, number(1), number(at_least(node.expression, 0, node, context)))


def _right(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    count = at_least(node.expression, 0, node, context)
    return call("SUBSTR", node.this, number(-count)) if count else call("SUBSTR", node.this, number(1), number(0))


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    needle = node.args.get("substr") or node.args.get("expression")
    if needle is None or node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    texts_only(node, node.this, needle, context=context)
    return call("INSTR", node.this, needle)


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.Paren(this=exp.GT(this=_position(node, context), expression=number(0)))


def _starts(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    start = call("SUBSTR", node.this, number(1), call("LENGTH", node.expression))
    return exp.Paren(this=exp.EQ(this=start, expression=grouped(node.expression)))


def _ends(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return call("mk_ends_with", node.this, node.expression)


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    return call("REPLACE", node.this, text(filled_text(node.expression, node, context)), node.args["replacement"])


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    delimiter = text(filled_text(node.args["delimiter"], node, context))
    context.require(node.args["part_index"], Kind.INTEGER, of=node)
    return call("mk_split_part", node.this, delimiter, node.args["part_index"])


def _padded(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    fill = text(filled_text(node.args.get("fill_pattern"), node, context))
    context.require(node.expression, Kind.INTEGER, of=node)
    return call("mk_pad", node.this, node.expression, fill, number(1 if node.args.get("is_left") else 0))


def _repeated(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return call("mk_repeat", node.this, number(at_least(node.args["times"], 0, node, context)))


def _chained(parts: list[exp.Expr]) -> exp.Expr:
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.DPipe(this=whole, expression=part)
    return exp.Paren(this=whole)


def _joined(node: exp.Expr, context: Context) -> exp.Expr:
    """Join what is not NULL."""
    context.note("CONCAT passes over NULL")
    return _chained([call("COALESCE", as_text(p, node, context), text("")) for p in node.expressions])


def _joined_with(node: exp.Expr, context: Context) -> exp.Expr:
    separator, *parts = node.expressions
    between = literal_text(separator)
    if between is None or not parts:
        context.refuse(node, "with a text between that is computed")
    context.note("CONCAT_WS passes over NULL")
    led = [exp.DPipe(this=text(between), expression=as_text(p, node, context)) for p in parts]
    return call("SUBSTR", _chained([call("COALESCE", p, text("")) for p in led]), number(len(between) + 1))


def _piped(node: exp.Expr, context: Context) -> exp.Expr:
    for side in ("this", "expression"):
        context.require(node.args[side], Kind.TEXT, Kind.NULL, Kind.INTEGER, of=node)
        node.set(side, as_text(node.args[side], node, context))
    return node


def _sha(node: exp.Expr, context: Context) -> exp.Expr:
    if literal_integer(node.args.get("length")) not in (None, 256):
        context.refuse(node)
    return _of_text("mk_sha256")(node, context)


def split(node: exp.Expr, context: Context) -> exp.Expr:
    """Split a text into a list, which is JSON there."""
    value, separator = (node.this, node.expression) if isinstance(node, exp.Split) else node.expressions
    texts_only(node, value, context=context)
    context.note("a list is written as JSON")
    return call("mk_split", value, text(filled_text(separator, node, context)))


def listed(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a list as JSON."""
    for member in node.expressions:
        context.require(member, Kind.TEXT, Kind.INTEGER, of=node)
    context.note("a list is written as JSON")
    return call("JSON_ARRAY", *node.expressions)


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if kind_of(value) is Kind.LIST:
        return call("JSON_ARRAY_LENGTH", value)
    context.require(value, Kind.TEXT, Kind.NULL, of=node)
    return call("LENGTH", value)


def _json_text(node: exp.Expr, context: Context) -> exp.Expr:
    path = node.expression
    if not isinstance(path, exp.JSONPath):
        context.refuse(node, "with a path that is computed")
    context.require(node.this, Kind.TEXT, Kind.JSON, of=node)
    steps = "$"
    for part in path.expressions[1:]:
        if isinstance(part, exp.JSONPathKey) and isinstance(part.this, str) and '"' not in part.this:
            steps += f'."{part.this}"'
        elif isinstance(part, exp.JSONPathSubscript) and isinstance(part.this, int) and part.this >= 0:
            steps += f"[{part.this}]"
        else:
            context.refuse(node, "with this path")
    return call("mk_json_text", node.this, text(steps))


def gathered(node: exp.Expr, context: Context) -> exp.Expr:
    """Join the texts of many rows in a stated order."""
    inner, separator = node.this, literal_text(node.args.get("separator") or text(","))
    if not isinstance(inner, exp.Order) or len(inner.expressions) != 1 or separator is None:
        context.refuse(node, "without an order by one value, or with a separator that is computed")
    ordered = inner.expressions[0]
    value, is_distinct = inner.this, isinstance(inner.this, exp.Distinct)
    held = value.expressions[0] if is_distinct else value
    context.require(held, Kind.TEXT, of=node)
    if is_distinct and held != ordered.this:
        context.refuse(node, "of distinct texts in another order than their own")
    flags = (ordered.args.get("desc"), ordered.args.get("nulls_first"), is_distinct)
    bits = [number(int(bool(f))) for f in flags]
    return call("mk_string_agg", held, text(separator), ordered.this, *bits)


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Like: _like,
    exp.ILike: _like,
    exp.Escape: _escaped,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.SimilarTo: _full_match,
    exp.RegexpExtract: _extracted,
    exp.RegexpReplace: _replaced,
    exp.Lower: _of_text("mk_lower"),
    exp.Upper: _of_text("mk_upper"),
    exp.Reverse: _of_text("mk_reverse"),
    exp.MD5: _of_text("md5"),
    exp.SHA2: _sha,
    exp.Trim: _trimmed,
    exp.Substring: _substring,
    exp.Left: _left,
    exp.Right: _right,
    exp.StrPosition: _position,
    exp.Contains: _contains,
    exp.StartsWith: _starts,
    exp.EndsWith: _ends,
    exp.Replace: _replace,
    exp.SplitPart: _split_part,
    exp.Pad: _padded,
    exp.Repeat: _repeated,
    exp.Concat: _joined,
    exp.ConcatWs: _joined_with,
    exp.DPipe: _piped,
    exp.Length: _length,
    exp.ArraySize: _length,
    "len": _length,
    exp.JSONExtractScalar: _json_text,
}
