"""Every node of a tree, held against the rules of its dialect."""

from __future__ import annotations

import re

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import fold, nearest
from meshkit.sql.guarding.rules import SYSTEM_SCHEMAS, Rules
from meshkit.sql.guarding.sizes import refuse_what_is_too_large

_WRITES = {
    "Insert", "Update", "Delete", "Merge", "Create", "Drop", "Alter", "TruncateTable", "Copy", "Attach", "Detach", "Command",
    "Set", "Pragma", "Use", "Into", "Lock", "Install", "Export", "LoadData", "Grant", "Revoke",
}  # fmt: skip
_QUERY_PARTS = frozenset(
    """
    with_ expressions from_ joins laterals where group having qualify windows order limit offset distinct prewhere
    this expression alias
    """.split()
)
_UNION_PARTS = _QUERY_PARTS | {"by_name", "side", "kind", "on"}
_TABLE_PARTS = frozenset({"this", "alias", "db", "joins", "ordinality", "catalog"})
_BARE = re.compile(r"[^\W\d][\w$#]*")
_WORDS = re.compile(r"[A-Za-z_0-9 ()]{0,60}")
_SET_TYPES = frozenset({exp.DType.USERDEFINED, exp.DType.XML, exp.DType.OBJECT, exp.DType.UNKNOWN})
_NAMED_CLASSES = (  # functions of which sqlglot only knows the name
    exp.Anonymous, exp.AnonymousAggFunc, exp.ParameterizedAgg, exp.CombinedAggFunc, exp.CombinedParameterizedAgg,
)  # fmt: skip


def refuse_what_is_not_allowed(tree: exp.Expr, rules: Rules) -> None:
    """Walk the whole tree.

    Raises:
        SqlError: MK202 it writes, MK203 a function that is not allowed, MK209 a construct that is not allowed.
    """
    try:
        for node in tree.walk():
            _refuse_node(node, rules)
            if rules.is_strict:
                _refuse_strictly(node, rules)
    except RecursionError as error:
        raise SqlError("nested too deeply", code="MK209") from error


def _refuse_node(node: exp.Expr, rules: Rules) -> None:
    name = type(node).__name__
    if isinstance(node, exp.Table):
        _refuse_table(node, rules)
    elif isinstance(node, _NAMED_CLASSES):
        function = node.name.lower()
        if function not in rules.anonymous:
            raise SqlError(
                f"function '{function[:60]}' is not allowed in a contract",
                f"did you mean '{near[0]}'?" if (near := nearest(function, rules.anonymous)) else "",
                code="MK203",
            )
        refuse_what_is_too_large(node)
    elif isinstance(node, exp.With) and node.args.get("recursive"):
        raise SqlError("WITH RECURSIVE is not allowed in a contract", code="MK209")
    elif name in _WRITES:
        raise SqlError(f"{name.upper()} is not allowed in a contract", "write one SELECT that only reads", code="MK202")
    elif isinstance(node, exp.Func):
        if name not in rules.functions and name not in rules.nodes:
            raise SqlError(f"function '{node.sql_name().lower()}' is not allowed in a contract", code="MK203")
        if isinstance(node, exp.Count) and node.this is None and not rules.has_empty_count:
            raise SqlError("COUNT() counts nothing", "write COUNT(*)", code="MK207")
        refuse_what_is_too_large(node)
    elif name not in rules.nodes:
        raise SqlError(f"{name.upper()} is not allowed in a contract", "write a plain SELECT", code="MK209")
    elif isinstance(node, exp.Query):
        _refuse_parts(node, _UNION_PARTS if isinstance(node, exp.SetOperation) else _QUERY_PARTS)


def _refuse_table(node: exp.Table, rules: Rules) -> None:
    if isinstance(node.this, (exp.Func, exp.Anonymous)):
        is_anonymous = isinstance(node.this, exp.Anonymous)
        name = node.this.name.lower() if is_anonymous else type(node.this).__name__
        if name not in rules.tables or node.db:
            called = name if is_anonymous else node.this.sql_name()
            raise SqlError(
                f"table function '{called.lower()[:60]}' is not allowed in a contract",
                "read a bound name",
                code="MK203",
            )
    elif not isinstance(node.this, exp.Identifier):
        raise SqlError("a table that is no name", "read a bound name", code="MK209")
    elif node.args.get("catalog"):
        raise SqlError("a table name of three parts", "write the product's name", code="MK209")
    elif system := SYSTEM_SCHEMAS.intersection(f"{node.db}.{node.name}".casefold().split(".")[:-1]):
        raise SqlError(f"a table of the engine's own '{min(system)}'", "read a bound name", code="MK209")
    _refuse_parts(node, _TABLE_PARTS)


