"""A governed query: its answer, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from meshkit.model.base import Document


class AnswerColumn(Document):
    """A column of an answer.

    Attributes:
        type: In DuckDB's words.
        origins: The columns that its values come from, as `domain.product.table.column`; empty = from none, or it cannot be told.
        mask: `hash`, `partial` or `null`, where one of them is masked.
    """

    name: str
    type: str
    origins: tuple[str, ...] = ()
    mask: str = ""


class Issue(Document):
    """A check that is not passed, of columns that a query touches.

    Attributes:
        outcome: Of today.
        text: What that means for the answer, in counts; no value of a row.
        waived_until: The last day of the waiver that covers it.
    """

    check: str
    outcome: str
    text: str
    waived_until: date | None = None


class Trust(Document):
    """How far the part of an answer that comes from one product can be trusted, and what was done to it.

    Attributes:
        columns: The columns that are touched, as `table.column`.
        knowledge: `checked`, `stale`, `never checked`; see `Condition`.
        checked_at: When the last run that speaks for it began.
        issues: Checks of the touched columns, or of their tables, that are not passed.
        freshness: Measured against promised, in words; empty = nothing is promised.
        masked: Touched column -> its mask.
        withheld: Columns that `*` leaves out.
        row_filter: As the contract says it; empty = all rows.
    """

    product: str
    version: str
    columns: tuple[str, ...]
    knowledge: str
    run_id: str = ""
    checked_at: datetime | None = None
    outcome: str = ""
    issues: tuple[Issue, ...] = ()
    freshness: str = ""
    masked: Mapping[str, str] = {}
    withheld: tuple[str, ...] = ()
    row_filter: str = ""


class QueryAnswer(Document):
    """What a query gave.

    Attributes:
        rows: Values as JSON has them; docs/query.md says how each type is written.
        is_truncated: Whether there are more rows, or values were cut.
        hint: What was left out, and how to see it.
        trust: One entry for each product that is read.
    """

    principal: str
    purpose: str = ""
    columns: tuple[AnswerColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_truncated: bool = False
    hint: str = ""
    trust: tuple[Trust, ...] = ()
