"""Queries in one spelling, so that two that differ in format, aliases, CTE names or keyword case come out alike."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import fold
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_condition, parse_query, parse_scalar
from meshkit.sql.trees import Tree

_NEEDS_NO_PARENTHESES = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Null, exp.Boolean, exp.Star)
_ALIASED = (exp.Table, exp.Subquery, exp.Unnest, exp.Lateral, exp.Values)
_NAMED_OUTPUTS = ("order", "having", "qualify", "group")


def same_query(old: str, new: str, dialect: str = "duckdb") -> bool:
    """Tell whether two queries are the same but for their spelling. What cannot be read is compared as words."""
    return _canonical_text(old, dialect) == _canonical_text(new, dialect)


def same_condition(old: str, new: str) -> bool:
    """Tell whether two conditions or expressions over one table are the same but for their spelling.

    Example:
        >>> same_condition("STATUS='paid'  and (n > 1)", "status = 'paid' AND n > 1")
        True
    """
    try:
        one, other = (render(_tidied(_expression(t))) for t in (old, new))
    except SqlError:
        return old.split() == new.split()
    return one == other


def conjuncts(text: str) -> frozenset[str]:
    """Return the conditions that are joined by AND, each in its one spelling.

    Raises:
        SqlError: The text is no condition.
    """
    tree = _tidied(parse_condition(text))
    parts = tree.flatten() if isinstance(tree, exp.And) else [tree]
    return frozenset(render(p.unnest()) for p in parts)


def _expression(text: str) -> Tree:
    try:
        return parse_condition(text)
    except SqlError:
        return parse_scalar(text)  # an aggregate, as metrics have them


def canonical_query(text: str, dialect: str = "duckdb") -> exp.Query:
    """Return a query in its one spelling; the names of its outermost columns are kept.

    Raises:
        SqlError: The text is no query that a contract may hold.
    """
    tree = _tidied(parse_query(text, dialect))
    assert isinstance(tree, exp.Query)
    _resolve_positions(tree)
    _rename_ctes(tree)
    _rename_tables(tree)
    return tree


def _canonical_text(text: str, dialect: str) -> str:
    try:
        tree = canonical_query(text, dialect)
        _forget_output_names(tree)
        return render(tree)
    except SqlError:
        return " ".join(text.split())


def _forget_output_names(tree: exp.Query) -> None:
    """Take away the name of the one value of a check's query, which nobody sees."""
    if (
        isinstance(tree, exp.Select)
        and len(tree.expressions) == 1
        and not any(tree.args.get(k) for k in _NAMED_OUTPUTS)
    ):
        tree.set("expressions", [tree.expressions[0].unalias()])


