"""The product itself, started the way its users start it, for tests that need it whole."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent
OURS = ("DJANGO_SETTINGS_MODULE", "TEST_VAR_DIR", "REDIS_PREFIX", "REDIS_DATABASE", "DATABASE_URL", "REDIS_URL")


class Product:
    """``manage.py run`` with data of its own under ``var``; what it says is in ``output``.

    It uses embedded servers unless ``env`` names others.
    """

    def __init__(self, var: Path, **env: str) -> None:
        self.var = var
        self.output = var / "output.txt"
        self.env = {name: value for name, value in os.environ.items() if name not in OURS and "PYTEST" not in name}
        self.env |= {"VAR_DIR": str(var), "PORT": str(free_port()), "HOST": "127.0.0.1"} | env
        self.address = f"http://localhost:{self.env['PORT']}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str] = (sys.executable, "manage.py", "run")) -> Product:
        self.var.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, env=self.env, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self

    def wait_for(self, text: str, seconds: float = 120) -> Product:
        """Until it has said ``text``; the whole output is in the error if it never does."""
        deadline = time.monotonic() + seconds
        while text not in self.said():
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"the product ended before it said {text!r}:\n{self.said()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the product did not say {text!r} within {seconds} s:\n{self.said()}")
            time.sleep(0.1)
        return self

    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def family(self) -> list[psutil.Process]:
        """Every process that lives because of it, itself included."""
        assert self.process
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def stop(self, chosen: signal.Signals = signal.SIGTERM, seconds: float = 40) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(chosen)
        return self.process.wait(seconds)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A fresh folder that root's PostgreSQL may walk into; pytest's own are closed whenever another session begins."""
    folder = Path(tempfile.mkdtemp(prefix="portal-var-", dir=Path(tempfile.gettempdir()).resolve()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
