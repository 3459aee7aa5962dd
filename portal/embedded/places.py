"""Where the embedded servers keep their data and their sockets.

Everything follows from one folder, so that `manage.py shell` finds what `make run` has started: ``VAR_DIR``, or
``var`` in the checkout. Two checkouts never meet, since nothing listens on a port.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from pathlib import Path

from portal.embedded.errors import EmbeddedError

PROJECT = Path(__file__).resolve().parent.parent.parent
SOCKET_PATH_BYTES = 100
"""sockaddr_un holds 107 bytes on Linux and 103 elsewhere; PostgreSQL adds a lock file beside the socket."""


def var_dir() -> Path:
    chosen = os.environ.get("VAR_DIR", "").strip()
    return Path(chosen).expanduser().resolve() if chosen else PROJECT / "var"


def postgres_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root, which it refuses to be; None otherwise."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EmbeddedError(
                f"User id {os.geteuid()} has no entry in /etc/passwd and PostgreSQL needs one: "
                "add one, or set DATABASE_URL to a server of yours."
            ) from None
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError("PostgreSQL refuses to run as root and there is no user postgres or nobody: add one.")


def passable() -> int:
    """The mode of our folders on the way to PostgreSQL's: its account walks through them, and nobody looks in."""
    return 0o711 if os.geteuid() == 0 else 0o700


def make_dirs(path: Path) -> None:
    """Make ``path`` and what is missing above it, each passable whatever the umask is."""
    for each in reversed([place for place in (path, *path.parents) if not place.exists()]):
        each.mkdir(exist_ok=True)
        each.chmod(passable())


def enterable(folder: Path, account: pwd.struct_passwd) -> bool:
    """May ``account`` walk down to ``folder``? Not when it lies under a home of mode 0700."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    for place in (existing, *existing.parents):
        status = place.stat()
        if status.st_uid == account.pw_uid:
            allowed = status.st_mode & 0o100
        elif status.st_gid == account.pw_gid:
            allowed = status.st_mode & 0o010
        else:
            allowed = status.st_mode & 0o001
        if not allowed:
            return False
    return True


def data_dir() -> Path:
    """Folder of both servers' data; outside the checkout only if root's PostgreSQL could not come as far.

    The answer must be the same before and after ``VAR_DIR`` has been made: settings ask first.
    """
    var = var_dir()
    if os.geteuid() == 0 and (account := postgres_account()) and not enterable(var.parent, account):
        return Path("/var/lib") / f"portal-embedded-{_tag(var)}"
    return var / "embedded"


def socket_dir() -> Path:
    """Folder of the sockets: beside the data, or a short one if the path would not fit into a socket address."""
    data = data_dir()
    if len(os.fsencode(data / "postgres" / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES:
        return data
    return Path(os.path.realpath(tempfile.gettempdir())) / f"portal-{os.getuid()}-{_tag(data)}"


def postgres_socket_dir() -> Path:
    return socket_dir() / "postgres"


def valkey_socket() -> Path:
    return socket_dir() / "valkey.sock"


def postgres_url(login: str = "portal") -> str:
    return f"postgresql://{login}@/portal?host={postgres_socket_dir()}"


def valkey_url() -> str:
    return f"unix://{valkey_socket()}"


def own_dir(path: Path, mode: int = 0o700, owner: pwd.struct_passwd | None = None) -> Path:
    """Make ``path`` with exactly this mode and owner, whatever the umask is; refuse a folder somebody else has made."""
    make_dirs(path)
    status = path.lstat()
    if path.is_symlink() or not path.is_dir() or (status.st_uid != os.geteuid() and os.geteuid() != 0):
        raise EmbeddedError(f"{path} exists and belongs to somebody else: remove it, or set VAR_DIR.")
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(mode)
    return path


def _tag(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
