"""Recorded decisions: what no rule can judge is settled by whoever answers for the contract."""

from __future__ import annotations

from collections.abc import Sequence

from meshkit.model.change import Change, Effect
from meshkit.model.contract import Contract, Decision


def apply_decisions(changes: Sequence[Change], old: Contract, new: Contract) -> tuple[Change, ...]:
    """Settle undetermined changes by the decisions that the new contract adds.

    A decision that the old contract held already was on an earlier change, and settles nothing any more. One without a
    path settles its change only where there is no second one of that id.
    """
    fresh = [d for d in new.decisions if d.decision and d not in old.decisions]
    return tuple(_settled(change, changes, fresh) for change in changes)


def _settled(change: Change, changes: Sequence[Change], decisions: Sequence[Decision]) -> Change:
    if Effect.UNDETERMINED not in (change.consumer, change.producer):
        return change
    found = next((d for d in decisions if d.change.upper() == change.id and _is_meant(d.path, change, changes)), None)
    if found is None:
        return change
    effect = Effect.BREAKING if found.decision == "breaking" else Effect.PATCH
    who = f" by {found.decided_by}" if found.decided_by else ""
    why = f": {found.reason}" if found.reason else ""
    return change.model_copy(
        update={
            "consumer": effect if change.consumer is Effect.UNDETERMINED else change.consumer,
            "producer": effect if change.producer is Effect.UNDETERMINED else change.producer,
            "decision": f"decided{who} to be {found.decision}{why}",
        }
    )


def _is_meant(path: str, change: Change, changes: Sequence[Change]) -> bool:
    if not path:
        return sum(c.id == change.id and Effect.UNDETERMINED in (c.consumer, c.producer) for c in changes) == 1
    return change.path == path or change.path.endswith(f".{path}")
