"""`meshkit store info`, `check`, `prune`, `export` and `import`: looking after what was recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meshkit.cli.console import painter, write
from meshkit.cli.explore import FormatOption, PlainFormat

if TYPE_CHECKING:
    from meshkit.store import Store

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look after the store of runs: what it holds, whether it is whole, old runs, copies, and reports of other machines. "
    "It is where MESHKIT_STORE says, else the environment's `store`, else MESH/.meshkit/store.db.",
    epilog="docs/store.md tells what is kept and what never is; meshkit history PRODUCT reads it.",
)

MeshOption = Annotated[Path, typer.Option("--mesh", help="The mesh folder whose store it is.", metavar="PATH")]
EnvOption = Annotated[
    str | None, typer.Option("--env", help="An environment of meshkit.yaml, which may name a store.", metavar="NAME")
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="The store itself: a path, or postgresql://HOST/DATABASE.", metavar="PLACE"),
]


@app.command()
def info(
    mesh: MeshOption = Path(),
    env: EnvOption = None,
    store: StoreOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Say where the store is, how much it holds, and the hash that the audit log ends in.

    Exit codes: 0 told, 2 there is none, or it cannot be read.

    Example: meshkit store info --mesh sample_data/retail
    """
    from meshkit.report.store import info_as_dict, render_info

    with _opened(mesh, env, store) as opened:
        found = opened.info()
    _answer(info_as_dict(found), render_info(found, painter(None)), format_)


@app.command()
def check(
    mesh: MeshOption = Path(),
    env: EnvOption = None,
    store: StoreOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Verify the store: its files, its tables, and each link of the chain of the audit log. Nothing is changed.

    Exit codes: 0 whole, 1 something is wrong, 2 there is none, or it cannot be read.

    Example: meshkit store check --mesh sample_data/retail
    """
    from meshkit.errors import StoreError
    from meshkit.model.history import StoreProblem
    from meshkit.report.store import problems_as_dict, render_problems

    place, problems = store or "", tuple[StoreProblem, ...]()
    try:
        with _opened(mesh, env, store) as opened:
            place, problems = opened.place, opened.check()
    except StoreError as error:
        if error.code != "MK412":
            raise
        problems = (StoreProblem(error.code, error.what),)
    _answer(problems_as_dict(place, problems), render_problems(place, problems, painter(None)), format_)
    raise typer.Exit(1 if problems else 0)


@app.command()
def prune(
    before: Annotated[
        str,
        typer.Option(
            help="Remove runs that began, and requests that ended, before this date, or longer ago than 90d.",
            metavar="DATE",
        ),
    ],
    mesh: MeshOption = Path(),
    env: EnvOption = None,
    store: StoreOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Remove old runs with their verdicts, metrics and evaluations, and requests for access that ended, and note it in the audit log.

    Published versions and the audit log are kept, and so are runs that are at work, requests that wait and grants that hold.

    Exit codes: 0 done, 2 the date or the store cannot be read.

    Examples: meshkit store prune --before 90d

    meshkit store prune --before 2026-01-01 --mesh sample_data/retail
    """
    from meshkit.histories import moment_of
    from meshkit.report.store import Pruned, pruned_as_dict, render_pruned

    at = moment_of(before)
    assert at is not None  # a text was given
    with _opened(mesh, env, store) as opened:
        actor = os.environ.get("MESHKIT_ACTOR") or None
        removed, requests = opened.prune(at, by=actor), opened.prune_requests(at, by=actor)
        pruned = Pruned(opened.place, f"{at:%Y-%m-%dT%H:%M:%SZ}", removed, requests)
    _answer(pruned_as_dict(pruned), render_pruned(pruned, painter(None)), format_)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to; made if it is not there.", metavar="FOLDER")],
    mesh: MeshOption = Path(),
    env: EnvOption = None,
    store: StoreOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Write each table as a parquet file: a copy to keep, to look into with any tool, or to import elsewhere.

    Exit codes: 0 written, 2 it cannot be written, or the store cannot be read.

    Example: meshkit store export backup/
    """
    from meshkit.report.store import exported_as_dict, render_exported

    with _opened(mesh, env, store) as opened:
        place, files = opened.place, [str(path) for path in opened.export(folder)]
    _answer(exported_as_dict(place, files), render_exported(files), format_)


@app.command("import")
def import_(
    path: Annotated[
        list[Path], typer.Argument(help="A report of meshkit check --format json, or the folder of an export.")
    ],
    mesh: MeshOption = Path(),
    env: EnvOption = None,
    store: StoreOption = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Take in runs of machines that are gone: JSON reports of CI, or an export. A run that is there already is left as it is.

    A report says in which environment it was made. Of one by an older meshkit, which does not, --env does.

    Exit codes: 0 taken in, 2 a file is neither, or the store cannot be written. Files before the bad one are in.

    Examples: meshkit store import run.json

    meshkit store import backup/ --store postgresql://meshkit@db.internal/mesh
    """
    from meshkit.report.store import imported_as_dict, render_imported

    with _opened(mesh, env, store, create=True) as opened:
        place = opened.place
        taken = [(str(one), opened.import_(one, environment=env)) for one in path]
    _answer(imported_as_dict(place, taken), render_imported(taken), format_)


def _opened(mesh: Path, env: str | None, store: str | None, *, create: bool = False) -> Store:
    from meshkit.histories import open_store
    from meshkit.mesh import load

    return open_store(store or load(mesh), env=env, create=create)


def _answer(values: Any, text: str, format_: PlainFormat) -> None:
    write(json.dumps(values, indent=2, ensure_ascii=False) + "\n" if format_ is PlainFormat.JSON else text, None)
