"""The numbers of a statement to the observation of its check. Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from meshkit.model.check import Check, Kind
from meshkit.model.relation import SeenTable
from meshkit.model.run import Observation
from meshkit.run import promises
from meshkit.sql.builders import age_hours
from meshkit.sql.types import native_type

_TIMES = ("newest", "oldest")


def observe(check: Check, numbers: Mapping[str, Any], seen: SeenTable, now: datetime) -> Observation:
    """Return what the numbers of a check, by role, say.

    Args:
        check: The check.
        numbers: Its numbers.
        seen: Its table, as the data has it.
        now: The clock of the run.
    """
    numbers = {role: moment(n) if role in _TIMES else n for role, n in numbers.items()}
    match check.kind:
        case Kind.ROW_COUNT:
            return Observation(value=Decimal(numbers["total"]))
        case Kind.FRESHNESS:
            return age(check.column or "", numbers, seen, now)
        case Kind.RETENTION | Kind.FREQUENCY | Kind.TIME_OF_AVAILABILITY:
            column = seen.column(check.column or "")
            native = native_type(column.type) if column else None
            return promises.measured(check, numbers, native, now)
        case Kind.COMPLETENESS:
            return Observation(bad=int(numbers["bad"]), total=int(numbers["total"]) * len(check.columns))
    note = ""
    if check.kind is Kind.UNIQUE and numbers["bad"]:
        note = f"{int(numbers['in_groups']):,} rows share a {'key' if check.columns else 'value'}"
    return Observation(bad=int(numbers["bad"]), total=int(numbers["total"]), note=note)


def moment(value: Any) -> Any:
    """Read a time that an engine without times has as a text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def age(name: str, numbers: Mapping[str, Any], seen: SeenTable, now: datetime) -> Observation:
    """Return the age of the newest row by a column, or of the newest file where there is no name."""
    if not name:
        if seen.newest is None:
            return Observation(
                skip="the table has no files whose time could be read; name a column in sla.freshness.column"
            )
        newest = datetime.fromtimestamp(seen.newest, UTC)
        return Observation(value=max(0.0, (now - newest).total_seconds() / 3600), note="by the newest file's time")
    column = seen.column(name)
    native = native_type(column.type) if column else None
    if numbers["newest"] is None or native is None:
        return Observation(note=f"{name} has no value up to now")
    return Observation(value=age_hours(numbers["newest"], native, now))


def by_publication(
    check: Check, seen: Observation, published: Mapping[str, datetime], now: datetime
) -> tuple[Check, Observation]:
    """Return a check and what it observes: a freshness without a column or a file's time asks when its product was published.

    Args:
        check: Any check.
        seen: What was observed.
        published: Key of a product -> when it was last published.
        now: The clock of the run.
    """
    is_asked = check.kind is Kind.FRESHNESS and check.column is None and check.skip
    if not is_asked or check.product not in published:
        return check, seen
    hours = max(0.0, (now - published[check.product]).total_seconds() / 3600)
    return check.model_copy(update={"skip": ""}), Observation(value=hours, note="since it was last published")
