"""Remote locations: credentials from the environment only, and real reads where DuckDB's httpfs is there."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meshkit.engines.remote import _secret
from meshkit.engines.sources import redacted

AWS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "it's", "AWS_DEFAULT_REGION": "eu-1"}


@pytest.mark.parametrize(
    ("scheme", "environment", "expected"),
    [
        ("s3", {}, ""),
        ("s3", AWS, "TYPE s3, KEY_ID 'key', SECRET 'it''s', REGION 'eu-1'"),
        ("s3", {"AWS_ENDPOINT_URL": "http://h:9/"}, "TYPE s3, ENDPOINT 'h:9', URL_STYLE 'path', USE_SSL false"),
        ("gs", {"GCS_ACCESS_KEY_ID": "k", "GCS_SECRET_ACCESS_KEY": "s"}, "TYPE gcs, KEY_ID 'k', SECRET 's'"),
        ("az", {"AZURE_STORAGE_CONNECTION_STRING": "c"}, "TYPE azure, CONNECTION_STRING 'c'"),
        ("https", AWS, ""),
    ],
)
def test_credentials_come_from_the_environment(scheme, environment, expected):
    assert _secret(scheme, environment) == expected


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("s3://key:secret@bucket/x.parquet", "s3://***@bucket/x.parquet"),
        ("https://h/x.csv?sig=secret", "https://h/x.csv?***"),
        ("data/what?.parquet", "data/what?.parquet"),
    ],
)
def test_a_location_is_shown_without_its_secrets(location, shown):
    assert redacted(location) == shown


class _Files(BaseHTTPRequestHandler):
    """Serves one file, with ranges."""

    content = b""

    def do_HEAD(self) -> None:  # the name that http.server calls
        self._answer(body=False)

    def do_GET(self) -> None:  # the name that http.server calls
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        first, last = 0, len(self.content) - 1
        wanted = self.headers.get("Range", "")
        if wanted:
            low, _, high = wanted.removeprefix("bytes=").partition("-")
            first, last = int(low or 0), min(int(high or last), last)
        part = self.content[first : last + 1]
        self.send_response(206 if wanted else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(self.content)}")
        self.end_headers()
        if body:
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def httpfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's httpfs, from the package that carries it for this DuckDB, if there is one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    try:
        extensions = __import__("duckdb_extensions")
        with duckdb.connect() as database:
            extensions.import_extension("httpfs", con=database)
            database.execute("LOAD httpfs")
    except (ImportError, RuntimeError, duckdb.Error):
        pytest.skip(
            f"httpfs for DuckDB {duckdb.__version__} is not installed here (duckdb-extensions, duckdb-extension-httpfs)"
        )


@pytest.mark.usefixtures("httpfs")
def test_a_remote_file_is_read(judged, tmp_path):
    pq.write_table(pa.table({"a": [1, 1, None]}), tmp_path / "x.parquet")
    _Files.content = (tmp_path / "x.parquet").read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        location = f"http://127.0.0.1:{server.server_port}/x.parquet"
        found = judged(location, [{"name": "a", "type": "integer", "constraints": ["unique", "not_null"]}])
    finally:
        server.shutdown()
        server.server_close()
    assert found["row_count"].message == "3 rows, must be >= 1"
    assert (found["a.unique"].bad, found["a.not_null"].bad, found["row_count"].value) == (1, 1, 3)
