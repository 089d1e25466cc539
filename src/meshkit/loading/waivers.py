"""The waivers of a mesh, held against its products, checks and policies. What is wrong with one makes it count for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from meshkit.loading.joined import is_extended
from meshkit.loading.source import Source
from meshkit.loading.subjects import NotThereError, Subjects, split_check
from meshkit.model.catalog import Catalog
from meshkit.model.check import Check
from meshkit.model.names import did_you_mean, fold
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity
from meshkit.model.waiver import Subject, Waiver, counts, is_numbered, parse_cap

if TYPE_CHECKING:
    from meshkit.model.governance import WaiverForm
    from meshkit.model.organization import OrganizationForm


class Known(NamedTuple):
    """What a mesh has that waivers may name.

    Attributes:
        catalog: Its products.
        checks: Gives the checks of a product by its key; None where errors in its contract keep them from being known.
        organization: The organisation file, or None.
        policies: The id of each policy, and whether it is mandatory; None = policies are not verified.
    """

    catalog: Catalog
    checks: Callable[[str], Sequence[Check] | None]
    organization: OrganizationForm | None = None
    policies: Mapping[str, bool] | None = None


class WaiversRead(NamedTuple):
    """The waivers that count, in the file's order, and what is wrong with the others."""

    waivers: tuple[Waiver, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_waivers(forms: Sequence[WaiverForm], source: Source, known: Known) -> WaiversRead:
    """Hold waivers against the mesh. Keys that are missing were reported when the file was read; such a waiver is left out.

    In a file alone, without a product beside it, nothing can be verified.
    """
    if not known.catalog.domains():
        return WaiversRead()
    reader = _Reader(source, known)
    waivers = [w for position, form in enumerate(forms) if (w := reader.read(position, form)) is not None]
    source.forget()
    return WaiversRead(tuple(waivers), tuple(reader.problems))


class _WrongError(Exception):
    """One waiver is wrong.

    Args:
        problem: In what.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class _Reader:
    """Reads waivers one by one, and notes what is wrong."""

    def __init__(self, source: Source, known: Known) -> None:
        self.source = source
        self.known = known
        self.problems: list[Problem] = []
        organization = known.organization
        listed = [d.name for d in organization.domains if d.name] if organization else []
        self._subjects = Subjects(known.catalog, listed)
        self._seen: dict[tuple[str, str, Subject], Pointer] = {}
        self._by_name: dict[str, Mapping[str, Check] | None] = {}

    def read(self, position: int, form: WaiverForm) -> Waiver | None:
        """Return a waiver; None where it counts for nothing."""
        if (form.policy is None) == (form.check is None):
            return None
        if form.subject is None or form.reason is None or form.approved_by is None or form.until is None:
            return None
        pointer: Pointer = ("waivers", position)
        if form.cap is None and self.source.has((*pointer, "cap")):
            return None  # one that cannot be read, and was reported: without it, more would be waived than was meant
        try:
            subject = self._subjects.read(form.subject)
            waiver = Waiver(
                policy=form.policy or "",
                check=form.check or "",
                subject=subject,
                reason=form.reason,
                approved_by=form.approved_by,
                until=date.fromisoformat(form.until),
                cap=parse_cap(form.cap) if form.cap is not None else None,
                place=self.source.place(pointer),
            )
            waiver = self._of_check(waiver, pointer) if waiver.check else self._of_policy(waiver, pointer)
        except NotThereError as error:
            if is_extended(self.source, pointer):  # governors' waivers are for many meshes
                return None
            self._note("MK430", str(error), error.hint, (*pointer, "subject"))
            return None
        except _WrongError as error:
            self.problems.append(error.problem)
            return None
        self._note_twice(waiver, pointer)
        return waiver

    def _note(self, code: str, message: str, hint: str, pointer: Pointer) -> None:
        self.problems.append(self.source.problem(code, message, hint, pointer, of_value=True))

    def _wrong(self, code: str, message: str, hint: str, pointer: Pointer) -> _WrongError:
        return _WrongError(self.source.problem(code, message, hint, pointer, of_value=True))

    def _of_check(self, waiver: Waiver, pointer: Pointer) -> Waiver:
        """Find the check, and hold subject and cap against it."""
        at = (*pointer, "check")
        found = split_check(waiver.check, self.known.catalog)
        if found is None:
            hint = did_you_mean(waiver.check, self._near_checks(waiver.check))
            raise self._wrong("MK431", f"unknown check '{waiver.check}'", hint, at)
        product, version, name = found
        subject = waiver.subject
        versions = [e.head for e in self.known.catalog.versions(product)]
        is_of_it = subject.domain == versions[0].domain if subject.domain else subject.product == product
        if version and subject.version not in ("", version):
            is_of_it = False
        if not is_of_it:
            raise self._disagrees(waiver, product, pointer)
        version = version or subject.version
        keys = [self.known.catalog.key(h) for h in versions if version in ("", h.version)]
        by_name = [self._checks(key) for key in keys]
        checks = [c[name] for c in by_name if c is not None and name in c]
        if not checks and None not in by_name:
            ids = [c.id for names in by_name if names for c in names.values()]
            raise self._wrong("MK431", f"unknown check '{waiver.check}'", did_you_mean(waiver.check, ids), at)
        if checks and not any(_is_about(c, subject) for c in checks):
            raise self._disagrees(waiver, product, pointer)
        if checks and waiver.cap is not None:
            self._hold_cap(waiver, checks, (*pointer, "cap"))
        narrowed = subject.model_copy(update={"version": version})
        return waiver.model_copy(update={"name": f"{product}.{name}", "subject": narrowed})

    def _disagrees(self, waiver: Waiver, product: str, pointer: Pointer) -> _WrongError:
        message = f"check '{waiver.check}' is not about '{waiver.subject.text}'"
        return self._wrong("MK433", message, f"write subject: {product}", (*pointer, "subject"))

    def _hold_cap(self, waiver: Waiver, checks: Sequence[Check], pointer: Pointer) -> None:
        assert waiver.cap is not None
        is_share, is_part = waiver.cap.unit == "ratio", waiver.cap.unit == "number"
        if all(counts(c) for c in checks):
            if is_part:
                raise self._wrong("MK436", f"cap: {waiver.cap_text} is no whole number of rows",
                                  f"a share is written with a percent sign, such as {waiver.cap_text}%", pointer)  # fmt: skip
            return
        if is_share or not all(is_numbered(c) for c in checks):
            kind = next(c.kind for c in checks if not counts(c))
            hint = "write the number up to which it may go" if all(map(is_numbered, checks)) else "leave the cap out"
            raise self._wrong("MK436", f"a {kind} check counts no rows to compare the cap with", hint, pointer)

    def _of_policy(self, waiver: Waiver, pointer: Pointer) -> Waiver:
        """Find the policy; for a mandatory one, see that nobody waives for himself."""
        policies = self.known.policies
        if policies is None:
            return waiver
        if waiver.policy not in policies:
            hint = did_you_mean(waiver.policy, policies)
            raise self._wrong("MK432", f"unknown policy '{waiver.policy}'", hint, (*pointer, "policy"))
        own = self._own_product(waiver) if policies[waiver.policy] else ""
        if own:
            message = f"'{waiver.approved_by}' waives mandatory policy '{waiver.policy}' for his own product {own}"
            raise self._wrong("MK435", message, "have somebody else approve it", (*pointer, "approved_by"))
        return waiver

    def _own_product(self, waiver: Waiver) -> str:
        """Return a product that the waiver covers and its approver owns; empty where there is none."""
        subject, catalog = waiver.subject, self.known.catalog
        entries = catalog.of_domain(subject.domain) if subject.domain else catalog.versions(subject.product)
        who = _folded(waiver.approved_by)
        for entry in entries:
            if subject.version in ("", entry.head.version):
                organization = self.known.organization
                domain = organization.domain(entry.head.domain) if organization else None
                lead = domain.team.product_owner if domain and domain.team else None
                owner = entry.contract.owner
                if who in {_folded(name) for name in (owner.team, owner.contact, lead) if name}:
                    return entry.head.product_id
        return ""

    def _note_twice(self, waiver: Waiver, pointer: Pointer) -> None:
        key = (waiver.policy, waiver.name, waiver.subject.model_copy(update={"text": ""}))
        first = self._seen.setdefault(key, pointer)
        if first != pointer:
            line = self.source.place(first).line
            found = self.source.problem(
                "MK434", f"a second waiver of '{waiver.of}' for {waiver.subject.text}",
                f"the first stands in line {line}; the one that holds longest counts", pointer)  # fmt: skip
            self.problems.append(found.model_copy(update={"severity": Severity.WARNING}))

    def _checks(self, key: str) -> Mapping[str, Check] | None:
        """Return the checks of a product in one version, by their names within it."""
        if key not in self._by_name:
            checks = self.known.checks(key)
            named = None if checks is None else {c.id.removeprefix(f"{key}."): c for c in checks}
            self._by_name[key] = named
        return self._by_name[key]

    def _near_checks(self, check: str) -> list[str]:
        """Return the ids of the checks of the products that an id may mean which names none."""
        product = ".".join(check.split(".")[:2])
        return [c.id for near in self.known.catalog.near(product) for c in (self._checks(near) or {}).values()]


def _is_about(check: Check, subject: Subject) -> bool:
    if not subject.column:
        return True
    named = {fold(n) for n in (*check.own_columns, check.part, check.label) if n}
    return subject.column in named and subject.table in ("", fold(check.table))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
