"""A Valkey of our own, on one socket. PostgreSQL is the truth, so all that it keeps may be lost."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

from portal.embedded import binaries, places, processes
from portal.embedded.errors import EmbeddedError

DATABASES = 64


class Valkey:
    name = "valkey"

    def __init__(self, *, throwaway: bool = False) -> None:
        self.throwaway = throwaway
        self.programme = binaries.valkey_server()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = places.data_dir() / "valkey.log"

    def start(self, seconds: float = 20) -> None:
        for folder in (places.data_dir(), places.socket_dir()):
            if not folder.exists():
                places.own_dir(folder)
        self._end_leftover()
        places.valkey_socket().unlink(missing_ok=True)
        data = places.own_dir(places.data_dir() / "valkey")
        options = {
            "port": "0",
            "unixsocket": str(places.valkey_socket()),
            "unixsocketperm": "700",
            "dir": str(data),
            "daemonize": "no",
            "databases": str(DATABASES),
            "maxmemory-policy": "noeviction",
            "appendonly": "no",
            "save": "" if self.throwaway else "300 1",
        }
        command: list[str | Path] = [
            self.programme,
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ]
        self.process = processes.start(command, farewell=signal.SIGTERM, log=self.log, folder=data)
        self._wait(seconds)

    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        if self.process is not None:
            processes.end(self.process, (signal.SIGTERM, 10))
            self.process = None

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not _say(b"PING\r\n").startswith(b"+PONG"):
            if self.exit_status() is not None:
                raise EmbeddedError(f"Valkey did not start: {processes.tail(self.log) or 'it said nothing'}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Valkey did not answer within {seconds:.0f} s; its log is {self.log}.")
            time.sleep(0.01)

    def _end_leftover(self) -> None:
        """One that a killed parent left behind is bound to nobody: end it."""
        deadline = time.monotonic() + 10
        while _say(b"PING\r\n"):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"An older Valkey still answers on {places.valkey_socket()}: end it.")
            _say(b"SHUTDOWN NOSAVE\r\n")
            time.sleep(0.05)


def _say(line: bytes) -> bytes:
    """The first bytes of the server's answer; nothing if nobody answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(places.valkey_socket()))
            connection.sendall(line)
            return connection.recv(64)
        except OSError:
            return b""
