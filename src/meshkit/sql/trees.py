"""What other rooms may know of a tree without knowing sqlglot."""

from __future__ import annotations

from sqlglot import exp

from meshkit.model.names import fold

Tree = exp.Expr
"""A piece of SQL. Only `sql/` looks inside."""


def column_names(tree: Tree) -> frozenset[str]:
    """Return the folded names of all columns in a tree, whatever table they are of."""
    return frozenset(fold(c.name) for c in tree.find_all(exp.Column))


def names_in(tree: Tree) -> frozenset[str]:
    """Return the folded names of all columns in a tree, and their qualifiers: `s.x` may be a part of column `s`."""
    return frozenset(fold(part.name) for c in tree.find_all(exp.Column) for part in c.parts)


def table_names(tree: Tree) -> tuple[str, ...]:
    """Return what stands in FROM and JOIN, each once: ids of relations, and names of CTEs."""
    return tuple(dict.fromkeys(t.name for t in tree.find_all(exp.Table)))


def is_equality(tree: Tree) -> bool:
    """Tell whether a condition compares whole values only: equal, not equal, one of a list, or their opposites."""
    inner = tree.unnest()
    if isinstance(inner, exp.Not):
        return is_equality(inner.this)
    return isinstance(inner, (exp.EQ, exp.NEQ)) or (isinstance(inner, exp.In) and not inner.args.get("query"))


def matches_pattern(tree: Tree) -> bool:
    """Tell whether a tree matches regular expressions, which are dear."""
    return tree.find(exp.RegexpLike, exp.RegexpFullMatch) is not None
