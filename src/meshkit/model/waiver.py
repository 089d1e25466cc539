"""A waiver: a dated, signed permit to miss one policy or one check for one subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from meshkit.errors import Place, QuantityError
from meshkit.model.base import Document
from meshkit.model.check import Check, Kind
from meshkit.model.names import fold
from meshkit.model.threshold import Threshold, at_most
from meshkit.model.units import parse_number, parse_percentage

SOON = timedelta(days=30)
"""A waiver that ends within so many days is shown."""

_NUMBERS = frozenset({Kind.SQL, Kind.ROW_COUNT})
"""Kinds that compare one number, and count nothing that is bad."""

_UNCOUNTED = frozenset(
    {
        Kind.FRESHNESS, Kind.RETENTION, Kind.FREQUENCY, Kind.TIME_OF_AVAILABILITY, Kind.GENERAL_AVAILABILITY,
        Kind.END_OF_SUPPORT, Kind.END_OF_LIFE, Kind.TEXT, Kind.CUSTOM,
    }
)  # fmt: skip


class Subject(Document):
    """Whom a waiver is for: all products of a domain, a product, one version of it, or one column.

    Attributes:
        text: As it is written.
        domain: The domain, for `domain.*`; else empty.
        product: The product's id, without version.
        version: The one version; empty = all.
        table: The folded name of the one table; empty = all.
        column: The folded name of the one column, or part of it; empty = all.
    """

    text: str
    domain: str = ""
    product: str = ""
    version: str = ""
    table: str = ""
    column: str = ""

    def covers(self, product: str, domain: str, version: str = "", table: str = "", column: str = "") -> bool:
        """Tell whether a product, or with `column` one column of it, is covered. What is narrower than asked does not cover."""
        if self.domain:
            return domain == self.domain
        return (
            product == self.product
            and self.version in ("", version)
            and self.table in ("", fold(table))
            and self.column in ("", fold(column))
        )


class Waiver(Document):
    """A dated, signed permit. It is written for one policy or one check, never for both.

    Attributes:
        policy: The policy's id; empty for a check.
        check: The check's id as it is written; empty for a policy.
        name: The check's id without a version, by which it is found.
        subject: Whom it is for; its version is also that which the check's id carries.
        reason: Why.
        approved_by: Who allows it.
        until: The last day, in UTC, on which it holds.
        cap: How much may be missed; above it, the waiver does not hold. None = any amount.
        place: Where it is written.
    """

    policy: str = ""
    check: str = ""
    name: str = ""
    subject: Subject
    reason: str
    approved_by: str
    until: date
    cap: Threshold | None = None
    place: Place

    @property
    def of(self) -> str:
        """What may be missed: the id of the policy or of the check."""
        return self.policy or self.check

    @property
    def cap_text(self) -> str:
        """The cap as an author writes it: `3`, `2%`; empty where there is none."""
        return str(self.cap).removeprefix("<= ") if self.cap else ""

    def has_ended(self, today: date) -> bool:
        """Tell whether its last day has passed."""
        return today > self.until

    def ends_soon(self, today: date) -> bool:
        """Tell whether it holds today, and ends within 30 days."""
        return today <= self.until <= today + SOON

    def allows(self, amount: Decimal | float | None, total: int | None = None) -> bool:
        """Tell whether so much may be missed. What cannot be compared with the cap is not allowed.

        Args:
            amount: How many rows, cells or columns are bad; of a check that compares one number, that number.
            total: Of how many; a percentage compares with it. 0 of 0 is nothing.
        """
        if self.cap is None:
            return True
        if amount is None or not exact(amount).is_finite():
            return False
        if self.cap.unit == "ratio":
            return total is not None and self.cap.is_met(Fraction(exact(amount)) / total if total else Fraction(0))
        return self.cap.is_met(exact(amount))


class WaiverReport(Document):
    """What a run has to say of the waivers of its mesh, besides the verdicts that they cover.

    Attributes:
        today: The day of the run, in UTC.
        soon: Those that end within 30 days, the next one first.
        ended: Those that count for nothing any more, the last one first.
    """

    today: date
    soon: tuple[Waiver, ...] = ()
    ended: tuple[Waiver, ...] = ()


def day_of(now: datetime) -> date:
    """Return the day in UTC of an aware time."""
    return now.astimezone(UTC).date()


def exact(amount: Decimal | float) -> Decimal:
    """Return an amount exactly; a float as the shortest text that means it, as people write it in a cap."""
    return Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)


def parse_cap(text: str) -> Threshold:
    """Read a cap: rows, a percentage, or the number up to which a query may go.

    Raises:
        QuantityError: None of them, or a negative number.

    Example:
        >>> str(parse_cap("3")), str(parse_cap("2.5%"))
        ('<= 3', '<= 2.5%')
    """
    if "%" in text:
        return at_most(parse_percentage(text), "ratio")
    number = parse_number(text)
    if number < 0:
        raise QuantityError(f"{text!r} is negative", "write rows, such as 10, or a percentage, such as 2%")
    return at_most(number, "rows" if number == number.to_integral_value() else "number")


def counts(check: Check) -> bool:
    """Tell whether a check counts what is bad: rows, cells or columns."""
    return check.kind not in _NUMBERS and check.kind not in _UNCOUNTED


def is_numbered(check: Check) -> bool:
    """Tell whether a check compares one number that can be too high."""
    is_bounded = check.threshold.high is not None and not check.threshold.outside
    return check.kind in _NUMBERS and check.answer is None and is_bounded


def amount_of(check: Check, bad: int | None, value: Decimal | float | None) -> Decimal | float | None:
    """Return what a cap is compared with; None where nothing is counted, or a number is too low and not too high."""
    if counts(check):
        return bad
    high = check.threshold.high
    is_too_high = value is not None and high is not None and exact(value) >= high
    return value if is_numbered(check) and is_too_high else None


def longest_first(waivers: Sequence[Waiver]) -> list[Waiver]:
    """Sort waivers: the one that holds longest first; of those that end on one day, the one that allows more."""
    return sorted(waivers, key=lambda w: (-w.until.toordinal(), w.cap is not None, w.place))


class NewWaiver(Document):
    """A waiver that is to be written.

    Attributes:
        note: What to say beside it in the file; may be empty.
    """

    policy: str = ""
    check: str = ""
    subject: str
    reason: str
    approved_by: str
    until: date
    cap: Decimal | None = None
    note: str = ""

    @property
    def of(self) -> str:
        """What may be missed: the id of the policy or of the check."""
        return self.policy or self.check

    def values(self) -> dict[str, str | int | Decimal]:
        """Return it as the values of a file."""
        named: dict[str, str | int | Decimal] = {"policy": self.policy} if self.policy else {"check": self.check}
        named |= {"subject": self.subject, "reason": self.reason, "approved_by": self.approved_by}
        named["until"] = self.until.isoformat()
        if self.cap is not None:
            is_whole = self.cap == self.cap.to_integral_value()
            named["cap"] = int(self.cap) if is_whole else self.cap
        return named
