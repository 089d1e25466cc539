"""`meshkit export`: a contract in the words of another tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import say, write
from meshkit.cli.explore import FormatOption, MeshPath, PlainFormat


class Target(StrEnum):
    """What is written."""

    JSON_SCHEMA = "json-schema"
    SQL = "sql"
    DBT = "dbt"
    MARKDOWN = "markdown"


def export(
    product: Annotated[
        str, typer.Argument(help="domain.name, domain.name@version, a unique name, or a contract's file.")
    ],
    to: Annotated[Target, typer.Option("--to", help="What to write.")],
    mesh: MeshPath = Path(),
    dialect: Annotated[
        str,
        typer.Option(
            help="For sql and dbt: bigquery, databricks, duckdb, mysql, postgres, redshift, snowflake, spark, sqlite, trino "
            "or tsql.",
            metavar="NAME",
        ),
    ] = "duckdb",
    table: Annotated[str | None, typer.Option(help="Only this table of the product.", metavar="NAME")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder, or a file where there is one document.", metavar="OUT"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that meshkit export did not write.")] = False,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Write a contract as JSON Schema, SQL tables, a dbt properties file, or Markdown pages.

    What the target cannot hold is left out and listed on standard error, each with the reason.

    Examples:

      meshkit export sales.orders --to sql --dialect postgres --mesh contracts

      meshkit export orders.yaml --to json-schema -o orders.schema.json

      meshkit export sales.orders --to dbt --dialect snowflake -o my_dbt_project

      meshkit export sales.orders --to markdown -o docs/orders

    --format json writes {product, target, documents: {file name: text}, not_held: [{subject, reason}]} instead.
    """
    from meshkit.mesh import load

    file = Path(product)
    if file.suffix in (".yaml", ".yml") and file.is_file():
        found = load(file)
        if len(found.products) != 1:
            raise typer.BadParameter(f"{product} holds no product; meshkit lint says why", param_hint="PRODUCT")
        chosen = found.products[0]
    else:
        chosen = load(mesh).product(product)
    made = chosen.export(str(to), dialect=dialect, table=table)
    if output is None and format_ is PlainFormat.TEXT and to is Target.JSON_SCHEMA and len(made.files) > 1:
        names = ", ".join(t.name for t in chosen.contract.tables)
        raise typer.BadParameter(
            f"{chosen.id} has several tables: {names}; name one, or give -o FOLDER", param_hint="--table"
        )
    if format_ is PlainFormat.JSON:
        document = {"product": made.product, "target": made.target, "documents": dict(made.files)}
        left = [{"subject": n.subject, "reason": n.reason} for n in made.not_held]
        write(json.dumps({**document, "not_held": left}, indent=2, ensure_ascii=False) + "\n", None)
    elif output is None:
        write(made.text, None)
    if output is not None:
        _write_to(made.files, output, force=force)
    if format_ is PlainFormat.TEXT:
        for missing in made.not_held:
            say(f"not held by {to}: {_one_line(str(missing))}")


def _write_to(files: Mapping[str, str], output: Path, *, force: bool) -> None:
    from meshkit.cli.files import write_files
    from meshkit.export.marker import MARKER

    is_file = bool(output.suffix) and not output.is_dir()
    if is_file and len(files) > 1:
        raise typer.BadParameter(f"{len(files)} documents need a folder; {output} is a file", param_hint="--output")
    placed = {(output if is_file else output / name): text for name, text in files.items()}
    changed = write_files(placed, MARKER, force=force, option="--output")
    for path in placed:
        say(f"{'wrote' if path in changed else 'unchanged'} {path}")


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
