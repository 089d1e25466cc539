"""Variables in the texts of a contract: `${NAME}` and `${NAME:-default}`, resolved when a text is used and never kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from meshkit.errors import ContractError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^${}]*))?\}")
_NESTED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:-[^}]*\$\{")
ALLOWED = "MESHKIT_VARIABLES"
"""Names the environment variable that lists which others contracts may name, parted by commas."""


class Variables:
    """Puts values into texts, and takes them out again where a text is shown.

    Args:
        values: Name -> value.
        allowed: The names that contracts may use; None = all.
    """

    def __init__(self, values: Mapping[str, str], allowed: frozenset[str] | None = None) -> None:
        self._values = values
        self._allowed = allowed
        self._used: dict[str, str] = {}

    def put(self, text: str) -> str:
        """Return `text` with every variable replaced by its value.

        Raises:
            ContractError: MK143, one has neither a value nor a default, or may not be used here.

        Example:
            >>> Variables({"REGION": "eu"}).put("s3://shop-${REGION}/${TABLE:-orders}.parquet")
            's3://shop-eu/orders.parquet'
        """
        return self.put_by(text, lambda value: value)

    def put_by(self, text: str, write: Callable[[str], str]) -> str:
        """Return `text` with every variable replaced by what `write` makes of its value.

        Raises:
            ContractError: As `put`.
        """
        if "${" not in text:
            return text
        if _NESTED.search(text):
            raise ContractError(
                "a variable inside the default of another", "give the inner one a variable of its own", code="MK143"
            )
        return _VARIABLE.sub(lambda found: write(self._value(found[1], found[2])), text)

    def hide(self, text: str) -> str:
        """Return `text` with every value that was put in anywhere replaced by its variable."""
        for value, name in sorted(self._used.items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        return text

    def _value(self, name: str, default: str | None) -> str:
        if self._allowed is not None and name not in self._allowed:
            raise ContractError(
                f"variable '{name}' may not be used here", f"name it in {ALLOWED} to allow it", code="MK143"
            )
        value = self._values.get(name) or ""
        if value:
            self._used[value] = f"${{{name}}}"
            return value
        if not default:
            hint = f"set it in the environment, or write a default: ${{{name}:-value}}"
            raise ContractError(f"variable '{name}' has no value", hint, code="MK143")
        return default


def has_variables(text: str) -> bool:
    """Tell whether a text holds variables."""
    return "${" in text and bool(_VARIABLE.search(text))


def from_environment(environment: Mapping[str, str], *, confined: bool = False) -> Variables:
    """Return the variables of an environment: those that `MESHKIT_VARIABLES` lists, else all, or behind a server none."""
    listed = environment.get(ALLOWED)
    allowed = None if listed is None and not confined else frozenset(n.strip() for n in (listed or "").split(","))
    return Variables(environment, allowed)
