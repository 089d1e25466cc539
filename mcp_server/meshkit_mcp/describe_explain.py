"""Lineage, health, proposals and checks to answers: other people's text cleaned, hidden products left out, within budgets."""

from __future__ import annotations

import re
from collections.abc import Callable

import meshkit
from meshkit_mcp.answers_explain import (
    ChangeLine,
    CheckAnswer,
    FindingLine,
    HealthAnswer,
    LineageAnswer,
    MissLine,
    NodeLine,
    PromiseLine,
    ProposalAnswer,
    RunLine,
)
from meshkit_mcp.budgets import ITEMS, clean, clean_lines, did_you_mean, fit, left_out

_NAMES = 100
"""Names of one kind."""
_RUNS = 10
_SQL = 6_000
"""Characters of the SQL of one check."""
_TOKEN = re.compile(r"[\w@./-]+")


def visible_in(view: meshkit.View) -> Callable[[str], bool]:
    """Return what tells whether a product may be seen, by its id."""
    return lambda key: view.may_see(view.mesh.product(key))


def describe_lineage(view: meshkit.View, found: meshkit.ProductLineage) -> LineageAnswer:
    """Return lineage as lines."""
    names = {n.id: clean(n.id if n.kind == "product" else view.hide(n.id)) for n in found.nodes}
    nodes = fit(
        [NodeLine(id=names[n.id], kind=n.kind, version=clean(n.version), distance=n.distance) for n in found.nodes]
    )
    every = [f"{names[e.source]} -> {names[e.target]} ({', '.join(e.through)})" for e in found.edges]
    of_columns = [
        f"{_end(names[s.node], s.table, s.column)} -> {_end(names[t.node], t.table, t.column)} ({c.effect})"
        for c in found.columns
        for s, t in ((c.source, c.target),)
    ]
    untold = [clean(f"{names.get(u.node, u.node)}: {view.hide(u.what)}") for u in found.untold]
    edges, columns = _within(every), _within(of_columns)
    narrow = "depth=, direction= or column= narrow."
    hint = [
        *(f"{clean(c)}." for c in found.cut),
        *left_out("nodes", len(nodes), len(found.nodes), narrow),
        *left_out("edges", len(edges), len(every), narrow),
        *left_out("column edges", len(columns), len(of_columns), narrow),
        *left_out("things that cannot be told", min(len(untold), _NAMES), len(untold), narrow),
    ]
    return LineageAnswer(
        product=f"{clean(found.product)} {clean(found.version)}", nodes=nodes, edges=edges, columns=columns,
        untold=untold[:_NAMES], truncated=bool(hint), hint=" ".join(hint),
    )  # fmt: skip


def _end(node: str, table: str, column: str) -> str:
    return ".".join(filter(None, (node, clean(table), clean(column))))


