"""`meshkit check`: a verdict for every check of every contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meshkit.cli.console import FailOn, Format, painter, progress_bar, write

if TYPE_CHECKING:
    from meshkit.model.plan import TablePlan
    from meshkit.model.run import RunResult


class TrustStatistics(StrEnum):
    """When the footers of files count as proof."""

    EXACT = "exact"
    NEVER = "never"


class CollectMetrics(StrEnum):
    """Which metrics are measured, and shown."""

    DECLARED = "declared"
    ALL = "all"
    NONE = "none"


def check(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or one contract.", show_default=True)] = Path(),
    product: Annotated[
        list[str] | None, typer.Option(help="Only this product: domain.name, or its name. Repeatable.")
    ] = None,
    check_id: Annotated[
        list[str] | None, typer.Option("--check", help="Only checks of this id, or whose id ends so. Repeatable.")
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="NAME=LOCATION: read this in place of a table. Repeatable.", metavar="NAME=LOCATION"),
    ] = None,
    now: Annotated[
        str | None, typer.Option(help="The clock of the run, such as 2026-11-22T06:00:00Z.", metavar="TIME")
    ] = None,
    samples: Annotated[int, typer.Option(help="Show up to N bad rows per missed check.", min=0, metavar="N")] = 0,
    why: Annotated[bool, typer.Option("--why", help="Look for the cause of each missed check.")] = False,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit 1 if a check of this severity or above is missed.")
    ] = FailOn.ERROR,
    format_: Annotated[Format, typer.Option("--format", help="How to write the report.")] = Format.TEXT,
    output: Annotated[Path | None, typer.Option(help="Write the report to this file.", metavar="FILE")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads the engine may use.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory the engine may use, such as 4GB.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that one statement may take.", min=0.001)] = None,
    trust_statistics: Annotated[
        TrustStatistics, typer.Option(help="When the footers of files count as proof; never = read all rows.")
    ] = TrustStatistics.EXACT,
    partition: Annotated[
        list[str] | None,
        typer.Option(
            help="COLUMN=VALUE: limit row checks to these rows; keys are still probed against all. Repeatable.",
            metavar="COLUMN=VALUE",
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(help="Limit row checks to the last 1d, 12h, 30m or 2w by sla.freshness.column.", metavar="TIME"),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each check would be answered, and why so, without running any.")
    ] = False,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Read only files that are new or changed since the last such run.")
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(
            help="Where tables are: a URL such as postgresql://host/shop, a name of meshkit.yaml, or duckdb.",
            metavar="URL",
        ),
    ] = None,
    env: Annotated[
        str | None, typer.Option(help="An environment of meshkit.yaml; none = its default one.", metavar="NAME")
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Bring columns into DuckDB for checks that the engine cannot answer.")
    ] = False,
    fetch_rows: Annotated[int, typer.Option(help="Rows that may be fetched of a table.", min=1)] = 1_000_000,
    fetch_bytes: Annotated[str, typer.Option(help="How much may be fetched of a table, such as 512MiB.")] = "512MiB",
    metrics: Annotated[
        CollectMetrics | None,
        typer.Option(help="Show metrics and alerts: those that contracts declare, or all; none = measure none."),
    ] = None,
    no_record: Annotated[
        bool, typer.Option("--no-record", help="Do not record the run in the store of the mesh.")
    ] = False,
) -> None:
    """Run every check of every contract, and report a verdict for each with its place.

    Exit codes: 0 met, 1 a check was missed, 2 a contract or the call is bad, 3 a check had no answer, 130 interrupted.

    Examples: meshkit check sample_data/flights --why

    meshkit check contract.yaml --table orders=orders.parquet --format json

    meshkit check contract.yaml --explain

    meshkit check contract.yaml --partition order_date=2026-11-22

    meshkit check contract.yaml --incremental

    meshkit check contract.yaml --metrics all

    meshkit check mesh/ --engine postgresql://reader@db.internal/shop
    """
    from meshkit.mesh import load  # lazily, like all rooms of a command: --help must not wait for an engine
    from meshkit.model.table import Severity
    from meshkit.run.fetch import Budget
    from meshkit.run.judge import exit_code

    tables = _tables(table or [])
    most_bytes = _bytes(fetch_bytes)
    with progress_bar("reading contracts") as shown:
        mesh = load(path, progress=(lambda done, total: shown("reading contracts", done, total)) if shown else None)
    if not mesh.products and not any(p.severity is Severity.ERROR for p in mesh.problems):
        raise typer.BadParameter(f"{path} holds no contract", param_hint="PATH")
    if explain:
        plans = mesh.explain(
            products=product or [],
            checks=check_id or [],
            tables=tables,
            now=now,
            trust_statistics=trust_statistics,
            partition=partition or [],
            window=window,
            engine=engine,
            env=env,
            metrics=metrics or CollectMetrics.DECLARED,
        )
        write(_render_plans(plans, format_), output)
        raise typer.Exit(0)
    with progress_bar("checking") as shown:
        run = mesh.check(
            products=product or [],
            checks=check_id or [],
            tables=tables,
            now=now,
            samples=samples,
            why=why,
            with_sql=format_ is Format.JSON,
            threads=threads,
            memory=memory,
            timeout_seconds=timeout,
            trust_statistics=trust_statistics,
            partition=partition or [],
            window=window,
            incremental=incremental,
            engine=engine,
            env=env,
            fetch=Budget(rows=fetch_rows, bytes=most_bytes) if fetch else False,
            metrics=metrics or CollectMetrics.DECLARED,
            record=not no_record,
            progress=shown,
        )
    is_shown = metrics in (CollectMetrics.DECLARED, CollectMetrics.ALL)
    write(_render(run.result, format_, output, why=why, samples=bool(samples), metrics=is_shown), output)
    raise typer.Exit(exit_code(run.result, None if fail_on is FailOn.NEVER else Severity(str(fail_on))))


def _render_plans(plans: Sequence[TablePlan], format_: Format) -> str:
    from meshkit.report.plan import render_plans, render_plans_json

    if format_ not in (Format.TEXT, Format.JSON):
        raise typer.BadParameter("a plan is written as text or json", param_hint="--format")
    return render_plans_json(plans) if format_ is Format.JSON else render_plans(plans)


def _bytes(text: str) -> int:
    from meshkit.errors import QuantityError
    from meshkit.model.units import parse_size

    try:
        size = parse_size(text)
    except QuantityError as error:
        raise typer.BadParameter(f"{error.what}; {error.hint}", param_hint="'--fetch-bytes'") from None
    if size < 1:
        raise typer.BadParameter("it should be 1 byte or more", param_hint="'--fetch-bytes'")
    return size


def _tables(texts: list[str]) -> dict[str, Any]:
    tables = {}
    for text in texts:
        name, equals, location = text.partition("=")
        if not equals or not name.strip() or not location.strip():
            raise typer.BadParameter(f"'{text}' is not NAME=LOCATION, like orders=orders.parquet", param_hint="--table")
        tables[name.strip()] = location.strip()
    return tables


def _render(result: RunResult, format_: Format, output: Path | None, *, why: bool, samples: bool, metrics: bool) -> str:
    from meshkit.report.github import render_github
    from meshkit.report.json import render_json
    from meshkit.report.junit import render_junit
    from meshkit.report.markdown import render_markdown
    from meshkit.report.text import render_text

    if format_ is Format.TEXT:
        return render_text(result, painter(output), why=why, samples=samples, metrics=metrics)
    renderers: Mapping[Format, Callable[[RunResult], str]] = {
        Format.JSON: render_json,
        Format.JUNIT: render_junit,
        Format.GITHUB: render_github,
        Format.MARKDOWN: render_markdown,
    }
    return renderers[format_](result)
