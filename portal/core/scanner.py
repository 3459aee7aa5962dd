"""Asks a virus scanner: clamd, over its own socket, with the command INSTREAM (clamd(8)).

The content goes in pieces, each with its length before it, four bytes in network order; a length of zero ends it. The
answer is ``stream: OK``, ``stream: NAME FOUND`` or an error.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from django.conf import settings

SECONDS = 60.0
PIECE = 2**16
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """It did not answer, or with something that is no verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``finding`` is the name of what was found; "" if the file is clean."""

    finding: str = ""


def is_configured() -> bool:
    return bool(settings.CLAMD)


def scan(content: bytes) -> Verdict:
    """What the scanner says of ``content``. Never inside a transaction. Raises ScannerAway."""
    try:
        with _connect() as connection:
            connection.settimeout(SECONDS)
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
            return _verdict(_answer(connection))
    except OSError as error:
        raise ScannerAway(str(error)) from None


def _connect() -> socket.socket:
    """``settings.CLAMD`` is the path of a socket, or host:port."""
    if settings.CLAMD.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        try:
            connection.connect(settings.CLAMD)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = settings.CLAMD.rpartition(":")
    return socket.create_connection((host, int(port)), SECONDS)


def _answer(connection: socket.socket) -> str:
    heard = b""
    while not heard.endswith(b"\0") and len(heard) < LONGEST_ANSWER and (piece := connection.recv(LONGEST_ANSWER)):
        heard += piece
    return heard.rstrip(b"\0\n").decode(errors="replace")


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Verdict()
    if said.endswith(" FOUND"):
        return Verdict(said.removesuffix(" FOUND")[:200])
    raise ScannerAway(answer[:200] or "no answer")
