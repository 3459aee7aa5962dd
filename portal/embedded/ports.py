"""Ports on the loopback address: is one free, and which ones do this checkout's demo sources keep?"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterable
from pathlib import Path

from portal.embedded import places
from portal.embedded.errors import EmbeddedError

# Below the range from which kernels take ports for outgoing connections.
FIRST, LAST = 20000, 32000


def refusal(host: str, port: int) -> OSError | None:
    """Why nobody could listen there now; None if one could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def kept_ports(names: Iterable[str]) -> dict[str, int]:
    """A free port for each name, the same as last time if possible; kept in ``VAR_DIR/demo/ports.json``.

    Call it while nobody listens on them yet. The first guess follows from the folder, so that checkouts side by side
    rarely try the same ones.
    """
    file = places.var_dir() / "demo" / "ports.json"
    before = known_ports()
    first = int(hashlib.sha256(os.fsencode(file)).hexdigest(), 16) % (LAST - FIRST - 1000)
    candidates = iter(range(FIRST + first, LAST))
    chosen: dict[str, int] = {}
    for name in names:
        port = before.get(name, 0)
        while not port or port in chosen.values() or refusal("127.0.0.1", port):
            port = next((each for each in candidates if each not in before.values()), 0)
            if not port:
                raise EmbeddedError("No free port is left on 127.0.0.1 for the demo's data sources.")
        chosen[name] = port
    places.make_dirs(file.parent)
    _write(file, json.dumps(chosen, indent=1))
    return chosen


def known_ports() -> dict[str, int]:
    """The ports of the last start by name; empty before the first."""
    try:
        kept = json.loads((places.var_dir() / "demo" / "ports.json").read_text())
        return {str(name): int(port) for name, port in kept.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(file: Path, text: str) -> None:
    half = file.with_suffix(".new")
    half.write_text(text)
    half.replace(file)
