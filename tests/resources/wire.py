"""A server that behaves as badly as told, byte by byte."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Self

LOOPBACK = ("127.0.0.0/8",)


class Wire:
    """``behave`` gets each connection and the head of its request. What was asked is kept in ``asked``."""

    def __init__(self, behave: Callable[[socket.socket, str], None]) -> None:
        self.behave = behave
        self.asked: list[str] = []
        self.ending = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.listening.close()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            head, _, body = head.partition(b"\r\n\r\n")
            sent = re.search(rb"(?i)content-length: (\d+)", head)
            while sent and len(body) < int(sent[1]):
                body += connection.recv(65536)
            self.asked.append(head.decode())
            self.behave(connection, head.decode())


def answers(body: bytes | str, status: str = "200 OK", *headers: str) -> Callable[[socket.socket, str], None]:
    sent = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(sent)}", "Connection: close", *headers]
    return lambda connection, _: connection.sendall("\r\n".join([*lines, "", ""]).encode() + sent)


def zipped(body: bytes) -> Callable[[socket.socket, str], None]:
    return answers(gzip.compress(body), "200 OK", "Content-Encoding: gzip")


def silent(connection: socket.socket, _: str) -> None:
    time.sleep(20)


def hangs_up(connection: socket.socket, _: str) -> None:
    connection.close()


def trickles_headers(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _each in range(400):
        connection.sendall(b"a")
        time.sleep(0.05)


def trickles_body(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _each in range(400):
        connection.sendall(b"1\r\n#\r\n")
        time.sleep(0.05)


def endless(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"# nothing\n" * 6000)


def half(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf")


def nonsense(connection: socket.socket, _: str) -> None:
    connection.sendall(b"\x00\x01SSH-2.0-whatever\r\n\r\n")


def redirects_to(url: str) -> Callable[[socket.socket, str], None]:
    return answers(b"", "302 Found", f"Location: {url}")


def deflated(body: bytes) -> Callable[[socket.socket, str], None]:
    return answers(zlib.compress(body), "200 OK", "Content-Encoding: deflate")


def nested(body: bytes) -> Callable[[socket.socket, str], None]:
    return answers(gzip.compress(gzip.compress(body)), "200 OK", "Content-Encoding: gzip, gzip")


def huge_headers(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * 2_000_000 + b"\r\n\r\n")


def endless_headers(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: and more\r\n" * 1000)