def _refuse_parts(node: exp.Expr, allowed: frozenset[str]) -> None:
    for part, value in node.args.items():
        if value and part not in allowed:
            if part in ("into", "locks"):
                raise SqlError(
                    f"{part.upper()} is not allowed in a contract", "write one SELECT that only reads", code="MK202"
                )
            raise SqlError(
                f"{part.strip('_').upper()} is not allowed in a contract", "write a plain SELECT", code="MK209"
            )


def _refuse_strictly(node: exp.Expr, rules: Rules) -> None:
    if isinstance(node, exp.Identifier):
        if not node.args.get("quoted") and not _BARE.fullmatch(node.name):
            raise SqlError(f"the name '{node.name[:60]}'", "quote it, if it is one of your columns", code="MK209")
    elif isinstance(node, exp.Column):
        if _is_said_by_engine(node, rules.words):
            raise SqlError(f"'{node.name.lower()}' is not a column", "quote it, if it is one of yours", code="MK203")
    elif isinstance(node, exp.Var):
        if not _WORDS.fullmatch(node.name):
            raise SqlError("a variable, stage or option", "write a plain SELECT", code="MK209")
    elif isinstance(node, exp.Dot):
        if isinstance(node.expression, exp.Func):
            raise SqlError("a function of a schema, or a method", "call a function of the engine itself", code="MK203")
    elif isinstance(node, exp.DataType):
        if node.this in _SET_TYPES:
            raise SqlError("a type of the engine's own catalogue", "cast to a plain type", code="MK209")
    elif isinstance(node, exp.In):
        _refuse_membership(node)
    elif isinstance(node, exp.Anonymous) and isinstance(node.this, exp.Identifier):
        raise SqlError(f"function '{node.name[:60]}' in quotes", "write its name without them", code="MK203")


def _is_said_by_engine(node: exp.Column, words: frozenset[str]) -> bool:
    name = node.name.casefold()
    if name in ("nextval", "currval") or name.startswith("$"):  # of a sequence, or of a file, quoted or not
        return name in words
    if node.table.casefold() in words and node.table.startswith("_"):
        return True
    return name in words and not node.this.args.get("quoted")


def _refuse_membership(node: exp.In) -> None:
    """Refuse `x IN name`: SQLite and ClickHouse take the name for a table, in brackets or not."""
    listed = node.expressions
    if node.args.get("field") is not None or (
        len(listed) == 1 and isinstance(listed[0].unnest(), (exp.Column, exp.Dot))
    ):
        raise SqlError("IN with a name", "write x = name, or IN (SELECT ... FROM name)", code="MK209")


def refuse_moved_ctes(tree: exp.Expr, written: exp.Expr) -> None:
    """Refuse a query whose CTEs are written further out, if a name would then mean another table.

    Raises:
        SqlError: MK209.
    """
    ctes = list(tree.find_all(exp.CTE))
    depths = [sorted(with_.depth for with_ in query.find_all(exp.With)) for query in (tree, written)]
    if depths[0] == depths[1]:
        return
    names = {fold(cte.alias) for cte in ctes}
    tables = [t for t in tree.find_all(exp.Table) if not t.db and fold(t.name) in names]
    if len(names) < len(ctes) or not all(fold(t.name) in _ctes_in_sight(t) for t in tables):
        raise SqlError(
            "a CTE inside a query, called like a table outside it", "give it a name of its own", code="MK209"
        )


def _ctes_in_sight(node: exp.Expr) -> set[str]:
    found: set[str] = set()
    inner: exp.Expr = node
    while inner.parent is not None:
        outer = inner.parent
        if isinstance(outer, exp.With):  # a CTE sees those before it, and not itself
            found.update(fold(c.alias) for c in outer.expressions[: inner.index])
        else:
            with_ = outer.args.get("with_")
            found.update(fold(c.alias) for c in (with_.expressions if with_ is not None and with_ is not inner else ()))
        inner = outer
    return found
