"""What may keep the portal from starting on this machine, each said in one sentence before anything is started."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from portal.embedded import places, ports
from portal.embedded.errors import EmbeddedError

DISK_BYTES = 200 * 1024**2


def check_port(host: str, port: int) -> None:
    if error := ports.refusal(host, port):
        if error.errno == errno.EADDRINUSE:
            raise EmbeddedError(f"Port {port} is taken by another programme: choose another, as in PORT=8123 make run.")
        raise EmbeddedError(f"Nobody may listen on {host} port {port} here: {error.strerror}.")


def check_disk() -> None:
    folder = next(place for place in (places.data_dir(), *places.data_dir().parents) if place.exists())
    if shutil.disk_usage(folder).free < DISK_BYTES:
        raise EmbeddedError(
            f"The disk of {folder} is full: the portal needs {DISK_BYTES // 1024**2} MB there to start, "
            "or another folder in VAR_DIR."
        )


def check_configured_servers() -> None:
    """The servers of DATABASE_URL and REDIS_URL answer; the embedded ones are our own business."""
    if settings.DATABASE_URL:
        try:
            psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
        except psycopg.Error as error:
            raise EmbeddedError(f"The server of DATABASE_URL does not answer: {_first_line(error)}") from None
    if settings.REDIS_URL:
        try:
            with redis.from_url(settings.REDIS_ADDRESS["redis"], socket_connect_timeout=5) as client:
                client.ping()
        except redis.RedisError as error:
            raise EmbeddedError(f"The server of REDIS_URL does not answer: {_first_line(error)}") from None


def explain(error: OSError) -> str:
    """One sentence for what the operating system refused."""
    where = f" ({Path(error.filename)})" if isinstance(error.filename, str) else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{where}: make room, or name another folder in VAR_DIR."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"Nothing may be written here{where}: name another folder in VAR_DIR."
    return f"The operating system refused{where}: {error.strerror}."


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
