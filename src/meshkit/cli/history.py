"""`meshkit history`: what was recorded of a product, run by run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from meshkit.cli.console import painter, write
from meshkit.cli.explore import FormatOption, PlainFormat


def history(
    product: Annotated[str, typer.Argument(help="domain.name, domain.name@version, or a name that is unique.")],
    path: Annotated[Path, typer.Argument(help="The mesh folder.", show_default=True)] = Path(),
    limit: Annotated[int, typer.Option(help="At most so many runs.", min=1, metavar="N")] = 20,
    since: Annotated[
        str | None, typer.Option(help="Only runs since a date such as 2026-11-01, or within 30d.", metavar="TIME")
    ] = None,
    version: Annotated[str | None, typer.Option(help="Only this version of the product.")] = None,
    check: Annotated[str | None, typer.Option(help="One check by run: its id, or the end of it.", metavar="ID")] = None,
    metric: Annotated[str | None, typer.Option(help="One metric by run, such as row_count.", metavar="NAME")] = None,
    env: Annotated[
        str | None, typer.Option(help="An environment of meshkit.yaml, which may name a store.", metavar="NAME")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="The store itself: a path, or postgresql://HOST/DATABASE.", metavar="PLACE")
    ] = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Show the recorded runs of a product, newest first: when, outcome, rows, and how many checks were missed.

    Runs that were interrupted are there and said to be so. Availability is the share of the runs of the last 30 days, of those
    that tried, that reached the data. `meshkit check` records each run (docs/store.md).

    Exit codes: 0 shown, 2 nothing of it is recorded, or the store cannot be read.

    Examples: meshkit history sales.sales_orders sample_data/retail

    meshkit history sales.sales_orders --since 7d --check customer_id.not_null

    meshkit history sales.sales_orders --metric row_count --format json
    """
    from meshkit.histories import history as history_of
    from meshkit.histories import metric_values, moment_of, open_store
    from meshkit.mesh import load
    from meshkit.report import history as report

    if check and metric:
        raise typer.BadParameter("ask for a check or a metric, one at a time", param_hint="--check")
    with open_store(store or load(path), env=env) as opened:
        found = history_of(opened, product, limit=limit, since=since, version=version)
        id_, trend = found.trend(check) if check else ("", ())
        about: dict[str, Any] = {"since": moment_of(since), "version": version or product.partition("@")[2] or None}
        measured = metric_values(opened, found.product, metric, limit=limit, **about) if metric else ()
        place = opened.place
    if format_ is PlainFormat.JSON:
        values = report.history_as_dict(found, place, check=id_ or None, trend=trend, metric=metric, measured=measured)
        write(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n", None)
    elif check:
        write(report.render_trend(found, id_, trend, painter(None)), None)
    elif metric:
        write(report.render_metric(found.product, metric, measured, painter(None)), None)
    else:
        write(report.render_history(found, painter(None)), None)
