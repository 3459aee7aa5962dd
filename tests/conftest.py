"""Starts a throwaway PostgreSQL and Valkey once per run, unless DATABASE_URL and REDIS_URL name servers.

Only the controller of a run starts and ends them; its xdist workers inherit the addresses (portal.settings.test) and
have databases and prefixes of their own.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis
from django.contrib.auth.signals import user_logged_in
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from portal.core import db_roles
from portal.embedded import places
from portal.embedded.errors import EmbeddedError
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.management.catalogs import compile_catalogs
from tests import proof

RUNNING: list[Postgres | Valkey] = []
# The same examples every time, so that a red run is about the change; `make soak` looks for new ones.
hypothesis_settings.register_profile("daily", derandomize=True, deadline=None)
if "SOAK_STEPS" not in os.environ:
    hypothesis_settings.load_profile("daily")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With -n, tests of one group (the journeys of a file) stay with one worker."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys last: the browser's driver keeps an event loop in this thread, in which Django refuses its database."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is not None)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.help or config.option.collectonly or config.option.version:
        return
    sweep_dead_runs()
    compile_catalogs(places.PROJECT / "locale")
    try:
        if address := os.environ.get("DATABASE_URL"):
            make_roles(address)
        else:
            start(Postgres(throwaway=True, synced=any("bench" in str(word) for word in config.args)))
        if not os.environ.get("REDIS_URL"):
            start(Valkey(throwaway=True))
    except EmbeddedError as error:
        stop()
        raise pytest.UsageError(str(error)) from None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stop()


def make_roles(address: str) -> None:
    """On a server that somebody else runs: its login may make roles and databases."""
    with psycopg.connect(address) as session:
        login = session.info.user
        for statement in db_roles.statements(
            version=session.info.server_version // 10_000,
            database=session.info.dbname,
            login=login,
            migrator=login,
            owns=True,
        ):
            session.execute(statement)


def start(server: Postgres | Valkey) -> None:
    RUNNING.append(server)
    server.start()


def stop() -> None:
    if not RUNNING:
        return
    while RUNNING:
        RUNNING.pop().stop()
    for folder in {places.socket_dir(), places.data_dir(), places.var_dir()}:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_dead_runs() -> None:
    """A run that was killed leaves its folder; its servers have died with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"portal-test-{os.getuid()}-*"):
        if (found := re.fullmatch(r".*-(\d+)", folder.name)) and not Path(f"/proc/{found[1]}").exists():
            with suppress(OSError):
                shutil.rmtree(folder)


MUST_RUN = {
    "traces": "PORTAL_REQUIRE_TRACES",
    "journey": "PORTAL_REQUIRE_BROWSER",
    "real": "PORTAL_REQUIRE_PROMETHEUS",
    "scanner": "PORTAL_REQUIRE_SCANNER",
}
"""Marker → variable under which a skipped test of that kind is a failure: CI brings what they need. The first
marker of a test decides, so that a test of real traces is due where there are traces.
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    variable = next((MUST_RUN[marker] for marker in MUST_RUN if item.get_closest_marker(marker)), "")
    if report.skipped and os.environ.get(variable) == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, though {variable}=1: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def nobody_elses_language():
    """A request leaves its language in the thread, where the next request sets its own; a test asks for nothing first."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def signed_in_means_proven():
    """Whoever a test signs in by force has just shown a second factor; tests.proof takes that away again."""
    plain = Client.force_login

    def show(request, user, **_facts) -> None:
        # an hour ahead: browsers that a whole module shares stay fresh for as long as it runs
        request.session.update(proof.records(user, "mfa", minutes_ago=-60))

    def force_login(self: Client, user, backend=None) -> None:
        user_logged_in.connect(show)
        try:
            plain(self, user, backend)
        finally:
            user_logged_in.disconnect(show)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", force_login)
        yield


@pytest.fixture
def empty_redis(settings):
    """This worker's own database of the Redis server, empty before and after."""
    with redis.from_url(settings.REDIS_ADDRESS["redis"]) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(scope="session", autouse=True)
def emptying_spares_no_table():
    """A test that commits has its tables emptied afterwards, the audit trail too, which refuses that to everybody."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_all(self: DatabaseOperations, sql_list: list[str]) -> None:
        switch = "ALTER TABLE portal_audit{} {} TRIGGER audit_never_emptied"
        tables = ("event", "entry", "head", "checkpoint")
        off, on = ([switch.format(table, way) for table in tables] for way in ("DISABLE", "ENABLE"))
        flush(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_all)
        yield
