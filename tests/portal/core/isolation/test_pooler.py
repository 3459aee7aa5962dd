"""Behind a pooler that gives every transaction another's connection: a pool of one, fifty tenants beside each other."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections, transaction

from portal.core.isolation import for_tenant, scope
from portal.embedded import places, processes
from resources.models import Quota
from tenants.models import Project, Tenant
from tests.factories.tenants import make_authority, make_member, make_project, make_tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real]
TENANTS, ROUNDS = 50, 8
SETTINGS = """[databases]
{name} = host={host} port={port} dbname={name} user={user}{secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
"""


@pytest.fixture
def pooler(transactional_db, monkeypatch):
    """Django's connections of other threads go through PgBouncer in transaction mode, with one connection behind."""
    programme = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if programme is None:
        pytest.skip("NOT RUN: there is no programme pgbouncer on this machine (Debian package pgbouncer)")
    told = connection.settings_dict
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    account = places.postgres_account()
    folder = places.own_dir(Path(places.data_dir()) / f"pgbouncer-{port}", 0o700, account)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=told["HOST"], port=told["PORT"] or 5432, name=told["NAME"], user=told["USER"], listen=port,
            secret=f" password={told['PASSWORD']}" if told["PASSWORD"] else "", folder=folder,
        )
    )  # fmt: skip
    settings.chmod(0o644)
    running = subprocess.Popen(
        [programme, str(settings)], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        **processes.as_account(account),
    )  # fmt: skip
    try:
        wait_for(port, running)
        with monkeypatch.context() as patch:
            for name, value in {"HOST": "127.0.0.1", "PORT": str(port)}.items():
                patch.setitem(connections.settings["default"], name, value)
            yield port
    finally:
        connection.close()  # this thread's may have come through the pooler too
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert running.poll() is None, "pgbouncer has ended"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("pgbouncer does not listen")


def looked_at_by(tenant: Tenant, owner) -> set[int]:
    """Every tenant whose rows somebody meets who works for ``tenant`` for a while."""
    met: set[int] = set()
    dice = random.Random(tenant.pk)
    try:
        for _ in range(ROUNDS):
            doing = scope(owner) if dice.random() < 0.5 else for_tenant(tenant.pk)
            with doing:
                if dice.random() < 0.5:
                    with transaction.atomic():
                        met |= set(Project.objects.values_list("tenant_id", flat=True))
                        time.sleep(dice.random() / 500)
                        met |= set(Tenant.objects.values_list("pk", flat=True))
                else:
                    met |= set(Project.objects.values_list("tenant_id", flat=True))
                    list(Quota.objects.all())
    finally:
        connection.close()
    return met


def test_fifty_tenants_on_one_connection_meet_nobody_else(pooler):
    authority = make_authority()
    tenants = [make_tenant(authority=authority) for _ in range(TENANTS)]
    owners = [make_member(tenant, "owner") for tenant in tenants]
    for tenant in tenants:
        make_project(tenant)
    with ThreadPoolExecutor(TENANTS) as people:
        met = list(people.map(looked_at_by, tenants, owners))
    assert met == [{tenant.pk} for tenant in tenants]


def test_nothing_is_left_on_the_connection_for_the_next(pooler):
    tenant = make_tenant()
    make_project(tenant)
    with ThreadPoolExecutor(1) as somebody:
        somebody.submit(looked_at_by, tenant, make_member(tenant, "owner")).result()
    told = connections.settings["default"]
    with psycopg.connect(
        host="127.0.0.1", port=pooler, user=told["USER"], dbname=connection.settings_dict["NAME"], autocommit=True
    ) as next_one:
        left = next_one.execute(
            "SELECT current_user::text = session_user::text, coalesce(current_setting('app.tenant_ids', true), ''), "
            "coalesce(current_setting('app.user_id', true), '')"
        ).fetchone()
    assert left == (True, "", "")