def _tidied(tree: Tree) -> Tree:
    """Fold names to lower case, and drop words and parentheses that mean nothing."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", fold(identifier.name))
        identifier.set("quoted", True)
    for join in tree.find_all(exp.Join):
        if join.args.get("kind") in ("INNER", "OUTER"):
            join.set("kind", None)
    for ordered in tree.find_all(exp.Ordered):
        ordered.set("desc", bool(ordered.args.get("desc")))
    for node in list(tree.find_all(exp.Anonymous)):
        node.set("this", node.name.lower())
    found = tree.transform(_without_parentheses)
    return found.unnest() if isinstance(found, exp.Paren) else found


def _without_parentheses(node: Tree) -> Tree:
    if not isinstance(node, exp.Paren):
        return node
    inner = node.unnest()
    parent = node.parent
    is_alone = parent is None or isinstance(parent, (exp.Where, exp.Having, exp.Qualify, exp.Alias, exp.Join, exp.If))
    is_comparison = (
        isinstance(inner, exp.Predicate)
        and not isinstance(inner, exp.Connector)
        and isinstance(parent, (exp.And, exp.Or))
    )
    is_closed = isinstance(inner, _NEEDS_NO_PARENTHESES) and not isinstance(inner, exp.Binary)
    return inner if is_alone or is_comparison or is_closed else node


def _resolve_positions(tree: Tree) -> None:
    """Write out what GROUP BY 1 and ORDER BY 2 mean."""
    for select in tree.find_all(exp.Select):
        if any(s.is_star for s in select.expressions):
            continue
        group, order = select.args.get("group"), select.args.get("order")
        places = [*(group.expressions if group else []), *(o.this for o in (order.expressions if order else []))]
        for place in places:
            if isinstance(place, exp.Literal) and place.is_int and 1 <= int(place.name) <= len(select.expressions):
                place.replace(select.expressions[int(place.name) - 1].unalias().copy())


def _rename_ctes(tree: Tree) -> None:
    count = 0
    renamed: list[tuple[exp.Identifier, str]] = []
    for with_ in tree.find_all(exp.With):
        for cte in with_.expressions:
            count += 1
            owner = with_.parent
            assert owner is not None
            for table in owner.find_all(exp.Table):
                if table.name == cte.alias and not table.db and _nearest_cte(table) is cte:
                    if not table.alias:
                        table.set("alias", exp.TableAlias(this=table.this.copy()))
                    renamed.append((table.this, f"_c{count}"))
            renamed.append((cte.args["alias"].this, f"_c{count}"))
    for identifier, name in renamed:
        identifier.set("this", name)


def _nearest_cte(node: Tree) -> exp.CTE | None:
    """Return the CTE that a table's name means: the innermost that is in sight."""
    here: Tree | None = node
    while here is not None:
        with_ = here.args.get("with_")
        for cte in with_.expressions if with_ is not None else []:
            if cte.alias == node.name and node.find_ancestor(exp.CTE) is not cte:
                found: exp.CTE = cte
                return found
        here = here.parent
    return None


def _rename_tables(tree: Tree) -> None:
    """Give every table in FROM and JOIN the alias of its place, and write it before the columns that it owns."""
    owners: dict[int, dict[str, str]] = {}
    count = 0
    for select in tree.find_all(exp.Select):
        names = owners.setdefault(id(select), {})
        for source in _sources(select):
            count += 1
            old = source.alias_or_name
            names[old] = f"_t{count}"
    for column in list(tree.find_all(exp.Column)):
        _requalify(column, owners)
    for select in tree.find_all(exp.Select):
        names = owners[id(select)]
        for source in _sources(select):
            alias = source.args.get("alias")
            new = exp.to_identifier(names[source.alias_or_name])
            source.set("alias", exp.TableAlias(this=new, columns=alias.args.get("columns") if alias else None))


def _sources(select: exp.Select) -> Iterator[Tree]:
    """Yield what stands in FROM and JOIN of one SELECT."""
    from_ = select.args.get("from_")
    for source in [*([from_.this] if from_ else []), *(j.this for j in select.args.get("joins") or [])]:
        if isinstance(source, _ALIASED):
            yield source
            for join in source.args.get("joins") or []:
                if isinstance(join.this, _ALIASED):
                    yield join.this


def _requalify(column: exp.Column, owners: dict[int, dict[str, str]]) -> None:
    select = column.find_ancestor(exp.Select)
    if column.table:
        while select is not None and column.table not in owners[id(select)]:
            select = select.find_ancestor(exp.Select)
        if select is not None:
            column.set("table", exp.to_identifier(owners[id(select)][column.table]))
        return
    if select is None or len(owners[id(select)]) != 1 or isinstance(column.this, exp.Star):
        return
    is_correlated = (
        select.find_ancestor(exp.Select) is not None and select.find_ancestor(exp.From, exp.CTE, exp.Join) is None
    )
    may_be_output = column.find_ancestor(exp.Order, exp.Having, exp.Qualify, exp.Group, exp.Select) is not select
    outputs = {e.alias for e in select.expressions if isinstance(e, exp.Alias)} if may_be_output else set()
    if not is_correlated and column.name not in outputs:
        column.set("table", exp.to_identifier(next(iter(owners[id(select)].values()))))
