"""The `meshkit` command. Each command imports its rooms when it runs, so that `--help` answers at once."""

from __future__ import annotations

import gc
import logging
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import NoReturn

import typer

from meshkit.errors import MeshkitError
from meshkit.version import __version__

COMMANDS: Mapping[str, str] = {
    "check": "meshkit.cli.check:check",
    "lint": "meshkit.cli.lint:lint",
    "baseline": "meshkit.cli.baseline:baseline",
    "diff": "meshkit.cli.diff:diff",
    "govern": "meshkit.cli.govern:govern",
    "score": "meshkit.cli.score:score",
    "history": "meshkit.cli.history:history",
    "store": "meshkit.cli.store:app",
    "lineage": "meshkit.cli.lineage:lineage",
    "health": "meshkit.cli.lineage:health",
    "search": "meshkit.cli.access:search",
    "decide": "meshkit.cli.access:decide",
    "access": "meshkit.cli.requests:app",
    "query": "meshkit.cli.query:query",
    "list": "meshkit.cli.explore:list_products",
    "show": "meshkit.cli.explore:show",
    "sql": "meshkit.cli.explore:sql",
    "schema": "meshkit.cli.explore:schema",
    "draft": "meshkit.cli.draft:draft",
    "init": "meshkit.cli.init:init",
    "export": "meshkit.cli.export:export",
    "doctor": "meshkit.cli.doctor:doctor",
    "explain": "meshkit.cli.explore:explain",
    "convert": "meshkit.cli.convert:convert",
    "policy": "meshkit.cli.policy:app",
    "mcp": "meshkit.cli.mcp:mcp",
}
"""Each command, in the order of `--help`, and the function that it is."""

_PASSES_ON = {"mcp": {"allow_extra_args": True, "ignore_unknown_options": True}}
"""Commands that hand on options which they do not know themselves."""

_ALLOCATIONS = 50_000
"""So many new objects start a collection. Python's own 700 starts some 180 while modules are imported, for nothing."""


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the command line with these commands."""
    app = typer.Typer(
        name="meshkit",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Govern a data mesh from contracts: lint them, and run every check they hold where the data lives.",
        epilog="Start with: meshkit check MESH --why. A mesh is a folder of contracts. meshkit COMMAND --help says more.",
    )
    app.callback()(root)
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        found = getattr(import_module(module), function)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name, context_settings=_PASSES_ON.get(name))(found)
    return app


def _called(arguments: Sequence[str]) -> Iterable[str]:
    """Return the command that is called; all of them where that is not plain to see, as for `--help`."""
    return arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meshkit {__version__}")
        raise typer.Exit


def root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Govern a data mesh from contracts: lint them, and run every check they hold where the data lives."""


def _start_light() -> None:
    """Spare a short-lived process what serves long-lived ones: collections that find nothing, and plugins of pydantic."""
    gc.set_threshold(_ALLOCATIONS)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")


def run() -> int:
    """Run the command line and return the exit code: 2 for what the user can mend, 130 for Ctrl-C."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is refused, and said, by the guard
    _start_light()
    teller = _Teller()
    logging.getLogger("meshkit").addHandler(teller)
    try:
        return _answered(sys.argv[1:])
    except MeshkitError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:  # the reader of a pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the outer edge: a defect of ours, told without a page of frames
        if os.environ.get("MESHKIT_DEBUG"):
            traceback.print_exc()
        sys.stderr.write(
            f"internal error: {type(error).__name__}; set MESHKIT_DEBUG=1 for the trace, and please report it\n"
        )
        return 3
    finally:
        logging.getLogger("meshkit").removeHandler(teller)


class _Teller(logging.Handler):
    """Writes warnings on standard error, one line each."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{record.levelname.lower()}: {record.getMessage()}\n")


def _answered(arguments: Sequence[str]) -> int:
    try:
        command_line(_called(arguments))()
    except SystemExit as end:
        code = end.code
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    return 0


def main() -> NoReturn:
    """Run the command line and end the process at once: all is closed, and nothing that was imported need be taken apart."""
    code = run()
    fetching = sys.modules.get("meshkit.loading.fetching")  # only a mesh of repositories has imported it
    if fetching is not None:
        fetching.forget()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
