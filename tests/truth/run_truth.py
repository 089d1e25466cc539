"""Tell the truth about engines: run each query with a known answer on each engine that is here.

    python -m tests.truth.run_truth [ENGINE ...] [--case ID] [--write-docs]

A query gives the same answer, another one (WRONG), an error of the engine, or is refused by meshkit before it runs.
Exit code 1 where any answer is WRONG or an error, or where too few are answered.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.truth.compose import queries
from tests.truth.engines import ENGINES, Ready
from tests.truth.servers import MissingError

from meshkit.errors import MeshkitError, SqlError
from meshkit.model.relation import Relation, SeenColumn
from meshkit.sql.bind import bind_query
from meshkit.sql.clock import set_clock
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_query
from meshkit.sql.transpile.frame import transpile
from meshkit.sql.transpile.known import DIALECTS
from meshkit.sql.transpile.names import Stored
from meshkit.truth.cases import Case, common_cases, is_same, normal, read_cases
from meshkit.truth.tables import Held, relation_id, tables

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "truth.md"
OUTCOMES = ("same answer", "WRONG", "engine error", "refused")
LEAST_SHARE = {"mariadb": 0.8, "sqlite": 0.8}
_USUAL_SHARE = 0.9
_EXACT_IN_FLOATS = 2**53


class Told(NamedTuple):
    """What came of one case on one engine."""

    case: Case
    outcome: str
    detail: str = ""


def cases() -> list[Case]:
    """Return all cases: the common ones, and those that were written for one dialect in cases_<dialect>.json."""
    found = list(common_cases())
    for path in sorted(HERE.glob("cases_*.json")):
        found += read_cases(path.read_text("utf-8"), path.stem.removeprefix("cases_"))
    return found


def tell(name: str, chosen: Sequence[Case], now: dt.datetime) -> list[Told]:
    """Run cases on one engine.

    Raises:
        MissingError: The engine is not here.
    """
    held = tables(now.replace(tzinfo=None))
    if name not in ENGINES:
        raise MissingError(f"an engine of that name: {', '.join(ENGINES)}")
    with ENGINES[name](held) as ready:
        if ready.dialect and ready.dialect not in DIALECTS:
            raise MissingError(f"a dialect '{ready.dialect}' in meshkit")
        stored = _stored(ready, held)
        fit = [c for c in chosen if c.only in ("", ready.dialect)]
        return [_told(case, ready, stored, now) for case in fit]


def _stored(ready: Ready, held: Mapping[str, Held]) -> dict[str, Stored]:
    return {
        relation_id(name): Stored(
            ready.names.get(name, (name,)),
            tuple(SeenColumn(c, kind) for c, kind in table.columns.items() if c not in ready.lacks),
        )
        for name, table in held.items()
    }


def _relation(name: str, stored: Mapping[str, Stored]) -> Relation:
    if relation_id(name.casefold()) not in stored:
        raise SqlError(f"no table is called '{name}'", code="MK204")
    return Relation(id=relation_id(name.casefold()))


def _told(case: Case, ready: Ready, stored: Mapping[str, Stored], now: dt.datetime) -> Told:
    lacking = sorted(c for c in ready.lacks if c in case.sql)
    if lacking:
        return Told(case, "refused", f"the engine cannot hold {', '.join(lacking)}")
    try:
        tree = parse_query(case.sql)
        set_clock(tree, now)
        bound = bind_query(tree, lambda table, _: _relation(table, stored))
        sql = transpile(bound.tree, ready.dialect, stored).sql if ready.dialect else render(bound.tree)
    except MeshkitError as error:
        return Told(case, "refused", str(error))
    try:
        rows = ready.run(sql)
    except Exception as error:  # noqa: BLE001 whatever an engine raises is its error
        return Told(case, "engine error", f"{sql}\n    {type(error).__name__}: {str(error)[:300]}")
    if is_same(rows, case):
        return Told(case, "same answer")
    got, expected = normal(rows, case.sql), normal(case.expected, case.sql)
    return Told(case, "WRONG", f"{sql}\n    {got} is not {expected}")


def counted(told: Sequence[Told]) -> Counter[str]:
    """Count outcomes."""
    return Counter(t.outcome for t in told)


def composed(seed: int, count: int, now: dt.datetime) -> list[Case]:
    """Put cases together at random; DuckDB says what is right. What it cannot run is left out."""
    found: list[Case] = []
    with ENGINES["duckdb"](tables(now.replace(tzinfo=None))) as ready:
        stored = _stored(ready, tables(now.replace(tzinfo=None)))
        for position, sql in enumerate(queries(seed, count)):
            tree = parse_query(sql)
            set_clock(tree, now)
            text = render(bind_query(tree, lambda table, _: _relation(table, stored)).tree)
            try:
                rows = [list(row) for row in ready.run(text)]
            except Exception:  # noqa: BLE001 no query at all
                continue
            found.append(Case(f"{seed}.{position}", "composed", sql, "", rows))
    return found


def falls_short(name: str, told: Sequence[Told]) -> str:
    """Say how an engine misses the bar; empty where it does not."""
    tally = counted(told)
    if tally["WRONG"] or tally["engine error"]:
        return f"{tally['WRONG']} WRONG, {tally['engine error']} errors"
    if told and told[0].case.group == "composed":
        return ""
    least = LEAST_SHARE.get(name, _USUAL_SHARE)
    share = tally["same answer"] / max(1, len(told))
    return "" if share >= least else f"{share:.1%} answered, of which {least:.0%} is the least"


def table_of(results: Mapping[str, Sequence[Told]], missing: Mapping[str, str]) -> str:
    """Write the truth table in Markdown."""
    lines = ["| engine | cases | same answer | WRONG | engine error | refused |", "|---|---|---|---|---|---|"]
    for name, told in results.items():
        tally = counted(told)
        lines.append(f"| {name} | {len(told)} | " + " | ".join(str(tally[o]) for o in OUTCOMES) + " |")
    lines += [f"| {name} | not here: {why} | | | | |" for name, why in missing.items()]
    return "\n".join(lines)


def write_docs(text: str, path: Path = DOCS) -> None:
    """Put the table between its markers."""
    begin, end = "<!-- truth: begin -->", "<!-- truth: end -->"
    before, _, rest = path.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("engines", nargs="*", default=list(ENGINES), metavar="ENGINE")
    parser.add_argument("--case", action="append", default=[], help="run this case alone")
    parser.add_argument(
        "--composed", type=int, default=0, metavar="N", help="run N queries put together at random instead"
    )
    parser.add_argument("--seed", type=int, default=1, help="of those queries")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/truth.md")
    parser.add_argument("--verbose", action="store_true", help="say why each refused case is refused")
    options = parser.parse_args(arguments)
    now = dt.datetime.now(dt.UTC)
    chosen = composed(options.seed, options.composed, now) if options.composed else cases()
    chosen = [c for c in chosen if not options.case or c.id in options.case]
    results: dict[str, list[Told]] = {}
    missing: dict[str, str] = {}
    for name in options.engines:
        try:
            results[name] = tell(name, chosen, now)
        except MissingError as error:
            missing[name] = str(error)
            continue
        _report(name, results[name], is_verbose=options.verbose)
    table = table_of(results, missing)
    print(table)
    if options.write_docs:
        write_docs(table)
    short = {name: why for name, told in results.items() if (why := falls_short(name, told))}
    for name, why in short.items():
        print(f"{name} falls short: {why}", file=sys.stderr)
    return 1 if short else 0


def _report(name: str, told: Sequence[Told], *, is_verbose: bool) -> None:
    for outcome in OUTCOMES[1:]:
        of_it = [t for t in told if t.outcome == outcome]
        if of_it:
            print(f"{name}: {outcome}: {' '.join(t.case.id for t in of_it)}")
        for t in of_it if is_verbose or outcome != "refused" else ():
            print(f"  {t.case.id}: {t.case.sql[:300]}\n    {t.detail[:1200]}")


if __name__ == "__main__":
    sys.exit(main())
