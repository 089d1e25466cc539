"""`meshkit-mcp token`: makes a token, prints it once, and keeps only its hash."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import meshkit

_EXAMPLES = """\
example:
  meshkit-mcp token --tokens tokens.json --as ana@example.com --scopes mesh:read,mesh:query --days 90

scopes: mesh:read (find and judge products), mesh:query (rows, under policy), mesh:request (ask for access),
        mesh:metrics (read /metrics, for your monitoring)

The token is on stdout, once; the file has only its hash. To take it back, take its entry out: a server that runs sees
it with the next request. Exit codes: 0 it was made, 2 the call is bad.
"""


def token(arguments: Sequence[str]) -> None:
    """Make a token.

    Raises:
        UsageError: A scope or the principal is unknown, or the file cannot be written.
    """
    from meshkit_mcp.proofs import GRANTABLE
    from meshkit_mcp.token_file import add, new_token

    options = _parser().parse_args(arguments)
    scopes = tuple(dict.fromkeys(s for s in options.scopes.replace(",", " ").split()))
    for scope in scopes:
        if scope not in GRANTABLE:
            raise meshkit.UsageError(f"unknown scope '{scope[:80]}'", f"known: {', '.join(GRANTABLE)}")
    if not scopes:
        raise meshkit.UsageError("a token without scopes opens nothing", f"known: {', '.join(GRANTABLE)}")
    if options.mesh is not None:
        meshkit.View(meshkit.load(options.mesh), options.principal)
    made, entry = new_token(options.principal, scopes, options.days, options.note)
    add(options.tokens, entry)
    sys.stderr.write(f"for {entry.principal}, until {entry.expires:%Y-%m-%d}; it is shown this once:\n")
    sys.stdout.write(f"{made}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meshkit-mcp token",
        description="Make a token for `--http --auth tokens`.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tokens", type=Path, required=True, metavar="FILE", help="it is made where it is not there")
    parser.add_argument("--as", dest="principal", required=True, type=_id, metavar="ID", help="whose token it is")
    parser.add_argument("--scopes", default="mesh:read", metavar="LIST", help="with commas (default: mesh:read)")
    parser.add_argument("--days", type=_days, default=90, metavar="N", help="how long it holds (default: 90)")
    parser.add_argument("--note", type=_note, default="", metavar="TEXT", help="what it is for")
    parser.add_argument("--mesh", type=Path, metavar="PATH", help="refuse an ID that this mesh does not know")
    return parser


def _id(text: str) -> str:
    if not 0 < len(text) <= 300 or not text.isprintable():
        raise argparse.ArgumentTypeError("an id has 1 to 300 characters that can be seen")
    return text


def _note(text: str) -> str:
    if len(text) > 300:
        raise argparse.ArgumentTypeError("a note has at most 300 characters")
    return text


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days from 1 to 3650")
    return int(text)
