"""Which columns of which tables an output column comes from, and which decide what rows there are.

Values and influence are told apart: in `SELECT a FROM t WHERE b`, `a` gives the value and `b` only the rows. What
cannot be resolved is said in `unresolved`, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, build_scope

from meshkit.errors import SqlError
from meshkit.model.names import fold
from meshkit.sql.guard import parse_query
from meshkit.sql.trees import Tree


class Origin(NamedTuple):
    """A column of a source, its name folded."""

    table: str
    column: str


class Known(NamedTuple):
    """A table that a name means: its id, and its columns where they are known (None = they are not)."""

    id: str
    columns: tuple[str, ...] | None = None


class OutputColumn(NamedTuple):
    """One column that the query gives.

    Attributes:
        name: Its name; `*` for the columns of a source whose columns are not known.
        values: The columns that its values are computed from.
    """

    name: str
    values: frozenset[Origin]


class Lineage(NamedTuple):
    """What a query reads.

    Attributes:
        columns: Its output, in order.
        influences: Columns that decide which rows there are, their groups or their order, but give no value.
        reads: Every column that is named anywhere in the query.
        stars: Ids of tables that are read by `SELECT *`.
        tables: Ids of all tables that are read.
        unresolved: Columns whose source cannot be told, as they are written, with the reason.
    """

    columns: tuple[OutputColumn, ...]
    influences: frozenset[Origin]
    reads: frozenset[Origin]
    stars: frozenset[str]
    tables: frozenset[str]
    unresolved: tuple[str, ...]


Lookup = Callable[[str, str], Known | None]
"""A table's name and its qualifier ('' = none) to the table; None where the name means nothing."""

_Origins = frozenset[Origin]
_NOTHING: _Origins = frozenset()


def trace(text: str, lookup: Lookup, dialect: str = "duckdb") -> Lineage:
    """Trace the columns of one SELECT to the tables that it reads.

    Raises:
        SqlError: The text is no query that a contract may hold.

    Example:
        >>> found = trace("SELECT a + b AS c FROM t WHERE d", lambda name, _: Known(name, ("a", "b", "d")))
        >>> sorted(found.columns[0].values), sorted(found.influences)
        ([Origin(table='t', column='a'), Origin(table='t', column='b')], [Origin(table='t', column='d')])
    """
    tree = parse_query(text, dialect)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", fold(identifier.name))
    try:
        scope = build_scope(tree)
    except SqlglotError as error:
        raise SqlError("the query's parts cannot be told apart", "simplify it", code="MK209") from error
    if scope is None:
        raise SqlError("the query's parts cannot be told apart", "simplify it", code="MK209")
    tracer = _Tracer(lookup)
    result = tracer.scope(scope)
    for cte in scope.cte_scopes:
        tracer.scope(cte)  # also where nothing uses it: the query fails all the same without its columns
    return Lineage(
        tuple(result.outputs),
        result.influences,
        frozenset(tracer.reads),
        frozenset(tracer.stars),
        frozenset(tracer.tables),
        tuple(dict.fromkeys(tracer.unresolved)),
    )


class _Source(NamedTuple):
    """What one name in FROM gives: columns with their origins, or a table of which the columns are not known."""

    outputs: dict[str, _Origins]
    table: str = ""  # the table whose columns are not known; empty = `outputs` is all

    def find(self, column: str) -> _Origins | None:
        if column in self.outputs:
            return self.outputs[column]
        return frozenset({Origin(self.table, column)}) if self.table else None


class _Result(NamedTuple):
    outputs: list[OutputColumn]
    influences: _Origins


class _Frame(NamedTuple):
    """The names in sight in one SELECT, and those around it."""

    sources: dict[str, _Source]
    aliases: dict[str, Tree]
    outer: _Frame | None


