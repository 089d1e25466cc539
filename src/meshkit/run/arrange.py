"""What the checks of a table ask for, arranged into the fewest and cheapest steps. Pure: statistics are an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from meshkit.model.check import Kind
from meshkit.model.names import fold
from meshkit.model.statistics import TableStatistics
from meshkit.run.plan import Planner
from meshkit.run.steps import Ask, How, Key, Own, Planned, Refused, Statement, Step
from meshkit.sql import statements
from meshkit.sql.measures import prove, surviving_share
from meshkit.sql.statements import without
from meshkit.sql.trees import Tree, is_equality, matches_pattern

CHUNK = 250
"""Numbers asked for in one scan: engines plan very wide statements in more than linear time."""
MOST_NUMBERS = 900
"""Numbers asked for in one scan elsewhere: PostgreSQL takes 1,664 columns, Oracle 1,000."""
LEAST_HASHED = 300_000
"""Rows from which on sorting hashes beats grouping by value."""
MOST_SHARED = 4
_STATEMENT, _READ, _COMPARE, _MATCH = 1.5e-3, 1e-8, 2e-9, 6e-8
"""About what a statement, a value read, compared and matched with a pattern cost, in seconds of one core: measured on
parquet by benchmarks/engine.py. Only their ratio matters, and only to speed."""
_MOST_SURVIVING = 0.5
_CODED_SHARE = 0.1


class Means(NamedTuple):
    """What is at hand to answer with.

    Attributes:
        statistics: What the footers prove; None where there are none, or they are not trusted.
        rows: How many rows the table has; None = not known.
        can_hash: Whether the engine gives hashes of keys.
        key_bytes: How much memory the hashes of one key may take.
        chunk: How many numbers one scan may ask for.
        floats_apart: Whether floats are read by statements of their own, which use no statistics.
        counts_once: Whether counting rows is dear, so that keys and references take their number from the scan.
    """

    statistics: TableStatistics | None = None
    rows: int | None = None
    can_hash: bool = False
    key_bytes: int = 1 << 30
    chunk: int = CHUNK
    floats_apart: bool = True
    counts_once: bool = False


def arrange(planned: Iterable[Planned], planner: Planner, means: Means) -> list[Step]:
    """Return the steps that answer everything that was planned, the heaviest first; what was refused needs none."""
    found = [p for p in planned if not isinstance(p, Refused)]
    asks = [p for p in found if isinstance(p, Ask)]
    keys = [p for p in found if isinstance(p, Key)]
    steps, asks = _proved(asks, means.statistics)
    pruned, asks = _pruned(asks, planner, means.statistics)
    steps += pruned
    for key in keys:
        step, asks = _by_key(key, asks, planner, means)
        steps.append(step)
    steps += [_own(own, planner, means) for own in found if isinstance(own, Own)]
    scans = _scans(asks, planner, means)
    if means.counts_once and any(ask.within is None for step in scans for ask in step.asks):
        steps = [_counted_elsewhere(step, planner) for step in steps]
    steps += scans
    return sorted(steps, key=lambda s: -s.weight)


def _proved(asks: list[Ask], statistics: TableStatistics | None) -> tuple[list[Step], list[Ask]]:
    """Take out what the footers prove. A check is proved when each of its numbers is."""
    if statistics is None:
        return [], asks
    proved, left, known = [], [], {}
    for ask in asks:
        numbers = {role: prove(measure, statistics) for role, measure in ask.measures.items()}
        if ask.reads_floats or any(number is None for number in numbers.values()):
            left.append(ask)
            continue
        proved.append(ask)
        known[ask.check.id] = {"total": statistics.whole.rows, **numbers}
    if not proved:
        return [], left
    files = "1 file" if statistics.files == 1 else f"{statistics.files:,} files"
    reason = f"proved by row counts, NULL counts and bounds in the footers of {files}"
    return [Step(How.FOOTER, tuple(proved), known=known, reason=reason)], left


def _pruned(asks: list[Ask], planner: Planner, statistics: TableStatistics | None) -> tuple[list[Step], list[Ask]]:
    """Take out the counts whose condition, pushed into the files, reads so little that it beats a part of the scan."""
    if statistics is None:
        return [], asks
    shares = {ask.check.id: share for ask in asks if (share := _share(ask, statistics)) is not None}
    candidates = [ask for ask in asks if ask.check.id in shares]
    fixed = frozenset().union(*(ask.reads for ask in asks if ask.check.id not in shares and ask.within is None))
    chosen: dict[str, Ask] = {}
    for columns in dict.fromkeys(ask.reads for ask in candidates):
        group = [ask for ask in candidates if ask.reads == columns]
        if _is_cheaper_pruned(group, columns - fixed, shares, statistics.whole.rows):
            chosen |= {ask.check.id: ask for ask in group}
    steps = [_pruned_step(ask, shares[ask.check.id], planner, statistics) for ask in chosen.values()]
    return steps, [ask for ask in asks if ask.check.id not in chosen]


def _share(ask: Ask, statistics: TableStatistics) -> float | None:
    """Return which share of its columns a pruned count reads; None where it is no single count, or prunes too little."""
    condition = _condition(ask)
    if condition is None or not ask.reads:
        return None
    share = surviving_share(condition, statistics)
    if is_equality(condition) and all(statistics.whole.facts(name).is_coded for name in ask.reads):
        share *= _CODED_SHARE
    return share if share <= _MOST_SURVIVING else None


def _condition(ask: Ask) -> Tree | None:
    measures = list(ask.measures.values())
    return measures[0].condition if len(measures) == 1 and not ask.reads_floats else None


def _is_cheaper_pruned(group: Sequence[Ask], unread: frozenset[str], shares: dict[str, float], rows: int) -> bool:
    width = len(group[0].reads)
    pruned = sum(_STATEMENT + shares[ask.check.id] * rows * width * _READ for ask in group)
    return pruned < rows * (len(unread) * _READ + sum(_compare(ask) for ask in group))


def _compare(ask: Ask) -> float:
    return sum(_MATCH if matches_pattern(m.tree) else _COMPARE for m in ask.measures.values())


def _pruned_step(ask: Ask, share: float, planner: Planner, statistics: TableStatistics) -> Step:
    ((role, measure),) = ask.measures.items()
    assert measure.condition is not None
    target = planner.target
    tree = statements.count_where(target.relation.id, target.alias, measure.condition)
    rows = statistics.whole.rows
    statement = Statement(tree, {ask.check.id: {role: "m0"}}, exact_floats=False)
    reason = f"pushed down: about {share:.1%} of the column is read"
    return Step(
        How.PRUNED,
        (ask,),
        statement=statement,
        known={ask.check.id: {"total": rows}},
        reason=reason,
        weight=share * rows,
    )


def _by_key(key: Key, asks: list[Ask], planner: Planner, means: Means) -> tuple[Step, list[Ask]]:
    """Plan a key: by sorted hashes where it has many rows, which conditions on its own columns may share; else by groups."""
    rows = means.rows or 0
    if not (means.can_hash and key.can_hash and rows >= LEAST_HASHED):
        why = "few rows" if means.rows is not None and rows < LEAST_HASHED else "its type, or engine, has no exact hash"
        step = Step(How.KEYS, own=key, statement=key.alone, reason=f"grouped by value: {why}", weight=4.0 * rows)
        return step, asks
    shared = _sharing(key, asks) if rows * 8 <= means.key_bytes else []
    conditions = [c for ask in shared if (c := _condition(ask)) is not None]
    target = planner.target
    tree = statements.hashes(target.relation.id, target.alias, key.columns, key.where, conditions)
    statement = Statement(tree, {}, key.alone.exact_floats)
    reason = f"hashes of {rows:,} keys ({rows * 8 / (1 << 20):,.0f} MiB), sorted; equal ones are compared by value"
    taken = {ask.check.id for ask in shared}
    step = Step(How.KEYS, tuple(shared), key, statement, reason=reason, weight=7.0 * rows)
    return step, [ask for ask in asks if ask.check.id not in taken]


def _sharing(key: Key, asks: Sequence[Ask]) -> list[Ask]:
    """Return the counts that read only the key's columns, if nothing that stays in the scan reads them."""
    columns = frozenset(fold(name) for name in key.columns)
    fitting = [a for a in asks if key.where is None and a.reads and a.reads <= columns and _condition(a) is not None]
    taken = {a.check.id for a in fitting}
    if any(not a.reads.isdisjoint(columns) for a in asks if a.check.id not in taken):
        return []
    return fitting if len(fitting) <= MOST_SHARED else []


