from __future__ import annotations

import pytest

from portal.core.access import may
from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent
from tenants.errors import FourEyes
from tenants.models import Tenant
from tenants.services.tenants import free_slug, reactivate_tenant, suspend_tenant
from tenants.signals import tenant_activated, tenant_suspended
from tests.factories.tenants import make_authority, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """Which of the two signals came, in order."""
    told: list[tuple[str, str]] = []

    def suspended(tenant, **facts: object):
        told.append(("suspended", tenant.state))

    def activated(tenant, **facts: object):
        told.append(("activated", tenant.state))

    tenant_suspended.connect(suspended, dispatch_uid="heard")
    tenant_activated.connect(activated, dispatch_uid="heard")
    yield told
    tenant_suspended.disconnect(dispatch_uid="heard")
    tenant_activated.disconnect(dispatch_uid="heard")


def test_suspend_and_reactivate_tell_the_upper_floor_and_the_trail(heard):
    tenant = make_tenant()
    officer = make_staff(tenant.authority)
    suspend_tenant(acting_user=officer, tenant=tenant, reason="The contact left.")
    assert Tenant.objects.get(pk=tenant.pk).state == "suspended"
    reactivate_tenant(acting_user=officer, tenant=tenant, reason="A new contact was named.")
    assert Tenant.objects.get(pk=tenant.pk).state == "active"
    assert heard == [("suspended", "suspended"), ("activated", "active")]
    trail = AuditEvent.objects.filter(tenant_id=tenant.pk).order_by("pk")
    assert list(trail.values_list("act", "reason", "before__state", "after__state")) == [
        ("tenant.suspended", "The contact left.", "active", "suspended"),
        ("tenant.reactivated", "A new contact was named.", "suspended", "active"),
    ]


def test_suspend_tenant_without_a_reason_is_refused():
    tenant = make_tenant()
    with pytest.raises(Refused) as refusal:
        suspend_tenant(acting_user=make_staff(tenant.authority), tenant=tenant, reason="")
    assert refusal.value.field == "reason"


def test_suspend_tenant_twice_is_told(heard):
    tenant = make_tenant(state="suspended")
    with pytest.raises(UnlawfulMove):
        suspend_tenant(acting_user=make_staff(tenant.authority), tenant=tenant, reason="Again.")
    assert heard == []


def test_suspend_tenant_by_one_of_its_people_is_refused():
    tenant = make_tenant()
    officer = make_staff(tenant.authority)
    make_member(tenant, "member", officer)
    with pytest.raises(FourEyes):
        suspend_tenant(acting_user=officer, tenant=tenant, reason="Mine.")


def test_suspend_tenant_is_for_officers_of_its_authority():
    tenant = make_tenant()
    people = [
        make_staff(tenant.authority),
        make_staff(tenant.authority, "quota_approver"),
        make_staff(make_authority()),
        make_member(tenant, "owner"),
    ]
    assert [may(person, "decide", tenant) for person in people] == [True, False, False, False]


@pytest.mark.parametrize(
    ("taken", "name", "slug"),
    [
        ([], "Delta Lab", "delta-lab"),
        (["delta-lab"], "Delta Lab", "delta-lab-2"),
        (["delta-lab", "delta-lab-2"], "Délta  Lab!", "delta-lab-3"),
        ([], "—", "tenant"),
        ([], "x" * 80, "x" * 50),
    ],
)
def test_free_slug_is_short_and_nobody_elses(taken, name, slug):
    for each in taken:
        make_tenant(slug=each)
    assert free_slug(name) == slug
