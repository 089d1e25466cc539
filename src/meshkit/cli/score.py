"""`meshkit score`: how good each product is as a product, and what would make it better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import painter, progress_bar, write
from meshkit.cli.explore import FormatOption, PlainFormat


def score(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or one contract.")] = Path(),
    product: Annotated[
        list[str] | None, typer.Option(help="Only this product, with each part of its score. Repeatable.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="Only this domain.")] = None,
    run: Annotated[bool, typer.Option("--run", help="Run all checks first, and judge that run.")] = False,
    against: Annotated[
        str | None, typer.Option(help="Compare versions with a git revision, not the published ones.", metavar="REV")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22T06:00:00Z.", metavar="TIME")] = None,
    env: Annotated[
        str | None,
        typer.Option(help="The environment of meshkit.yaml whose runs count; none = its default one.", metavar="NAME"),
    ] = None,
    format_: FormatOption = PlainFormat.TEXT,
    output: Annotated[Path | None, typer.Option(help="Write it to this file.", metavar="FILE")] = None,
) -> None:
    """Score products, domains and the mesh from 0 to 100, best first: promises, documentation, versions, checks, policies, health.

    Health is that of the last recorded run, or of --run; versions are compared with the published ones, or with --against.
    What nobody knows is left out and named, never counted as good. docs/scores.md has the formula.

    Examples: meshkit score sample_data/retail

    meshkit score sample_data/retail --run --product sales.sales_orders

    meshkit score . --run --against main --format json

    Exit codes: 0 scored, 2 bad input.
    """
    from meshkit.diffs import load_at
    from meshkit.mesh import load
    from meshkit.report.score import render_score, score_as_dict
    from meshkit.scoring import score as score_mesh

    mesh = load(path)
    base = load_at(against, path) if against else None
    result = None
    if run:
        with progress_bar("checking") as progress:
            result = mesh.check(now=now, env=env, with_sql=False, progress=progress)
    found = score_mesh(mesh, products=product or (), domain=domain, run=result, base=base, now=now, env=env)
    if format_ is PlainFormat.JSON:
        write(json.dumps(score_as_dict(found), indent=2, ensure_ascii=False) + "\n", output)
    else:
        write(render_score(found, painter(output), is_detailed=bool(product)), output)