def _own(own: Own, planner: Planner, means: Means) -> Step:
    rows = float(means.rows or 1)
    if own.check.values and own.check.kind == "references":
        reason = f"anti-join with {own.check.values[0]}"
        return Step(How.JOIN, own=own, statement=own.alone, reason=reason, weight=6.0 * rows)
    if own.check.kind is Kind.UNIQUE and not own.check.path:
        reason = "the keys of the slice, looked up in the whole table"
        return Step(How.KEYS, own=own, statement=own.alone, reason=reason, weight=4.0 * rows)
    return Step(How.QUERY, own=own, statement=own.alone, reason="more than one pass can answer", weight=2.0 * rows)


def _counted_elsewhere(step: Step, planner: Planner) -> Step:
    """Leave out the number of all rows, which a scan of the same table brings."""
    own = step.own
    if own is None or step.statement is not own.alone or own.check.where or planner.within(own.check) is not None:
        return step
    roles = dict(own.alone.roles[own.check.id])
    if roles.pop("total", None) != "total":
        return step
    lean = own.alone._replace(tree=without(own.alone.tree, "total"), roles={own.check.id: roles})
    return step._replace(statement=lean, lacks_total=True)


def _scans(asks: Sequence[Ask], planner: Planner, means: Means) -> list[Step]:
    """Cut asks into scans of at most `CHUNK` numbers; those over floats apart, since they cannot be pruned, or a slice."""
    steps = []
    for floats, sliced in product((False, True), repeat=2):
        chunk: list[Ask] = []
        width = 0
        for ask in (a for a in asks if _is_apart(a, means) is floats and (a.within is not None) is sliced):
            if chunk and width + len(ask.measures) > means.chunk:
                steps.append(_scan(chunk, planner, means))
                chunk, width = [], 0
            chunk.append(ask)
            width += len(ask.measures)
        if chunk:
            steps.append(_scan(chunk, planner, means))
    return steps


def _is_apart(ask: Ask, means: Means) -> bool:
    return means.floats_apart and ask.reads_floats


def _scan(asks: Sequence[Ask], planner: Planner, means: Means) -> Step:
    columns = frozenset().union(*(ask.reads for ask in asks))
    named = "no column" if not columns else "1 column" if len(columns) == 1 else f"{len(columns)} columns"
    rows = "one pass over the slice, " if asks[0].within is not None else "one pass over "
    reason = f"{rows}{named}" + (", in which NaN counts" if asks[0].reads_floats else "")
    weight = float(means.rows or 1) * len(columns)
    return Step(How.SCAN, tuple(asks), statement=planner.scan(asks), reason=reason, weight=weight)
