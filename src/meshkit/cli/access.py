"""`meshkit search` and `meshkit decide`: which products there are, and who may do what with them."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import painter, say, write
from meshkit.cli.explore import FormatOption, PlainFormat

MeshOption = Annotated[Path, typer.Option("--mesh", help="The mesh folder.")]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as", help="Who asks, an id of the mesh's principals; none = MESHKIT_PRINCIPAL, else nobody.", metavar="WHO"
    ),
]


class Wanted(StrEnum):
    """What somebody wants of a product."""

    DISCOVER = "discover"
    READ = "read"
    PUBLISH = "publish"


def search(
    words: Annotated[list[str] | None, typer.Argument(help="Words in any order; the last may be a beginning.")] = None,
    mesh: MeshOption = Path(),
    domain: Annotated[str | None, typer.Option(help="Only products of this domain.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only products with this tag.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    who: AsOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Find products by words in their names, tags, columns, descriptions and owners, best first.

    Typing errors are read as the nearest word, and said. Only products that the one who asks may know of are found; without
    --as that is nobody, who sees what everybody may discover.

    Examples: meshkit search customer email --mesh sample_data/retail --as ana.analyst@example.com

    meshkit search --domain sales --format json

    Exit codes: 0 found, 1 nothing found, 2 bad input.
    """
    from meshkit.accessing import principal_of
    from meshkit.accessing import search as search_mesh
    from meshkit.mesh import load
    from meshkit.report.access import found_as_dict, render_found

    loaded = load(mesh)
    asks = principal_of(loaded, who)
    if not asks.is_known:
        say("searching as nobody; --as WHO or MESHKIT_PRINCIPAL says who asks")
    found = search_mesh(loaded, " ".join(words or ()), principal=asks, domain=domain, tag=tag, limit=limit)
    if format_ is PlainFormat.JSON:
        write(json.dumps(found_as_dict(found), indent=2, ensure_ascii=False) + "\n", None)
    else:
        write(render_found(found, painter(None)), None)
    raise typer.Exit(0 if found.hits else 1)


def decide(
    product: Annotated[str, typer.Argument(help="The product: domain.name, or its name.")],
    mesh: MeshOption = Path(),
    who: AsOption = None,
    action: Annotated[Wanted, typer.Option(help="What is wanted.")] = Wanted.READ,
    purpose: Annotated[str, typer.Option(help="What for it is read; products list theirs under access.purposes.")] = "",
    column: Annotated[list[str] | None, typer.Option(help="A column that is wanted. Repeatable.")] = None,
    now: Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22T06:00:00Z.", metavar="TIME")] = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Say whether somebody may know of a product, read it for a purpose, or publish it, with each rule and its place.

    Nothing is asked for and nothing is granted: this only says what would be. What nobody allows is denied; columns with
    personal data are masked, and those that need an approval withheld. docs/access.md has the rules.

    Examples: meshkit decide sales.sales_orders --mesh sample_data/retail --as ana.analyst@example.com --purpose reporting

    meshkit decide sales.sales_orders --as ana.analyst@example.com --action publish

    Exit codes: 0 allowed, 1 denied, 2 bad input, or a product that he may not know of.
    """
    from meshkit.accessing import decide as decide_access
    from meshkit.mesh import load
    from meshkit.report.access import decision_as_dict, render_decision

    loaded = load(mesh)
    found = decide_access(loaded, who, product, str(action), purpose=purpose, columns=column or (), now=now)
    if format_ is PlainFormat.JSON:
        write(json.dumps(decision_as_dict(found), indent=2, ensure_ascii=False) + "\n", None)
    else:
        write(render_decision(found, painter(None)), None)
    raise typer.Exit(0 if found.allowed else 1)
