"""The entry with which assistants start the MCP server, in the words of their configuration files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

NAME = "meshkit"
"""What the server is called there."""


def _json(command: str, arguments: Sequence[str]) -> str:
    return _written({"mcpServers": {NAME: {"command": command, "args": list(arguments)}}})


def _servers(command: str, arguments: Sequence[str]) -> str:
    return _written({"servers": {NAME: {"type": "stdio", "command": command, "args": list(arguments)}}})


def _toml(command: str, arguments: Sequence[str]) -> str:
    """Write TOML, whose texts and lists of texts are written as in JSON."""
    return f"[mcp_servers.{NAME}]\ncommand = {json.dumps(command)}\nargs = {json.dumps(list(arguments))}\n"


def _written(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[[str, Sequence[str]], str]] = {"json": _json, "servers": _servers, "toml": _toml}


def render_assistant(form: str, command: str, arguments: Sequence[str]) -> str:
    """Render the entry.

    Args:
        form: A key of `FORMATS`.
        command: The program, as an absolute path: assistants start it without a shell.
        arguments: Its arguments.

    Example:
        >>> print(render_assistant("toml", "/usr/bin/python3", ["-m", "meshkit", "mcp", "/data/mesh"]), end="")
        [mcp_servers.meshkit]
        command = "/usr/bin/python3"
        args = ["-m", "meshkit", "mcp", "/data/mesh"]
    """
    return FORMATS[form](command, arguments)
