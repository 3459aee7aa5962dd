"""A clamd that speaks the real protocol (INSTREAM) on a socket, knows one virus and can be told to fail."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

# In two halves, so that no scanner takes this file for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    def __init__(self, path: Path, largest: int = 25 * 2**20, answer: bytes | None = None) -> None:
        self.path, self.largest, self.answer = path, largest, answer
        self.scanned: list[int] = []
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> Self:
        self.listening.bind(str(self.path))
        self.listening.listen()
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.close()
        self.path.unlink(missing_ok=True)

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                with suppress(OSError), connection:
                    connection.sendall(self.serve(connection.makefile("rb")))

    def serve(self, heard) -> bytes:
        command = b""
        while not command.endswith(b"\0"):
            command += heard.read(1)
        if command != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        content = b""
        while length := struct.unpack("!I", heard.read(4))[0]:
            content += heard.read(length)
            if len(content) > self.largest:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.scanned.append(len(content))
        if self.answer is not None:
            return self.answer
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
