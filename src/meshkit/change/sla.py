"""Promises of the service (A01 to A06): freshness, schedule, availability, retention, owner, metrics and alerts."""

from __future__ import annotations

from decimal import Decimal

from meshkit.change.notes import Notes, by_presence
from meshkit.change.predicates import compare_thresholds
from meshkit.change.promises import by_size, compare_promises, moved, service_severity
from meshkit.model.change import Direction
from meshkit.model.contract import Alert, Completeness, Freshness
from meshkit.model.schedule import compare_schedules
from meshkit.model.table import Pointer
from meshkit.sql.alert_bounds import alert_bound
from meshkit.sql.canonical import same_condition

_FRESHNESS: Pointer = ("sla", "freshness")
_COMPLETENESS: Pointer = ("sla", "completeness")


def compare_sla(notes: Notes) -> None:
    """Compare everything that is promised of the service."""
    old, new = notes.old, notes.new
    _freshness(notes, old.sla.freshness, new.sla.freshness)
    if old.sla.availability != new.sla.availability:
        _ratio(
            notes,
            "sla.availability",
            "availability",
            (old.sla.availability, new.sla.availability),
            ("sla", "availability"),
        )
    _completeness(notes, old.sla.completeness, new.sla.completeness)
    for key in ("retention_days", "trash_days"):
        _days(notes, key, getattr(old, key), getattr(new, key))
    if old.owner != new.owner:
        keys = [k for k in ("team", "contact", "slack") if getattr(old.owner, k) != getattr(new.owner, k)]
        notes.add("A05", "owner", Direction.NONE, f"the owner's {' and '.join(keys)} changed", old=("owner", keys[0]),
                  new=("owner", keys[0]), hint="tell the readers")  # fmt: skip
    compare_promises(notes)
    _metrics(notes)
    _alerts(notes)


def _freshness(notes: Notes, old: Freshness | None, new: Freshness | None) -> None:
    one, other = old or Freshness(), new or Freshness()
    if one.max_age_hours != other.max_age_hours:
        direction = by_size(one.max_age_hours, other.max_age_hours, more_is=Direction.LOOSENS)
        notes.add("A01", "sla.freshness", direction, moved("max_age_hours", one.max_age_hours, other.max_age_hours),
                  old=(*_FRESHNESS, "max_age_hours"), new=(*_FRESHNESS, "max_age_hours"))  # fmt: skip
    _schedule(notes, one.update_schedule, other.update_schedule)
    if old is None or new is None:
        return
    if (one.column, one.source) != (other.column, other.source):
        direction = Direction.UNDETERMINED if one.column or one.source else Direction.TIGHTENS
        notes.add("A01", "sla.freshness", direction, "freshness is measured in another way", old=(*_FRESHNESS, "column"),
                  new=(*_FRESHNESS, "column"))  # fmt: skip
    service_severity(notes, "sla.freshness", "freshness", (one.severity, other.severity), _FRESHNESS)


def _schedule(notes: Notes, old: str, new: str) -> None:
    if old == new:
        return
    direction = by_presence(old, new)
    if old and new:
        years = notes.schedules(old), notes.schedules(new)
        direction = Direction.UNDETERMINED if None in years else compare_schedules(*years)  # type: ignore[arg-type]  # neither is None
    pointer = (*_FRESHNESS, "update_schedule")
    if direction is Direction.NONE:
        notes.add(
            "D01",
            "sla.freshness",
            direction,
            f"update_schedule '{old}' is written as '{new}'",
            old=pointer,
            new=pointer,
        )
    else:
        notes.add(
            "A02",
            "sla.freshness",
            direction,
            moved("update_schedule", old or None, new or None),
            old=pointer,
            new=pointer,
        )


