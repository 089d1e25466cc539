"""`python -m meshkit_apps`: the verdicts of a mesh in a browser."""

from __future__ import annotations

import argparse
import importlib.util
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the app as `marimo run` does, until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m meshkit_apps", description="Show the verdicts of a mesh.")
    parser.add_argument("--mesh", default="sample_data/flights", metavar="PATH", help="a mesh folder, or one contract")
    parser.add_argument("--now", metavar="TIME", help="the clock of the run, such as 2026-11-22T06:00:00Z")
    parser.add_argument("--port", type=int, help="where to listen on this machine")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("marimo") is None:
        sys.stderr.write("error: the apps need marimo; run: pip install 'meshkit[apps]'\n")
        sys.exit(2)
    sys.argv = ["marimo", "run", str(Path(__file__).with_name("verdicts.py"))]
    sys.argv += ["--headless"] if options.headless else []
    sys.argv += ["--port", str(options.port)] if options.port else []
    sys.argv += ["--", "--mesh", options.mesh, *(["--now", options.now] if options.now else [])]
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
