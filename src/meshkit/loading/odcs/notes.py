"""What is wrong in a file of a standard: noted as it is found, each thing once, milder for the versions that let it pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from meshkit.loading.forms import Finding
from meshkit.loading.odcs.form import OdcsForm
from meshkit.loading.source import Source, is_prefix
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity


class Notes:
    """Collects problems of one file.

    Args:
        source: The file.
        is_open: Whether the version of the standard lets unknown keys pass; they are then warnings.

    Attributes:
        findings: What was found so far.
    """

    def __init__(self, source: Source, findings: list[Finding], *, is_open: bool) -> None:
        self.source = source
        self.is_open = is_open
        self.findings = findings
        if is_open:
            self.findings = [_mild(f) if f.problem.code == "MK102" else f for f in findings]

    def note(
        self, code: str, message: str, hint: str, pointer: Pointer, *, of_value: bool = True, warning: bool = False
    ) -> str:
        """Note a problem unless its place has one already, and return what a check that it stops would say."""
        if not is_prefix([f.pointer for f in self.findings if f.pointer], pointer):
            problem = self.source.problem(code, message, hint, pointer, of_value=of_value)
            finding = Finding(pointer=pointer, problem=problem)
            self.findings.append(_mild(finding) if warning else finding)
        return f"{code} {message}"

    def unknown_key(self, name: str, hint: str, pointer: Pointer) -> None:
        """Note a key that the standard does not have: an error since v3.1, whose objects are closed."""
        self.note("MK102", f"unknown key '{name}'", hint, pointer, of_value=False, warning=self.is_open)

    def errors_in(self, pointer: Pointer) -> list[Problem]:
        """Return the errors at or below a place."""
        return [
            f.problem
            for f in self.findings
            if f.pointer[: len(pointer)] == pointer and f.problem.severity is Severity.ERROR
        ]

    def bind(self, pointer: Pointer, check: str) -> str:
        """Bind the errors below a rule to its check, so that it alone is stopped; return what the check then says."""
        first = ""
        for position, finding in enumerate(self.findings):
            if finding.pointer[: len(pointer)] == pointer and finding.problem.severity is Severity.ERROR:
                problem = finding.problem.model_copy(update={"check": check})
                self.findings[position] = Finding(pointer=finding.pointer, problem=problem)
                first = first or f"{problem.code} {problem.message}"
        return first

    def require_needed(self, form: OdcsForm) -> None:
        """Note every key that a mapping of the standard must have and that is not there."""
        for pointer, name in list(_lacking(form, ())):
            if not self.source.has((*pointer, name)):
                self.note(
                    "MK104", f"key '{name}' is missing", "the standard requires it", (*pointer, name), of_value=False
                )


def _lacking(form: OdcsForm, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    given = form.__dict__
    for key in form.needed:
        if given.get(key) is None:
            yield pointer, key
    for name, alias in _holders(type(form)):
        value = given[name]
        if isinstance(value, OdcsForm):
            yield from _lacking(value, (*pointer, alias))
        elif value and isinstance(value, list):
            for position, item in enumerate(value):
                yield from _lacking(item, (*pointer, alias, position))


@cache
def _holders(form: type[OdcsForm]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form that hold other forms: their names, and how they are written."""
    fields = form.model_fields.items()
    return tuple((name, f.alias or name) for name, f in fields if "Form" in str(f.annotation))


def _mild(finding: Finding) -> Finding:
    problem = finding.problem.model_copy(update={"severity": Severity.WARNING})
    return Finding(pointer=finding.pointer, problem=problem)
