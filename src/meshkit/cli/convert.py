"""`meshkit convert`: a contract in another form, and what that form cannot hold."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from meshkit.cli.console import say, write
from meshkit.cli.explore import PlainFormat


class Target(StrEnum):
    """A form of contract."""

    ODCS = "odcs"
    NATIVE = "native"
    DCS = "dcs"


def convert(
    file: Annotated[Path, typer.Argument(help="One contract: native, ODCS or DCS.")],
    to: Annotated[Target, typer.Option(help="The form to write.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", metavar="FILE")] = None,
    format_: Annotated[
        PlainFormat, typer.Option("--format", help="text: YAML; json: document and losses.")
    ] = PlainFormat.TEXT,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a contract in another form. What that form cannot hold is listed on standard error.

    Examples:

      meshkit convert orders.yaml --to odcs -o orders.odcs.yaml

      meshkit convert orders.odcs.yaml --to native | less

      meshkit convert old.dcs.yaml --to odcs --format json

    Exit codes: 0 written, 2 the file is no contract or has errors.
    """
    from meshkit.conversions import convert as convert_file
    from meshkit.errors import ContractError

    found = convert_file(file, to=to.value)
    losses = [{"pointer": list(loss.pointer), "what": loss.what, "why": loss.why} for loss in found.losses]
    if format_ is PlainFormat.JSON:
        text = (
            json.dumps({"document": found.document, "losses": losses}, indent=2, ensure_ascii=False, default=_number)
            + "\n"
        )
    else:
        text = found.text
    if output is not None and output.exists() and not force:
        raise ContractError(f"'{output}' is there already", "give another name, or --force to replace it", code="MK152")
    write(text, output)
    if format_ is PlainFormat.TEXT:
        for loss in found.losses:
            say(f"lost: {'.'.join(map(str, loss.pointer))}: {loss.what}; {loss.why}")


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no plain value")
