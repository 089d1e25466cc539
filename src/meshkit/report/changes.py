"""What changed, as text, JSON, Markdown and GitHub's workflow commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from meshkit.errors import Place
from meshkit.model.change import Bump, Change, Effect, MeshDiff, Perspective, ProductDiff
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.report.github import command, problem_command
from meshkit.report.json import place_as_dict, problem_as_dict
from meshkit.report.markdown import code_cell, text_cell
from meshkit.report.order import one_line

Paint = Callable[[str, str], str]
_URGENCY = (Effect.BREAKING, Effect.UNDETERMINED, Effect.ADDITIVE, Effect.PATCH)
_ROLE = {Effect.BREAKING: "failed", Effect.UNDETERMINED: "errored", Effect.ADDITIVE: "passed", Effect.PATCH: "faint"}
_COMMAND = {
    Effect.BREAKING: "warning",
    Effect.UNDETERMINED: "warning",
    Effect.ADDITIVE: "notice",
    Effect.PATCH: "notice",
}
_MARK = {Effect.BREAKING: "❌", Effect.UNDETERMINED: "❓", Effect.ADDITIVE: "✅", Effect.PATCH: "📝"}


def render_text(diff: MeshDiff, paint: Paint) -> str:
    """Render for a terminal: product by product, the worst changes first, then what blocks."""
    lines: list[str] = []
    for product in diff.products:
        lines += [*_product_lines(product, diff.perspective, paint), ""]
    lines += [_problem_line(p, paint) for p in diff.problems]
    lines += [""] if diff.problems else []
    return "\n".join([*lines, verdict_line(diff)]) + "\n"


def _product_lines(product: ProductDiff, perspective: Perspective, paint: Paint) -> Iterator[str]:
    bump = product.bump(perspective)
    computed = f" · {bump}, computed {product.computed}" if bump else " · no change"
    note = " · promises nothing yet, so it is only told" if product.is_unstable else ""
    title = paint(one_line(product.product), "name")
    yield f"{title} {one_line(product.old_version)} -> {one_line(product.new_version)}{computed}{note}"
    width = max((len(str(c.effect(perspective))) for c in product.changes), default=0)
    for change in by_urgency(product, perspective):
        effect = change.effect(perspective)
        place = f"  {paint(str(change.place), 'place')}" if change.place else ""
        said = one_line(change.message)
        yield f"  {paint(f'{effect:<{width}}', _ROLE[effect])}  {change.id}  {said}{place}"
        indent = " " * (width + 9)
        for more in (change.hint, change.decision, readings_text(change)):
            if more:
                yield f"{indent}{paint(one_line(more), 'faint')}"
    for problem in product.problems:
        yield _problem_line(problem, paint)


def _problem_line(problem: Problem, paint: Paint) -> str:
    is_error = problem.severity is Severity.ERROR
    return f"  {paint('blocked' if is_error else 'told', 'failed' if is_error else 'warned')}  {one_line(str(problem))}"


def by_urgency(product: ProductDiff, perspective: Perspective) -> list[Change]:
    """Return the changes of a product, the worst first, else in the contract's order."""
    return sorted(product.changes, key=lambda c: _URGENCY.index(c.effect(perspective)))


def readings_text(change: Change) -> str:
    """Say who reads what changed; an empty text where consumers are not known or do not matter."""
    if change.readings is None:
        return ""
    certain = [f"{r.consumer}{f' ({r.why})' if r.why else ''}" for r in change.readings if r.is_certain]
    open_ = [f"{r.consumer} ({r.why})" for r in change.readings if not r.is_certain]
    parts = [f"read by {', '.join(certain)}"] if certain else []
    parts += [f"maybe read by {', '.join(open_)}"] if open_ else []
    return "; ".join(parts) or "no registered consumer reads it"


def verdict_line(diff: MeshDiff) -> str:
    """Say in one line what it comes to."""
    effects = [c.effect(diff.perspective) for c in diff.changes]
    counts = ", ".join(f"{effects.count(e)} {e}" for e in _URGENCY if e in effects)
    blocked = sum(p.severity is Severity.ERROR for p in diff.all_problems)
    if blocked:
        state = f"blocked by {blocked} problem{'s' if blocked > 1 else ''}"
    else:
        state = (
            "compatible" if not {Effect.BREAKING, Effect.UNDETERMINED} & set(effects) else "breaking, with the right to"
        )
        if state != "compatible" and all(d.is_unstable for d in diff.products if _is_breaking(d, diff.perspective)):
            state = "breaking, where nothing is promised yet"
    if blocked and not counts:
        return state  # something was not compared, or is wrong without a change
    return f"{state}: {counts or 'nothing changed'} for the {diff.perspective}"


