"""Files of long works: what a step writes while it runs, and the one file that comes of it.

Each operation has a folder below ``settings.UPLOAD_DIR``, outside of whatever a web server serves. Nothing in it has a
name that anybody chose.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from portal.models import Operation

RESULT = "result"
PIECE = 2**20


def folder(operation: Operation) -> Path:
    path = Path(settings.UPLOAD_DIR) / "operations" / operation.public_id.hex
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write(operation: Operation, name: str, content: bytes) -> Path:
    """Write a file of the work, whole or not at all: a step that is done again writes the same name again."""
    path = folder(operation) / name
    beside = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return path


def result(operation: Operation) -> Path:
    return folder(operation) / RESULT


def measured(path: Path) -> tuple[int, str]:
    """Size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def tidy(operation: Operation) -> None:
    """Away with everything but the result."""
    for path in folder(operation).iterdir():
        if path.name != RESULT:
            path.unlink(missing_ok=True)


def forget(operation: Operation) -> None:
    shutil.rmtree(folder(operation), ignore_errors=True)