class _Tracer:
    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.reads: set[Origin] = set()
        self.stars: set[str] = set()
        self.tables: set[str] = set()
        self.unresolved: list[str] = []
        self._done: dict[int, _Result] = {}
        self._expanding: set[int] = set()

    def scope(self, scope: Scope, outer: _Frame | None = None) -> _Result:
        """Trace one query of the tree, once."""
        if id(scope) not in self._done:
            is_set = isinstance(scope.expression, exp.SetOperation)
            self._done[id(scope)] = self._union(scope, outer) if is_set else self._select(scope, outer)
        return self._done[id(scope)]

    def _union(self, scope: Scope, outer: _Frame | None) -> _Result:
        """Combine the branches by position; in UNION ALL no branch decides the rows of another."""
        results = [self.scope(branch, outer) for branch in scope.set_operation_scopes]
        first, rest = results[0], results[1:]
        outputs = []
        is_open = any(o.name == "*" for r in results for o in r.outputs)
        is_by_name = bool(scope.expression.args.get("by_name"))
        for position, column in enumerate(first.outputs):
            values = column.values
            for result in rest:
                if is_by_name or is_open:
                    same = [o.values for o in result.outputs if o.name in (column.name, "*")]
                else:
                    same = [result.outputs[position].values] if position < len(result.outputs) else []
                values = values.union(*same)
            outputs.append(OutputColumn(column.name, values))
        if is_open and rest:
            self.unresolved.append("* in a set operation, whose columns are matched by position")
        influences = frozenset().union(*(r.influences for r in results))
        is_compared = not isinstance(scope.expression, exp.Union) or bool(scope.expression.args.get("distinct"))
        if is_compared:
            influences = influences.union(*(o.values for o in outputs))
        return _Result(outputs, influences)

    def _select(self, scope: Scope, outer: _Frame | None) -> _Result:
        select = scope.expression
        frame = _Frame({}, {}, outer)
        influences: set[Origin] = set()
        for alias, (_, source) in scope.selected_sources.items():
            frame.sources[alias] = self._source(source, frame, influences)
        if not isinstance(select, exp.Select):
            return self._other(scope, frame)
        frame.aliases.update({e.alias: e.this for e in select.expressions if isinstance(e, exp.Alias)})
        subqueries = {id(s.expression): s for s in scope.subquery_scopes}
        outputs: list[OutputColumn] = []
        for expression in select.expressions:
            if expression.is_star:
                outputs += self._star(expression, select, frame)
            else:
                values = self._values(expression, frame, subqueries, influences)
                outputs.append(OutputColumn(_output_name(expression), values))
        only_joined = {
            alias: self._source(scope.sources[alias], frame, influences)
            for alias in (j.alias_or_name for j in select.args.get("joins") or [] if j.is_semi_or_anti_join)
            if alias in scope.sources
        }  # SEMI and ANTI JOIN: seen by the condition alone
        joined = frame._replace(sources={**frame.sources, **only_joined})
        for part in _deciding(select):
            influences |= self._values(part, joined, subqueries, influences)
        influences |= self._by_position(select, outputs)
        for join in select.args.get("joins") or []:
            for key in join.args.get("using") or []:
                influences |= self._using(key.name, joined)
        return _Result(outputs, frozenset(influences))

    def _other(self, scope: Scope, frame: _Frame) -> _Result:
        """Trace UNNEST and its like: every column comes from the arguments. VALUES comes from nothing."""
        influences: set[Origin] = set()
        values: set[Origin] = set()
        for column in scope.expression.find_all(exp.Column):
            values |= self._column(column, frame._replace(sources={}))
        names = [c.name for c in _alias_columns(scope.expression)] or ["unnest"]
        return _Result([OutputColumn(n, frozenset(values)) for n in names], frozenset(influences))

    def _source(self, source: Scope | exp.Table, frame: _Frame, influences: set[Origin]) -> _Source:
        if isinstance(source, Scope):
            result = self.scope(source, None if source.is_cte else frame)  # only a CTE never sees what stands beside it
            influences |= result.influences
            names = [c.name for c in _alias_columns(source.expression.parent)]
            outputs = list(result.outputs)
            if names and not any(o.name == "*" for o in outputs):
                outputs = [OutputColumn(n, o.values) for n, o in zip(names, outputs, strict=False)] + outputs[
                    len(names) :
                ]
            unknown = [next(iter(o.values)).table for o in outputs if o.name == "*"]
            if len(unknown) > 1:
                self.unresolved.append(f"* over {' and '.join(sorted(unknown))}, whose columns are not known")
            return _Source({o.name: o.values for o in outputs if o.name != "*"}, unknown[0] if unknown else "")
        if not isinstance(source.this, exp.Identifier):
            values = frozenset().union(*(self._column(c, frame) for c in source.this.find_all(exp.Column)))
            return _Source({n.name: values for n in _alias_columns(source)})
        known = self.lookup(source.name, source.db)
        if known is None:
            self.unresolved.append(f"table {source.name}, which is not known")
            return _Source({}, source.name)
        self.tables.add(known.id)
        if known.columns is None:
            return _Source({}, known.id)
        return _Source({fold(c): frozenset({Origin(known.id, fold(c))}) for c in known.columns})

    def _star(self, star: Tree, select: exp.Select, frame: _Frame) -> list[OutputColumn]:
        """Expand `*` or `t.*`, with EXCLUDE, REPLACE and the columns that USING merges."""
        owner = star.table if isinstance(star, exp.Column) else ""
        node = star.this if isinstance(star, exp.Column) else star
        left_out = {fold(e.name) for e in node.args.get("except_") or []}
        replaced = {e.alias: e.this for e in node.args.get("replace") or []}
        merged = {k.name for j in select.args.get("joins") or [] for k in j.args.get("using") or []}
        seen: set[str] = set()
        outputs: list[OutputColumn] = []
        for alias, source in frame.sources.items():
            if owner and alias != owner:
                continue
            self.stars.update({o.table for v in source.outputs.values() for o in v} | ({source.table} - {""}))
            for name, values in source.outputs.items():
                if name in left_out or (name in merged and name in seen):
                    continue
                seen.add(name)
                new = self._values(replaced[name], frame, {}, set()) if name in replaced else values
                outputs.append(OutputColumn(name, self._read(new)))
            if source.table:
                outputs.append(OutputColumn("*", self._read(frozenset({Origin(source.table, "*")}))))
        return outputs

    def _values(self, part: Tree, frame: _Frame, subqueries: dict[int, Scope], influences: set[Origin]) -> _Origins:
        """Return the origins of an expression; the rows of a sub-query in it are an influence."""
        found: set[Origin] = set()
        inside: set[int] = set()
        for node in part.walk():
            scope = subqueries.get(id(node))
            if scope is not None:
                result = self.scope(scope, frame)
                influences |= result.influences
                found = found.union(*(o.values for o in result.outputs))
                inside.update(id(n) for n in node.walk())
            elif isinstance(node, exp.Column) and id(node) not in inside:
                found |= self._column(node, frame)
        return frozenset(found)

    def _column(self, column: exp.Column, frame: _Frame) -> _Origins:
        if isinstance(column.this, exp.Star):
            return _NOTHING
        parts = [p.name for p in column.parts]
        here: _Frame | None = frame
        while here is not None:
            if len(parts) > 1 and parts[0] in here.sources:
                found = here.sources[parts[0]].find(parts[1])
                return (
                    self._read(found)
                    if found is not None
                    else self._unknown(column, f"{parts[0]} has none of that name")
                )
            owners = {a: f for a, s in here.sources.items() if (f := s.find(parts[0])) is not None}
            certain = {a: f for a, f in owners.items() if parts[0] in here.sources[a].outputs}
            if certain or len(owners) == 1:
                return self._read(frozenset().union(*(certain or owners).values()))
            if owners:
                return self._unknown(column, f"it could be of {' or '.join(sorted(owners))}")
            alias = here.aliases.get(parts[0])
            if alias is not None and id(alias) not in self._expanding:
                self._expanding.add(id(alias))
                found = frozenset().union(*(self._column(c, here) for c in alias.find_all(exp.Column)))
                self._expanding.discard(id(alias))
                return found
            here = here.outer
        return self._unknown(column, "no table has it")

    def _read(self, origins: _Origins) -> _Origins:
        self.reads |= origins
        return origins

    def _unknown(self, column: exp.Column, why: str) -> _Origins:
        self.unresolved.append(f"{column.sql('duckdb')}: {why}")
        return _NOTHING

    def _using(self, name: str, frame: _Frame) -> _Origins:
        found = (s.find(name) for s in frame.sources.values())
        return self._read(frozenset().union(*(f for f in found if f is not None)))

    def _by_position(self, select: exp.Select, outputs: Sequence[OutputColumn]) -> set[Origin]:
        """Return what GROUP BY 1, GROUP BY ALL, ORDER BY 2 and DISTINCT look at."""
        group, order = select.args.get("group"), select.args.get("order")
        places: Iterable[Tree] = [
            *(group.expressions if group else []),
            *(o.this for o in (order.expressions if order else [])),
        ]
        numbers = [int(p.name) for p in places if isinstance(p, exp.Literal) and p.is_int]
        looked_at = [outputs[n - 1] for n in numbers if 1 <= n <= len(outputs)]
        if select.args.get("distinct"):
            looked_at = list(outputs)
        elif group is not None and group.args.get("all"):
            plain = zip(select.expressions, outputs, strict=False)
            looked_at += [o for e, o in plain if not e.find(exp.AggFunc)]
        return {origin for output in looked_at for origin in output.values}


def _output_name(expression: Tree) -> str:
    is_named = isinstance(expression, (exp.Alias, exp.Column))
    return expression.alias_or_name if is_named else expression.sql("duckdb")


def _deciding(select: exp.Select) -> list[Tree]:
    """Return the parts of a SELECT that decide its rows, their groups and their order."""
    parts = [select.args.get(k) for k in ("where", "group", "having", "qualify", "order", "distinct", "limit")]
    joins = [j.args.get("on") for j in select.args.get("joins") or []]
    return [p for p in (*parts, *joins) if p is not None]


def _alias_columns(node: Tree | None) -> Sequence[Tree]:
    alias = node.args.get("alias") if node is not None else None
    return alias.args.get("columns") or [] if isinstance(alias, exp.TableAlias) else []
