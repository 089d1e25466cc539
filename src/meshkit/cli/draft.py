"""`meshkit draft`: a contract that is proposed for what lies at a location."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import say, write
from meshkit.cli.new_files import write_new
from meshkit.errors import UsageError


class DraftFormat(StrEnum):
    """How a draft is written."""

    YAML = "yaml"
    JSON = "json"


class DraftForm(StrEnum):
    """The form of a drafted contract."""

    NATIVE = "native"
    ODCS = "odcs"


class DataFormat(StrEnum):
    """What data is, where its location does not tell."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"


def draft(
    location: Annotated[
        str,
        typer.Argument(
            help="A parquet, CSV or JSON file, folder or glob; a DuckDB file or file.duckdb#schema.table; "
            "a .sql file with CREATE TABLE; a dbt manifest.json."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it to this file; to this folder if it is one.", metavar="OUT"),
    ] = None,
    name: Annotated[str, typer.Option(help="The product's name; else as the location is called.")] = "",
    domain: Annotated[str, typer.Option(help="The domain that owns it.")] = "",
    owner: Annotated[str, typer.Option(help="The owning team.")] = "",
    contact: Annotated[str, typer.Option(help="An e-mail address of the owner.")] = "",
    description: Annotated[str, typer.Option(help="What the product is, in a sentence.")] = "",
    to: Annotated[DraftForm, typer.Option(help="native, or odcs: a contract of that standard.")] = DraftForm.NATIVE,
    format_: Annotated[
        DraftFormat, typer.Option("--format", help="yaml, or json: contracts and evidence, for programs.")
    ] = DraftFormat.YAML,
    data_format: Annotated[
        DataFormat | None, typer.Option(help="What the data is, where its ending does not tell.")
    ] = None,
    dialect: Annotated[str, typer.Option(help="Whose SQL a .sql file is, such as postgres.")] = "",
    threads: Annotated[int | None, typer.Option(help="Threads the engine may use.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory the engine may use, such as 4GB.")] = None,
) -> None:
    """Draft a contract from data, SQL or dbt: types, keys, null rates, lists of values, and suspects of personal data.

    Each proposal stands with its evidence, counted over all rows; what was only seen is a comment and no promise.
    Without -o the draft is printed, to be saved beside the data: its location starts there. An existing file is kept.

    Examples: meshkit draft data/orders.parquet -o contracts/orders.yaml --domain sales --owner order-platform

    meshkit draft "shop.duckdb#main.orders" > orders.yaml

    meshkit draft schema.sql --dialect postgres -o contracts/

    meshkit draft target/manifest.json -o contracts/

    meshkit draft data/orders.parquet --to odcs -o orders.odcs.yaml
    """
    from meshkit.drafts import Reading, beside, draft_files, render_files  # lazily: --help must not wait for an engine
    from meshkit.engines.base import Settings
    from meshkit.model.draft import DraftOptions

    options = DraftOptions(name=name, to=to.value, domain=domain, owner=owner, contact=contact, description=description)
    reading = Reading(str(data_format or ""), dialect, Settings(threads=threads, memory=memory))
    is_folder = output is not None and (output.is_dir() or output.suffix == "")
    folder = beside(location) if output is None else output if is_folder else output.parent
    files = draft_files(location, folder, options, reading)
    if output is None or format_ is DraftFormat.JSON:
        if output is not None and is_folder:
            raise UsageError(f"'{output}' is a folder, but --format json writes one file", "name a file")
        write_text(render_files(files, str(format_)), output)
        return
    if not is_folder and len(files) > 1:
        raise UsageError(f"'{location}' gives {len(files)} contracts, '{output}' is one file", "give a folder: -o DIR/")
    names = [f.file for f in files] if is_folder else [output.name]
    write_new(folder, {n: f.text() for n, f in zip(names, files, strict=True)})
    for n in names:
        say(f"drafted {folder / n}")


def write_text(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file that is not there yet."""
    if output is None:
        write(text, None)
    else:
        write_new(output.parent, {output.name: text})
        say(f"drafted {output}")
