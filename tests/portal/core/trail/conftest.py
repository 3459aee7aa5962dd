from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from portal.core.audit import record
from tests.portal.core.ground import make_person, make_tenant

TABLES = ("portal_auditevent", "portal_auditentry", "portal_audithead", "portal_auditcheckpoint")


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """A key and a checkpoint file of this test alone."""
    settings.AUDIT_KEY_FILE = tmp_path / "audit" / "key.pem"
    settings.AUDIT_CHECKPOINT_FILE = tmp_path / "audit" / "checkpoints.jsonl"


@contextmanager
def as_owner() -> Iterator:
    """The database's owner, with every trigger of the trail switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def chained() -> None:
    """Let the deferred trigger do now what it does at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT set_config('portal.audit_streams', '', true)")


def write(tenant, count: int, act: str = "tenant.changed", **facts) -> None:
    for number in range(count):
        with transaction.atomic():
            record(act, acting_user=facts.get("actor"), target=tenant, tenant=tenant, after={"n": number})
    chained()


@pytest.fixture
def tenants(db):
    """Two tenants with ten and five entries, and three of the site."""
    one, two = make_tenant(), make_tenant()
    write(one, 10, actor=make_person())
    write(two, 5)
    for _ in range(3):
        record("authority.registered", acting_user=None, target=one.authority)
    chained()
    return one, two
