"""Variables in the texts of a contract: `${NAME}` and `${NAME:-default}`, resolved when a text is used and never kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from meshkit.errors import ContractError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
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
        return _VARIABLE.sub(self._value, text) if "${" in text else text

    def hide(self, text: str) -> str:
        """Return `text` with every value that was put in anywhere replaced by its variable."""
        for value, name in sorted(self._used.items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        return text

    def _value(self, found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        if self._allowed is not None and name not in self._allowed:
            raise ContractError(
                f"variable '{name}' may not be used here", f"name it in {ALLOWED} to allow it", code="MK143"
            )
        value = self._values.get(name) or ""
        if value:
            self._used[value] = f"${{{name}}}"
            return value
        if default is None:
            hint = f"set it in the environment, or write a default: ${{{name}:-value}}"
            raise ContractError(f"variable '{name}' has no value", hint, code="MK143")
        return default


def has_variables(text: str) -> bool:
    """Tell whether a text holds variables."""
    return bool(_VARIABLE.search(text))


def from_environment(environment: Mapping[str, str], *, confined: bool = False) -> Variables:
    """Return the variables of an environment: those that `MESHKIT_VARIABLES` lists, else all, or behind a server none."""
    listed = environment.get(ALLOWED)
    allowed = None if listed is None and not confined else frozenset(n.strip() for n in (listed or "").split(","))
    return Variables(environment, allowed)
