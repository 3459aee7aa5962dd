from __future__ import annotations

import fcntl
import os
from pathlib import Path

from portal.embedded import places
from portal.embedded.errors import EmbeddedError


class Lock:
    """One portal per data folder. The kernel lets go when the holder dies, so nothing has to be tidied up."""

    def __init__(self, path: Path) -> None:
        places.make_dirs(path.parent)
        # Children do not inherit it: files opened by Python close on exec.
        self.file = path.open("a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.seek(0)
            holder = self.file.read().strip()
            self.file.close()
            raise EmbeddedError(
                f"The portal of this checkout is already running (process {holder or 'unknown'}): "
                "end it first, or start another one with VAR_DIR=FOLDER."
            ) from None
        self.file.truncate(0)
        self.file.write(str(os.getpid()))
        self.file.flush()

    def release(self) -> None:
        self.file.close()
