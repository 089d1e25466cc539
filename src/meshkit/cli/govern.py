"""`meshkit govern`: whether policies allow what is about to happen, and a report of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meshkit.cli.console import painter, progress_bar, write

if TYPE_CHECKING:
    from meshkit.mesh import Mesh
    from meshkit.model.compliance import ComplianceReport
    from meshkit.runs import Run
    from meshkit.scanning import Suspects


class Point(StrEnum):
    """A point at which policies are enforced."""

    PR = "pr"
    PUBLISH = "publish"
    SCHEDULE = "schedule"
    QUERY = "query"


class GovernFormat(StrEnum):
    """How a compliance report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"
    HTML = "html"
    SARIF = "sarif"


def govern(
    path: Annotated[Path, typer.Argument(help="A mesh folder, with its governance file.", show_default=True)] = Path(),
    at: Annotated[
        Point,
        typer.Option(help="The point that is about to be passed: pr judges contracts, publish runs too, schedule all."),
    ] = Point.SCHEDULE,
    product: Annotated[
        list[str] | None, typer.Option(help="Only this product: domain.name, or its name. Repeatable.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Judge changes since this branch, tag or commit of the git checkout.", metavar="REV"),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Run the checks first, and judge that run, not the last recorded one.")
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(help="A JSON report of before: say what is new, gone and still there.", metavar="FILE.json"),
    ] = None,
    now: Annotated[
        str | None, typer.Option(help="The day on which waivers, grace and notices are judged.", metavar="TIME")
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(help="The environment of meshkit.yaml whose runs count; none = its default one.", metavar="NAME"),
    ] = None,
    scan_pii: Annotated[
        bool, typer.Option("--scan-pii", help="Look for unmarked personal data in a sample of each table's rows.")
    ] = False,
    scan_rows: Annotated[
        int | None, typer.Option(min=1, help="With --scan-pii: at most so many rows of a table, 10000 by default.")
    ] = None,
    no_record: Annotated[
        bool, typer.Option("--no-record", help="Do not record the evaluation in the store of the mesh.")
    ] = False,
    format_: Annotated[GovernFormat, typer.Option("--format", help="How to write the report.")] = GovernFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the report to this file.", metavar="FILE")
    ] = None,
) -> None:
    """Evaluate the policies of a mesh, and say which products may pass.

    Runs that `meshkit check` recorded count: the last one of each version, in full, of this environment, and only while the
    contract still asserts what was checked. At publish, where all may pass, these versions are recorded as published, and
    changes are judged against them from then on, unless --against names a revision.

    A product is compliant, compliant with waivers, in grace, non-compliant, or unknown where a rule cannot be told yet. A
    violation of severity error or critical blocks, unless a waiver or a time of grace covers it. A policy without a rule is
    shown as not executable, never as met; what only an owner says, such as encryption, is shown as declared.

    With --scan-pii the engine counts which values of unmarked columns look like personal data, in files and DuckDB tables; none
    of them leaves it, and what could not be scanned is told.

    Exit codes: 0 allowed, 1 blocked, 2 a contract, a governance file or the call is bad, 3 a rule is broken or nothing could
    be evaluated.

    Examples: meshkit govern --at pr --against origin/main --format github

    meshkit govern mesh/ --at publish --product sales.orders

    meshkit govern mesh/ --at publish --env prod --run

    meshkit govern mesh/ --run --format html -o compliance.html

    meshkit govern mesh/ --scan-pii --scan-rows 1000

    meshkit govern mesh/ --run --compare last-week.json
    """
    from meshkit.compliance import compliance_report
    from meshkit.engines.policy_database import prepare
    from meshkit.known import record_compliance
    from meshkit.mesh import load

    if scan_rows is not None and not scan_pii:
        raise typer.BadParameter("it means nothing without --scan-pii", param_hint="--scan-rows")
    prepare()
    with progress_bar("reading contracts") as shown:
        mesh = load(path, progress=(lambda done, total: shown("reading contracts", done, total)) if shown else None)
    chosen = product or []
    before = _text(compare) if compare is not None else ""
    base = _base(against, path)
    report = compliance_report(
        mesh,
        at,
        products=chosen,
        run=_checked(mesh, chosen, now, env, record=not no_record) if run else None,
        base=base,
        now=now,
        env=env,
        suspects=_scanned(mesh, chosen, scan_rows, env) if scan_pii else None,
    )
    compared = report
    if compare is not None:
        from meshkit.report.compliance_compare import compare_reports

        compared = compare_reports(report, before, str(compare))
    text = _render(compared, format_, output)
    if not no_record:
        record_compliance(mesh, report, env=env)  # a call that is wrong publishes nothing
    write(text, output)
    raise typer.Exit(report.exit_code)


def _base(against: str | None, path: Path) -> Mesh | None:
    if against is None:
        return None
    from meshkit.diffs import load_at

    return load_at(against, path)


def _checked(mesh: Mesh, products: list[str], now: str | None, env: str | None, *, record: bool) -> Run:
    with progress_bar("checking") as shown:
        found = mesh.check(products=products, now=now, env=env, with_sql=False, record=record, progress=shown)
    if found.result.interrupted:
        raise KeyboardInterrupt  # half a run decides nothing
    return found


def _scanned(mesh: Mesh, products: list[str], rows: int | None, env: str | None) -> Suspects:
    from meshkit.scanning import ROWS, scan_suspects

    with progress_bar("scanning") as shown:
        return scan_suspects(mesh, products, rows=rows or ROWS, env=env, progress=shown)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise typer.BadParameter(f"{path} cannot be read: {reason}", param_hint="--compare") from error


def _render(report: ComplianceReport, format_: GovernFormat, output: Path | None) -> str:
    from meshkit.report.compliance_html import render_compliance_html
    from meshkit.report.compliance_json import render_compliance_json
    from meshkit.report.compliance_markdown import render_compliance_github, render_compliance_markdown
    from meshkit.report.compliance_sarif import render_compliance_sarif
    from meshkit.report.compliance_text import render_compliance_text

    if format_ is GovernFormat.TEXT:
        return render_compliance_text(report, painter(output))
    renderers: Mapping[GovernFormat, Callable[[ComplianceReport], str]] = {
        GovernFormat.JSON: render_compliance_json,
        GovernFormat.MARKDOWN: render_compliance_markdown,
        GovernFormat.GITHUB: render_compliance_github,
        GovernFormat.HTML: render_compliance_html,
        GovernFormat.SARIF: render_compliance_sarif,
    }
    return renderers[format_](report)