def _within(lines: list[str]) -> list[str]:
    """Return the first lines that are within the budget."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 4
        if used > ITEMS:
            break
        kept.append(line)
    return kept


def describe_health(view: meshkit.View, product: meshkit.Product, found: meshkit.Condition) -> HealthAnswer:
    """Return the condition of a product."""
    missed = fit(
        [
            MissLine(
                id=clean(n.id), outcome=n.outcome, severity=n.severity, bad=n.bad, total=n.total,
                message=clean(view.hide(n.message, product, is_sql=True)), place=clean(_file(view, n.place)),
                waived_until=str(n.waived_until or ""),
            )
            for n in found.not_passed
        ]
    )  # fmt: skip
    promises = [
        PromiseLine(name=p.name, state=p.state, promised=p.promised, measured=p.measured, unit=p.unit)
        for p in found.promises[:_NAMES]
    ]
    trend = [
        RunLine(at=p.at.isoformat(timespec="seconds"), outcome=p.outcome or p.state, counts=dict(p.counts), rows=p.rows)
        for p in found.trend[:_RUNS]
    ]
    hint = [
        *left_out("checks that are not passed", len(missed), len(found.not_passed), "the most urgent; run_checks check= takes any."),
        *left_out("unanswered checks", min(len(found.unanswered), _NAMES), len(found.unanswered), "run_checks answers all."),
        *left_out("runs", len(trend), len(found.trend), "the newest."),
    ]  # fmt: skip
    return HealthAnswer(
        product=clean(found.product), version=clean(found.version), knowledge=found.knowledge, outcome=found.outcome or "unknown",
        counts=dict(found.counts), run=found.last.run_id if found.last else "",
        at=found.last.at.isoformat(timespec="seconds") if found.last else "",
        health_pct=None if found.quality is None else round(found.quality * 100, 1), not_passed=missed,
        unanswered=[clean(c) for c in found.unanswered[:_NAMES]], promises=promises, trend=trend,
        notes=[clean(n) for n in found.notes], truncated=bool(hint), hint=" ".join(hint),
    )  # fmt: skip


def _file(view: meshkit.View, place: str) -> str:
    """Return a written place from the folder of the mesh on."""
    file, line, column = place.rsplit(":", 2)
    return f"{view.file(file)}:{line}:{column}"


def describe_proposal(
    view: meshkit.View, product: meshkit.Product, found: meshkit.Proposal, text: str
) -> ProposalAnswer:
    """Return what a proposed contract changes. Words of the caller's own text are his; only others are hidden."""
    shown = _Shown(view, product, text)
    changes = fit(
        [
            ChangeLine(rule=c.id, effect=c.consumer, direction=c.direction, message=shown(c.message), place=clean(view.place(c.place)))
            for c in found.changes
        ]
    )  # fmt: skip
    problems = fit(
        [
            FindingLine(
                code=p.code, severity=p.severity, message=shown(f"{p.message}; {p.hint}" if p.hint else p.message),
                place=clean(view.place(p.place)),
            )
            for p in found.problems
        ]
    )  # fmt: skip
    rest = "mend the first and ask again."
    hint = [
        *left_out("changes", len(changes), len(found.changes), "meshkit diff has all."),
        *left_out("problems", len(problems), len(found.problems), rest),
        *left_out("consumers", min(len(found.consumers), _NAMES), len(found.consumers), "get_lineage direction=down has all."),
    ]  # fmt: skip
    return ProposalAnswer(
        product=clean(found.product), version=clean(found.version), against=clean(found.against), base=found.base,
        required=clean(found.required), breaking=found.is_breaking, may_publish=found.may_publish, changes=changes,
        consumers=[clean(c) for c in found.consumers[:_NAMES]], hidden_consumers=found.has_hidden_consumers,
        unnotified=[clean(c) for c in found.unnotified[:_NAMES]], problems=problems, truncated=bool(hint), hint=" ".join(hint),
    )  # fmt: skip


class _Shown:
    """Hides names in a message about two contracts, but never a word that the caller wrote: he could so ask for names."""

    def __init__(self, view: meshkit.View, product: meshkit.Product, text: str) -> None:
        self._view, self._product, self._said = view, product, text.casefold()

    def __call__(self, message: str) -> str:
        return clean(_TOKEN.sub(lambda found: self._word(found, message), message))

    def _word(self, found: re.Match[str], message: str) -> str:
        word = found[0]
        if word.strip("./-").casefold() in self._said:
            return word
        is_quoted = message[max(0, found.start() - 1) : found.start()] in ("'", '"', "`")
        return self._view.hide(word, self._product, is_sql=is_quoted or "." in word)


def check_called(product: meshkit.Product, name: str) -> meshkit.Check:
    """Return a check by its id or the end of it.

    Raises:
        UsageError: There is none, or several end so.
    """
    checks: tuple[meshkit.Check, ...] = product.checks
    found = [c for c in checks if c.id == name] or [c for c in checks if c.id.endswith(f".{name}")]
    if len(found) != 1:
        ends = [c.id.removeprefix(f"{product.id}.") for c in found or product.checks]
        way_out = f"it could be {' or '.join(ends[:5])}" if found else did_you_mean(name[:200], ends)
        raise meshkit.UsageError(
            f"{'several checks' if found else 'no check'} of {product.id} called '{name[:80]}'", way_out
        )
    return found[0]


def describe_check(view: meshkit.View, product: meshkit.Product, check: meshkit.Check, dialect: str) -> CheckAnswer:
    """Return what a check asserts, in words and in SQL."""
    (sql,) = product.sql(check.id, dialect=dialect).values()
    whole = clean_lines(view.hide(sql, product, is_sql=True))
    hint = left_out("characters of SQL", min(len(whole), _SQL), len(whole), "meshkit sql prints all.")
    return CheckAnswer(
        id=clean(check.id), meaning=clean(view.hide(meshkit.meaning_of(check), product), 1_000), threshold=str(check.threshold),
        severity=check.severity, sql=whole[:_SQL], place=clean(view.place(check.place)),
        truncated=bool(hint), hint=" ".join(hint),
    )  # fmt: skip
