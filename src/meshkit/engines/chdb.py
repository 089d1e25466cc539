"""The engine of ClickHouse in this process, by chdb: a folder of tables, or memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from meshkit.engines.clickhouse_settings import ANSWERS, FORMAT, READ_ONLY, timeout

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")


class Embedded:
    """A session of chdb. There is one for the whole process; it takes one statement at a time, and stops none from outside.

    Args:
        session: Of chdb.
        seconds: How long a statement may take.
        is_own: Whether it is ours to close. One that the caller gave keeps its settings: each statement brings its own.
    """

    can_cancel = False

    def __init__(self, session: Any, seconds: float | None, *, is_own: bool) -> None:
        self._session = session
        self._is_own = is_own
        self._turn = threading.Lock()
        own = {**ANSWERS, **FORMAT, **timeout(seconds), **READ_ONLY}
        self._settings = ", ".join(f"{name} = {_value(value)}" for name, value in own.items())

    def ask(self, query: str) -> pa.Table:
        """Run one query; an error is a `RuntimeError` with the engine's text."""
        with self._turn:
            try:
                answer = self._session.query(f"{query}\nSETTINGS {self._settings}", "ArrowStream")
            except RuntimeError:
                self._clear()
                raise
            return _arrow(answer.bytes())

    def stop(self) -> None:
        """Do nothing: chdb stops no statement from outside; its time ends it."""

    def close(self) -> None:
        """Close the session, if it is ours."""
        if self._is_own:
            self._session.close()

    def _clear(self) -> None:
        """Take away what a statement left that failed midway: it would stand before the next answer."""
        try:
            self._session.query("SELECT 1", "ArrowStream")
        except RuntimeError:
            return  # the next statement says what is wrong


def _arrow(data: bytes) -> pa.Table:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def _value(value: str | float) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
