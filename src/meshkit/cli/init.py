"""`meshkit init`: data to a mesh folder that checks at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import write
from meshkit.cli.draft import DataFormat
from meshkit.cli.explore import FormatOption, PlainFormat
from meshkit.cli.new_files import write_new


def init(
    locations: Annotated[
        list[str],
        typer.Argument(
            metavar="LOCATION",
            help="Data: each file, folder or quoted glob is one table, each DuckDB file all of its tables.",
        ),
    ],
    into: Annotated[Path, typer.Option(help="The mesh folder; made if it is not there.", metavar="FOLDER")] = Path(),
    name: Annotated[str, typer.Option(help="The organisation's name; else the folder's.")] = "",
    domain: Annotated[str, typer.Option(help="The domain of the products; else 'default'.")] = "",
    owner: Annotated[str, typer.Option(help="The team that owns them.")] = "",
    data_format: Annotated[
        DataFormat | None, typer.Option(help="What the data is, where its ending does not tell.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads the engine may use.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory the engine may use, such as 4GB.")] = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Turn files or DuckDB tables into a mesh: drafted contracts, organization.yaml, and what keeps them true.

    Writes the JSON Schemas that an editor checks the files by, a pre-commit hook and a GitHub workflow. All files or
    none are written, and none that exists is overwritten.

    Examples: meshkit init data/*.parquet --into mesh --domain sales --owner order-platform

    meshkit init shop.duckdb --into mesh && meshkit check mesh
    """
    from meshkit.drafts import Reading  # lazily: --help must not wait for an engine
    from meshkit.engines.base import Settings
    from meshkit.starting import new_mesh

    reading = Reading(str(data_format or ""), "", Settings(threads=threads, memory=memory))
    mesh = new_mesh(locations, into, reading, name=name, domain=domain, owner=owner)
    write_new(into, mesh.files)
    if format_ is PlainFormat.JSON:
        found = {"folder": str(into), "products": list(mesh.products), "files": list(mesh.files)}
        write(json.dumps(found, indent=2, ensure_ascii=False) + "\n", None)
        return
    lines = [f"wrote {into / file}" for file in mesh.files]
    root = _repository(into)
    if root is not None and root.absolute() != into.absolute():
        lines.append(
            f"note: hook and workflow work from a repository's root; move them to {root}, and name this folder in them"
        )
    lines.append(f"next: meshkit check {into}")
    write("\n".join(lines) + "\n", None)


def _repository(folder: Path) -> Path | None:
    return next((p for p in (folder.absolute(), *folder.absolute().parents) if (p / ".git").exists()), None)
