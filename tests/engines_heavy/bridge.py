"""ClickHouse's HTTP interface over chdb: the real engine and the real client, with a small server between them."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*$", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_NOT_SETTINGS = (
    "query",
    "database",
    "query_id",
    "default_format",
    "session_id",
    "client_protocol_version",
    "role",
    "user",
    "password",
    "compress",
    "wait_end_of_query",
)


class Bridge(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1.

    Attributes:
        settings: Of each query that came, by its id.
        killed: The statements that stop others.
    """

    def __init__(self, session: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.session = session
        self.turn = threading.Lock()
        self.settings: dict[str, dict[str, str]] = {}
        self.killed: list[str] = []
        self.waiting = threading.Event()
        self.released = threading.Event()

    def answer(self, query: str, given: dict[str, str]) -> bytes:
        """Run a query as the server would."""
        if query.startswith("KILL QUERY"):
            self.killed.append(query)
            self.released.set()
            return b""
        own = {k: v for k, v in given.items() if k not in _NOT_SETTINGS}
        self.settings[given.get("query_id", "")] = own
        if "/* wait */" in query:
            self.waiting.set()
            assert self.released.wait(20)
            raise RuntimeError("Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)")
        found = _FORMAT.search(query)
        text = query[: found.start()] if found else query
        known = ", ".join(f"{k} = '{v}'" for k, v in own.items())
        with self.turn:
            text = f"{text}\nSETTINGS {known}" if known and "SETTINGS" not in text else text
            try:
                return bytes(
                    self.session.query(text, found[1] if found else given.get("default_format", "TabSeparated")).bytes()
                )
            except RuntimeError:
                self.session.query("SELECT 1")  # what failed midway would stand before the next answer
                raise


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bridge

    def do_POST(self) -> None:  # as the base class calls it
        """Answer one query."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get("X-ClickHouse-Key") == "wrong" or "d3Jvbmc" in self.headers.get("Authorization", ""):
            return self._say(
                403, b"Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)", "516"
            )
        try:
            return self._say(200, self.server.answer(given.get("query", "") + body, given))
        except RuntimeError as error:
            code = _CODE.search(str(error))
            return self._say(500, str(error).encode(), code[1] if code else "0")

    do_GET = do_POST  # noqa: N815  # as the base class calls it

    def _say(self, status: int, data: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-ClickHouse-Server-Display-Name", "bridge")
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""
