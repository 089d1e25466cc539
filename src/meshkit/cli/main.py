"""The `meshkit` command. Each command imports its rooms when it runs, so that `--help` answers at once."""

from __future__ import annotations

import logging
import os
import sys
import traceback

import typer

from meshkit.cli.check import check
from meshkit.cli.convert import convert
from meshkit.cli.diff import diff
from meshkit.cli.draft import draft
from meshkit.cli.explore import explain, list_products, schema, show, sql
from meshkit.cli.export import export
from meshkit.cli.init import init
from meshkit.cli.lint import lint
from meshkit.errors import MeshkitError
from meshkit.version import __version__

app = typer.Typer(
    name="meshkit",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Govern a data mesh from contracts: lint them, and run every check they hold where the data lives.",
    epilog="Start with: meshkit check MESH --why. A mesh is a folder of contracts. meshkit COMMAND --help says more.",
)
app.command()(check)
app.command()(lint)
app.command()(diff)
app.command("list")(list_products)
app.command()(show)
app.command()(sql)
app.command()(schema)
app.command()(draft)
app.command()(init)
app.command()(export)
app.command()(explain)
app.command()(convert)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meshkit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Govern a data mesh from contracts: lint them, and run every check they hold where the data lives."""


def main() -> None:
    """Run the command line and exit: 2 for what the user can mend, 130 for Ctrl-C."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is refused, and said, by the guard
    try:
        app()
    except MeshkitError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  # the outer edge: a defect of ours, told without a page of frames
        if os.environ.get("MESHKIT_DEBUG"):
            traceback.print_exc()
        sys.stderr.write(
            f"internal error: {type(error).__name__}; set MESHKIT_DEBUG=1 for the trace, and please report it\n"
        )
        sys.exit(3)
