"""The command: a real process on stdio, its help, and what it says when it cannot start."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp import Client, StdioServerParameters
from meshkit_mcp.app import make_server
from meshkit_mcp.server import main

GOLDEN = Path(__file__).parent / "tools.json"


def offered(folder: Path) -> list[dict]:
    async def ask():
        async with Client(make_server(folder, 60, with_queries=True)) as client:
            return (await client.list_tools()).tools

    return [t.model_dump(by_alias=True, mode="json", exclude_none=True) for t in asyncio.run(ask())]


def test_the_tools_are_the_golden_ones(folder):
    """`MESHKIT_GOLDEN=write pytest tests/mcp` writes them anew: read the diff before you commit it."""
    text = json.dumps(offered(folder), indent=2) + "\n"
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        GOLDEN.write_text(text)
    assert GOLDEN.read_text() == text


def test_the_tools_cost_an_assistant_less_than_5_000_tokens():
    wire = json.dumps(json.loads(GOLDEN.read_text()), separators=(",", ":"))
    assert len(wire.encode()) / 4 < 5_000


def test_every_tool_but_one_only_reads_and_all_take_no_other_arguments(folder):
    for tool in offered(folder):
        assert tool["annotations"] == {
            "readOnlyHint": tool["name"] != "request_access",
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        }
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["outputSchema"]["additionalProperties"] is False
        assert tool["title"]
        assert len(tool["description"]) > 40


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("command", [["meshkit_mcp", "--mesh"], ["meshkit", "mcp"]])
def test_a_real_process_answers_on_stdio(folder, mode, command):
    (folder / "principals.yaml").write_text("principals:\n  - {id: ana, domains: [sales]}\n")
    given = ["-m", *command, str(folder), "--as", "ana"]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    server = StdioServerParameters(command=sys.executable, args=given, env=environment)

    async def ask():
        async with Client(server, mode=mode) as client:
            run = await client.call_tool("run_checks", {"product": "orders"})
            refused = await client.call_tool("run_checks", {"produkt": "orders"})
            prompts = [p.name for p in (await client.list_prompts()).prompts]
            contract = await client.read_resource("mesh://products/sales.orders/contract")
            assert (len(prompts), contract.contents[0].mime_type) == (5, "application/yaml")
            return run, refused

    run, refused = asyncio.run(ask())
    assert run.structured_content["counts"] == {"failed": 4, "passed": 5}
    assert refused.content[0].text == "unknown argument 'produkt': did you mean 'product'?"


def test_stdout_carries_the_protocol_alone_and_the_log_goes_to_stderr(folder):
    code = (
        "import logging, meshkit_mcp.app as app, meshkit_mcp.server as server\n"
        "true = app.make_server\n"
        "def warning(*given, **named):\n"
        "    logging.warning('a warning')\n"
        "    return true(*given, **named)\n"
        "app.make_server = warning\n"
        f"server.main(['--mesh', {str(folder)!r}])\n"
    )
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(json.dumps(hello) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        rest, log = process.communicate()
    assert answer["result"]["serverInfo"]["name"] == "meshkit"
    assert rest == ""
    assert "a warning" in log
    assert process.returncode == 0


def test_a_mesh_that_is_not_there_is_said_on_stderr(capsys, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["--mesh", str(tmp_path / "nowhere")])
    said = capsys.readouterr()
    assert (stopped.value.code, said.out) == (2, "")
    assert said.err == f"error: MK108 '{tmp_path}/nowhere' is not there; give a mesh folder or a contract's file\n"


def test_a_missing_sdk_is_said_with_the_command_that_installs_it(folder):
    code = (
        f"import sys; sys.modules['mcp'] = None; from meshkit_mcp.server import main; main(['--mesh', {str(folder)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: MK001 the server needs the MCP SDK, 2.3 or newer; run: pip install 'meshkit[mcp]'\n"


def test_help_teaches_the_tools_and_the_entry_for_an_assistant(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0
    for word in ("--mesh PATH", "search_data_products", "get_data_product", "run_checks", '"mcpServers"'):
        assert word in said


@pytest.mark.parametrize("text", ["0", "nan", "soon", "1e9"])
def test_a_timeout_that_cannot_be_meant_is_refused(capsys, folder, text):
    with pytest.raises(SystemExit) as stopped:
        main(["--mesh", str(folder), "--timeout", text])
    assert stopped.value.code == 2
    assert f"'{text}' is not a number between 0.001 and 86400" in capsys.readouterr().err
