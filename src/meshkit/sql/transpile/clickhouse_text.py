"""Texts on ClickHouse: its functions count bytes unless they are told to count characters."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.clickhouse_casts import text
from meshkit.sql.transpile.kinds import Kind
from meshkit.sql.transpile.letters import SEVERAL_CAPITALS, ilike
from meshkit.sql.transpile.parts import (
    call,
    escaped_like,
    infix,
    is_listed,
    like,
    number_of,
    present,
    text_of,
    value,
    when,
)
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_patterns import may_be_empty


def _of_text(*names: str) -> Rule:
    """Call functions, the innermost last, whose arguments are texts in DuckDB's order."""

    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        arguments = [a for a in (node.this, node.args.get("expression")) if a is not None]
        for argument in arguments:
            context.require(argument, Kind.TEXT, Kind.NULL, of=node)
        made = call(names[-1], *arguments)
        for name in reversed(names[:-1]):
            made = call(name, made)
        return made

    return rule


def _lower(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in lower case, each letter by itself: ICU makes two of one, and another of a sigma at the end."""
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return call("lowerUTF8", call("replaceAll", call("replaceAll", node.this, "\u0130", "i"), "\u03a3", "\u03c3"))


def _upper(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a text in upper case, each letter by itself: where ICU makes several of one, the query ends with an error."""
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    context.note("letters that Unicode has several capitals for end the query with an error")
    made = call("upperUTF8", call("replaceAll", node.this, "\u00df", "\u1e9e"))
    is_several = call("ifNull", call("match", node.this, f"[{SEVERAL_CAPITALS}]"), 0)
    return when((infix(exp.EQ, call("throwIf", is_several, "a letter with several capitals"), 0), made))


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.TEXT, of=node)
    return infix(exp.GT, call("position", node.this, node.expression), 0)


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    kind = context.require(part, Kind.TEXT, Kind.LIST, Kind.MAP, of=node)
    made = call("toInt64", call("lengthUTF8" if kind is Kind.TEXT else "length", part))
    return when((present(source), made)) if (source := split_text(part)) is not None else made


