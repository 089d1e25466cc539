"""The open engines of one run: what each of them holds, opened once and closed together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from meshkit.engines.base import Engine, Session, Settings
from meshkit.model.relation import Relation

Engines = Mapping[str, Engine]
"""By the name that relations have; an empty name = the embedded engine, which reads files."""


class Sessions:
    """A session for each engine that holds a relation of the run, and for the embedded one.

    Args:
        engines: All that are known.
        relations: All that statements may read.
        frames: Folded name -> what the caller gave in the place of a table.
        settings: Limits.

    Raises:
        UsageError: An engine refuses its settings.
    """

    def __init__(
        self, engines: Engines, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings
    ) -> None:
        self.relations: dict[str, list[Relation]] = {"": []}
        for relation in relations:
            self.relations.setdefault(relation.engine, []).append(relation)
        self._embedded, self._settings = engines[""], settings
        self._more: list[Session] = []
        self._open: dict[str, Session] = {}
        with ExitStack() as opened:
            for name, held in self.relations.items():
                self._open[name] = engines[name].open(held, {} if name else frames, settings)
                opened.callback(self._open[name].close)
            opened.pop_all()

    def __getitem__(self, engine: str) -> Session:
        """Return the session of an engine."""
        return self._open[engine]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the engines, the embedded one first."""
        return iter(self._open)

    def open_again(self, relations: Sequence[Relation], frames: Mapping[str, Any]) -> Session:
        """Open the embedded engine once more, over other relations; it is closed with the others, if not before."""
        session = self._embedded.open(relations, frames, self._settings)
        self._more.append(session)
        return session

    def interrupt(self) -> None:
        """Stop what is running, on every engine."""
        for session in (*self._open.values(), *self._more):
            session.interrupt()

    def close(self) -> None:
        """Close every session."""
        with ExitStack() as closing:
            for session in (*self._open.values(), *self._more):
                closing.callback(session.close)
