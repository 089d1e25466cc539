"""Texts and patterns in SQLite's dialect."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed
from meshkit.sql.transpile.kinds import Kind
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import SPACES, at_least, call, filled_text, literal_text, number, text, texts_only


def _needle(node: exp.Expr, context: Context) -> exp.Expr:
    needle = node.args.get("expression") or node.args.get("substr")
    texts_only(node, node.this, needle, context=context)
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    return text(filled_text(needle, node, context))


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    return call("INSTR", node.this, _needle(node, context))


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.GT(this=_position(node, context), expression=number(0))


def _starts(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=call("SUBSTR", node.this, number(1), number(len(needle.name))), expression=needle)


def _ends(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=call("mk_right", node.this, number(len(needle.name))), expression=needle)


def _liked(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, node.expression, context=context)
        if isinstance(node.parent, exp.Escape):
            return node
        return call(name, node.this, node.expression, text(""))

    return apply


def _escaped(node: exp.Expr, context: Context) -> exp.Expr:
    inner = node.this
    if not isinstance(inner, exp.Like | exp.ILike) or len(literal_text(node.expression) or "") != 1:
        context.refuse(node)
    return call(
        "mk_ilike" if isinstance(inner, exp.ILike) else "mk_like", inner.this, inner.expression, node.expression
    )


def _matched(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        flag = node.args.get("flag") or node.args.get("options")
        pattern = literal_text(node.expression)
        if pattern is None or (flag is not None and literal_text(flag) not in ("", "c", "i")):
            context.refuse(node, "with a pattern that is computed, or these options")
        prefix = "(?i)" if flag is not None and flag.name == "i" else ""
        return call(name, text(prefix + pattern), node.this)

    return apply


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if literal_text(node.expression) is None or node.args.get("parameters") is not None:
        context.refuse(node, "with a pattern that is computed, or options")
    group = node.args.get("group")
    which = at_least(group, 0, node, context) if group is not None else 0
    return call("mk_regexp_extract", node.this, node.expression, number(which))


def _replaced(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    modifiers, by = node.args.get("modifiers"), node.args["replacement"]
    if None in (literal_text(node.expression), literal_text(by)) or (modifiers and modifiers.name not in ("", "g")):
        context.refuse(node, "with a pattern that is computed, or other options than 'g'")
    is_global = int(modifiers is not None and modifiers.name == "g")
    return call("mk_regexp_replace", node.this, node.expression, by, number(is_global))


def _trimmed(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    side = {"LEADING": "left", "TRAILING": "right"}.get(str(node.args.get("position") or "").upper(), "both")
    characters = node.args.get("expression")
    taken = SPACES if characters is None else filled_text(characters, node, context)
    return call("mk_trim", node.this, text(taken), text(side))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    parts = [number(at_least(node.args.get("start"), 1, node, context))]
    length = node.args.get("length")
    parts += [number(at_least(length, 0, node, context))] if length is not None else []
    return call("SUBSTR", node.this, *parts)


def _left(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return call("SUBSTR", node.this, number(1), number(at_least(node.expression, 0, node, context)))


def _right(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return call("mk_right", node.this, number(at_least(node.expression, 0, node, context)))


def _on_text(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        return call(name, node.this)

    return apply


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if isinstance(value, exp.Anonymous) and value.name == "mk_split":
        return call("mk_split_length", *value.expressions)
    context.require(value, Kind.TEXT, Kind.NULL, of=node)
    return call("LENGTH", value)


def _split(node: exp.Expr, context: Context) -> exp.Expr:
    value, separator = (node.this, node.expression) if isinstance(node, exp.Split) else node.expressions
    holder = node.parent
    is_measured = isinstance(holder, exp.Length | exp.ArraySize) or (
        isinstance(holder, exp.Anonymous) and holder.name.lower() == "len"
    )
    if not is_measured:
        context.refuse(node, "other than to count its parts")
    texts_only(node, value, context=context)
    return call("mk_split", value, text(filled_text(separator, node, context)))


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    delimiter = text(filled_text(node.args["delimiter"], node, context))
    return call("mk_split_part", node.this, delimiter, number(at_least(node.args["part_index"], 1, node, context)))


def _padded(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    length = number(at_least(node.expression, 0, node, context))
    fill = text(filled_text(node.args.get("fill_pattern"), node, context))
    return call("mk_pad", node.this, length, fill, number(int(bool(node.args.get("is_left")))))


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    filled_text(node.expression, node, context)
    return call("REPLACE", node.this, node.expression, node.args["replacement"])


def _joined(node: exp.Expr, context: Context) -> exp.Expr:
    for part in node.expressions:
        context.require(part, Kind.TEXT, Kind.INTEGER, Kind.NULL, of=node)
    context.note("concat() passes over NULL: mk_concat")
    return call("mk_concat", *node.expressions)


def _both_texts(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    return node


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    "string_split": listed.left_alone(_split),
    exp.Split: listed.left_alone(_split),
    "len": _length,
    exp.Length: _length,
    exp.ArraySize: _length,
    exp.Like: _liked("mk_like"),
    exp.ILike: _liked("mk_ilike"),
    exp.Escape: _escaped,
    exp.RegexpLike: _matched("mk_regexp"),
    exp.RegexpFullMatch: _matched("mk_regexp_full"),
    exp.SimilarTo: _matched("mk_regexp_full"),
    exp.RegexpExtract: _extracted,
    exp.RegexpReplace: _replaced,
    exp.Lower: _on_text("mk_lower"),
    exp.Upper: _on_text("mk_upper"),
    exp.MD5: _on_text("md5"),
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
    exp.Concat: _joined,
    exp.DPipe: _both_texts,
}
