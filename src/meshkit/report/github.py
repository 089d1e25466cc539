"""Workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.errors import Place
from meshkit.model.problem import Problem
from meshkit.model.run import Outcome, RunResult
from meshkit.model.table import Severity
from meshkit.report.order import by_urgency, tally
from meshkit.report.waivers import waiver_line

_COMMAND = {
    Outcome.ERRORED: "error",
    Outcome.FAILED: "error",
    Outcome.WARNED: "warning",
    Outcome.SKIPPED: "notice",
    Outcome.WAIVED: "notice",
}


def render_github(result: RunResult) -> str:
    """Render what was not met as one workflow command each.

    Source: GitHub Actions, workflow commands: `::error file=,line=,col=,title=::message`.
    """
    lines = [problem_command(p) for p in result.problems]
    for product in result.products:
        for verdict in by_urgency(product.verdicts):
            if verdict.outcome in _COMMAND:
                said = "; ".join([verdict.message, *verdict.why])
                lines.append(command(_COMMAND[verdict.outcome], verdict.place, f"{verdict.id} {verdict.outcome}", said))
    return "\n".join([*lines, *_waivers(result), tally(result)]) + "\n"


def _waivers(result: RunResult) -> Iterator[str]:
    """Yield a command at each waiver that ends soon, and at each that has ended."""
    if result.waivers:
        for waiver in result.waivers.soon:
            yield command("notice", waiver.place, "the waiver ends within 30 days", waiver_line(waiver))
        for waiver in result.waivers.ended:
            yield command("notice", waiver.place, "the waiver has ended and counts for nothing", waiver_line(waiver))


def problem_command(problem: Problem) -> str:
    """Render a problem as a workflow command."""
    name = "error" if problem.severity is Severity.ERROR else "warning"
    said = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    return command(name, problem.place, problem.code, said)


def command(name: str, place: Place | None, title: str, message: str) -> str:
    """Render one workflow command at a place, or at none."""
    where = f"file={_property(place.file)},line={place.line},col={place.column}," if place else ""
    return f"::{name} {where}title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