def _completeness(notes: Notes, old: Completeness | None, new: Completeness | None) -> None:
    one, other = old or Completeness(), new or Completeness()
    if one.min_ratio != other.min_ratio:
        pointer = (*_COMPLETENESS, "min_threshold")
        _ratio(notes, "sla.completeness", "completeness", (one.min_ratio, other.min_ratio), pointer)
    if old is None or new is None:
        return
    if set(one.columns) != set(other.columns):
        notes.add("A03", "sla.completeness", Direction.BOTH, "completeness counts other columns", old=(*_COMPLETENESS, "columns"),
                  new=(*_COMPLETENESS, "columns"))  # fmt: skip
    service_severity(notes, "sla.completeness", "completeness", (one.severity, other.severity), _COMPLETENESS)


def _ratio(notes: Notes, path: str, said: str, texts: tuple[str, str], pointer: Pointer) -> None:
    old, new = (Decimal(t) if t else None for t in texts)
    direction = by_size(old, new, more_is=Direction.TIGHTENS)
    shown = (f"{n * 100:f}".rstrip("0").rstrip(".") + "%" if n is not None else None for n in (old, new))
    notes.add(
        "D01" if direction is Direction.NONE else "A03", path, direction, moved(said, *shown), old=pointer, new=pointer
    )


def _days(notes: Notes, key: str, old: int | None, new: int | None) -> None:
    if old != new:
        direction = by_size(old, new, more_is=Direction.TIGHTENS)
        notes.add("A04", key, direction, moved(key, old, new), old=(key,), new=(key,),
                  hint="personal data needs a review" if direction is Direction.TIGHTENS else "")  # fmt: skip


def _metrics(notes: Notes) -> None:
    old, new = ({m.name: m for m in c.metrics} for c in (notes.old, notes.new))
    for name, metric in old.items():
        path = f"observability.metrics.{name}"
        if name not in new:
            notes.add("A06", path, Direction.LOOSENS, f"metric {name} is no longer published", old=metric.pointer)
        elif metric.expression != new[name].expression:
            is_same = same_condition(metric.expression, new[name].expression)
            said = f"metric {name} is {'written' if is_same else 'computed'} in another way"
            notes.add(
                "A06",
                path,
                Direction.NONE if is_same else Direction.BOTH,
                said,
                old=metric.pointer,
                new=new[name].pointer,
            )
    for name, metric in new.items():
        if name not in old:
            notes.add(
                "A06",
                f"observability.metrics.{name}",
                Direction.TIGHTENS,
                f"metric {name} was added",
                new=metric.pointer,
            )


def _alerts(notes: Notes) -> None:
    """Compare alerts: equal ones first, then those of one type in their order."""
    old, new = list(notes.old.alerts), list(notes.new.alerts)
    for alert in list(new):
        same = next((a for a in old if _bare(a) == _bare(alert)), None)
        if same is not None:
            old.remove(same)
            new.remove(alert)
    for alert in list(new):
        before = next((a for a in old if a.type == alert.type), None)
        if before is not None:
            old.remove(before)
            new.remove(alert)
            _alert(notes, before, alert)
    for alert in old:
        notes.add(
            "A06",
            _alert_path(alert),
            Direction.LOOSENS,
            f"the alert on '{alert.condition}' was removed",
            old=alert.pointer,
        )
    for alert in new:
        notes.add(
            "A06",
            _alert_path(alert),
            Direction.TIGHTENS,
            f"an alert on '{alert.condition}' was added",
            new=alert.pointer,
        )


def _alert(notes: Notes, old: Alert, new: Alert) -> None:
    path = _alert_path(new)
    if old.condition != new.condition:
        one, other = alert_bound(old.condition), alert_bound(new.condition)
        direction = Direction.UNDETERMINED
        if one is not None and other is not None and one.metric == other.metric:
            direction = compare_thresholds(one.silent, other.silent)
        notes.add("A06", path, direction, f"the alert on '{old.condition}' is now on '{new.condition}'",
                  old=(*old.pointer, "condition"), new=(*new.pointer, "condition"))  # fmt: skip
    service_severity(notes, path, f"the alert on '{new.condition}'", (old.severity, new.severity), new.pointer)


def _bare(alert: Alert) -> Alert:
    return alert.model_copy(update={"pointer": ()})


def _alert_path(alert: Alert) -> str:
    return f"observability.alerts.{alert.type}" if alert.type else "observability.alerts"
