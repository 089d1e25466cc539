"""Where the families of rules note their changes: one pair of contracts, and the list that grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meshkit.change.rules import RULES
from meshkit.model.change import Change, Direction, Effect
from meshkit.model.contract import Contract
from meshkit.model.schedule import Schedule
from meshkit.model.table import Column, Pointer, Table

Schedules = Callable[[str], Schedule | None]
"""A cron expression to its year."""


class Notes:
    """The changes found so far between `old` and `new`."""

    def __init__(self, old: Contract, new: Contract, schedules: Schedules) -> None:
        self.old = old
        self.new = new
        self.schedules = schedules
        self.changes: list[Change] = []
        self.is_single = len(old.tables) <= 1 and len(new.tables) <= 1

    def add(
        self,
        id_: str,
        path: str,
        direction: Direction,
        summary: str,
        *,
        old: Pointer | None = None,
        new: Pointer | None = None,
        subject: Subject | None = None,
        consumer: Effect | None = None,
        producer: Effect | None = None,
        **texts: str,
    ) -> None:
        """Note a change. `consumer` and `producer` say what it does to them where the rule alone does not.

        `texts` are `hint`, and `more`, what follows the summary in the message.
        """
        by_consumer, by_producer = RULES[id_].effects(direction)
        more = texts.get("more", "")
        values: dict[str, Any] = {"table": subject.table, "column": subject.column} if subject else {}
        self.changes.append(
            Change(
                id=id_,
                path=path,
                direction=direction,
                summary=summary,
                message=f"{summary}: {more}" if more else summary,
                hint=texts.get("hint", ""),
                consumer=consumer or by_consumer,
                producer=producer or by_producer,
                old=old,
                new=new,
                **values,
            )
        )

    def table_path(self, table: Table) -> str:
        """Return the path of a table: `schema`, or `schema.NAME` where there are several."""
        return "schema" if self.is_single else f"schema.{table.name}"


class Subject:
    """One column on both sides, with the words for it.

    Attributes:
        path: `schema.fields.address.city`.
        said: `address.city`, in messages.
        table: The old table's name.
        column: The old column's name; for a part of a nested column, that of the column.
    """

    def __init__(self, path: str, said: str, tables: tuple[Table, Table], columns: tuple[Column, Column]) -> None:
        self.path = path
        self.said = said
        self.tables = tables
        self.table = tables[0].name
        self.old, self.new = columns
        self.column = columns[0].name

    def part(self, step: str, columns: tuple[Column, Column]) -> Subject:
        """Return a part of it, which stands for the same column of the table."""
        dotted = step if step.startswith("[") else f".{step}"
        found = Subject(f"{self.path}{dotted}", f"{self.said}{dotted}", self.tables, columns)
        found.column = self.column
        return found


def by_presence(old: object, new: object) -> Direction:
    """Return the direction of a promise that appears or goes."""
    return Direction.TIGHTENS if new and not old else Direction.LOOSENS if old and not new else Direction.NONE
