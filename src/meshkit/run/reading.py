"""Author SQL, read a second time by the engine's own parser before it runs: two must agree that it is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from meshkit.engines.base import Session
from meshkit.errors import MeshkitError
from meshkit.model.check import Check, Kind
from meshkit.run.plan import Planner
from meshkit.run.steps import Refused
from meshkit.run.writer import DUCKDB
from meshkit.sql.bind import Bound
from meshkit.sql.dialects import render

if TYPE_CHECKING:
    from meshkit.run.memory import Memory


def read_again(
    checks: Sequence[Check], planner: Planner, session: Session, memory: Memory | None
) -> dict[str, Refused]:
    """Return the checks whose queries DuckDB reads as something else than one SELECT over the tables they may read.

    What an earlier run has read, as `memory` knows, is not read again.
    """
    if session.dialect != DUCKDB:
        return {}
    bound: dict[str, Bound] = {}
    for check in checks:
        if check.kind is Kind.SQL:
            with suppress(MeshkitError):  # planning says why
                bound[check.id] = planner.bind(check)
    texts = {check_id: render(one.tree) for check_id, one in bound.items()}
    unread = [check_id for check_id, text in texts.items() if not (memory and memory.is_tried(text))]
    if not unread:
        return {}
    names = {name for check_id in unread for name in bound[check_id].relations}
    refused: dict[str, Refused] = {}
    for check_id, error in zip(unread, session.second_reading([texts[i] for i in unread], names), strict=True):
        if error is not None:
            refused[check_id] = Refused(error=f"{error.code} {error.what}; {error.hint}")
        elif memory:
            memory.keep_tried(texts[check_id])
    return refused
