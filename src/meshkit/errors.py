"""Every error that meshkit raises, its code, and `Place`, where in a file a thing is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a thing is said: a file, its line and its column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Render as `file:line:column`, the form that editors and terminals turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"


class MeshkitError(Exception):
    """What prevents an answer. A missed check or a broken policy is data, never an exception.

    Attributes:
        code: Stable id such as `MK302`; `meshkit explain MK302` says more.
        what: What is wrong, with the value quoted. Never a secret and never a row's value.
        hint: The way out, or an empty text.
        place: Where it is said, if it is said in a file.
    """

    code = "MK001"

    def __init__(self, what: str, hint: str = "", place: Place | None = None, code: str | None = None) -> None:
        self.code = code or type(self).code
        self.what = what
        self.hint = hint
        self.place = place
        super().__init__(self.render())

    def render(self) -> str:
        """Render as one line: place, code, what is wrong, way out."""
        where = f"{self.place}: " if self.place else ""
        way_out = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.code} {self.what}{way_out}"


class UsageError(MeshkitError):
    """The call itself is wrong: an unknown product, check, option or time."""

    code = "MK001"


class ContractError(MeshkitError):
    """A contract, organisation, platform or policy file says something that cannot be meant."""

    code = "MK103"


class QuantityError(ContractError):
    """A percentage, duration, size or comparator that cannot be read."""

    code = "MK118"


class TypeNameError(ContractError):
    """A column's declared type that meshkit does not know."""

    code = "MK124"


class SqlError(MeshkitError):
    """SQL that an author wrote is refused before it runs."""

    code = "MK201"


class EngineError(MeshkitError):
    """The engine could not open the data or finish a statement.

    Attributes:
        is_transient: Whether the same statement may succeed if it is tried again, as after a broken connection.
    """

    code = "MK304"
    is_transient = False


class SourceError(EngineError):
    """A location cannot be opened: missing, unreadable, or in a format that is not there."""

    code = "MK302"


class StatementTimeoutError(EngineError):
    """A statement ran longer than the time it was given."""

    code = "MK305"


class InterruptedRunError(EngineError):
    """A person stopped the run (Ctrl-C) before this statement had its answer."""

    code = "MK306"


class ChecksFailedError(MeshkitError):
    """Raised by `Run.raise_for_failures` when checks failed or had no answer."""

    code = "MK401"


class StoreError(MeshkitError):
    """The store of runs could not be opened, read or written."""

    code = "MK410"


class AccessError(MeshkitError):
    """Access is not given, or a request for it cannot be moved so."""

    code = "MK601"
