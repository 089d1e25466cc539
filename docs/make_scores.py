"""Write docs/scores.md from the formula of scores, so that the page cannot differ from the code."""

from __future__ import annotations

from pathlib import Path

from meshkit.model.score import BADGES
from meshkit.policy.lints import LINTS, PATTERNS, with_params
from meshkit.policy.practices import PRACTICES
from meshkit.policy.score import FORMULA, LOST, LOST_IN_GRACE
from meshkit.report.score_page import render_score_page

PAGE = Path(__file__).parent / "scores.md"


def render() -> str:
    """Return the page."""
    parts = [{**p._asdict(), "items": [i._asdict() for i in p.items]} for p in FORMULA]
    lints = []
    for name in LINTS:
        for first, rule in enumerate(with_params(name, {})):
            pattern, params = ("", {}) if first else (PATTERNS[name], rule.params)
            lints.append(
                {"id": rule.id, "pattern": pattern, "require": rule.require, "when": rule.when, "params": params}
            )
    practices = [p._asdict() for p in PRACTICES]
    lost = {str(s): share for s, share in LOST.items()}
    return render_score_page(parts, lost, LOST_IN_GRACE, [(n, str(b)) for n, b in BADGES], lints, practices)


if __name__ == "__main__":
    PAGE.write_text(render())
