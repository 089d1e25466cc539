"""Which waiver covers what is missed today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from meshkit.model.run import Judgement, Outcome, ProductRun, RunResult, Verdict, worst
from meshkit.model.waiver import Waiver, WaiverReport, amount_of, longest_first
from meshkit.report.order import one_line


class Waivings:
    """The waivers of a mesh on one day. Those that have ended cover nothing; of those that cover the same, the one that
    holds longest is taken.

    Args:
        waivers: All of them, read and found right.
        today: The day, in UTC.
    """

    def __init__(self, waivers: Iterable[Waiver], today: date) -> None:
        self.today = today
        everything = tuple(waivers)
        self.holding = tuple(w for w in everything if not w.has_ended(today))
        self.ended = tuple(longest_first([w for w in everything if w.has_ended(today)]))
        self.soon = tuple(sorted((w for w in self.holding if w.ends_soon(today)), key=lambda w: (w.until, w.place)))
        self._checks: dict[str, list[Waiver]] = defaultdict(list)
        for waiver in longest_first(everything):
            if waiver.check:
                self._checks[waiver.name].append(waiver)

    def report(self) -> WaiverReport:
        """Return what ends soon and what has ended."""
        return WaiverReport(today=self.today, soon=self.soon, ended=self.ended)

    def of_check(self, verdict: Verdict | Judgement, version: str) -> Waiver | None:
        """Return the waiver that covers a missed check of a product in one version; None where it is not missed."""
        if not verdict.is_missed:
            return None
        amount = amount_of(verdict.check, verdict.bad, verdict.value)
        return next((w for w in self._held(verdict, version) if w.allows(amount, verdict.total)), None)

    def why_not(self, verdict: Verdict | Judgement, version: str) -> str:
        """Say why a missed check that has a waiver is not waived; empty where it has none."""
        if not verdict.is_missed:
            return ""
        held = next(self._held(verdict, version), None)
        if held is not None:
            return f"its waiver holds up to {held.cap_text}"
        found = next(self._of(verdict, version), None)
        return f"its waiver ended on {found.until}" if found else ""

    def _of(self, verdict: Verdict | Judgement, version: str) -> Iterator[Waiver]:
        check = verdict.check
        product = check.product.partition("@")[0]
        name = f"{product}.{check.id.removeprefix(check.product).removeprefix('.')}"
        return (w for w in self._checks.get(name, ()) if w.subject.version in ("", version))

    def _held(self, verdict: Verdict | Judgement, version: str) -> Iterator[Waiver]:
        return (w for w in self._of(verdict, version) if not w.has_ended(self.today))


def waive(result: RunResult, waivings: Waivings) -> RunResult:
    """Return a run in which what a waiver covers is waived, and says so; nothing is left out.

    Only what failed or warned can be waived: what had no answer stays errored.
    """
    products = tuple(_product(p, waivings) for p in result.products)
    outcome = worst(p.outcome for p in products)
    return result.model_copy(update={"products": products, "outcome": outcome, "waivers": waivings.report()})


def _product(product: ProductRun, waivings: Waivings) -> ProductRun:
    if not any(v.is_missed for v in product.verdicts):
        return product
    verdicts = tuple(_verdict(v, product.version, waivings) for v in product.verdicts)
    outcome = worst(v.outcome for v in verdicts)
    return product.model_copy(update={"verdicts": verdicts, "outcome": outcome})


def _verdict(verdict: Verdict, version: str, waivings: Waivings) -> Verdict:
    waiver = waivings.of_check(verdict, version)
    if waiver is not None:
        said = f"waived until {waiver.until} by {_plain(waiver.approved_by)}: {_plain(waiver.reason)}"
        message = "; ".join(part for part in (verdict.message, said) if part)
        return verdict.model_copy(update={"outcome": Outcome.WAIVED, "waiver": waiver, "message": message})
    note = waivings.why_not(verdict, version)
    return verdict.model_copy(update={"message": f"{verdict.message}; {note}"}) if note else verdict


def _plain(text: str) -> str:
    return " ".join(one_line(text).split())
