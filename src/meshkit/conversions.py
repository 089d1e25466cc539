"""A contract's file in another form: native, ODCS, or the older Data Contract Specification."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple, get_args

from meshkit.converting.document import Loss
from meshkit.errors import ContractError, UsageError
from meshkit.loading.convert import FormName, convert_file
from meshkit.loading.dump import dump


class Conversion(NamedTuple):
    """A contract in another form.

    Attributes:
        document: The new document as plain values: dicts, lists, texts, integers, decimals, booleans and None.
        losses: What the new form cannot hold, each with its pointer in the original, what it is, and why.
    """

    document: dict[str, Any]
    losses: tuple[Loss, ...]

    @property
    def text(self) -> str:
        """The new document as YAML."""
        return dump(self.document)


def convert(path: str | os.PathLike[str], *, to: FormName) -> Conversion:
    """Convert one contract's file. The file itself stays as it is.

    Args:
        path: The file.
        to: `odcs`, `native` or `dcs`.

    Raises:
        ContractError: The file is not there, holds no contract, or a contract with errors.

    Example:
        >>> convert("sample_data/flights/operations/flights.yaml", to="odcs").document["kind"]
        'DataContract'
    """
    if to not in get_args(FormName):
        raise UsageError(f"'{to}' is no form of contract", "known: " + ", ".join(get_args(FormName)))
    file = Path(path)
    if not file.is_file():
        raise ContractError(f"'{path}' is no file", "give one contract's file", code="MK108")
    return Conversion(*convert_file(file, to)[:2])
