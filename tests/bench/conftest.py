"""Benches: ``make bench``. Each measures something against a goal in the same run and prints the ratio.

Files are called bench_*.py and are collected only when asked for by name. A goal about CPU fails the run when missed;
latencies on a shared machine are printed, and fail only with PORTAL_BENCH_STRICT=1.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

STRICT = os.environ.get("PORTAL_BENCH_STRICT") == "1"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if not file_path.match("bench_*.py") or parent.session.isinitpath(file_path):  # named itself: pytest takes it
        return None
    asked = any("bench" in str(arg) for arg in parent.config.args)
    return pytest.Module.from_parent(parent, path=file_path) if asked else None


Score = Callable[..., None]


@pytest.fixture
def score() -> Iterator[Score]:
    """``score(what, value, goal, unit, sure=…)`` prints one line; at the end missed goals fail the test."""
    missed = []

    def line(what: str, value: float, goal: float, unit: str, *, sure: bool = True) -> None:
        """A value that must not be above its goal; ``sure`` when it does not depend on what else the machine does."""
        ratio = value / goal if goal else 0.0
        print(f"  {'ok  ' if ratio <= 1 else 'MISS'} {what}: {value:.4g} {unit}, goal {goal:.4g} ({ratio:.2f} of it)")
        if ratio > 1 and (sure or STRICT):
            missed.append(what)

    print()
    yield line
    assert missed == []


def note(what: str, text: str) -> None:
    print(f"       {what}: {text}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*words: str, **env: str) -> Iterator[psutil.Process]:
    """A programme of ours beside the bench; it ends with it."""
    process = subprocess.Popen([sys.executable, *words], env={**os.environ, **env})
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_port(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers on port {port}")


def cpu_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)
