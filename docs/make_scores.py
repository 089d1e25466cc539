"""Write docs/scores.md from the formula of scores, so that the page cannot differ from the code."""

from __future__ import annotations

from pathlib import Path

from meshkit.model.score import BADGES
from meshkit.policy.lints import LINTS, with_params
from meshkit.policy.practices import PRACTICES
from meshkit.policy.score import FORMULA, LOST, LOST_IN_GRACE
from meshkit.report.score_page import render_score_page

PAGE = Path(__file__).parent / "scores.md"


def render() -> str:
    """Return the page."""
    parts = [{**p._asdict(), "items": [i._asdict() for i in p.items]} for p in FORMULA]
    rules = [r for name in LINTS for r in with_params(name, {})]
    lints = [
        {"id": r.id, "require": r.require, "when": r.when, "params": r.params if _is_first(r.id) else {}} for r in rules
    ]
    practices = [p._asdict() for p in PRACTICES]
    lost = {str(s): share for s, share in LOST.items()}
    return render_score_page(parts, lost, LOST_IN_GRACE, [(n, str(b)) for n, b in BADGES], lints, practices)


def _is_first(rule_id: str) -> bool:
    return any(rules[0].id == rule_id for rules in LINTS.values())


if __name__ == "__main__":
    PAGE.write_text(render())
