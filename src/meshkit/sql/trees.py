"""What other rooms may know of a tree without knowing sqlglot."""

from __future__ import annotations

from sqlglot import exp

Tree = exp.Expr
"""A piece of SQL. Only `sql/` looks inside."""


def column_names(tree: Tree) -> frozenset[str]:
    """Return the folded names of all columns in a tree, whatever table they are of."""
    return frozenset(c.name.casefold() for c in tree.find_all(exp.Column))
