"""`meshkit lineage` and `meshkit health`: what a product is made from, who reads it, and how it is."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import painter, write
from meshkit.cli.explore import FormatOption, PlainFormat

ProductArgument = Annotated[str, typer.Argument(help="The product: domain.name, or its name.")]
PathArgument = Annotated[Path, typer.Argument(help="The mesh folder.", show_default=True)]


class LineageFormat(StrEnum):
    """How lineage is written."""

    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"


def lineage(
    product: ProductArgument,
    path: PathArgument = Path(),
    column: Annotated[
        str | None, typer.Option(help="Only what concerns this column, or TABLE.COLUMN.", metavar="NAME")
    ] = None,
    up: Annotated[bool, typer.Option("--up", help="Only what it is made from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only who reads it.")] = False,
    depth: Annotated[int, typer.Option(help="How many steps to go.", min=1, max=50, metavar="N")] = 3,
    format_: Annotated[
        LineageFormat, typer.Option("--format", help="text, json for programs, or mermaid for a diagram.")
    ] = LineageFormat.TEXT,
) -> None:
    """Show what a product is made from and who reads it, products and columns, by what contracts say.

    Inputs, ports, references, transformations and author queries count; no data is read. What cannot be traced, such as SQL
    that cannot be read, is said.

    Exit codes: 0 shown, 2 bad input.

    Examples: meshkit lineage sales.revenue_metrics sample_data/retail

    meshkit lineage sales.sales_orders sample_data/retail --column total_amount --down

    meshkit lineage sales.sales_orders sample_data/retail --format mermaid
    """
    from meshkit.lineages import lineage as lineage_of
    from meshkit.mesh import load
    from meshkit.report.lineage import lineage_as_dict, render_lineage, render_mermaid

    side = "both" if up is down else "up" if up else "down"
    found = lineage_of(load(path), product, column=column, direction=side, depth=depth)
    if format_ is LineageFormat.JSON:
        write(json.dumps(lineage_as_dict(found), indent=2, ensure_ascii=False) + "\n", None)
    elif format_ is LineageFormat.MERMAID:
        write(render_mermaid(found), None)
    else:
        write(render_lineage(found, painter(None)), None)


def health(
    product: ProductArgument,
    path: PathArgument = Path(),
    days: Annotated[int, typer.Option(help="Over how many days the trend goes.", min=1, max=3650, metavar="N")] = 30,
    env: Annotated[
        str | None, typer.Option(help="An environment of meshkit.yaml, whose runs count.", metavar="NAME")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22T06:00:00Z.", metavar="TIME")] = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Show how a product is by its recorded runs: what is not passed, promises against measured, trend. Nothing is run.

    Checks that were written or changed since the last run have no answer, and are counted so. What was fresh then may be too old
    now.

    Exit codes: 0 shown, 2 bad input.

    Examples: meshkit health sales.sales_orders sample_data/retail

    meshkit health sales.sales_orders --days 7 --format json
    """
    from meshkit.conditions import condition
    from meshkit.mesh import load
    from meshkit.report.condition import condition_as_dict, render_condition

    found = condition(load(path), product, now=now, env=env, days=days)
    if format_ is PlainFormat.JSON:
        write(json.dumps(condition_as_dict(found), indent=2, ensure_ascii=False) + "\n", None)
    else:
        write(render_condition(found, painter(None)), None)
