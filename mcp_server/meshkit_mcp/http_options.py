"""The options of the HTTP server: what they mean, what is refused, and the server that they ask for."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import meshkit

if TYPE_CHECKING:
    from meshkit_mcp.callers import Caller
    from meshkit_mcp.jwt_tokens import Claims
    from meshkit_mcp.proofs import Prover

DEFAULT_PORT = 8321
_HOST = r"(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::\d{1,5})?"
_CLAIMS = ("id", "roles", "domains", "purposes", "attributes")
_LOG = logging.getLogger(__name__)


def add_http_options(parser: argparse.ArgumentParser) -> None:
    """Add them, in groups."""
    web = parser.add_argument_group(
        "over HTTP", "Instead of stdin and stdout: at http://HOST:PORT/mcp, with /health and /metrics."
    )
    web.add_argument("--http", action="store_true", help="serve over HTTP")
    web.add_argument("--host", default="127.0.0.1", help="where to listen (default: 127.0.0.1, this machine alone)")
    web.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"0 = any that is free (default: {DEFAULT_PORT})")
    web.add_argument("--url", metavar="URL", help="of /mcp, as clients know it, where a proxy stands before the server")
    web.add_argument(
        "--allowed-host", action="append", default=[], type=_host, metavar="NAME",
        help="a name that clients use for this server; others are refused (repeatable)",
    )  # fmt: skip
    web.add_argument(
        "--allowed-origin", action="append", default=[], type=_origin, metavar="URL",
        help="a web page's origin whose scripts may ask, such as https://app.example.com (repeatable)",
    )  # fmt: skip
    web.add_argument(
        "--trusted-proxy", metavar="ADDRESS", default="", help="of the proxy whose X-Forwarded-For is believed"
    )
    web.add_argument(
        "--rate", type=_rate, default=600.0, metavar="N", help="requests of one caller a minute (default: 600)"
    )
    auth = parser.add_argument_group("who may ask over HTTP")
    auth.add_argument(
        "--auth", choices=["none", "tokens", "jwt"], default="none",
        help="none: whoever reaches this machine's own address is --as ID; tokens: a file; jwt: your identity provider",
    )  # fmt: skip
    auth.add_argument("--tokens", type=Path, metavar="FILE", help="hashes of tokens, made by: meshkit-mcp token")
    auth.add_argument("--issuer", metavar="URL", help="what 'iss' of a token must be")
    auth.add_argument("--audience", metavar="TEXT", help="what 'aud' of a token must be (default: the URL of /mcp)")
    auth.add_argument("--jwks", metavar="URL|FILE", help="the issuer's keys")
    auth.add_argument(
        "--claim", action="append", default=[], metavar="WHAT=NAME",
        help=f"which claim says what: {', '.join(_CLAIMS)} (default: id=sub, and each by its own name)",
    )  # fmt: skip
    auth.add_argument(
        "--trust-claims", action="store_true",
        help="take roles, domains, purposes and attributes from the token alone, and not from the mesh's principals",
    )  # fmt: skip


def serve_http(options: argparse.Namespace) -> None:
    """Serve until a signal says to stop.

    Raises:
        UsageError: The options do not go together, or it would be open to strangers.
    """
    from meshkit_mcp.binding import is_loopback, listen, refuse_public
    from meshkit_mcp.door import Limits
    from meshkit_mcp.web import Site, make_app, serve

    log_to_stderr()
    _refuse_odd(options)
    watch = meshkit.Watch(options.mesh.resolve())
    mesh = watch.mesh()
    refuse_public(options.host, options.allowed_host, with_auth=options.auth != "none")
    if not is_loopback(options.host):
        if options.auth == "jwt" and not options.url:
            hint = "give --url, such as https://mesh.example.com/mcp"
            raise meshkit.UsageError("--auth jwt publishes the address of /mcp as clients know it", hint)
        _LOG.warning("it speaks no TLS: whoever is on the way reads tokens, unless a proxy with TLS stands before it")
    with listen(options.host, options.port) as listening:
        url = options.url or f"http://{_in_url(options.host)}:{listening.getsockname()[1]}/mcp"
        prover = _prover(options, mesh, url)
        site = Site(
            url, options.issuer or "", tuple(options.allowed_host), tuple(options.allowed_origin), options.trusted_proxy
        )
        limits, with_queries = Limits(per_minute=options.rate), options.enable_query
        app = make_app(watch, options.timeout, prover, site, limits, with_queries=with_queries)
        sys.stderr.write(f"meshkit-mcp serves {url} (--auth {options.auth}); Ctrl-C stops it\n")
        sys.stderr.flush()
        serve(app, listening, options.trusted_proxy)


def log_to_stderr() -> None:
    """Log warnings where no client reads."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def refuse_http_options(options: argparse.Namespace) -> None:
    """Refuse options of the HTTP server without --http.

    Raises:
        UsageError: One is given; whoever gave it would believe that it holds.
    """
    parser = argparse.ArgumentParser()
    add_http_options(parser)
    for name, value in vars(parser.parse_args([])).items():
        if getattr(options, name) != value:
            raise meshkit.UsageError(f"--{name.replace('_', '-')} means nothing without --http", "give --http as well")


