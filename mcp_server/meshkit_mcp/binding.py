"""Where the server may be reached: the socket it listens on, and which hosts and origins it answers."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from mcp.server.transport_security import TransportSecuritySettings

import meshkit

_LOCAL = ("127.0.0.1", "localhost", "[::1]")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, for the very address that `is_loopback` would see.

    Raises:
        UsageError: The name is unknown, or the port is taken or not allowed.
    """
    family, kind, protocol, _, address = _addresses(host, port)[0]
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # "::" must not mean every IPv4 address too
        found.bind(address)
        found.listen(128)
    except OSError as error:
        found.close()
        reason = (error.strerror or str(error)).lower()
        hint = "stop what uses it, or give another --port; 0 takes any that is free"
        raise meshkit.UsageError(f"cannot listen on {host} port {port}: {reason}", hint) from error
    return found


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host: each address that its name has is a loopback one.

    Raises:
        UsageError: The name is unknown.
    """
    return all(ipaddress.ip_address(str(a[4][0]).partition("%")[0]).is_loopback for a in _addresses(host, 0))


def refuse_public(host: str, allowed_hosts: Sequence[str], *, with_auth: bool) -> None:
    """Refuse to be reachable from elsewhere where nobody has to say who he is, or under any name.

    Raises:
        UsageError: With what is missing.
    """
    is_local = is_loopback(host)
    if not with_auth and not is_local:
        raise meshkit.UsageError(
            f"--host {host} can be reached from other machines, and --auth none asks nobody who he is",
            "give --auth tokens or --auth jwt, or --host 127.0.0.1",
        )
    if not with_auth and any(not is_local_name(name) for name in allowed_hosts):
        raise meshkit.UsageError(
            "--allowed-host names another host, so others come through a proxy, and --auth none asks nobody who he is",
            "give --auth tokens or --auth jwt",
        )
    if not is_local and not allowed_hosts:
        raise meshkit.UsageError(
            f"--host {host} can be reached from other machines: say under which names",
            "give --allowed-host NAME for each name that clients use",
        )


def security(allowed_hosts: Sequence[str], allowed_origins: Sequence[str]) -> TransportSecuritySettings:
    """Return which Host and Origin headers are answered: this machine's own names, and those that are allowed.

    A browser's page at another origin is refused though it can reach this machine (DNS rebinding).

    Args:
        allowed_hosts: In small letters, as browsers send them.
        allowed_origins: Likewise, and without a slash at the end.
    """
    hosts = [*_LOCAL, *allowed_hosts]
    origins = [f"http://{name}" for name in _LOCAL]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{h}:*" for h in hosts if not _has_port(h))],
        allowed_origins=[*origins, *(f"{o}:*" for o in origins), *allowed_origins],
    )


def is_local_name(name: str) -> bool:
    """Say whether a name, with a port or without, is this machine's own."""
    bare = name if name.startswith("[") and not _has_port(name) else name.rpartition(":")[0] or name
    return bare.lower() in _LOCAL


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]]:
    try:
        return socket.getaddrinfo(host.strip("[]") or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)  # type: ignore[return-value]  # noqa: S104  # no host = every address, which is then refused
    except (OSError, UnicodeError) as error:
        raise meshkit.UsageError(f"--host {host}: no such name", "give an address of this machine") from error
