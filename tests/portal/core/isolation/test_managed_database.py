"""A database that somebody else administers: two separate logins, neither of which may do anything by itself.

The roles come from the SQL that ``manage.py db_roles`` prints, run by an administrator who is no superuser. Under them
the portal migrates, acts through its services, seals, verifies and exports its record.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from portal.embedded import places, processes
from tests.product import OURS, PROJECT, free_port, open_folder

pytestmark = pytest.mark.real
ADMINISTRATOR = (
    "CREATE ROLE application LOGIN NOINHERIT",
    "CREATE ROLE migrator LOGIN NOINHERIT",
    "CREATE ROLE administrator LOGIN CREATEROLE CREATEDB",
    "CREATE DATABASE portal OWNER administrator",
)
SEALS = "from tenants.tasks import seal_audit; seal_audit()"
REFUSES = "from portal.core.isolation import check_login; check_login()"


class Managed:
    """An ordinary PostgreSQL, and the portal's commands under its two logins."""

    def __init__(self, folder: Path, programmes: Path) -> None:
        self.folder, self.programmes, self.port = folder, programmes, free_port()
        self.account = places.postgres_account()
        self.var = folder / "var"
        self.env = {name: value for name, value in os.environ.items() if name not in OURS and "PYTEST" not in name}
        self.env |= {
            "DATABASE_URL": self.url("application"), "MIGRATE_DATABASE_URL": self.url("migrator"),
            "REDIS_URL": os.environ.get("REDIS_URL") or places.valkey_url(), "REDIS_PREFIX": f"managed-{self.port}",
            "VAR_DIR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "portal.settings.local",
        }  # fmt: skip

    def url(self, login: str) -> str:
        return f"postgresql://{login}@127.0.0.1:{self.port}/portal"

    def start(self) -> subprocess.Popen[bytes]:
        self.var.mkdir()
        data = places.own_dir(self.folder / "server", 0o700, self.account)
        as_account = processes.as_account(self.account)
        making = [self.programmes / "initdb", "-D", data / "pg", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run([*making, "--locale=C.UTF-8"], check=True, cwd="/", stdout=subprocess.DEVNULL, **as_account)
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": data, "fsync": "off"}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.var / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [self.programmes / "postgres", "-D", data / "pg", *words], cwd="/", stdout=log, stderr=log, **as_account
            )
        for _ in range(200):
            try:
                with psycopg.connect(self.url("postgres").replace("/portal", "/postgres"), autocommit=True) as session:
                    for statement in ADMINISTRATOR:
                        session.execute(statement)
            except psycopg.OperationalError:
                assert server.poll() is None, (self.var / "server.log").read_text()
                time.sleep(0.1)
            else:
                return server
        raise AssertionError("the server does not answer")

    def manage(self, *words: str | Path, fails: bool = False, **env: str) -> str:
        """What a command said, both outputs together."""
        ended = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=PROJECT, env=self.env | env, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        said = ended.stdout + ended.stderr
        assert bool(ended.returncode) is fails, said
        return said


@pytest.fixture(scope="module")
def managed() -> Iterator[Managed]:
    """Migrated, with the demo world made through services, and sealed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda each: int(each.parts[-3]))
    if not found:
        pytest.skip("NOT RUN: there is no PostgreSQL of the distribution on this machine (Debian package postgresql)")
    with open_folder() as folder:
        server = Managed(folder, found[-1].parent)
        running = server.start()
        try:
            with psycopg.connect(server.url("administrator")) as session:
                session.execute(server.manage("db_roles").encode())
            server.manage("migrate", "-v0")
            server.manage("seed_demo")
            server.manage("shell", "-v0", "-c", SEALS)
            yield server
        finally:
            running.terminate()
            running.wait(30)


@pytest.mark.parametrize("table", ["tenants_tenant", "portal_auditevent", "portal_auditentry", "resources_quota"])
def test_neither_login_reads_anything_by_itself(managed, table):
    for login in ("application", "migrator"):
        with psycopg.connect(managed.url(login)) as session, pytest.raises(errors.InsufficientPrivilege):
            session.execute(f"SELECT FROM {table}")


def test_the_application_cannot_turn_into_the_owner(managed):
    with psycopg.connect(managed.url("application")) as session, pytest.raises(errors.InsufficientPrivilege):
        session.execute("SET ROLE portal_owner")


def test_the_portal_serves_with_such_a_login_and_refuses_the_administrators(managed):
    managed.manage("shell", "-v0", "-c", REFUSES)
    refused = managed.manage("shell", "-v0", "-c", REFUSES, fails=True, DATABASE_URL=managed.url("postgres"))
    assert "The database login postgres is a superuser" in refused


def test_the_record_is_verified_against_its_seal(managed):
    said = managed.manage("audit_verify")
    assert re.search(r"^[\d,]+ entries in \d+ streams", said), said
    assert "Checked against checkpoint 1" in said
    assert "Whole: every entry is as it was written, in its place, and none is missing.\n" in said


def test_an_export_is_whole_and_is_verified_without_the_database(managed, tmp_path):
    file, cursor = tmp_path / "record.jsonl", tmp_path / "cursor"
    said = managed.manage("audit_export", "--output", file, "--cursor", cursor)
    with psycopg.connect(managed.url("postgres")) as session:
        (entries,) = session.execute("SELECT count(*) FROM portal_auditentry").fetchone()
    assert said.startswith(f"{entries:,} events; ")
    assert len(file.read_text().splitlines()) == entries + 1
    offline = managed.manage(
        "audit_verify", "--export", file, "--checkpoint", managed.var / "audit" / "checkpoints.jsonl",
        "--key", managed.var / "audit" / "key.pub", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
    )  # fmt: skip
    assert f"{entries:,} entries" in offline
    assert "Whole" in offline


def test_a_tenants_export_carries_its_proof(managed, tmp_path):
    file = tmp_path / "tenant.jsonl"
    with psycopg.connect(managed.url("postgres")) as session:
        slug, entries = session.execute(
            "SELECT t.slug, h.seq FROM tenants_tenant t JOIN portal_audithead h ON h.stream = 'tenant:' || t.id"
            " ORDER BY h.seq DESC, t.id LIMIT 1"
        ).fetchone()
    managed.manage("audit_export", "--output", file, "--tenant", slug)
    assert len(file.read_text().splitlines()) == entries + 2
    key = managed.var / "audit" / "key.pub"
    assert "Whole" in managed.manage("audit_verify", "--export", file, "--key", key)


def test_what_a_superuser_changes_is_found_by_these_logins(managed):
    """And it is whole again when that is taken back, so that nothing but the change was found."""
    with psycopg.connect(managed.url("postgres"), autocommit=True) as session:
        session.execute("SET session_replication_role = replica")  # no trigger refuses anything
        event, stream, seq, before = session.execute(
            "SELECT e.id, n.stream, n.seq, e.reason FROM portal_auditevent e JOIN portal_auditentry n"
            " ON n.event_id = e.id WHERE e.act = 'request.approved' ORDER BY e.id LIMIT 1"
        ).fetchone()
        session.execute("UPDATE portal_auditevent SET reason = 'as agreed' WHERE id = %s", [event])
        said = managed.manage("audit_verify", fails=True)
        session.execute("UPDATE portal_auditevent SET reason = %s WHERE id = %s", [before, event])
    assert f"({stream}) the event of entry {seq} was changed" in said
    assert "Whole" in managed.manage("audit_verify")


def test_the_roles_may_be_made_again(managed):
    with psycopg.connect(managed.url("administrator")) as session:
        session.execute(managed.manage("db_roles").encode())
    assert "Whole" in managed.manage("audit_verify")
