"""Texts on Spark."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind
from meshkit.sql.transpile.letters import SEVERAL_CAPITALS, ilike
from meshkit.sql.transpile.parts import call, escaped_like, infix, is_listed, like, number_of, text_of, value, when
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_casts import as_type
from meshkit.sql.transpile.spark_patterns import java, may_be_empty

_WRITABLE = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.NULL)


def _of_text(name: str) -> Rule:
    """Call a function whose arguments are texts, in DuckDB's order."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.args.get("expression")]
        arguments = [a for a in arguments if a is not None]
        for argument in arguments:
            context.require(argument, Kind.TEXT, Kind.NULL, of=node)
        return call(name, *arguments)

    return rule


def _lower(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in lower case, each letter by itself: Java makes two of one, and another of a sigma at the end."""
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return call("lower", call("translate", node.this, "\u0130\u03a3", "i\u03c3"))


def _upper(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in upper case, each letter by itself: where Java makes several of one, the query ends with an error."""
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    context.note("letters that Unicode has several capitals for end the query with an error")
    made = call("upper", call("replace", node.this, "\u00df", "\u1e9e"))
    is_several = call("regexp_like", node.this, f"[{SEVERAL_CAPITALS}]")
    return when((is_several, call("raise_error", "a letter with several capitals")), default=made)


def _written(part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(part, *_WRITABLE, of=node)
    return part.copy() if kind in (Kind.TEXT, Kind.NULL) else as_type(part, "STRING")


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.this if not isinstance(node, exp.Anonymous) else node.expressions[0]
    kind = context.require(part, Kind.TEXT, Kind.LIST, Kind.MAP, of=node)
    return (
        call("char_length", part)
        if kind is Kind.TEXT
        else call("size", part)
        if kind is Kind.MAP
        else call("array_size", part)
    )


def _trim(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "btrim")
    characters = node.args.get("expression")
    if characters is None:
        return call(name, node.this)
    return call(name, node.this, characters) if name == "btrim" else call(name, characters, node.this)


def _concat(node: exp.Expr, context: Context) -> exp.Expr:
    context.note("CONCAT passes over NULL in DuckDB: COALESCE does so here")
    members = [_written(m, node, context) for m in node.expressions]
    return call("concat", *(m if isinstance(m, exp.Literal) else call("coalesce", m, "") for m in members))


def _concat_ws(node: exp.Expr, context: Context) -> exp.Expr:
    return call("concat_ws", *(_written(m, node, context) for m in node.expressions))


def _piped(node: exp.Expr, context: Context) -> exp.Expr:
    return call("concat", _written(node.this, node, context), _written(node.expression, node, context))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    start, length = node.args.get("start"), node.args.get("length")
    at, many = number_of(start), number_of(length)
    if many is not None and many < 0:
        context.refuse(node, "of a negative length")
    rest = [length] if length is not None else []
    if at is not None and at > 0 and (length is None or many is not None):
        return call("substring", node.this, at, *rest)
    if at == 0 and length is None:
        return value(node.this)
    if at == 0 and many is not None:
        return call("substring", node.this, 1, max(many - 1, 0))
    if at is not None and at < 0:
        from_end = (
            call("greatest", infix(exp.Add, call("char_length", node.this), at + 1), 1) if length is None else None
        )
        if from_end is None:
            return call("substring", node.this, at, *rest)
        return call("substring", node.this, from_end)
    assert start is not None
    context.note("a computed start before the text is an error: DuckDB counts it from the end")
    before: exp.Expr = exp.LT(this=exp.Paren(this=start.copy()), expression=exp.Literal.number(1))
    if length is not None:
        negative = exp.LT(this=exp.Paren(this=length.copy()), expression=exp.Literal.number(0))
        before = exp.Or(this=before, expression=negative)
    failed = call("raise_error", "substring from before the text")
    return when((before, failed), default=call("substring", node.this, start, *rest))


def _end(name: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.TEXT, of=node)
        many = number_of(node.expression)
        if many is None:
            context.refuse(node, "of a computed length")
        if many >= 0:
            return call(name, node.this, many)
        rest = infix(exp.Add, call("char_length", node.this), many)
        return call(name, node.this, call("greatest", rest, 0))

    return rule


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    return call("instr", node.this, node.args["substr"])


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    return call("replace", node.this, node.expression, node.args["replacement"])


def _pad(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    fill = node.args.get("fill_pattern")
    return call(
        "lpad" if node.args.get("is_left") else "rpad", node.this, node.expression, fill if fill is not None else " "
    )


def _repeat(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    return call("repeat", node.this, as_type(node.args["times"], "INT"))


def _pattern(node: exp.Expr, context: Context, flags: exp.Expr | None = None, *, is_whole: bool = False) -> str:
    pattern = text_of(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    try:
        found = java(pattern, flags.name if flags is not None else "")
    except ValueError as error:
        context.refuse(node, str(error))
    return f"^(?:{found})\\z" if is_whole else found


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return call("regexp_like", node.this, _pattern(node, context, node.args.get("flag")))


def _matches_whole(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    context.note("a match of the whole text is written as ^(?:...)\\z")
    return call("regexp_like", node.this, _pattern(node, context, node.args.get("options"), is_whole=True))


def _extract(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    group = number_of(node.args.get("group")) if node.args.get("group") is not None else 0
    if group is None or node.args.get("position") is not None:
        context.refuse(node, "of a computed group")
    return call("regexp_extract", node.this, _pattern(node, context, node.args.get("parameters")), group)


def _replace_pattern(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    flags, by = node.args.get("modifiers"), text_of(node.args.get("replacement"))
    if by is None:
        context.refuse(node, "by what is computed")
    pattern = _pattern(node, context, flags)
    groups = _java_replacement(by)
    if flags is not None and "g" in flags.name:
        if may_be_empty(node.expression.name):
            context.refuse(node, "with a pattern that matches nothing at all")
        return call("regexp_replace", node.this, pattern, groups)
    if groups != by:
        context.refuse(node, "of the first match by a part of it")
    context.note("regexp_replace replaces the first match: it is cut out by its position")
    at = call("regexp_instr", node.this, pattern)
    found = call("regexp_substr", node.this, pattern)
    head = call("substring", node.this, 1, infix(exp.Sub, at, 1))
    tail = call("substring", node.this, infix(exp.Add, at, call("char_length", found)))
    if may_be_empty(node.expression.name):
        context.refuse(node, "with a pattern that matches nothing at all")
    hit = exp.GT(this=at.copy(), expression=exp.Literal.number(0))
    return when((hit, call("concat", head, value(by), tail)), default=node.this)


def _java_replacement(text: str) -> str:
    found, i = "", 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1 : i + 2].isdigit():
            found, i = f"{found}${text[i + 1]}", i + 2
            if text[i : i + 1].isdigit():
                found += "\\"
            continue
        if text[i] == "\\" and text[i + 1 : i + 2] == "\\":
            i += 1
            found += "\\\\"
        else:
            found += "\\$" if text[i] == "$" else text[i]
        i += 1
    return found


def _split(node: exp.Expr, context: Context) -> exp.Expr:
    if is_listed(node):
        return node
    text, at = (node.this, node.expression) if not isinstance(node, exp.Anonymous) else node.expressions
    context.require(text, Kind.TEXT, of=node)
    separator = text_of(at)
    if not separator or "\\E" in separator:
        context.refuse(node, "at what is computed or empty")
    context.note("string_split splits at a text: \\Q...\\E says so")
    return call("split", text, f"\\Q{separator}\\E")


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    index = number_of(node.args.get("part_index"))
    if not index or not text_of(node.args.get("delimiter")):
        context.refuse(node, "of a part that is computed, or 0")
    return call("split_part", node.this, node.args["delimiter"], index)


def _sha2(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    return call("sha2", node.this, int(node.args["length"].name) if node.args.get("length") else 256)


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Like: like,
    exp.ILike: ilike(_lower),
    exp.Escape: escaped_like,
    exp.Lower: _lower,
    exp.Upper: _upper,
    exp.Reverse: _of_text("reverse"),
    exp.Contains: _of_text("contains"),
    exp.StartsWith: _of_text("startswith"),
    exp.EndsWith: _of_text("endswith"),
    "suffix": _of_text("endswith"),
    exp.MD5: _of_text("md5"),
    exp.SHA2: _sha2,
    exp.Length: _length,
    exp.ArraySize: _length,
    "len": _length,
    "cardinality": _length,
    exp.MapSize: _length,
    exp.Trim: _trim,
    exp.Concat: _concat,
    exp.ConcatWs: _concat_ws,
    exp.DPipe: _piped,
    exp.Substring: _substring,
    exp.Left: _end("left"),
    exp.Right: _end("right"),
    exp.StrPosition: _position,
    exp.Replace: _replace,
    exp.Pad: _pad,
    exp.Repeat: _repeat,
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _matches_whole,
    exp.SimilarTo: _matches_whole,
    exp.RegexpExtract: _extract,
    exp.RegexpReplace: _replace_pattern,
    exp.Split: _split,
    "string_split": _split,
    "str_split": _split,
    "string_to_array": _split,
    exp.SplitPart: _split_part,
}
