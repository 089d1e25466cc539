"""`meshkit mcp`: the MCP server. It is a guest of the core: imported by its name, and only when it is started."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.access import AsOption
from meshkit.cli.console import write
from meshkit.errors import UsageError


class ConfigFormat(StrEnum):
    """How the entry for an assistant is written."""

    JSON = "json"
    SERVERS = "servers"
    TOML = "toml"


def mcp(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="The mesh folder, or one contract.")] = Path(),
    who: AsOption = None,
    timeout: Annotated[float, typer.Option(help="Seconds for one statement of a run.", min=0.001, max=86_400)] = 60.0,
    http: Annotated[
        bool,
        typer.Option("--http", help="Serve over HTTP; further options follow PATH, as meshkit-mcp --help has them."),
    ] = False,
    enable_query: Annotated[
        bool, typer.Option("--enable-query", help="Offer query_data_products: rows, as each caller may see them.")
    ] = False,
    print_config: Annotated[
        ConfigFormat | None,
        typer.Option(help="Print the entry for an assistant's configuration, and start nothing."),
    ] = None,
) -> None:
    """Serve a mesh to AI assistants over MCP on standard input and output. Assistants start it; docs/mcp.md says how.

    With --http it serves over HTTP: meshkit-mcp --help has the further options, and docs/mcp_http.md what they are for.

    It only reads, and answers for the one who asks: what he may not know of is not there for him. Without --as that is
    nobody, who sees what everybody may discover.

    Examples: meshkit mcp sample_data/retail --as ana.analyst@example.com --print-config json;
    meshkit mcp sample_data/retail --http --auth tokens --tokens tokens.json

    Formats: json (Claude, Cursor, Windsurf, ...), servers (VS Code), toml (Codex).

    Exit codes: 0 the client has left, 2 bad input.
    """
    if print_config is not None:
        from meshkit.mesh import load
        from meshkit.report.assistants import render_assistant
        from meshkit.viewing import View

        asks = View(load(path), who).principal.id
        arguments = ["-m", "meshkit", "mcp", os.path.abspath(path), *(["--as", asks] if asks else [])]  # noqa: PTH100  # as written
        arguments += ["--timeout", f"{timeout:g}"] if timeout != 60 else []
        arguments += ["--enable-query"] if enable_query else []
        write(render_assistant(print_config, sys.executable, arguments), None)
        return
    server = import_module("meshkit_mcp.server")
    if str(path).startswith("-"):  # an unknown option is taken for the argument that comes first
        raise UsageError(f"'{path}' stands where the mesh should", "give the folder first: meshkit mcp PATH --http ...")
    if http or context.args:
        words = ["--mesh", str(path), *(["--as", who] if who else []), "--timeout", f"{timeout:g}"]
        words += ["--enable-query"] if enable_query else []
        server.main([*words, *(["--http"] if http else []), *context.args])
    else:
        server.serve(path, who, timeout, with_queries=enable_query)
