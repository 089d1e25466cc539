"""`meshkit query`: one SELECT over products, with what its reader may see of them."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.access import AsOption, MeshOption
from meshkit.cli.console import painter, write

_MOST_READ = 100_000


class QueryFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT in DuckDB's dialect; - reads it from stdin.", metavar="SQL")],
    mesh: MeshOption = Path(),
    who: AsOption = None,
    purpose: Annotated[str, typer.Option(help="What for it is read; products list theirs under access.purposes.")] = "",
    max_rows: Annotated[int, typer.Option(help="How many rows at most.", min=1, max=100_000)] = 1000,
    timeout: Annotated[float, typer.Option(help="Seconds that the query may take.", min=0.1, max=3600)] = 30.0,
    now: Annotated[str | None, typer.Option(help="The clock, such as 2026-11-22T06:00:00Z.", metavar="TIME")] = None,
    format_: Annotated[QueryFormat, typer.Option("--format", help="How the answer is written.")] = QueryFormat.TEXT,
) -> None:
    """Answer one SELECT over any products that you may read, joined as you like, and say how far the answer can be trusted.

    Products are named domain.product, or by a bare name that only one has. Withheld columns are not there, personal data is masked
    before the query sees it, row filters hold. It runs in a process of its own that holds nothing else. Each query is written
    to the audit log, refused ones too. docs/query.md has the rules.

    Examples: meshkit query "SELECT region, count(*) FROM sales.sales_orders GROUP BY ALL" --as ana.analyst@example.com --purpose reporting

    Exit codes: 0 answered, 1 denied, 2 bad input, or no answer could be had.
    """
    from meshkit.engines.sandbox import Limits, Sandbox
    from meshkit.errors import AccessError
    from meshkit.mesh import load
    from meshkit.querying import query as answer_query
    from meshkit.report.query import answer_as_dict, render_answer, render_csv

    text = sys.stdin.read(_MOST_READ) if sql == "-" else sql
    sandbox = Sandbox(warm=0, limits=Limits(timeout_seconds=timeout))
    try:
        answer = answer_query(
            load(mesh), text, purpose=purpose, principal=who, max_rows=max_rows, now=now, sandbox=sandbox
        )
    except AccessError as error:
        if error.code != "MK605":
            raise
        sys.stderr.write(f"denied: {error}\n")
        raise typer.Exit(1) from None
    finally:
        sandbox.close()
    if format_ is QueryFormat.JSON:
        write(json.dumps(answer_as_dict(answer), indent=2, ensure_ascii=False) + "\n", None)
    elif format_ is QueryFormat.CSV:
        write(render_csv(answer), None)
        if answer.hint:
            sys.stderr.write(f"{answer.hint}\n")
    else:
        write(render_answer(answer, painter(None)), None)
