"""`meshkit diff`: what changed between two contracts or meshes, whom it breaks, and whether it has a right to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meshkit.cli.console import painter, say, write

if TYPE_CHECKING:
    from meshkit.mesh import Mesh
    from meshkit.model.change import MeshDiff, ProductDiff
    from meshkit.model.contract import Contract


class DiffFormat(StrEnum):
    """How changes are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"


class Side(StrEnum):
    """Whose side is taken."""

    CONSUMER = "consumer"
    PRODUCER = "producer"


def diff(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="OLD and NEW: two contracts, or two mesh folders. With --against: PATH (default: here)."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Compare with this branch, tag or commit of the git checkout.", metavar="REV")
    ] = None,
    perspective: Annotated[
        Side, typer.Option(help="Judge for who reads the products, or for who writes them.")
    ] = Side.CONSUMER,
    transitive: Annotated[
        bool, typer.Option("--transitive", help="Compare with every old version that is not retired.")
    ] = False,
    format_: Annotated[DiffFormat, typer.Option("--format", help="How to write the changes.")] = DiffFormat.TEXT,
    output: Annotated[Path | None, typer.Option(help="Write the changes to this file.", metavar="FILE")] = None,
    compat_view: Annotated[
        Path | None, typer.Option(help="Write views that serve the old column names.", metavar="FILE")
    ] = None,
    migration_guide: Annotated[
        Path | None, typer.Option(help="Write the skeleton of a migration guide.", metavar="FILE")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The day on which deprecations are judged.", metavar="TIME")] = None,
) -> None:
    """Say what changed, whom it breaks, and whether the version says so.

    Exit codes: 0 compatible, or breaking with the right to; 1 breaking without; 2 a contract or the call is bad.

    Examples: meshkit diff orders_v1.yaml orders.yaml

    meshkit diff --against main

    meshkit diff --against origin/main contracts --format github

    meshkit diff old.yaml new.yaml --compat-view view.sql --migration-guide migrate.md
    """
    old, new, beside = _sides(paths or [], against)
    found = old.diff(new, perspective=perspective, transitive=transitive, beside=beside, now=now)
    _write_help(old, new, found, compat_view, migration_guide)
    write(_render(found, format_, output), output)
    is_bad = any(p.code == "MK505" for p in found.problems)
    raise typer.Exit(2 if is_bad else 1 if found.is_blocked else 0)


def _sides(paths: list[Path], against: str | None) -> tuple[Mesh, Mesh, bool]:
    """Return the old and the new mesh, and whether both are single files that stand side by side."""
    from meshkit.diffs import load_at
    from meshkit.mesh import load

    if against is not None:
        if len(paths) > 1:
            raise typer.BadParameter("--against REV takes one PATH at most", param_hint="PATH")
        path = paths[0] if paths else Path()
        new = load(path)
        return _filled(load_at(against, path), new, path), new, False
    if len(paths) != 2:
        raise typer.BadParameter("give OLD and NEW, or --against REV", param_hint="OLD NEW")
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"'{path}' is not there; --against REV compares with git", param_hint="OLD NEW")
    if paths[0].is_file() is not paths[1].is_file():
        raise typer.BadParameter("one is a file and the other a folder", param_hint="OLD NEW")
    old, new = load(paths[0]), load(paths[1])
    for mesh, path in ((old, paths[0]), (new, paths[1])):
        _filled(mesh, mesh, path)
    return old, new, paths[0].is_file()


def _filled(old: Mesh, new: Mesh, path: Path) -> Mesh:
    """Return `old` if there is anything to compare.

    Raises:
        MeshkitError: A file could not be read at all.
        typer.BadParameter: Neither side holds a contract.
    """
    from meshkit.errors import MeshkitError

    if not old.products and not new.products:
        for problem in (*old.problems, *new.problems):
            raise MeshkitError(problem.message, problem.hint, problem.place, problem.code)
        raise typer.BadParameter(f"{path} holds no contract", param_hint="PATH")
    return old


def _write_help(old: Mesh, new: Mesh, found: MeshDiff, view: Path | None, guide: Path | None) -> None:
    from meshkit.change.migration import compatibility_views, migration_guide

    pairs = [(_contract(old, d, d.old_version), _contract(new, d, d.new_version), d) for d in found.products]
    if view is not None:
        texts = [compatibility_views(o, n) for o, n, _ in pairs]
        _write_or_say([t for t in texts if t], view, "no column was renamed or removed")
    if guide is not None:
        _write_or_say([migration_guide(o, n, d.changes) for o, n, d in pairs if d.changes], guide, "nothing changed")


def _contract(mesh: Mesh, found: ProductDiff, version: str) -> Contract:
    same = [p for p in mesh.products if p.version == version]
    return next((p for p in same if p.head.product_id == found.product), same[0]).contract


def _write_or_say(texts: list[str], path: Path, why_not: str) -> None:
    if texts:
        write("\n".join(texts), path)
        say(f"wrote {path}")
    else:
        say(f"{path} was not written: {why_not}")


def _render(found: MeshDiff, format_: DiffFormat, output: Path | None) -> str:
    from meshkit.report.changes import render_github, render_json, render_markdown, render_text

    if format_ is DiffFormat.TEXT:
        return render_text(found, painter(output))
    renderers: Mapping[DiffFormat, Callable[[MeshDiff], str]] = {
        DiffFormat.JSON: render_json,
        DiffFormat.MARKDOWN: render_markdown,
        DiffFormat.GITHUB: render_github,
    }
    return renderers[format_](found)
