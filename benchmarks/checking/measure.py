"""Time and peak memory of whole processes, taken in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_SECONDS = 900


class ProcessError(Exception):
    """A measured process ended in a way that it should not have."""


@dataclass(frozen=True)
class Command:
    """One contender: what to start, where, and which of its exit codes count as an answer."""

    arguments: tuple[str, ...]
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    exit_codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Sample:
    """One run of one process."""

    seconds: float
    peak_mib: float
    output: str


@dataclass(frozen=True)
class Figure:
    """The medians of several samples."""

    seconds: float
    peak_mib: float
    runs: int


def run(command: Command) -> Sample:
    """Run one process to its end and tell its wall time, its peak memory and what it printed.

    NOTE: on Linux a child starts with the high-water mark of the process that started it. So the benchmark
    itself stays small: it imports no engine, and data is made in processes of their own.

    Raises:
        ProcessError: The process ended with an exit code that is no answer.
    """
    # Without byte code each start would compile the sources anew, which no installed program does.
    environment = {**os.environ, **command.environment, "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command.arguments, cwd=command.folder, env=environment, stdout=out, stderr=err)
        alarm = threading.Timer(LIMIT_SECONDS, process.kill)
        alarm.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            alarm.cancel()
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)  # else Popen would wait for it once more
        out.seek(0)
        err.seek(0)
        output, complaint = out.read().decode(), err.read().decode(errors="replace")
    if process.returncode not in command.exit_codes:
        tail = (complaint or output).strip()[-600:]
        raise ProcessError(f"{' '.join(command.arguments)[:300]} ended with {process.returncode}: {tail}")
    return Sample(seconds, usage.ru_maxrss / 1024, output)


def alternate(
    commands: Mapping[str, Command], runs: int, before: Callable[[str], None] = lambda name: None
) -> dict[str, Figure]:
    """Run all commands in turn, `runs` times (A B A B ...), and return the medians of each.

    `before` is called with the command's name ahead of each run; its time is not counted.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            before(name)
            samples[name].append(run(command))
    return {
        name: Figure(
            statistics.median(s.seconds for s in taken), statistics.median(s.peak_mib for s in taken), len(taken)
        )
        for name, taken in samples.items()
    }
