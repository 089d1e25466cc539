"""Lists that a value is looked up in: built-in checks write long ones as sub-queries, which other engines read as plain lists."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import literal_integer, literal_text, number, text

_BETWEEN = (
    exp.Array,
    exp.Cast,
    exp.Anonymous,
    exp.Alias,
    exp.Select,
    exp.Subquery,
    exp.DataType,
    exp.Split,
    exp.Explode,
)


def is_part_of_list(node: exp.Expr) -> bool:
    """Tell whether a part stands within `x IN (SELECT unnest(...))`."""
    has_unnest, here = False, node
    while isinstance(here, _BETWEEN):
        has_unnest = has_unnest or _is_unnest(here)
        if here.parent is None:
            return False
        here = here.parent
    return has_unnest and isinstance(here, exp.In)


def left_alone(rule: Rule | None = None) -> Rule:
    """Return a rule that leaves parts of such lists to the rule of IN, and goes by `rule` elsewhere."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        if is_part_of_list(node):
            return node
        if rule is None:
            context.refuse(node)
        return rule(node, context)

    return apply


def one_of(at_most: int) -> Rule:
    """Return the rule of IN for an engine that takes lists of `at_most` members."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        query = node.args.get("query")
        members = _members(query.this if isinstance(query, exp.Subquery) else query) if query is not None else None
        if members is not None:
            context.note("a long list is written out")
            node = exp.In(this=node.this.copy(), expressions=members)
        if len(node.expressions) > at_most:
            context.refuse(node, f"of more than {at_most:,} values")
        return shared.one_of(node, context)

    return apply


def _is_unnest(node: exp.Expr) -> bool:
    return isinstance(node, exp.Explode) or (isinstance(node, exp.Anonymous) and node.name.lower() == "unnest")


def _members(query: exp.Expr) -> list[exp.Expr] | None:
    if not isinstance(query, exp.Select) or query.args.get("from_") is not None or len(query.expressions) != 1:
        return None
    unnest = query.expressions[0].unalias()
    if not _is_unnest(unnest):
        return None
    held = unnest.expressions[0] if isinstance(unnest, exp.Anonymous) else unnest.this
    if isinstance(held, exp.Array):
        return list(held.expressions)
    of_numbers = isinstance(held, exp.Cast)
    split = held.this if isinstance(held, exp.Cast) else held
    parts = [split.this, split.expression] if isinstance(split, exp.Split) else split.expressions
    whole, separator = (literal_text(p) for p in parts[:2])
    if whole is None or not separator:
        return None
    return [_typed(number(t) if of_numbers else text(t)) for t in whole.split(separator)]


def _typed(member: exp.Expr) -> exp.Expr:
    name = "VARCHAR" if literal_integer(member) is None else "BIGINT"
    for part in member.walk():
        part.type = exp.DataType.build(name)
    return member
