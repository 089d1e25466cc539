"""Which of the tables that are there is meant by a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from meshkit.errors import SourceError
from meshkit.model.names import did_you_mean, fold

Known = TypeVar("Known", bound=tuple[str, ...])


def pick(name: str, known: Sequence[Known], called: str = "") -> Known:
    """Return the entry whose last part is `name`: exactly, or, if that is one alone, in another upper or lower case.

    Args:
        name: Of the table.
        known: Whole names of what is there, those that go before others first.
        called: The whole name as it was given, for messages.

    Raises:
        SourceError: MK302, none or several are.
    """
    called = called or name
    exact = [k for k in known if k[-1] == name]
    if exact:
        return exact[0]
    folded = [k for k in known if fold(k[-1]) == fold(name)]
    if len({k[-1] for k in folded}) > 1:
        spelled = ", ".join(sorted(f"'{k[-1]}'" for k in folded)[:4])
        raise SourceError(f"table '{called}' is spelled in several ways: {spelled}", "spell it as one of them")
    if folded:
        return folded[0]
    hint = did_you_mean(name, list(dict.fromkeys(k[-1] for k in known))) or "may this user read it?"
    raise SourceError(f"there is no table '{called}'", hint)