def _trim(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    name = {"LEADING": "trimLeft", "TRAILING": "trimRight"}.get((node.args.get("position") or "").upper(), "trimBoth")
    characters = node.args.get("expression")
    return call(name, node.this, *([characters] if characters is not None else []))


def _concat(node: exp.Expr, context: Context) -> exp.Expr:
    context.note("CONCAT passes over NULL in DuckDB: COALESCE does so here")
    members = [text(m, node, context) for m in node.expressions]
    return call("concat", *(m if isinstance(m, exp.Literal) else call("coalesce", m, "") for m in members))


def _concat_ws(node: exp.Expr, context: Context) -> exp.Expr:
    members = [call("CAST", text(m, node, context), "Nullable(String)") for m in node.expressions[1:]]
    kept = call("arrayFilter", exp.Var(this="x -> x IS NOT NULL"), call("array", *members))
    return call("arrayStringConcat", kept, node.expressions[0])


def _piped(node: exp.Expr, context: Context) -> exp.Expr:
    return call("concat", text(node.this, node, context), text(node.expression, node, context))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    start, length = node.args.get("start"), node.args.get("length")
    at, many = number_of(start), number_of(length)
    if (many is not None and many < 0) or start is None:
        context.refuse(node, "of a negative length")
    rest = [length] if length is not None else []
    if at is not None and at > 0 and (length is None or many is not None):
        return call("substringUTF8", node.this, at, *rest)
    if at == 0 and (length is None or many is not None):
        return node.this.copy() if many is None else call("substringUTF8", node.this, 1, max(many - 1, 0))
    if at is not None and at < 0:
        if length is not None:
            return call("substringUTF8", node.this, at, *rest)
        return call("rightUTF8", node.this, -at)
    context.note("a computed start before the text is an error: DuckDB counts it from the end")
    before = exp.LT(this=exp.Paren(this=start.copy()), expression=exp.Literal.number(1))
    failed = exp.EQ(this=call("throwIf", before, "substring from before the text"), expression=exp.Literal.number(1))
    start = call("toInt64", start)
    made: exp.Expr = call("substringUTF8", node.this, start, *(call("toInt64", r) for r in rest))
    if length is not None:
        negative = exp.LT(this=exp.Paren(this=length.copy()), expression=exp.Literal.number(0))
        failed = exp.EQ(this=call("throwIf", exp.Or(this=before.copy(), expression=negative), "substring from before the text"),
                        expression=exp.Literal.number(1))  # fmt: skip
    return when((failed, ""), default=made)


def _end(name: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, Kind.TEXT, of=node)
        many = number_of(node.expression)
        if many is None:
            context.refuse(node, "of a computed length")
        if many >= 0:
            return call(name, node.this, many)
        rest = infix(exp.Add, call("toInt64", call("lengthUTF8", node.this)), many)
        return call(name, node.this, call("greatest", rest, 0))

    return rule


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    return call("toInt64", call("positionUTF8", node.this, node.args["substr"]))


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    if not text_of(node.expression):
        context.refuse(node, "of what is computed or empty") if text_of(node.expression) is None else None
        return value(node.this)
    return call("replaceAll", node.this, node.expression, node.args["replacement"])


def _pad(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    fill = node.args.get("fill_pattern")
    name = "leftPadUTF8" if node.args.get("is_left") else "rightPadUTF8"
    return call(name, node.this, node.expression, fill if fill is not None else " ")


def _repeat(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    return call("repeat", node.this, node.args["times"])


def _pattern(node: exp.Expr, context: Context, flags: exp.Expr | None = None, *, is_whole: bool = False) -> str:
    """Write a pattern: both sides read RE2, but here `.` matches a newline unless it is told not to."""
    pattern = text_of(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    options = flags.name if flags is not None else ""
    if set(options) - set("icsg"):
        context.refuse(node, "with these options")
    context.note("(?-s) keeps the dot of a pattern from matching a newline")
    prefix = ("(?s" if "s" in options else "(?-s") + ")" + ("(?i)" if "i" in options else "")
    return f"{prefix}^(?:{pattern})$" if is_whole else prefix + pattern


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return call("match", node.this, _pattern(node, context, node.args.get("flag")))


def _matches_whole(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return call("match", node.this, _pattern(node, context, node.args.get("options"), is_whole=True))


def _extract(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    group = number_of(node.args.get("group")) if node.args.get("group") is not None else 0
    if group is None or node.args.get("position") is not None:
        context.refuse(node, "of a computed group")
    return call("regexpExtract", node.this, _pattern(node, context, node.args.get("parameters")), group)


def _replace_pattern(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    flags = node.args.get("modifiers")
    pattern = _pattern(node, context, flags)
    is_global = flags is not None and "g" in flags.name
    if may_be_empty(node.expression.name) or text_of(node.args.get("replacement")) is None:
        context.refuse(node, "with a pattern that matches nothing at all, or a computed text")
    return call("replaceRegexpAll" if is_global else "replaceRegexpOne", node.this, pattern, node.args["replacement"])


def _split(node: exp.Expr, context: Context) -> exp.Expr:
    if is_listed(node):
        return node
    part, at = (node.this, node.expression) if not isinstance(node, exp.Anonymous) else node.expressions
    context.require(part, Kind.TEXT, of=node)
    if not text_of(at):
        context.refuse(node, "at what is computed or empty")
    made = call("splitByString", at, call("assumeNotNull", part))
    return call("if", call("isNull", part), call("emptyArrayString"), made)


def split_text(part: exp.Expr) -> exp.Expr | None:
    """Return the text that a list is split from: where it is NULL, so is the list, which ClickHouse cannot say."""
    is_split = isinstance(part, exp.Anonymous) and part.name == "if"
    return part.expressions[0].expressions[0] if is_split else None


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, of=node)
    index, at = number_of(node.args.get("part_index")), text_of(node.args.get("delimiter"))
    if not index or not at:
        context.refuse(node, "of a part that is computed, or 0")
    made = call("arrayElement", call("splitByString", at, call("assumeNotNull", node.this)), index)
    return when((present(node.this), made))


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Like: like,
    exp.ILike: ilike(_lower),
    exp.Escape: escaped_like,
    exp.Lower: _lower,
    exp.Upper: _upper,
    exp.Reverse: _of_text("reverseUTF8"),
    exp.Contains: _contains,
    exp.StartsWith: _of_text("startsWith"),
    exp.EndsWith: _of_text("endsWith"),
    exp.MD5: _of_text("lower", "hex", "MD5"),
    exp.SHA2: _of_text("lower", "hex", "SHA256"),
    exp.Length: _length,
    exp.ArraySize: _length,
    "len": _length,
    exp.Trim: _trim,
    exp.Concat: _concat,
    exp.ConcatWs: _concat_ws,
    exp.DPipe: _piped,
    exp.Substring: _substring,
    exp.Left: _end("leftUTF8"),
    exp.Right: _end("rightUTF8"),
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
    exp.SplitPart: _split_part,
}
