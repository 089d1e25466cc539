"""JUnit XML, which CI servers read: one suite per product, one case per check."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from meshkit.model.run import Outcome, ProductRun, RunResult, Verdict

_NOT_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def render_junit(result: RunResult) -> str:
    """Render a run. A failed check is a failure, an errored one an error, a skipped one skipped; a warning passes, and says so.

    Source: the JUnit XML format as Jenkins and GitLab read it.
    """
    seconds = (result.finished_at - result.started_at).total_seconds()
    root = ET.Element("testsuites", name="meshkit", time=f"{seconds:.3f}")
    for product in result.products:
        _suite(root, product, result)
    _count(root, result.verdicts)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, product: ProductRun, result: RunResult) -> None:
    suite = ET.SubElement(root, "testsuite", name=_clean(product.id), timestamp=result.started_at.isoformat())
    _count(suite, product.verdicts)
    if product.outcome is Outcome.ERRORED and not product.verdicts:
        case = ET.SubElement(suite, "testcase", classname=_clean(product.id), name="contract")
        found = [str(p) for p in result.problems if p.product == product.id]
        ET.SubElement(case, "error", message="the contract has errors").text = _clean("\n".join(found))
        suite.set("errors", "1")
        suite.set("tests", "1")
    for verdict in product.verdicts:
        _case(suite, product, verdict)


def _case(suite: ET.Element, product: ProductRun, verdict: Verdict) -> None:
    name = verdict.id.removeprefix(f"{product.id}.")
    case = ET.SubElement(suite, "testcase", classname=_clean(product.id), name=_clean(name), file=_clean(verdict.place.file),
                         line=str(verdict.place.line))  # fmt: skip
    said = _clean("\n".join([f"{verdict.place}: {verdict.message}", *verdict.why]))
    match verdict.outcome:
        case Outcome.FAILED:
            ET.SubElement(case, "failure", message=_clean(verdict.message), type=str(verdict.severity)).text = said
        case Outcome.ERRORED:
            ET.SubElement(case, "error", message=_clean(verdict.message), type="errored").text = said
        case Outcome.SKIPPED:
            ET.SubElement(case, "skipped", message=_clean(verdict.message))
        case Outcome.WARNED | Outcome.WAIVED:
            ET.SubElement(case, "system-out").text = f"{verdict.outcome}: {said}"


def _count(element: ET.Element, verdicts: tuple[Verdict, ...]) -> None:
    element.set("tests", str(len(verdicts)))
    element.set("failures", str(sum(v.outcome is Outcome.FAILED for v in verdicts)))
    element.set("errors", str(sum(v.outcome is Outcome.ERRORED for v in verdicts)))
    element.set("skipped", str(sum(v.outcome is Outcome.SKIPPED for v in verdicts)))


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return re.sub(_NOT_XML, "�", text)
