"""Terminal and files: colours where there is a terminal, atomic files, progress on long work."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import typer

_STYLES = {
    "passed": "green",
    "warned": "yellow",
    "failed": "bold red",
    "errored": "bold magenta",
    "skipped": "dim",
    "waived": "cyan",
    "name": "bold",
    "place": "dim",
    "faint": "dim",
}


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """The least severity of a missed check that makes the exit code 1."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    NEVER = "never"


def painter(output: Path | None) -> Callable[[str, str], str]:
    """Return what colours a text: nothing when the report goes to a file or a pipe, or NO_COLOR is set."""
    if output is not None or os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return lambda text, _: text
    from rich.style import Style  # lazily: a piped report needs no rich

    styles = {role: Style.parse(style) for role, style in _STYLES.items()}
    return lambda text, role: styles[role].render(text)


def write(text: str, output: Path | None) -> None:
    """Write a report to standard output, or to a file that is there whole or not at all.

    Raises:
        typer.BadParameter: The file cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        handle, staged = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(staged).chmod(0o666 & ~umask())
            Path(staged).replace(output)
        except BaseException:
            Path(staged).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise typer.BadParameter(
            f"{output} cannot be written: {(error.strerror or 'unknown error').lower()}", param_hint="--output"
        ) from error


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def say(text: str) -> None:
    """Say something that is not the report, on standard error."""
    sys.stderr.write(text + "\n")


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar on standard error while work goes on; None when nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # lazily: only for people
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(label: str, done: int, total: int) -> None:
            bar.update(task, description=label[-48:], completed=done, total=total)

        yield show
