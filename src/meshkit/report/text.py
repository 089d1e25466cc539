"""The report for people at a terminal: what was not met first, one line each, with its place in the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from meshkit.model.contract import Status
from meshkit.model.problem import Problem
from meshkit.model.run import Outcome, ProductRun, RunResult, Sample, Verdict
from meshkit.model.table import Severity
from meshkit.report.metrics import metric_lines
from meshkit.report.order import by_urgency, one_line, short_id, tally
from meshkit.report.reuse import reuse_lines
from meshkit.report.slice import slice_lines
from meshkit.report.waivers import waiver_lines

Paint = Callable[[str, str], str]
"""Colours a text for a role: an outcome, `name`, `place` or `faint`."""

SUMMARIZE_ABOVE = 30
"""With more products than this, those that passed share one line."""
_WIDEST_NAME = 44
_TOGETHER = 3
"""So many checks without an answer, for one and the same reason, share a line."""


def plain(text: str, role: str) -> str:  # the shape of a Paint
    """Leave a text as it is."""
    return text


def render_text(
    result: RunResult, paint: Paint = plain, *, why: bool = False, samples: bool = False, metrics: bool = False
) -> str:
    """Render a run; `metrics` = with what was measured.

    `why` and `samples` say whether they were asked for, so that the last line need not propose them.
    """
    lines = [_problem(p, paint) for p in result.problems if p.severity is Severity.ERROR]
    if lines:
        lines.append("")
    if result.slice:
        lines += [*slice_lines(result, paint), ""]
    quiet = len(result.products) > SUMMARIZE_ABOVE
    passed = [p for p in result.products if _is_quiet(p)]
    for product in result.products:
        if metrics or not (quiet and _is_quiet(product)):
            lines += [*_product(product, paint), *(metric_lines(product, paint) if metrics else ()), ""]
    if quiet and passed and not metrics:
        lines += [f"{len(passed):,} products {paint('passed', 'passed')} all their checks", ""]
    if result.incremental:
        lines += [*reuse_lines(result.incremental, paint), ""]
    lines += _closing(result, paint, why=why, samples=samples)
    return "\n".join(lines) + "\n"


def render_problems(problems: tuple[Problem, ...], files: int, paint: Paint = plain) -> str:
    """Render what lint found, one line each, and a last line with the count."""
    lines = [_problem(p, paint) for p in problems]
    errors = sum(p.severity is Severity.ERROR for p in problems)
    warnings = len(problems) - errors
    if lines:
        lines.append("")
    looked = f"{files:,} product{'' if files == 1 else 's'}"
    lines.append(
        f"{looked}: {errors:,} error{'' if errors == 1 else 's'}, {warnings:,} warning{'' if warnings == 1 else 's'}"
    )
    if problems:
        lines.append(paint(f"next: meshkit explain {problems[0].code} says more", "faint"))
    return "\n".join(lines) + "\n"


def _problem(problem: Problem, paint: Paint) -> str:
    said = one_line(f"{problem.message}; {problem.hint}" if problem.hint else problem.message)
    role = "failed" if problem.severity is Severity.ERROR else "warned"
    return f"{paint(one_line(str(problem.place)), 'place')}: {paint(f'{problem.severity} {problem.code}', role)} {said}"


def _is_quiet(product: ProductRun) -> bool:
    """Tell whether a product has nothing to show: what is waived is never hidden."""
    return product.outcome is Outcome.PASSED and all(v.outcome is not Outcome.WAIVED for v in product.verdicts)


def _product(product: ProductRun, paint: Paint) -> Iterator[str]:
    status = "" if product.status is Status.ACTIVE else f" ({product.status})"
    parts = [f"{paint(product.id, 'name')} {product.version}{status}"]
    if product.rows is not None:
        parts.append(f"{product.rows:,} row{'' if product.rows == 1 else 's'}")
    if product.owner:
        parts.append(one_line(product.owner))
    counts = Counter(v.outcome for v in product.verdicts)
    if product.verdicts:
        others = [f", {counts[o]} {o}" for o in (Outcome.WAIVED, Outcome.SKIPPED) if counts[o]]
        parts.append(f"{counts[Outcome.PASSED]} of {len(product.verdicts)} checks passed{''.join(others)}")
    elif product.outcome is Outcome.ERRORED:
        parts.append(paint("not checked: its contract has errors", "errored"))
    else:
        parts.append("no checks")
    yield " · ".join(parts)
    unmet = [v for v in by_urgency(product.verdicts) if v.outcome is not Outcome.PASSED]
    by_reason: dict[str, list[Verdict]] = {}
    for verdict in unmet:
        shared = verdict.outcome is Outcome.ERRORED
        by_reason.setdefault(verdict.message if shared else verdict.id, []).append(verdict)
    alone = [v for group in by_reason.values() if len(group) < _TOGETHER for v in group]
    for group in by_reason.values():
        if len(group) >= _TOGETHER:
            yield from _group(group, paint)
    width = min(max((len(short_id(v)) for v in alone), default=0), _WIDEST_NAME)
    for verdict in alone:
        yield from _verdict(verdict, width, paint)


def _group(verdicts: list[Verdict], paint: Paint) -> Iterator[str]:
    """Show many checks that had no answer for one reason, such as a table that is not there, as one."""
    outcome = paint(f"{verdicts[0].outcome:<7}", str(verdicts[0].outcome))
    names = [one_line(short_id(v)) for v in verdicts]
    place = paint(one_line(str(verdicts[0].place)), "place")
    yield f"  {outcome}  {len(verdicts)} checks  {one_line(verdicts[0].message)}  {place}"
    yield f"           {paint('all', 'faint')} {', '.join(names[:8])}" + (
        f" and {len(names) - 8} more" if len(names) > 8 else ""
    )


def _verdict(verdict: Verdict, width: int, paint: Paint) -> Iterator[str]:
    outcome = paint(f"{verdict.outcome:<7}", str(verdict.outcome))
    check = verdict.check
    message = verdict.message.replace(f"{check.product}.{check.table}.", "")
    if verdict.is_missed and check.severity is Severity.CRITICAL:
        message = f"critical: {message}"
    place = paint(one_line(str(verdict.place)), "place")
    yield f"  {outcome}  {one_line(short_id(verdict)):<{width}}  {one_line(message)}  {place}"
    if verdict.is_missed and check.description:
        yield f"           {paint('for', 'faint')} {one_line(check.description)}"
    for reason in verdict.why:
        yield f"           {paint('why', 'faint')} {one_line(reason)}"
    if verdict.samples:
        yield from (f"           {line}" for line in _sample(verdict.samples))


def _sample(sample: Sample) -> Iterator[str]:
    cells = [list(sample.columns), *([_cell(v) for v in row] for row in sample.rows)]
    widths = [min(max(len(row[i]) for row in cells), 40) for i in range(len(sample.columns))]
    for row in cells:
        yield "  ".join(f"{c[:40]:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    return "NULL" if value is None else one_line(str(value))


def _closing(result: RunResult, paint: Paint, *, why: bool, samples: bool) -> Iterator[str]:
    seconds = (result.finished_at - result.started_at).total_seconds()
    if result.interrupted:
        yield paint("interrupted: what had no answer yet is errored", "errored")
    yield f"{paint(str(result.outcome), str(result.outcome))}: {tally(result)} in {seconds:.1f} s"
    yield from waiver_lines(result, paint)
    warnings = sum(p.severity is Severity.WARNING for p in result.problems)
    if warnings:
        yield paint(
            f"the contracts have {warnings:,} warning{'' if warnings == 1 else 's'}: meshkit lint shows them", "faint"
        )
    missed = any(v.is_missed for v in result.verdicts)
    proposals = [p for p, asked in (("--why for causes", why), ("--samples 5 for bad rows", samples)) if not asked]
    if missed and proposals:
        yield paint(f"next: add {' or '.join(proposals)}", "faint")
    elif missed or any(v.outcome is Outcome.ERRORED for v in result.verdicts):
        yield paint("next: meshkit sql PRODUCT CHECK prints the query behind a check", "faint")