def _refuse_odd(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect: whoever gives one relies on it."""
    needed = {"tokens": {"--tokens": options.tokens}, "jwt": {"--issuer": options.issuer, "--jwks": options.jwks}}
    for mode, values in needed.items():
        for name, value in values.items():
            if options.auth == mode and not value:
                raise meshkit.UsageError(f"--auth {mode} needs {name}", "meshkit-mcp --help says what it is")
            if options.auth != mode and value:
                raise meshkit.UsageError(f"{name} means nothing without --auth {mode}", f"give --auth {mode} as well")
    for name, value in (
        ("--audience", options.audience),
        ("--claim", options.claim),
        ("--trust-claims", options.trust_claims),
    ):
        if options.auth != "jwt" and value:
            raise meshkit.UsageError(f"{name} means nothing without --auth jwt", "give --auth jwt as well")
    if options.auth != "none" and options.principal:
        raise meshkit.UsageError(
            f"--as means nothing with --auth {options.auth}: the token says who asks", "take it out"
        )
    if options.auth == "none":
        _refuse_open_proxy(options)
    if options.trusted_proxy:
        try:
            ipaddress.ip_network(options.trusted_proxy)
        except ValueError as error:
            raise meshkit.UsageError(
                f"--trusted-proxy: '{options.trusted_proxy[:80]}' is no address", "such as 10.0.0.5"
            ) from error
    for name, value in (("--url", options.url), ("--issuer", options.issuer)):
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise meshkit.UsageError(f"{name}: '{value[:200]}' is no URL", "such as https://mesh.example.com/mcp")


def _refuse_open_proxy(options: argparse.Namespace) -> None:
    """Refuse what only a proxy needs: whoever comes through it would be taken for the one who started the server."""
    from meshkit_mcp.binding import is_local_name

    elsewhere = options.url and not is_local_name(urlsplit(options.url).netloc)
    for name, is_given in (("--url", elsewhere), ("--trusted-proxy", options.trusted_proxy)):
        if is_given:
            raise meshkit.UsageError(
                f"{name} means that others come through a proxy, and --auth none asks nobody who he is",
                "give --auth tokens or --auth jwt",
            )


def _prover(options: argparse.Namespace, mesh: meshkit.Mesh, url: str) -> Prover | Caller:
    from meshkit_mcp.callers import SCOPES, Caller
    from meshkit_mcp.jwks import Keys, UnreadableKeysError, parse_keys, reader
    from meshkit_mcp.jwt_tokens import SignedTokens
    from meshkit_mcp.token_file import TokenFile

    if options.auth == "none":
        asks = meshkit.View(mesh, options.principal).principal
        return Caller(asks.id or asks, SCOPES)  # by its id, whose roles are looked up at each call
    if options.auth == "tokens":
        return TokenFile(options.tokens)
    read = reader(options.jwks)
    try:
        parse_keys(read())
    except UnreadableKeysError as error:
        if urlsplit(options.jwks).scheme not in ("http", "https"):
            raise meshkit.UsageError(
                f"--jwks {error}", "give the file or the address of the issuer's JWK set"
            ) from error
        _LOG.warning("the issuer's keys cannot be read yet, so nobody gets in until they can: %s", error)
    return SignedTokens(Keys(read), options.issuer, options.audience or url, _claims(options))


def _claims(options: argparse.Namespace) -> Claims:
    from meshkit_mcp.jwt_tokens import Claims

    given: dict[str, str] = {}
    for text in options.claim:
        what, _, name = text.partition("=")
        if what not in _CLAIMS or not name:
            raise meshkit.UsageError(f"--claim: '{text[:80]}' is not WHAT=NAME", f"WHAT is one of {', '.join(_CLAIMS)}")
        if what != "id" and not options.trust_claims:
            raise meshkit.UsageError(
                f"--claim {what} means nothing without --trust-claims", "give --trust-claims as well"
            )
        given[what] = name
    return Claims(**given, trusted=options.trust_claims)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _host(text: str) -> str:
    if not re.fullmatch(_HOST, text.lower()):
        raise argparse.ArgumentTypeError(
            f"'{text[:200]}' is not a name as Host has it, such as mesh.example.com, [2001:db8::7] or mesh:8443"
        )
    return text.lower()


def _origin(text: str) -> str:
    if not re.fullmatch(rf"[a-z][a-z0-9+.-]*://{_HOST}/?", text.lower()):
        raise argparse.ArgumentTypeError(f"'{text[:200]}' is not an origin, such as https://app.example.com")
    return text.lower().rstrip("/")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to 65535")
    return int(text)


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number between 1 and 1000000")
    return value
