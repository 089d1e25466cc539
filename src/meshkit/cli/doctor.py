"""`meshkit doctor`: which engines can be used here, and what mends those that cannot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meshkit.cli.console import progress_bar, write
from meshkit.cli.explore import PlainFormat

if TYPE_CHECKING:
    from meshkit.model.health import Health
    from meshkit.model.selftest import SelfTest


def doctor(
    engine: Annotated[
        list[str] | None, typer.Option(help="An engine to be reached, as --engine of check. Repeatable.", metavar="URL")
    ] = None,
    mesh: Annotated[
        Path | None,
        typer.Option(
            help="Reach what the meshkit.yaml of this mesh names (default: the one found here, if any).", metavar="PATH"
        ),
    ] = None,
    selftest: Annotated[
        str | None,
        typer.Option(
            help="Ask this engine, a URL or a name of meshkit.yaml, queries whose answers are known; nothing is made there.",
            metavar="URL",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that one statement may take.", min=0.001)] = 30,
    format_: Annotated[PlainFormat, typer.Option("--format", help="How to write it.")] = PlainFormat.TEXT,
) -> None:
    """Show engines, their drivers and versions, whether they are reached, and what mends what is missing.

    The engines and environments of meshkit.yaml are reached as a check would reach them.

    Exit codes: 0 all that was asked for is there, 1 an engine is not reached, or answers otherwise than DuckDB.

    Examples: meshkit doctor

    meshkit doctor --engine postgresql://reader@db.internal/shop

    meshkit doctor --selftest sqlite:///shop.db
    """
    from meshkit import doctoring
    from meshkit.report.health import render_health, render_selftest

    if selftest is not None:
        with progress_bar("asking") as shown:
            tested = doctoring.selftest(selftest, mesh=mesh or Path(), timeout_seconds=timeout, progress=shown)
        write(_json([tested]) if format_ is PlainFormat.JSON else render_selftest(tested), None)
        raise typer.Exit(0 if tested.is_sound else 1)
    states = doctoring.examine(engine or [], mesh=mesh or Path(), timeout_seconds=timeout)
    write(_json(states) if format_ is PlainFormat.JSON else render_health(states), None)
    raise typer.Exit(1 if any(state.address and state.missing for state in states) else 0)


def _json(found: Sequence[Health] | Sequence[SelfTest]) -> str:
    values = [item.model_dump(mode="json") for item in found]
    return json.dumps(values[0] if len(values) == 1 else values, indent=2, ensure_ascii=False) + "\n"
