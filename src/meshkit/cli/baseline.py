"""`meshkit baseline`: today's misses are waived until a day, so that anything worse is seen at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meshkit.cli.console import progress_bar, say, write
from meshkit.cli.edited_file import read_text, replace_text
from meshkit.cli.explore import PlainFormat
from meshkit.errors import UsageError

if TYPE_CHECKING:
    from meshkit.baselines import Taken
    from meshkit.mesh import Mesh

_MOST_NAMED = 20


def baseline(
    path: Annotated[Path, typer.Argument(help="A mesh folder.", show_default=True)] = Path(),
    until: Annotated[
        str, typer.Option(help="The last day, in UTC, on which the waivers hold: at most a year away.", metavar="DATE")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why the misses may stand until then.", metavar="TEXT")] = "",
    approved_by: Annotated[str, typer.Option(help="Who allows it.", metavar="WHO")] = "",
    product: Annotated[
        list[str] | None, typer.Option(help="Only this product: domain.name, or its name. Repeatable.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Add them to this file; none = the mesh's waivers, else waivers.yaml in it."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be added, and write nothing.")] = False,
    checks_only: Annotated[
        bool, typer.Option("--checks-only", help="Waive checks alone, and no violation of a policy.")
    ] = False,
    long: Annotated[bool, typer.Option("--long", help="Let --until be more than a year away.")] = False,
    now: Annotated[
        str | None, typer.Option(help="The clock of the run, such as 2026-11-22T06:00:00Z.", metavar="TIME")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Where tables are, as for meshkit check.", metavar="URL")] = None,
    env: Annotated[
        str | None, typer.Option(help="An environment of meshkit.yaml; none = its default one.", metavar="NAME")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads the engine may use.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory the engine may use, such as 4GB.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that one statement may take.", min=0.001)] = None,
    format_: Annotated[PlainFormat, typer.Option("--format", help="text, or json for programs.")] = PlainFormat.TEXT,
) -> None:
    """Run every check, and write a dated waiver for each one that is missed today, and for each violation of a policy.

    Each check is capped at the number of rows seen, so that anything worse fails at once. A policy is waived rule by rule and
    column by column; what only a run can tell, such as a quality gate, is not: waived checks do not block it. What stands in
    the file stays as it is; what a waiver covers already is left alone, so that a second run adds nothing. What had no answer
    is listed, and cannot be waived.

    Exit codes: 0 all misses are waived, 2 a contract or the call is bad, 3 something cannot be waived, 130 interrupted.

    Examples: meshkit baseline mesh/ --until 2027-03-31 --reason "Known before we started" --approved-by governance@example.com

    meshkit baseline mesh/ --until 2027-03-31 --reason "Known" --approved-by cdo@example.com --product sales.orders --dry-run
    """
    from meshkit.baselines import Signed, take_baseline  # lazily: --help must not wait for an engine
    from meshkit.mesh import load

    for option, text in (("--until", until), ("--reason", reason), ("--approved-by", approved_by)):
        if not text.strip():
            raise typer.BadParameter("say until when, why, and who allows it", param_hint=option)
    mesh = load(path)
    if not mesh.products:
        raise typer.BadParameter(f"{path} holds no contract", param_hint="PATH")
    file = _file(mesh, path, output)
    before = read_text(file)
    with progress_bar("checking") as shown:
        options: dict[str, Any] = {
            "products": product or [],
            "policies": not checks_only,
            "engine": engine,
            "env": env,
            "threads": threads,
        }
        options |= {"memory": memory, "timeout_seconds": timeout, "progress": shown}
        taken = take_baseline(
            mesh, Signed(until, reason, approved_by, long), before or "", str(file), now=now, **options
        )
    code = _exit_code(taken)
    is_written = bool(taken.baseline.waivers) and not dry_run and code != 130
    if is_written:
        replace_text(file, taken.text, before)
    if format_ is PlainFormat.JSON:
        write(json.dumps(_as_dict(taken, file, is_written=is_written), indent=2, ensure_ascii=False) + "\n", None)
    else:
        if dry_run:
            write(taken.added, None)
        tell = say if dry_run else lambda line: write(line + "\n", None)
        for line in _lines(taken, file, is_dry=dry_run):
            tell(line)
    raise typer.Exit(code)


def _file(mesh: Mesh, path: Path, output: Path | None) -> Path:
    """Return the file that waivers are added to: one that a check of the mesh reads.

    Raises:
        UsageError: It would not be read, or would be a second one.
    """
    if output is None and path.is_file():
        raise UsageError(f"'{path}' is one file, which is checked without waivers", "give the mesh folder, or --output")
    there = mesh.file_of("waivers")
    file = output or Path(there or path / "waivers.yaml")
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"'{file}' is no YAML file, so waivers in it are not read", "name it like waivers.yaml")
    if file.is_dir():
        raise UsageError(f"'{file}' is a folder", "name a file")
    is_inside = file.resolve().is_relative_to(mesh.root.resolve())
    if there is not None and is_inside and file.resolve() != Path(there).resolve():
        raise UsageError(f"the mesh has its waivers in '{there}', and reads one file of them", f"write -o {there}")
    return file


def _exit_code(taken: Taken) -> int:
    from meshkit.run.judge import exit_code

    code = exit_code(taken.run.result, None)
    if code in (2, 130):
        return code
    return 3 if taken.baseline.not_waivable else 0


def _lines(taken: Taken, file: Path, *, is_dry: bool) -> Iterator[str]:
    """Say what was added, what of it has no cap, and what cannot be waived."""
    from meshkit.report.order import one_line

    if taken.run.result.interrupted:
        yield "interrupted: nothing was written"
        return
    waivers = taken.baseline.waivers
    for problem in taken.run.problems:
        if problem.severity == "error":
            yield one_line(str(problem))
    if waivers:
        verb = "would be added" if is_dry else "added"
        yield f"{_count(len(waivers))} {verb} to {file}, until {waivers[0].until}"
    else:
        yield f"nothing to add to {file}: nothing is missed that can be waived, and is not"
    bare = [w for w in waivers if w.cap is None]
    if bare:
        yield f"  {len(bare):,} without a cap, since nothing is counted: any miss of these is waived"
        yield from _named([w.of for w in bare])
    refused = taken.baseline.not_waivable
    if refused:
        yield f"  {len(refused):,} cannot be waived:"
        yield from _named([one_line(f"{n.id}  {n.reason}") for n in refused])


def _named(names: list[str]) -> Iterator[str]:
    yield from (f"    {name}" for name in names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        yield f"    and {len(names) - _MOST_NAMED:,} more"


def _count(number: int) -> str:
    return f"{number:,} waiver{'' if number == 1 else 's'}"


def _as_dict(taken: Taken, file: Path, *, is_written: bool) -> dict[str, Any]:
    """Return what was done as values that JSON can hold; keys are only ever added."""
    from meshkit.report.json import problem_as_dict

    return {
        "file": str(file),
        "written": is_written,
        "interrupted": taken.run.result.interrupted,
        "waivers": [
            {
                "policy": w.policy or None,
                "check": w.check or None,
                "subject": w.subject,
                "reason": w.reason,
                "approved_by": w.approved_by,
                "until": w.until.isoformat(),
                "cap": None if w.cap is None else f"{w.cap:f}",
            }
            for w in taken.baseline.waivers
        ],
        "not_waivable": [{"id": n.id, "reason": n.reason} for n in taken.baseline.not_waivable],
        "problems": [problem_as_dict(p) for p in taken.run.problems],
    }
