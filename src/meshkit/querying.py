"""The governed query: names to products, what their reader may see of them, a sandbox, and how far the answer can be trusted."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from meshkit.access import decide as deciding
from meshkit.access_records import grants_of, record_access
from meshkit.accessing import principal_of, sight_of, subject_of
from meshkit.arguments import moment
from meshkit.engines.base import Session, Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.engines.sandbox import Limits, Ran, Sandbox, SentColumn, SentTable
from meshkit.errors import AccessError, EngineError, MeshkitError, SqlError, UsageError
from meshkit.mesh import Mesh
from meshkit.model.access import AccessDecision, Action, Grant, Principal, Reason, SeenAs, Sight
from meshkit.model.names import fold
from meshkit.model.query import AnswerColumn, QueryAnswer
from meshkit.model.relation import Relation
from meshkit.model.table import Table
from meshkit.model.variables import from_environment
from meshkit.product import Product
from meshkit.query_names import find_table
from meshkit.run.seen import see
from meshkit.sql.bind import bind_query
from meshkit.sql.dialects import render
from meshkit.sql.governed import (
    MaskKey,
    ReadColumn,
    named_columns,
    null_type,
    read_query,
    row_condition,
    seen_type,
    visible_rows,
)
from meshkit.sql.lineage import Known, Lineage, trace
from meshkit.sql.pushed import pushed
from meshkit.store.mask_key import mask_key
from meshkit.trusting import Touched, trust_in

MAX_ROWS = 100_000
_READ_SECONDS = 60.0
_SANDBOXES: dict[str, Sandbox] = {}
_MAKING = threading.Lock()


class Asked(NamedTuple):
    """Who asks, what for, and when."""

    principal: Principal
    purpose: str
    now: datetime
    grants: Sequence[Grant]


@dataclass
class _Source:
    """A table that a query reads, and how its reader sees its columns."""

    product: Product
    table: Table
    relation: Relation
    seen: dict[str, SeenAs] = field(default_factory=dict)
    """Folded name of a column, as the contract calls it -> how it is seen."""

    def names(self, *, withheld: bool) -> tuple[str, ...]:
        return tuple(s.column for s in self.seen.values() if (s.sight is Sight.WITHHELD) == withheld)


def query(
    mesh: Mesh,
    sql: str,
    *,
    purpose: str = "",
    principal: Principal | str | None = None,
    max_rows: int = 1000,
    limits: Limits | None = None,
    now: datetime | str | None = None,
    grants: Sequence[Grant] | None = None,
    sandbox: Sandbox | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> QueryAnswer:
    """Answer one SELECT over products, with the rows and columns that its reader may see; docs/query.md has the rules.

    Products are named `domain.product` or by a bare name that only one has, a table of several `product.table`. Each product is decided
    about as `decide` does. Withheld columns are not there; personal ones are masked, and row filters applied, before the query sees
    anything. It runs in a process of its own. Whether it is answered, refused or fails, the audit log says so.

    Args:
        mesh: What `load` returned: a folder, which has a store.
        sql: One SELECT in DuckDB's dialect.
        purpose: What for the products are read.
        principal: Who asks; see `principal_of`.
        max_rows: How many rows at most.
        limits: What the query may take and give; none = those of the sandbox.
        now: The clock; none = the present.
        grants: What was granted; none = what the mesh's store has.
        sandbox: What runs it; none = one that all queries of this process share.
        stopped: Asked now and then: whether nobody wants the answer any more.

    Raises:
        UsageError: A product, principal or time is not known, or `max_rows` is out of range.
        AccessError: MK605, a product or column may not be read, with `decisions`; MK603, MK604, there is no audit log; MK606, no key.
        SqlError: The text is not one SELECT made of allowed parts, or DuckDB refuses it.
        EngineError: The data cannot be read, or the query needs more than it may have.
    """
    if not 1 <= max_rows <= MAX_ROWS:
        raise UsageError(f"max_rows of {max_rows}", f"give 1 to {MAX_ROWS:,}")
    asks, clock = principal_of(mesh, principal), moment(now)
    held = grants_of(mesh, asks, clock) if grants is None else tuple(grants)
    chosen = sandbox or _shared()
    chosen.prepare()  # the process starts while the query is read
    asked = Asked(asks, purpose, clock, held)
    answering = _Answering(mesh, sql, asked)
    try:
        answering.read()
        answering.decide()
        ran = answering.run(chosen, (limits or chosen.limits)._replace(max_rows=max_rows), stopped)
    except MeshkitError as error:
        answering.log(None, "refused" if isinstance(error, (AccessError, SqlError, UsageError)) else "failed")
        raise
    except BaseException:  # Ctrl-C, or a caller who is gone: what was begun is in the log too
        answering.log(None, "failed")
        raise
    answer = answering.answer(ran)
    answering.log(len(ran.rows), "answered")
    return answer


def _shared() -> Sandbox:
    """Return the sandbox of this process; it keeps one process waiting, which ends with this one."""
    with _MAKING:
        if "" not in _SANDBOXES:
            _SANDBOXES[""] = Sandbox()
        return _SANDBOXES[""]


class _Answering:
    """One query on its way to its answer."""

    def __init__(self, mesh: Mesh, sql: str, asked: Asked) -> None:
        self.mesh = mesh
        self.sql = sql
        self.asked = asked
        self.may_see = sight_of(mesh, asked.principal, asked.now, asked.grants)
        self.sources: dict[str, _Source] = {}
        self.by_name: dict[tuple[str, str], Relation] = {}
        self.decisions: list[AccessDecision] = []
        self.touched: dict[str, frozenset[str]] = {}
        self.lineage: Lineage | None = None
        self.absent: list[str] = []

    def read(self) -> None:
        """Read the query, and find the tables that it names."""
        tree = read_query(self.sql)
        bound = bind_query(tree, self._resolve)
        self.tree, self.text, self.named = bound.tree, render(bound.tree), named_columns(bound.tree)

    def _resolve(self, name: str, qualifier: str) -> Relation:
        key = fold(name), fold(qualifier)
        if key not in self.by_name:
            product, table = find_table(self.mesh, self.may_see, name, qualifier)
            variables = from_environment(os.environ, confined=True)
            relation = self.mesh.target(product, variables=variables).namespace.own(table)
            self.by_name[key] = relation
            self.sources.setdefault(relation.id, _Source(product, table, relation))
        return self.by_name[key]

    def decide(self) -> None:
        """Decide about each product, and about the columns that are named.

        Raises:
            AccessError: MK605.
            SqlError: MK209, a column could be of several tables.
        """
        purpose, now = self.asked.purpose, self.asked.now
        wanted = deciding.Asked(Action.READ, now, purpose)
        for product in {id(s.product): s.product for s in self.sources.values()}.values():
            subject = subject_of(self.mesh, product)
            self.decisions.append(deciding.decide(self.asked.principal, subject, wanted, self.asked.grants))
        self._refuse()
        seen: dict[tuple[str, str], list[SeenAs]] = {
            (d.product, c.table): [] for d in self.decisions for c in d.columns
        }
        for decision in self.decisions:
            for column in decision.columns:
                seen[decision.product, column.table].append(column)
        for source in self.sources.values():
            source.seen = {fold(c.column): c for c in seen.get((source.product.id, source.table.name), ())}
        self._trace()

    def _trace(self) -> None:
        """Find out which columns are touched; of withheld ones, those that are named are refused."""
        shown, all_ = (trace(self.sql, self._lookup(withheld=w)) for w in (False, True))
        self.lineage = shown
        lost = {_name_of(text) for text in shown.unresolved}
        named = [(s, c) for s in self.sources.values() for c in s.names(withheld=True) if fold(c) in lost]
        if named:
            refused = dict.fromkeys(s.product.id for s, _ in named)
            for number, decision in enumerate(self.decisions):
                if decision.product in refused:
                    columns = [f"{s.table.name}.{c}" for s, c in named if s.product.id == decision.product]
                    product = next(s.product for s, _ in named if s.product.id == decision.product)
                    again = deciding.Asked(Action.READ, self.asked.now, self.asked.purpose, columns)
                    subject = subject_of(self.mesh, product)
                    self.decisions[number] = deciding.decide(self.asked.principal, subject, again, self.asked.grants)
            self._refuse()
        unclear = sorted({_name_of(t) for t in all_.unresolved} - lost)
        if unclear:
            raise SqlError(f"column '{unclear[0][:60]}' could be of several tables", "write table.column", code="MK209")
        for source in self.sources.values():
            names = {o.column for o in shown.reads if o.table == source.relation.id}
            if shown.unresolved or self.named is None:
                names = {n for n, s in source.seen.items() if s.sight is not Sight.WITHHELD}
            self.touched[source.relation.id] = frozenset(names)

    def _lookup(self, *, withheld: bool) -> Callable[[str, str], Known | None]:
        def lookup(name: str, qualifier: str) -> Known | None:
            relation = self.by_name.get((fold(name), fold(qualifier)))
            if relation is None:
                return None
            source = self.sources[relation.id]
            names = [*source.names(withheld=False), *(source.names(withheld=True) if withheld else ())]
            return Known(relation.id, tuple(names))

        return lookup

    def _refuse(self) -> None:
        denied = [d for d in self.decisions if not d.allowed]
        if denied:
            raise denied_error(denied)

    def run(self, sandbox: Sandbox, limits: Limits, stopped: Callable[[], bool]) -> Ran:
        """Open the tables, and run the query over what may be seen of them."""
        relations = [s.relation for s in self.sources.values()]
        elsewhere = next((r for r in relations if r.engine), None)
        if elsewhere is not None:
            what = f"table '{elsewhere.id}' lies on {elsewhere.engine}, and queries read files alone"
            raise EngineError(what, f"query it on {elsewhere.engine} itself", code="MK304")
        key = self._key()
        settings = Settings(
            threads=2, memory="1GB", timeout_seconds=max(limits.timeout_seconds, 1.0), roots=(str(self.mesh.root),)
        )
        session = DuckDB().open(relations, {}, settings)
        try:
            refusal = session.second_reading([self.text], [r.id for r in relations])[0]
            if refusal is not None:
                raise refusal
            sent = [self._sent(session, source, key) for source in self.sources.values()]
            return sandbox.run(self.text, sent, limits, stopped)
        finally:
            session.close()

    def _key(self) -> MaskKey | None:
        masks = {s.seen[n].mask for r, s in self.sources.items() for n in self._needed(r) if n in s.seen}
        if "hash" not in masks:
            return None
        secret = mask_key(self.mesh.root, os.environ)
        return MaskKey(f"inner {secret} ", f"outer {secret} ")

    def _needed(self, relation_id: str) -> frozenset[str]:
        """Return the columns that are sent, folded: all whose names stand anywhere in the query."""
        known = frozenset(self.sources[relation_id].seen)
        return known if self.named is None else known & (self.named | self.touched[relation_id])

    def _sent(self, session: Session, source: _Source, key: MaskKey | None) -> SentTable:
        there = see(session, source.relation)
        needed = self._needed(source.relation.id)
        columns, sent = [], []
        for name, seen in source.seen.items():
            stored = there.column(source.relation.stored(seen.column))
            if seen.sight is Sight.WITHHELD:
                continue
            if stored is None:
                self.absent.append(f"{source.table.name}.{seen.column}")
                continue
            read = ReadColumn(seen.column, stored.name, stored.type, seen.mask if seen.sight is Sight.MASKED else "")
            is_sent = name in needed
            columns.append(SentColumn(read.name, seen_type(read) if is_sent else null_type(seen_type(read)), is_sent))
            sent += [read] if is_sent else []
        stored_names = {fold(n): c.name for c in there.columns for n in self._called(source, c.name)}
        condition = row_condition(source.product.contract.row_filter, self.asked.principal.attributes, stored_names)
        wanted = pushed(self.tree, source.relation.id, {c.name: seen_type(c) for c in sent})
        text = visible_rows(source.relation.id, sent, condition, key, wanted)
        schema = session.execute(f"{text} LIMIT 0").schema
        return SentTable(source.relation.id, columns, schema, lambda take: session.fold(text, take))

    def _called(self, source: _Source, stored: str) -> Sequence[str]:
        labels = [label for label, name in source.relation.labels if fold(name) == fold(stored)]
        return [stored, *labels]

    def answer(self, ran: Ran) -> QueryAnswer:
        """Return the answer: its columns with their origins, and the trust in each product."""
        trust = tuple(trust_in(self.mesh, self._touched(product), self.asked.now) for product in self._products())
        hints = []
        if ran.stopped_by:
            more = (
                "LIMIT, filter or aggregate, or raise max_rows"
                if ran.stopped_by == "rows"
                else "name fewer columns, or aggregate"
            )
            hints.append(f"only the first {len(ran.rows):,} rows are shown: {more}")
        if ran.cut_cells:
            hints.append(f"{ran.cut_cells:,} long values are cut: take parts of them, as by substring()")
        is_truncated = bool(hints)
        if self.absent:
            hints.append(f"the data has not {', '.join(self.absent)}, which the contract promises")
        return QueryAnswer(
            principal=self.asked.principal.id, purpose=self.asked.purpose, columns=self._columns(ran), rows=ran.rows,
            is_truncated=is_truncated, hint="; ".join(hints), trust=trust,
        )  # fmt: skip

    def _columns(self, ran: Ran) -> tuple[AnswerColumn, ...]:
        outputs = self.lineage.columns if self.lineage is not None and not self.lineage.unresolved else ()
        origins: Sequence[frozenset[tuple[str, str]]] = [frozenset()] * len(ran.columns)
        if len(outputs) == len(ran.columns):
            origins = [frozenset((o.table, o.column) for o in output.values) for output in outputs]
        found = []
        for (name, kind), values in zip(ran.columns, origins, strict=True):
            seen = [
                (t, self.sources[t].seen[c])
                for t, c in sorted(values)
                if t in self.sources and c in self.sources[t].seen
            ]
            mask = next((s.mask for _, s in seen if s.sight is Sight.MASKED), "")
            found.append(
                AnswerColumn(name=name, type=kind, origins=tuple(f"{t}.{s.column}" for t, s in seen), mask=mask)
            )
        return tuple(found)

    def _products(self) -> list[Product]:
        return list({id(s.product): s.product for s in self.sources.values()}.values())

    def _touched(self, product: Product) -> Touched:
        own = [s for s in self.sources.values() if s.product is product]
        seen = [(s.table.name, s.seen[n]) for s in own for n in s.seen if n in self.touched[s.relation.id]]
        return Touched(
            product=product,
            columns=tuple((table, c.column) for table, c in seen),
            masked={f"{table}.{c.column}": c.mask for table, c in seen if c.sight is Sight.MASKED},
            withheld=tuple(f"{s.table.name}.{c}" for s in own for c in s.names(withheld=True)),
            row_filter=product.contract.row_filter,
            relations=frozenset(self.sources),
        )

    def log(self, rows: int | None, outcome: str) -> None:
        """Write what came of it into the audit log; raises as `record_access` does, and nothing is answered then."""
        is_answered = outcome == "answered"
        of_none = AccessDecision(
            principal=self.asked.principal.id, product="", version="", action=Action.READ, purpose=self.asked.purpose,
            allowed=is_answered, reasons=(Reason(code=f"query.{outcome}", text="no product was decided about", allows=is_answered),),
        )  # fmt: skip
        columns = {
            s.product.id: [f"{s.table.name}.{c}" for c in sorted(self.touched.get(r, ()))]
            for r, s in self.sources.items()
        }
        record_access(
            self.mesh,
            self.decisions or [of_none],
            query=self.sql,
            columns=columns,
            rows=rows,
            outcome=outcome,
            now=self.asked.now,
        )


def denied_error(denied: Sequence[AccessDecision]) -> AccessError:
    """Return the error of products that may not be read, with each first reason, its place and the way out."""
    parts, first = [], None
    for decision in denied:
        reason = next((r for r in decision.reasons if not r.allows), None)
        first = first or reason
        parts.append(f"{decision.product}: {reason.text if reason else 'nobody allows it'}")
    hint = (first.hint if first else "") or "meshkit decide says more"
    return AccessError("; ".join(parts), hint, place=first.place if first else None, code="MK605")


def _name_of(unresolved: str) -> str:
    """Return the bare, folded name of a column that the lineage could not resolve."""
    return fold(unresolved.partition(":")[0].rpartition(".")[2].strip('" '))