def _is_breaking(product: ProductDiff, perspective: Perspective) -> bool:
    return product.bump(perspective) is Bump.MAJOR


def render_json(diff: MeshDiff) -> str:
    """Render as JSON, whose keys are stable; docs/changes.md lists them."""
    return json.dumps(diff_as_dict(diff), indent=2, ensure_ascii=False) + "\n"


def diff_as_dict(diff: MeshDiff) -> dict[str, Any]:
    """Return a diff as values that JSON can hold."""
    return {
        "perspective": str(diff.perspective),
        "blocked": diff.is_blocked,
        "products": [_product_as_dict(p, diff.perspective) for p in diff.products],
        "problems": [problem_as_dict(p) for p in diff.problems],
    }


def _product_as_dict(product: ProductDiff, perspective: Perspective) -> dict[str, Any]:
    bump = product.bump(perspective)
    return {
        "product": product.product,
        "old_version": product.old_version,
        "new_version": product.new_version,
        "computed_version": product.computed,
        "bump": str(bump) if bump else None,
        "unstable": product.is_unstable,
        "changes": [_change_as_dict(c, perspective) for c in product.changes],
        "problems": [problem_as_dict(p) for p in product.problems],
    }


def _change_as_dict(change: Change, perspective: Perspective) -> dict[str, Any]:
    readers = None
    if change.readings is not None:
        readers = [{"consumer": r.consumer, "certain": r.is_certain, "why": r.why or None} for r in change.readings]
    return {
        "id": change.id,
        "path": change.path,
        "direction": str(change.direction),
        "consumer": str(change.consumer),
        "producer": str(change.producer),
        "bump": str(change.effect(perspective).bump),
        "message": change.message,
        "hint": change.hint,
        "old_place": _place(change.old_place),
        "new_place": _place(change.new_place),
        "decision": change.decision or None,
        "readers": readers,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return place_as_dict(place) if place else None


def render_markdown(diff: MeshDiff) -> str:
    """Render for a pull request's comment: what blocks first, then a table of changes per product."""
    mark = "❌" if diff.is_blocked else "✅"
    lines = [f"## {mark} meshkit diff: {text_cell(verdict_line(diff))}", ""]
    problems = diff.all_problems
    if problems:
        lines += ["| | problem | place |", "|---|---|---|"]
        for problem in problems:
            sign = "⛔" if problem.severity is Severity.ERROR else "⚠️"
            said = f"{problem.code} {problem.message}{f'; {problem.hint}' if problem.hint else ''}"
            lines.append(f"| {sign} | {text_cell(said)} | {code_cell(str(problem.place))} |")
        lines.append("")
    for product in diff.products:
        bump = product.bump(diff.perspective)
        lines += [
            f"### {text_cell(product.product)} {text_cell(product.old_version)} → {text_cell(product.new_version)}"
            + (f" ({bump}, computed {text_cell(product.computed)})" if bump else ""),
            "",
        ]
        if product.changes:
            lines += ["| | rule | change | place |", "|---|---|---|---|"]
        for change in by_urgency(product, diff.perspective):
            effect = change.effect(diff.perspective)
            parts = [change.message, *(m for m in (change.hint, change.decision, readings_text(change)) if m)]
            place = code_cell(str(change.place)) if change.place else ""
            lines.append(
                f"| {_MARK[effect]} {effect} | {change.id} | {'<br>'.join(text_cell(p) for p in parts)} | {place} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def render_github(diff: MeshDiff) -> str:
    """Render workflow commands: what blocks as errors, breaking changes as warnings, the rest as notices."""
    lines = [problem_command(p) for p in diff.all_problems]
    for product in diff.products:
        for change in by_urgency(product, diff.perspective):
            effect = change.effect(diff.perspective)
            said = "; ".join(m for m in (change.message, change.decision, readings_text(change)) if m)
            title = f"{product.product} {change.id} {effect}"
            lines.append(command(_COMMAND[effect], change.new_place or product.place, title, said))
    return "\n".join([*lines, verdict_line(diff)]) + "\n"
