"""The `meshkit-mcp` command: arguments in, a server on stdio or HTTP out. It imports the MCP SDK only once it is needed."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import meshkit
from meshkit_mcp.http_options import add_http_options, log_to_stderr, refuse_http_options, serve_http
from meshkit_mcp.token_command import token

_EXAMPLES = """\
tools:
  search_data_products   find products; start here
  get_data_product       one product: owner, inputs, checks, promises
  get_schema             its columns
  check_access           what you may do with it, and why
  get_lineage            what it is made from, and who reads it
  get_health             how it was in its last recorded run
  check_contract_change  what a new text of its contract would break
  explain_check          one check in words and SQL
  validate_contract      what is wrong with a contract, and how to mend it
  check_governance       what the policies of the mesh say of it
  run_checks             run its checks now; counts only, never rows
  request_access         ask for what you may not read
  query_data_products    one SELECT over products, governed; only with --enable-query

Assistants start it by themselves. Most take an entry like this, which `meshkit mcp PATH --print-config json` writes:
  {"mcpServers": {"meshkit": {"command": "meshkit-mcp", "args": ["--mesh", "/path/to/mesh"]}}}

Only files below the mesh's folder are read. It speaks MCP on stdin and stdout, and logs to stderr.

over HTTP, for one person on this machine, for a team with tokens, and for a company with an identity provider:
  meshkit-mcp --mesh PATH --http --as ana@example.com
  meshkit-mcp token --tokens tokens.json --as ana@example.com --scopes mesh:read,mesh:query
  meshkit-mcp --mesh PATH --http --auth tokens --tokens tokens.json
  meshkit-mcp --mesh PATH --http --host 0.0.0.0 --allowed-host mesh.example.com --url https://mesh.example.com/mcp \
      --auth jwt --issuer https://login.example.com --jwks https://login.example.com/keys

It starts on an address that others can reach only with --auth and --allowed-host. docs/mcp_http.md says more.
Exit codes: 0 the client has left, 2 the mesh or the call is bad, 130 Ctrl-C over HTTP.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the client leaves; exit with 2 for what the user can mend."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["token"]:
            token(words[1:])
            return
        options = _parser().parse_args(words)
        if options.http:
            with _sdk():
                serve_http(options)
        else:
            refuse_http_options(options)
            serve(options.mesh, options.principal, options.timeout, with_queries=options.enable_query)
    except meshkit.MeshkitError as error:
        _stop(str(error))


def serve(path: Path, principal: str | None, timeout_seconds: float, *, with_queries: bool = False) -> None:
    """Serve a mesh on standard input and output until the client leaves.

    Args:
        path: The mesh folder, or one contract.
        principal: Who asks, an id of the mesh's principals; None = what MESHKIT_PRINCIPAL says, else nobody.
        timeout_seconds: How long one statement of a run may take.
        with_queries: Whether products may be queried.

    Raises:
        MeshkitError: The mesh is not there, does not know the principal, or the SDK is missing.
    """
    log_to_stderr()
    watch = meshkit.Watch(path.resolve())
    asks = meshkit.View(watch.mesh(), principal).principal
    with _sdk():
        from meshkit_mcp.app import make_server  # lazily: the SDK is an optional extra
        from meshkit_mcp.callers import always
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else Ctrl-C would wait for a thread that waits for stdin
    caller = always(asks.id or asks)  # by its id, whose roles are looked up at each call
    make_server(watch, timeout_seconds, caller, with_queries=with_queries).run("stdio")


@contextlib.contextmanager
def _sdk() -> Iterator[None]:
    """Say how to get the SDK where it is not there."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise meshkit.UsageError(
            "the server needs the MCP SDK, 2.3 or newer", "run: pip install 'meshkit[mcp]'"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meshkit-mcp",
        description="Serve a data mesh to AI assistants over the Model Context Protocol (MCP).",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--mesh", type=Path, required=True, metavar="PATH", help="the mesh folder, or one contract")
    parser.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="for one statement of a run (default: 60)"
    )
    parser.add_argument(
        "--as",
        dest="principal",
        metavar="ID",
        help="who asks, an id of the mesh's principals (default: MESHKIT_PRINCIPAL, else nobody)",
    )
    parser.add_argument(
        "--enable-query", action="store_true", help="offer query_data_products: rows, as each caller may see them"
    )
    add_http_options(parser)
    parser.add_argument("--version", action="version", version=f"meshkit-mcp {meshkit.__version__}")
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number between 0.001 and 86400")
    return value


def _stop(message: str) -> NoReturn:
    sys.stderr.write(f"error: {message}\n")
    sys.exit(2)
