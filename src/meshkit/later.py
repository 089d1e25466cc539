"""Rooms that are imported when a name of theirs is first used: what a command does not need, it need not wait for."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module, and imports it when one of its names is asked for.

    Type checkers and import-linter see an ordinary import beside it, under TYPE_CHECKING.

    Example:
        >>> math = Later("math")
        >>> math.floor(2.5)
        2
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """Return a name of the module; kept here, so that it is looked up once."""
        value = getattr(import_module(self._module), name)
        self.__dict__[name] = value
        return value

    def __repr__(self) -> str:
        """Name the module."""
        return f"Later({self._module!r})"
