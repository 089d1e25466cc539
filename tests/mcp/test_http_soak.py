"""A short soak as a process: many callers at once, and memory that stays flat. benchmarks/soak.py does the long one."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_many_calls_at_once_go_well_and_leave_no_memory_behind():
    words = [sys.executable, "benchmarks/soak.py", "--calls", "600", "--growth", "1.25"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "600 calls by 8 clients of 4 callers: 0 wrong" in ended.stdout
