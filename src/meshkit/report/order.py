"""The order and the words that all reports share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from meshkit.model.run import Outcome, RunResult, Verdict

URGENCY = (Outcome.ERRORED, Outcome.FAILED, Outcome.WARNED, Outcome.SKIPPED, Outcome.WAIVED, Outcome.PASSED)


def by_urgency(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Sort verdicts: what has no answer first, then what failed, by severity, then in the contract's order."""
    return sorted(verdicts, key=lambda v: (URGENCY.index(v.outcome), -v.severity.rank))


def tally(result: RunResult) -> str:
    """Say how many products and checks there were, and how they ended."""
    counts = Counter(v.outcome for v in result.verdicts)
    parts = [f"{counts[o]:,} {o}" for o in URGENCY if counts[o] or o is Outcome.PASSED]
    products = len(result.products)
    checks = len(result.verdicts)
    return f"{products:,} product{_s(products)}, {checks:,} check{_s(checks)}: {', '.join(parts)}"


def short_id(verdict: Verdict) -> str:
    """Return a check's id without its product, and without its table where that is called like the product."""
    name = verdict.id.removeprefix(f"{verdict.check.product}.")
    own = verdict.check.product.partition("@")[0].rpartition(".")[2]
    return name.removeprefix(f"{own}.") if verdict.check.table == own else name


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def one_line(text: str) -> str:
    """Return a text on one line without control characters, which could rewrite a terminal or a report."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
