"""`meshkit lint`: everything that is wrong in the files, without reading data."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import painter, progress_bar, write


class LintFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class LintFailOn(StrEnum):
    """The least severity of a problem that makes the exit code other than 0."""

    WARNING = "warning"
    ERROR = "error"


def lint(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or one file.")] = Path(),
    product: Annotated[list[str] | None, typer.Option(help="Only this product. Repeatable.")] = None,
    fail_on: Annotated[LintFailOn, typer.Option(help="warning: exit 1 for warnings too.")] = LintFailOn.ERROR,
    format_: Annotated[LintFormat, typer.Option("--format", help="How to write the findings.")] = LintFormat.TEXT,
    output: Annotated[Path | None, typer.Option(help="Write the findings to this file.", metavar="FILE")] = None,
) -> None:
    """Find what is wrong in contracts and mesh files, each with file:line:column and a way out. Reads no data.

    Exit codes: 0 nothing, 1 warnings with --fail-on warning, 2 errors.
    """
    from meshkit.mesh import load
    from meshkit.model.table import Severity
    from meshkit.report.github import problem_command
    from meshkit.report.json import problem_as_dict
    from meshkit.report.text import render_problems

    with progress_bar("reading contracts") as shown:
        mesh = load(path, progress=(lambda done, total: shown("reading contracts", done, total)) if shown else None)
    problems = mesh.lint(product or [])
    if format_ is LintFormat.JSON:
        text = json.dumps({"problems": [problem_as_dict(p) for p in problems]}, indent=2, ensure_ascii=False) + "\n"
    elif format_ is LintFormat.GITHUB:
        text = "".join(problem_command(p) + "\n" for p in problems)
    else:
        text = render_problems(problems, len(product or mesh.products), painter(output))
    write(text, output)
    if any(p.severity is Severity.ERROR for p in problems):
        raise typer.Exit(2)
    raise typer.Exit(1 if problems and fail_on is LintFailOn.WARNING else 0)
