"""The cache of data sets: each is made once, whole or not at all, and reused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAKER = Path(__file__).with_name("make_data.py")
VERSION = 1  # raise it when what is made changes


@dataclass(frozen=True)
class Cache:
    """A folder of data sets and environments."""

    root: Path

    def folder(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the folder of a data set; `make` fills it if it is not there yet."""
        final = self.root / f"v{VERSION}" / name
        if final.is_dir():
            return final
        print(f"making {name} ...", file=sys.stderr, flush=True)
        staged = final.with_name(f"{name}.part-{os.getpid()}")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            make(staged)
            staged.replace(final)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        return final

    def rows(self, name: str, rows: int) -> Path:
        """Return the folder of one of the made-up tables."""
        make = [sys.executable, str(MAKER), name]
        return self.folder(f"{name}-{rows}", lambda folder: run_quietly([*make, str(folder), str(rows)]))

    def environment(self, name: str, packages: list[str]) -> Path:
        """Return a virtual environment with these packages, in their newest versions that go together."""

        def make(folder: Path) -> None:
            run_quietly([sys.executable, "-m", "venv", str(folder)])
            run_quietly([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages])

        return self.folder(f"env-{name}", make)

    def work(self, name: str) -> Path:
        """Return an empty folder for contracts and statements, which are written anew each time."""
        folder = self.root / "work" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def run_quietly(command: list[str]) -> None:
    """Run a command that makes something; what it says is shown only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()[-800:]}")


def write(file: Path, text: str) -> Path:
    """Write a text and return its file."""
    file.write_text(text)
    return file


def write_json(file: Path, value: object) -> None:
    """Write a value as JSON, whole or not at all."""
    staged = file.with_name(f".{file.name}.{os.getpid()}")
    staged.write_text(json.dumps(value, indent=1) + "\n")
    staged.replace(file)
