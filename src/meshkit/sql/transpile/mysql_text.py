"""Texts and patterns in the dialect of MySQL and MariaDB.

Their collations pass over case, accents and blanks at the end: texts are compared as their bytes in UTF-8, whose order is that of code
points. Patterns run in PCRE on MariaDB and in ICU on MySQL; what is written means the same in both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.posix import Flavour, posix
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    SPACES,
    at_least,
    call,
    cast_as,
    filled_text,
    grouped,
    is_there,
    literal_text,
    number,
    text,
    texts_only,
    typed,
    when,
)

_FLAVOUR = Flavour(end=r"\z", knows_words=False, has_classes=False, nests=True, dot="[^\n]")
_ONE_GROUP = re.compile(r"(\^?)((?:[^\\\[\](){}.*+?|^$]|\\[^\w])*)\(([^()|?][^()|]*)\)((?![*+?{])[^()|]*)$")
"""A pattern with one group, behind plain characters only: what is in it is found by looking back and ahead."""
_TEXT = "CHAR CHARACTER SET utf8mb4"
_ESCAPES = "|!~^#\x01"


def characters(value: exp.Expr) -> exp.Cast:
    """Write a value as a text in UTF-8."""
    return cast_as(value, _TEXT, "VARCHAR")


def exact(value: exp.Expr) -> exp.Expr:
    """Write a text as its bytes, in which it is compared; it still counts as a text."""
    if is_exact(value):
        return value.copy()
    return cast_as(value if is_characters(value) else characters(value), "BINARY", "VARCHAR")


def is_exact(value: exp.Expr) -> bool:
    """Tell whether a part is written as bytes."""
    return _is_cast(value, "BINARY")


def is_characters(value: exp.Expr) -> bool:
    """Tell whether a part is written as a text in UTF-8."""
    return _is_cast(value, _TEXT)


def _is_cast(value: exp.Expr, name: str) -> bool:
    return isinstance(value, exp.Cast) and value.to.this is exp.DType.USERDEFINED and value.to.args.get("kind") == name


def cased(value: exp.Expr) -> exp.Expr:
    """Write a text so that patterns and searches tell upper and lower case apart."""
    return exp.Collate(this=characters(value), expression=exp.var("utf8mb4_bin"))


def as_text(node: exp.Expr, source: Kind, context: Context) -> exp.Expr:
    """Write a value as a text."""
    if source is Kind.BOOLEAN:
        context.note("a boolean as a text is 'true' or 'false'")
        chosen = [
            exp.If(this=grouped(node.this), true=text("true")),
            exp.If(this=exp.Not(this=exp.Paren(this=node.this.copy())), true=text("false")),
        ]
        return exp.Case(ifs=chosen)
    if source in (Kind.TEXT, Kind.NULL, Kind.INTEGER, Kind.DECIMAL, Kind.DATE):
        return characters(node.this)
    context.refuse(node, f"from {source} to text")


def _pattern(node: exp.Expr, context: Context) -> str:
    pattern = literal_text(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    try:
        return posix(pattern, _FLAVOUR)
    except ValueError as error:
        context.refuse(node, str(error))


def _found(value: exp.Expr, pattern: str) -> exp.Expr:
    return exp.GT(this=call("REGEXP_INSTR", cased(value), text(pattern)), expression=number(0))


def _matches(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("flag") is not None and literal_text(node.args["flag"]) not in ("", "c"):
        context.refuse(node, "with these options")
    context.note("patterns tell upper and lower case apart: COLLATE utf8mb4_bin")
    return _found(node.this, _pattern(node, context))


def _full_match(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("options") is not None:
        context.refuse(node, "with options")
    context.note("a whole text is matched by REGEXP with ^(...)\\z")
    return _found(node.this, rf"^({_pattern(node, context)})\z")


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    group, pattern = node.args.get("group"), _pattern(node, context)
    which = at_least(group, 0, node, context) if group is not None else 0
    if node.args.get("parameters") is not None or which > 1:
        context.refuse(node, "with options, or a group behind the first")
    if which:
        split = _ONE_GROUP.match(node.expression.name)
        if split is None:
            context.refuse(node, "with a group behind more than plain characters")
        start, before, inside, behind = (posix(p, _FLAVOUR) for p in split.groups())
        pattern = start + (f"(?<={before})" if before else "") + inside + (f"(?={behind})" if behind else "")
        if start and before:
            pattern = f"(?<=^{before}){inside}" + (f"(?={behind})" if behind else "")
    context.note("regexp_extract gives '' where nothing matches")
    found = call("REGEXP_SUBSTR", cased(node.this), text(pattern))
    return when(is_there(node.this), characters(exp.Coalesce(this=found, expressions=[text("")])))


def _replaced(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    modifiers, by = node.args.get("modifiers"), literal_text(node.args["replacement"])
    pattern = _pattern(node, context)
    if modifiers is None or modifiers.name != "g":
        context.refuse(node, "that replaces the first match, or has other options than 'g'")
    if by is None or set(by) & set("\\$") or re.search(r"[*?|^]|\{0|\\z", pattern.replace("[^", "[")):
        context.refuse(node, "with groups in the replacement, or a pattern that may match nothing")
    return characters(call("REGEXP_REPLACE", cased(node.this), text(pattern), text(by)))


def _like(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    pattern = literal_text(node.expression)
    if pattern is None:
        context.refuse(node, "with a pattern that is computed")
    context.note("LIKE tells upper and lower case apart: COLLATE utf8mb4_bin")
    node.set("this", cased(node.this))
    if isinstance(node.parent, exp.Escape):
        return node
    unused = next((c for c in _ESCAPES if c not in pattern), None)
    if unused is None:
        context.refuse(node, "with this pattern")
    return exp.Escape(this=node.copy(), expression=text(unused))


def _escape(node: exp.Expr, context: Context) -> exp.Expr:
    if len(literal_text(node.expression) or "") != 1:
        context.refuse(node, "with no character, or a computed one")
    return node


_RARE_UPPER = (
    "\u025c\u0261\u0265\u0266\u026a\u026c\u0282\u0287\u029d\u029e\u03f3\u0527\u0529\u052b\u052d\u052f\u10d0-"
    "\u10fa\u10fd-\u10ff\u13f8-\u13fd\u1c80-\u1c88\u1d8e\u2c5f\u2cf3\u2d27-\u2d2d\ua661\ua699\ua69b\ua791"
    "\ua793\ua794\ua797\ua799\ua79b\ua79d\ua79f\ua7a1\ua7a3\ua7a5\ua7a7\ua7a9\ua7b5\ua7b7\ua7b9\ua7bb\ua7bd"
    "\ua7bf\ua7c1\ua7c3\ua7c8\ua7ca\ua7d1\ua7d7\ua7d9\ua7f6\uab53\uab70-\uabbf\U000104d8-\U000104fb\U00010597-"
    "\U000105bc\U00010cc0-\U00010cf2\U000118c0-\U000118df\U00016e60-\U00016e7f\U0001e922-\U0001e943"
)
_RARE_LOWER = (
    "\u037f\u0526\u0528\u052a\u052c\u052e\u10c7-\u10cd\u13a0-\u13f5\u1c90-\u1cbf\u2c2f\u2cf2\ua660\ua698\ua69a"
    "\ua78d\ua790\ua792\ua796\ua798\ua79a\ua79c\ua79e\ua7a0\ua7a2\ua7a4\ua7a6\ua7a8\ua7aa-\ua7ae\ua7b0-\ua7b4"
    "\ua7b6\ua7b8\ua7ba\ua7bc\ua7be\ua7c0\ua7c2\ua7c4-\ua7c7\ua7c9\ua7d0\ua7d6\ua7d8\ua7f5\U000104b0-"
    "\U000104d3\U00010570-\U00010595\U00010c80-\U00010cb2\U000118a0-\U000118bf\U00016e40-\U00016e5f\U0001e900-"
    "\U0001e921"
)
"""Letters whose case is newer than Unicode 5.2: their rows end the query, rather than be wrong."""


def _case_of(name: str, rare: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        context.note("upper and lower case are Unicode's; letters newer than Unicode 5.2 end the query with an error")
        collated = exp.Collate(this=characters(node.this), expression=exp.var("utf8mb4_unicode_520_ci"))
        made: exp.Expr = call(name, collated)
        if name == "UPPER":
            made = call(
                "REPLACE", exp.Collate(this=made, expression=exp.var("utf8mb4_bin")), text("\xdf"), text("\u1e9e")
            )
        beyond = exp.Add(this=number(2**63 - 1), expression=call("CHAR_LENGTH", node.this))  # an error, out of range
        is_rare = _found(node.this, f"[{rare}]")
        return when(is_rare, characters(beyond), characters(made))

    return apply


def _trimmed(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    if node.args.get("collation") is not None:
        context.refuse(node)
    where = str(node.args.get("position") or "").upper()
    taken = node.args.get("expression")
    if taken is None:
        context.note("trim takes away all of Unicode's spaces")
    members = SPACES if taken is None else filled_text(taken, node, context)
    escaped = "".join(
        "\\" + c if not c.isalnum() and c.isascii() and c.isprintable() and c != " " else c for c in members
    )
    start, end = f"^[{escaped}]+", rf"[{escaped}]+\z"
    pattern = {"LEADING": start, "TRAILING": end}.get(where, f"{start}|{end}")
    return characters(call("REGEXP_REPLACE", cased(node.this), text(pattern), text("")))


def _substring(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    start, length = node.args.get("start"), node.args.get("length")
    parts = [number(at_least(start, 1, node, context))]
    parts += [number(at_least(length, 0, node, context))] if length is not None else []
    return call("SUBSTRING", node.this, *parts)


def _end(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        texts_only(node, node.this, context=context)
        return call(name, node.this, number(at_least(node.expression, 0, node, context)))

    return apply


def _needle(node: exp.Expr, context: Context) -> exp.Literal:
    needle = node.args.get("expression") or node.args.get("substr")
    texts_only(node, node.this, needle, context=context)
    if node.args.get("position") is not None or node.args.get("occurrence") is not None:
        context.refuse(node, "from a position")
    return text(filled_text(needle, node, context))


def _position(node: exp.Expr, context: Context) -> exp.Expr:
    return call("LOCATE", _needle(node, context), cased(node.this))


def _contains(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.GT(this=_position(node, context), expression=number(0))


def _starts(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=exact(call("LEFT", node.this, number(len(needle.name)))), expression=needle)


def _ends(node: exp.Expr, context: Context) -> exp.Expr:
    needle = _needle(node, context)
    return exp.EQ(this=exact(call("RIGHT", node.this, number(len(needle.name)))), expression=needle)


def _replace(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.args.get("replacement"), context=context)
    filled_text(node.expression, node, context)
    return characters(call("REPLACE", cased(node.this), node.expression, node.args["replacement"]))


def _one_character(node: exp.Expr | None, of: exp.Expr, context: Context) -> exp.Literal:
    found = filled_text(node, of, context)
    if len(found) != 1:
        context.refuse(of, "by more than one character")
    return text(found)


def _parts_of(value: exp.Expr, delimiter: exp.Expr) -> exp.Expr:
    """Count the parts that a text is split into: one more than there are delimiters."""
    without = call("REPLACE", cased(value), delimiter, text(""))
    less = exp.Sub(this=call("CHAR_LENGTH", value), expression=call("CHAR_LENGTH", without))
    return exp.Paren(this=exp.Add(this=less, expression=number(1)))


def _split_part(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    delimiter = _one_character(node.args["delimiter"], node, context)
    index = at_least(node.args["part_index"], 1, node, context)
    context.note("split_part is SUBSTRING_INDEX, '' where there is no such part")
    first = call("SUBSTRING_INDEX", cased(node.this), delimiter, number(index))
    found = characters(call("SUBSTRING_INDEX", first, delimiter, number(-1)))
    counted = _parts_of(node.this, delimiter)
    is_less = exp.LT(this=counted, expression=number(index))
    return exp.Case(ifs=[exp.If(this=is_less, true=text(""))], default=found)


def _padded(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    length = number(at_least(node.expression, 0, node, context))
    fill = text(filled_text(node.args.get("fill_pattern"), node, context))
    return call("LPAD" if node.args.get("is_left") else "RPAD", node.this, length, fill)


def _joined(node: exp.Expr, context: Context) -> exp.Expr:
    """Join texts, NULL as none: concat() passes over NULL."""
    pieces = []
    for part in node.expressions:
        context.require(part, Kind.TEXT, Kind.INTEGER, Kind.NULL, of=node)
        as_one = part if isinstance(part, exp.Literal) and part.is_string else characters(part)
        pieces.append(exp.Coalesce(this=as_one.copy(), expressions=[text("")]))
    context.note("concat() passes over NULL: COALESCE(..., '')")
    return call("CONCAT", *pieces)


def _both_texts(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, node.expression, context=context)
    context.note("x || y is CONCAT(x, y)")
    return call("CONCAT", *(p if isinstance(p, exp.Literal) else characters(p) for p in (node.this, node.expression)))


def _md5(node: exp.Expr, context: Context) -> exp.Expr:
    texts_only(node, node.this, context=context)
    return call("MD5", characters(node.this))


def _split(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep the split whose parts are counted, for `_length`."""
    holder = node.parent
    if not isinstance(holder, exp.Length | exp.ArraySize) and not (
        isinstance(holder, exp.Anonymous) and holder.name.lower() == "len"
    ):
        context.refuse(node, "other than to count its parts")
    value, separator = (node.this, node.expression) if isinstance(node, exp.Split) else node.expressions
    texts_only(node, value, context=context)
    return call("SPLIT", value, _one_character(separator, node, context))


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the characters of a text, or the parts that it is split into."""
    value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if isinstance(value, exp.Anonymous) and value.name == "SPLIT":
        context.note("the parts of a text are counted by its separators")
        return _parts_of(*value.expressions)
    context.require(value, Kind.TEXT, Kind.NULL, of=node)
    return call("CHAR_LENGTH", value)


def split_rule() -> Rule:
    """Return the rule of string_split()."""
    return _split


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.RegexpLike: _matches,
    exp.RegexpFullMatch: _full_match,
    exp.SimilarTo: _full_match,
    exp.RegexpExtract: _extracted,
    exp.RegexpReplace: _replaced,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.Upper: _case_of("UPPER", _RARE_UPPER),
    exp.Lower: _case_of("LOWER", _RARE_LOWER),
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
    exp.Length: _length,
    exp.ArraySize: _length,
    "len": _length,
}
__all__ = ["RULES", "as_text", "characters", "exact", "is_exact", "kind_of", "split_rule", "typed"]
