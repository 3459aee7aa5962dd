"""A PostgreSQL of our own: one socket, no port, data that stays, or a throwaway for one test run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from portal.core import db_roles
from portal.embedded import binaries, places, processes
from portal.embedded.errors import EmbeddedError

# Needs neither a locale of the system nor ICU; there is no language collation, so lists for people sort in Python.
LOCALE_FROM_17 = ("--locale-provider=builtin", "--locale=C.UTF-8")
LOCALE_BEFORE = ("--locale=C.UTF-8",)
FIRST_BUILTIN_LOCALE = 17

OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "cluster_name": "portal-embedded",
    "jit": "off",
    # Containers often have a tiny /dev/shm or none.
    "dynamic_shared_memory_type": "mmap",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
}


SYNCED = {"fsync": "on", "full_page_writes": "on"}
"""A throwaway one all the same, for measuring: what asks for a durable commit waits for the disk."""

LOGIN, MIGRATOR, DATABASE = "portal", "portal_migrator", "portal"


class Postgres:
    """Started with ``start``; what was left running by a killed parent is ended first, since it is bound to nobody."""

    name = "postgres"

    def __init__(self, *, throwaway: bool = False, synced: bool = False) -> None:
        self.throwaway, self.synced = throwaway, synced
        self.account = places.postgres_account()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = places.data_dir() / "postgres.log"
        self.programmes = binaries.postgres_bin()
        self.major = 0
        self.data = places.data_dir()

    def start(self, seconds: float = 60) -> None:
        self._prepare()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._end_leftover()
        self.process = processes.start(
            [self.programmes / "postgres", "-D", self.data, *self._options()],
            farewell=signal.SIGINT,  # the fast shutdown: it does not wait for clients
            log=self.log,
            folder=Path("/"),
            env=self._environment(),
            account=self.account,
        )
        self._wait(seconds)
        self._ensure_database()

    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        if self.process is not None:
            processes.end(self.process, (signal.SIGINT, 20), (signal.SIGQUIT, 5))
            self.process = None

    def _prepare(self) -> None:
        # The folders above PostgreSQL's own are ours; its account only has to walk through them.
        mode = places.passable()
        places.own_dir(places.var_dir(), mode)
        places.own_dir(places.data_dir(), mode)
        if not places.data_dir().is_relative_to(places.var_dir()):
            (places.data_dir() / "belongs_to.txt").write_text(f"{places.var_dir()}\n")
        places.own_dir(places.socket_dir(), mode)
        places.own_dir(places.postgres_socket_dir(), 0o700, self.account)
        if self.account:
            self.programmes = binaries.runnable_by(self.programmes, self.account)
        said = self._run(self.programmes / "postgres", "--version")
        self.major = int(said.stdout.split()[2].split(".")[0])
        self.data = places.data_dir() / f"postgres-{self.major}"

    def _initdb(self) -> None:
        """Make the data folder, complete or not at all."""
        building = self.data.with_name(f"{self.data.name}.new")
        for half_made in (self.data, building):
            shutil.rmtree(half_made, ignore_errors=True)
        places.own_dir(building, 0o700, self.account)
        locale = LOCALE_FROM_17 if self.major >= FIRST_BUILTIN_LOCALE else LOCALE_BEFORE
        ended = self._run(
            self.programmes / "initdb", "-D", building, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--no-instructions", *locale, *(["--no-sync", "--wal-segsize=4"] if self.throwaway else []),
        )  # fmt: skip
        if ended.returncode:
            raise EmbeddedError(_sentence(f"PostgreSQL could not make its data folder {self.data}", ended.stderr))
        building.rename(self.data)

    def _options(self) -> list[str]:
        options = OPTIONS | (THROWAWAY if self.throwaway else {}) | (SYNCED if self.synced else {})
        options["unix_socket_directories"] = str(places.postgres_socket_dir())
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _end_leftover(self) -> None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        deadline = time.monotonic() + 20
        if processes.is_running(pid, "postgres"):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGINT)
        while processes.is_running(pid, "postgres"):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"An older PostgreSQL (process {pid}) still uses {self.data}: end it.")
            time.sleep(0.05)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                if self.exit_status() is not None:
                    raise EmbeddedError(_sentence("PostgreSQL did not start", processes.tail(self.log))) from None
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"PostgreSQL did not answer within {seconds:.0f} s: {error}") from None
                time.sleep(0.02)
            else:
                return

    def _ensure_database(self) -> None:
        """The portal's login is no superuser and owns nothing, as in production; another one migrates."""
        with self._connect() as connection:
            connection.autocommit = True
            for login in (LOGIN, MIGRATOR):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone():
                    connection.execute(f"CREATE ROLE {login} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
            connection.execute(f"ALTER DATABASE {DATABASE} OWNER TO postgres")
        with self._connect(DATABASE) as connection:
            for statement in db_roles.statements(version=self.major, database=DATABASE, login=LOGIN, migrator=MIGRATOR):
                connection.execute(statement)

    def _connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(places.postgres_socket_dir()), port=5432, user="postgres", dbname=database, connect_timeout=5
        )

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd="/", env=self._environment(), capture_output=True, text=True, check=False,
            **processes.as_account(self.account),
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        return kept | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _sentence(what: str, output: str) -> str:
    if "No space left on device" in output:
        return f"{what}: the disk is full."
    return f"{what}: {output.strip() or 'it said nothing'}"
