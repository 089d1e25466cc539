"""Starting and stopping over HTTP: what is refused before anybody can ask, and how a process ends."""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.in_process import meshkit as command
from tests.mcp.http_server import AUDIENCE, ISSUER, Issuer, get, post, talk

from meshkit_mcp.binding import is_loopback, listen, security
from meshkit_mcp.http_options import add_http_options
from meshkit_mcp.server import main

JWT = ("--auth", "jwt", "--issuer", "https://login.example.com", "--jwks", "https://login.example.com/keys")
PUBLIC = "can be reached from other machines"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--host", "0.0.0.0"], PUBLIC),
        (["--host", "::"], PUBLIC),
        (["--host", ""], PUBLIC),
        (["--host", "192.0.2.1"], PUBLIC),
        (["--host", "::ffff:127.0.0.1"], PUBLIC),  # what it means differs between systems
        (["--host", "0"], PUBLIC),
        (["--host", "0.0.0.0", "--allowed-host", "mesh.example.com"], PUBLIC),
        (["--host", "0.0.0.0", *JWT], "say under which names"),
        (["--host", "0.0.0.0", "--allowed-host", "mesh.example.com", *JWT], "as clients know it; give --url"),
        (["--host", "no.such.name.invalid"], "no such name"),
        (["--allowed-host", "mesh.example.com"], "others come through a proxy"),
        (["--allowed-host", "http://mesh.example.com", *JWT], "is not a name as Host has it"),
        (["--allowed-host", "2001:db8::7", *JWT], "is not a name as Host has it"),
        (["--allowed-host", "*.example.com", *JWT], "is not a name as Host has it"),
        (["--allowed-origin", "app.example.com"], "is not an origin"),
        (["--allowed-origin", "https://app.example.com/page"], "is not an origin"),
        (["--allowed-origin", "*"], "is not an origin"),
        (["--url", "https://mesh.example.com/mcp"], "--url means that others come through a proxy"),
        (["--trusted-proxy", "127.0.0.1"], "--trusted-proxy means that others come through a proxy"),
        (["--auth", "tokens"], "needs --tokens"),
        (["--auth", "jwt", "--issuer", "https://x.example"], "needs --jwks"),
        (["--auth", "jwt", "--jwks", "https://x.example"], "needs --issuer"),
        (["--tokens", "t.json"], "means nothing without --auth tokens"),
        (["--issuer", "https://x.example"], "means nothing without --auth jwt"),
        (["--audience", "x"], "means nothing without --auth jwt"),
        (["--trust-claims"], "means nothing without --auth jwt"),
        ([*JWT, "--as", "ana"], "the token says who asks"),
        ([*JWT, "--claim", "role=x", "--trust-claims"], "is not WHAT=NAME"),
        ([*JWT, "--claim", "roles=groups"], "means nothing without --trust-claims"),
        (["--auth", "jwt", "--issuer", "login", "--jwks", "k.json"], "is no URL"),
        (["--auth", "jwt", "--issuer", "https://x.example", "--jwks", "gone.json"], "no such file"),
        (["--auth", "jwt", "--issuer", "https://x.example", "--jwks", "http://x.example/keys"], "come by https"),
        (["--auth", "tokens", "--tokens", "gone.json"], "no such file"),
        ([*JWT, "--trusted-proxy", "proxy"], "is no address"),
        (["--port", "70000"], "is not a port"),
        (["--rate", "0"], "is not a number between 1"),
        (["--as", "nobody.here"], "no principal is called"),
        (["--mesh", "gone"], "gone"),
    ],
)
def test_a_server_that_would_be_open_or_odd_does_not_start(capsys, words, why):
    with pytest.raises(SystemExit) as ended:
        main(["--mesh", "sample_data/retail", "--http", "--port", "0", *words])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert why in said
    assert "Traceback" not in said


@pytest.mark.parametrize("words", [["--port", "9000"], ["--auth", "tokens"], ["--allowed-host", "x"], ["--rate", "5"]])
def test_options_of_http_mean_something_only_with_it(capsys, words):
    with pytest.raises(SystemExit) as ended:
        main(["--mesh", "sample_data/retail", *words])
    assert ended.value.code == 2
    assert f"{words[0]} means nothing without --http" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_and_nothing_starts(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["--mesh", "sample_data/retail", "--http", "--port", str(taken.getsockname()[1])])
    assert ended.value.code == 2
    assert "address already in use" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--http", "--host", "0.0.0.0"], ["--http", "--auth", "tokens"]])
def test_the_command_of_meshkit_starts_the_same_server(words):
    ended = command("mcp", "sample_data/retail", *words)
    assert (ended.returncode, ended.stderr.startswith("error: ")) == (2, True)


