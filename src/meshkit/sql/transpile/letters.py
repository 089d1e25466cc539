"""Upper and lower case as DuckDB has them: each letter by itself, which becomes one."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile.parts import like, text_of, value
from meshkit.sql.transpile.rules import Context, Rule

SEVERAL_CAPITALS = (
    "\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50\u1f52\u1f54\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6\u1fb7\u1fbc"
    "\u1fc2-\u1fc4\u1fc6\u1fc7\u1fcc\u1fd2\u1fd3\u1fd6\u1fd7\u1fe2-\u1fe4\u1fe6\u1fe7\u1ff2-\u1ff4\u1ff6\u1ff7\u1ffc"
    "\ufb00-\ufb06\ufb13-\ufb17"
)
"""Letters of which Unicode makes several capitals, and DuckDB one; but for the sharp s."""


def lowered(pattern: str) -> str:
    """Return a text in lower case, each letter by itself, as DuckDB does.

    Example:
        >>> lowered("\u0391\u03a3 \u0130")
        'ασ i'
    """
    return "".join("i" if c == "\u0130" else c.lower() for c in pattern)


def ilike(lower: Rule) -> Rule:
    """Return the rule that writes ILIKE as LIKE of lower case, which `lower` writes."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        pattern = text_of(node.expression)
        made = exp.Like(
            this=lower(exp.Lower(this=node.this), context),
            expression=value(lowered(pattern))
            if pattern is not None
            else lower(exp.Lower(this=node.expression), context),
        )
        made.this.type, made.expression.type = node.this.type, node.expression.type
        context.note("ILIKE is LIKE of texts in lower case")
        return made if isinstance(node.parent, exp.Escape) else like(made, context)

    return apply
