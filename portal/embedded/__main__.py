"""``python -m portal.embedded COMMAND …`` runs a command beside a throwaway PostgreSQL and Valkey, and ends them.

``--remove`` deletes the embedded servers' data of this checkout instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from portal.embedded import binaries, places
from portal.embedded.errors import EmbeddedError
from portal.embedded.lock import Lock
from portal.embedded.postgres import Postgres
from portal.embedded.supervisor import Kept
from portal.embedded.valkey import Valkey


def main(words: list[str]) -> int:
    if words == ["--remove"]:
        return remove()
    if not words:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return subprocess.call(words)
    with tempfile.TemporaryDirectory(prefix=f"portal-{os.getuid()}-") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL is somebody else, who walks through
        os.environ["VAR_DIR"] = folder
        servers: list[Kept] = []
        if not os.environ.get("DATABASE_URL"):
            servers.append(Postgres(throwaway=True))
        if not os.environ.get("REDIS_URL"):
            servers.append(Valkey(throwaway=True))
        try:
            for server in servers:
                server.start()
            return subprocess.call(words)
        finally:
            for server in reversed(servers):
                server.stop()
            shutil.rmtree(places.socket_dir(), ignore_errors=True)


def remove() -> int:
    if places.var_dir().exists():
        Lock(places.var_dir() / "run.lock").release()
    folders = {places.data_dir(), places.socket_dir()}
    with suppress(EmbeddedError):  # a machine without PostgreSQL has no copy of it
        folders.add(binaries.place_of_copy(binaries.postgres_bin()))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(str(error))
