"""What of each engine is here, and how one answered, as people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from meshkit.model.health import Health
from meshkit.model.selftest import Answered, SelfTest

_SHOWN = 12


def render_health(states: Sequence[Health]) -> str:
    """Render a line per engine; what is missing has the step that mends it below."""
    width = max(len(state.named or state.engine) for state in states)
    lines = []
    for state in states:
        mark = "missing" if state.missing else "here"
        what = state.address or state.driver or "no driver"
        version = f"  {state.version}" if state.version else ""
        lines.append(f"{(state.named or state.engine).ljust(width)}  {mark.ljust(7)}  {what}{version}")
        if state.missing:
            lines.append(f"{' ' * width}           {state.missing}" + (f"; {state.way_out}" if state.way_out else ""))
    return "\n".join(lines) + "\n"


def render_selftest(tested: SelfTest) -> str:
    """Render how an engine answered: the count of each outcome, then what was not answered alike."""
    tally = Counter(case.answered for case in tested.cases)
    lines = [
        f"{tested.version} at {tested.address}: {len(tested.cases)} queries with known answers, nothing was made there",
        f"  {tally[Answered.SAME]} same, {tally[Answered.WRONG]} wrong, {tally[Answered.ERROR]} errors, "
        f"{tally[Answered.REFUSED]} refused before they ran",
    ]
    for answered in (Answered.WRONG, Answered.ERROR, Answered.REFUSED):
        found = tested.of(answered)
        lines += [f"  {answered}  {case.id}  {case.detail}" for case in found[:_SHOWN]]
        lines += (
            [f"  ... and {len(found) - _SHOWN} more {answered}; --format json has all"] if len(found) > _SHOWN else []
        )
    return "\n".join(lines) + "\n"
