"""Queries with known answers, asked of an engine over rows that stand in the query: nothing is made there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.driver import Driver
from meshkit.errors import EngineError, MeshkitError
from meshkit.model.names import fold
from meshkit.model.relation import Relation
from meshkit.model.selftest import Answered, TestedCase
from meshkit.sql.bind import bind_query
from meshkit.sql.clock import set_clock
from meshkit.sql.guard import parse_query
from meshkit.sql.inline import Inline, with_rows
from meshkit.sql.transpile.frame import transpile
from meshkit.truth.cases import Case, is_same
from meshkit.truth.tables import relation_id, tables


def ask(driver: Driver, cases: Iterable[Case], now: datetime) -> Iterator[TestedCase]:
    """Ask an engine each case.

    Args:
        driver: An open connection.
        cases: What to ask.
        now: The clock, aware: some rows are hours old.
    """
    held = {relation_id(name): Inline(t.columns, t.rows) for name, t in tables(now.replace(tzinfo=None)).items()}
    for case in cases:
        answered, detail = _asked(driver, case, held, now)
        yield TestedCase(id=case.id, group=case.group, answered=answered, detail=detail)


def _asked(driver: Driver, case: Case, held: Mapping[str, Inline], now: datetime) -> tuple[Answered, str]:
    try:
        tree = parse_query(case.sql)
        set_clock(tree, now)
        bound = bind_query(tree, lambda name, _: Relation(id=relation_id(fold(name))))
        sql = transpile(with_rows(bound.tree, held), driver.dialect, {}).sql
    except MeshkitError as error:
        return Answered.REFUSED, error.what
    try:
        rows = rows_of_arrow(driver.execute(sql)).rows
    except EngineError as error:
        return Answered.ERROR, f"{error.code} {error.what}"
    return (Answered.SAME, "") if is_same(rows, case) else (Answered.WRONG, "another answer than DuckDB's")
