from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import InternalError, ProgrammingError, connection, connections, transaction

from portal.core import audit
from portal.core.audit import record
from portal.models import AuditEvent
from tenants.models import Trail
from tests.portal.core.ground import make_member, make_person, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant():
    return make_tenant()


@pytest.fixture
def event(tenant):
    return record("tenant.changed", acting_user=make_person(), target=tenant, tenant=tenant, authority=tenant.authority)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portal_auditevent SET reason = 'nicer'",
        "UPDATE portal_auditevent SET act = act",
        "DELETE FROM portal_auditevent",
        "TRUNCATE portal_auditevent",
        "TRUNCATE portal_auditevent CASCADE",
    ],
)
def test_the_trail_refuses_everything_but_inserts(event, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((InternalError, ProgrammingError), match="insert-only"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEvent.objects.get() == event


def test_the_trail_refuses_the_model_too(event):
    event.reason = "nicer"
    with pytest.raises((InternalError, ProgrammingError), match="insert-only"), transaction.atomic():
        event.save()
    with pytest.raises((InternalError, ProgrammingError), match="insert-only"), transaction.atomic():
        event.delete()


def test_a_person_who_acted_cannot_be_deleted(event):
    with pytest.raises(Exception, match=r"protected|referenced"), transaction.atomic():
        event.actor.delete()


def test_record_outside_a_transaction_raises(tenant, monkeypatch):
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="outside the transaction"):
        record("tenant.changed", acting_user=None, target=tenant)


def test_record_goes_back_with_its_act(tenant):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("tenant.changed", acting_user=None, target=tenant)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()


def test_record_keeps_who_what_where_and_what_changed(tenant):
    user = make_person(full_name="Ada Byron")
    door, peer = audit.source.set("api"), audit.address.set("192.0.2.7")
    event = record(
        "tenant.changed", acting_user=user, target=tenant, tenant=tenant, authority=tenant.authority,
        before={"until": date(2026, 1, 2), "name": "Old"}, reason="because",
        after={"at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "factor": Decimal("1.50"), "ids": [1, 2], "none": None},
    )  # fmt: skip
    audit.source.reset(door)
    audit.address.reset(peer)
    event.refresh_from_db()
    assert (event.actor, event.source, event.address, event.reason) == (user, "api", "192.0.2.7", "because")
    assert (event.target_type, event.target_id, event.target_public_id) == (
        "tenants.Tenant", tenant.pk, tenant.public_id,
    )  # fmt: skip
    assert (event.tenant_id, event.authority_id) == (tenant.pk, tenant.authority_id)
    assert event.before == {"until": "2026-01-02", "name": "Old"}
    assert event.after == {"at": "2026-01-02T03:04:00Z", "factor": "1.50", "ids": [1, 2], "none": None}
    assert "Ada" not in f"{event.target_name}{event.before}{event.after}"


def test_the_trail_is_read_by_the_owner_and_the_auditor_alone(tenant, event):
    of_the_site = record("authority.registered", acting_user=None, target=tenant.authority)
    foreign = make_tenant()
    record("tenant.changed", acting_user=None, target=foreign, tenant=foreign, authority=foreign.authority)

    def read(user):
        return set(Trail.objects.visible_to(user).values_list("pk", flat=True))

    assert read(make_member(tenant, "owner")) == {event.pk}
    assert read(make_member(tenant, "project_manager")) == read(make_member(tenant, "member")) == set()
    assert read(make_staff(tenant.authority, "auditor")) == {event.pk}
    assert read(make_staff(tenant.authority, "onboarding_officer")) == set()
    assert read(make_person(is_platform_admin=True)) == {of_the_site.pk}