def test_the_command_of_meshkit_wants_the_folder_first():
    ended = command("mcp", "--port", "9000", "sample_data/retail", "--http")
    assert (ended.returncode, "give the folder first" in ended.stderr) == (2, True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_the_process_in_order_though_a_client_is_there(number, code):
    words = [sys.executable, "-m", "meshkit_mcp", "--mesh", "sample_data/retail", "--http", "--port", "0"]
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=os.environ | {"MESHKIT_PRINCIPAL": ""}
    ) as process:
        url = re.search(r"http://127.0.0.1:\d+", process.stderr.readline())[0]
        tools = talk(url, lambda client: client.list_tools())
        assert len(tools.tools) > 3
        session = post(url).headers["mcp-session-id"]
        wire = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20)
        wire.sendall(
            f"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: {session}\r\n\r\n".encode()
        )
        assert b"200 OK" in wire.recv(1000)  # a stream that would stay open for ever
        assert get(url, "/health").json() == {"status": "ok"}
        process.send_signal(number)
        assert process.wait(20) == code
        wire.close()
        assert "Traceback" not in process.stderr.read()


SLOW = """
name: slow
version: 1.0.0
domain: sales
owner: {team: sales, contact: sales@example.com}
description: Slow.
classification: public
schema:
  location: slow.parquet
  fields: [{name: a, type: integer}]
sla:
  quality_checks:
    - {name: heavy, query: "SELECT COUNT(*) FROM slow a, slow b, slow c WHERE (a.a * b.a + c.a) % 7 = 3"}
"""


@pytest.mark.slow
def test_ctrl_c_ends_a_run_under_way_within_seconds_and_without_a_traceback(tmp_path):
    pq.write_table(pa.table({"a": list(range(20_000))}), tmp_path / "slow.parquet")  # 8e12 rows to join: hours
    (tmp_path / "slow.yaml").write_text(SLOW)
    connected = Event()

    async def ask(client):
        await client.list_tools()
        connected.set()
        return await client.call_tool("run_checks", {"product": "slow"})

    words = [sys.executable, "-m", "meshkit_mcp", "--mesh", str(tmp_path), "--http", "--port", "0", "--as", "ana"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process, ThreadPoolExecutor(1) as pool:
        url = re.search(r"http://127.0.0.1:\d+", process.stderr.readline())[0]
        asked = pool.submit(talk, url, ask)
        assert connected.wait(20)
        while "requests_in_flight 1\n" in get(url, "/metrics").text:  # that of /metrics alone
            assert not asked.done()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert asked.exception(20) is not None
        assert "Traceback" not in process.stderr.read()


def test_a_process_takes_the_tokens_of_an_issuer_by_its_options(tmp_path):
    issuer = Issuer()
    (tmp_path / "keys.json").write_bytes(issuer.keys())
    words = ["--http", "--port", "0", "--auth", "jwt", "--issuer", ISSUER, "--audience", AUDIENCE]
    words += ["--jwks", str(tmp_path / "keys.json"), "--trust-claims", "--claim", "roles=groups"]

    async def ask(client):
        return await client.call_tool("check_access", {"product": "sales.revenue_metrics", "purpose": "reporting"})

    command = [sys.executable, "-m", "meshkit_mcp", "--mesh", "sample_data/retail", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        url = re.search(r"http://127.0.0.1:\d+", process.stderr.readline())[0]
        try:
            claims = {"sub": "new@example.com", "domains": [], "purposes": ["reporting"]}
            analyst = talk(url, ask, issuer.token(groups=["analyst"], **claims))
            nobody = talk(url, ask, issuer.token(groups=["gardener"], **claims))
            refused = post(url, token=issuer.token(aud="https://elsewhere.example.com"))
        finally:
            process.terminate()
            process.communicate()
    assert (analyst.structured_content["allowed"], nobody.structured_content["allowed"]) == (True, False)
    assert refused.status_code == 401


def test_only_loopback_addresses_are_loopback():
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "", "10.0.0.1", "169.254.1.1", "0")))


def test_a_socket_of_the_newer_address_family_is_not_one_of_the_older_too():
    with listen("::1", 0) as found:
        assert found.family == socket.AF_INET6
        assert found.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


def test_this_machine_is_always_allowed_and_others_only_by_name():
    found = security(["mesh.example.com", "other.example.com:8443"], ["https://app.example.com"])
    assert {"127.0.0.1:*", "[::1]:*", "mesh.example.com", "mesh.example.com:*", "other.example.com:8443"} <= set(
        found.allowed_hosts
    )
    assert "other.example.com:8443:*" not in found.allowed_hosts
    assert "https://app.example.com" in found.allowed_origins


def test_allowed_names_count_in_any_letters_as_browsers_send_them():
    parser = argparse.ArgumentParser()
    add_http_options(parser)
    words = [
        "--allowed-host",
        "Mesh.Example.com:8443",
        "--allowed-host",
        "[2001:DB8::7]",
        "--allowed-origin",
        "https://App.example.com/",
    ]
    found = parser.parse_args(words)
    assert found.allowed_host == ["mesh.example.com:8443", "[2001:db8::7]"]
    assert found.allowed_origin == ["https://app.example.com"]
