"""The pages of tenants, projects and people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.access import may
from tenants.models import Membership, Project, Tenant
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_member, make_project, make_staff, make_tenant

pytestmark = pytest.mark.django_db
LIST = 7
HOME = 13


def at(name, row):
    return reverse(name, args=[row.public_id])


@pytest.mark.parametrize("count", [1, 3])
def test_tenants_costs_the_same_for_one_and_for_three(signed_in, django_assert_num_queries, count):
    authority = make_authority()
    client = signed_in(make_staff(authority))
    for _ in range(count):
        make_tenant(authority=authority)
    client.get(reverse("tenants"))
    with django_assert_num_queries(LIST):
        answer = client.get(reverse("tenants"))
    assert answer.content.decode().count('class="name"') == count


@pytest.mark.parametrize("count", [1, 3])
def test_projects_costs_the_same_for_one_and_for_three(signed_in, django_assert_num_queries, count):
    tenant = make_tenant()
    client = signed_in(make_member(tenant))
    for _ in range(count):
        make_project(tenant)
    client.get(reverse("projects"))
    with django_assert_num_queries(LIST - 2):
        answer = client.get(reverse("projects"))
    assert answer.content.decode().count('class="name"') == count


@pytest.mark.parametrize("count", [1, 3])
def test_tenant_home_costs_the_same_for_one_and_for_three(signed_in, django_assert_num_queries, monkeypatch, count):
    monkeypatch.setattr("tenants.views.tenants.tenant_tiles", ())  # the upper floor counts its own
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    for _ in range(count):
        make_project(tenant)
        make_member(tenant)
    client = signed_in(owner)
    client.get(at("tenant", tenant))
    with django_assert_num_queries(HOME):
        client.get(at("tenant", tenant))


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("owner", {"project-new", "member-new"}),
        ("project_manager", {"project-new"}),
        ("member", set()),
        ("officer", {"tenant-suspend"}),
        ("approver", set()),
    ],
)
def test_tenant_home_offers_what_the_role_may_do(signed_in, role, acts):
    tenant = make_tenant()
    make_member(tenant, "owner")
    staff = {"officer": "onboarding_officer", "approver": "quota_approver"}
    user = make_staff(tenant.authority, staff[role]) if role in staff else make_member(tenant, role)
    client = signed_in(user)
    text = client.get(at("tenant", tenant)).content.decode()
    offered = {"project-new", "member-new", "tenant-suspend", "tenant-reactivate"}
    assert {name for name in offered if f'href="{at(name, tenant)}"' in text} == acts
    assert {name for name in offered if client.get(at(name, tenant)).status_code == 200} >= acts
    for name in offered - acts - {"tenant-reactivate"}:
        assert client.get(at(name, tenant)).status_code == 403


@pytest.mark.parametrize("make", [make_user, make_admin, lambda: make_member(make_tenant(), "owner")])
def test_tenant_home_for_strangers_is_not_there(signed_in, make):
    tenant = make_tenant()
    project = make_project(tenant)
    client = signed_in(make())
    for name in ("tenant", "tenant-suspend", "project-new", "member-new"):
        assert client.get(at(name, tenant)).status_code == 404
    for name in ("project", "project-edit"):
        assert client.get(at(name, project)).status_code == 404


def test_suspend_with_a_reason_is_shown_to_the_members(signed_in):
    tenant = make_tenant()
    member = make_member(tenant)
    officer = signed_in(make_staff(tenant.authority))
    assert officer.post(at("tenant-suspend", tenant), {"reason": ""}).status_code == 422
    officer.post(at("tenant-suspend", tenant), {"reason": "The contact has left."})
    assert Tenant.objects.get().state == "suspended"
    assert "The contact has left." in signed_in(member).get(at("tenant", tenant)).content.decode()
    officer.post(at("tenant-reactivate", tenant), {"reason": "A new contact."})
    assert Tenant.objects.get().state == "active"


def test_new_project_is_opened_by_those_who_may(signed_in):
    tenant = make_tenant(data_class="internal")
    manager, member = signed_in(make_member(tenant, "project_manager")), signed_in(make_member(tenant))
    body = {"name": "Rivers", "stage": "training", "data_class": "internal", "purpose": ""}
    assert member.post(at("project-new", tenant), body).status_code == 403
    assert manager.post(at("project-new", tenant), {**body, "data_class": "restricted"}).status_code == 422
    answer = manager.post(at("project-new", tenant), body)
    project = Project.objects.get()
    assert answer["Location"] == at("project", project)
    assert "Rivers" in member.get(at("project", project)).content.decode()


def test_edit_project_keeps_what_is_not_changed(signed_in):
    project = make_project(purpose="For rivers", ends_on=timezone.localdate() + timedelta(days=9))
    manager = signed_in(make_member(project.tenant, "project_manager"))
    text = manager.get(at("project-edit", project)).content.decode()
    assert f'value="{project.ends_on.isoformat()}"' in text
    body = {"name": "New name", "stage": "inference", "data_class": "internal", "purpose": "For rivers"}
    manager.post(at("project-edit", project), {**body, "ends_on": project.ends_on.isoformat()})
    project.refresh_from_db()
    assert (project.name, project.stage, project.purpose) == ("New name", "inference", "For rivers")


def test_add_member_by_address_until_a_day(signed_in):
    tenant, user = make_tenant(), make_user("new@tenant.test")
    owner = signed_in(make_member(tenant, "owner"))
    day = timezone.localdate() + timedelta(days=30)
    owner.post(at("member-new", tenant), {"email": "New@Tenant.test", "role": "member", "until": day.isoformat()})
    row = Membership.objects.get(user=user)
    assert abs(row.valid_until.date() - day) <= timedelta(days=1)
    assert "until" in owner.get(at("tenant", tenant)).content.decode()
    assert may(user, "view", tenant)


def test_add_member_nobody_knows_is_said_at_the_field(signed_in):
    tenant = make_tenant()
    owner = signed_in(make_member(tenant, "owner"))
    answer = owner.post(at("member-new", tenant), {"email": "who@tenant.test", "role": "member"})
    assert answer.status_code == 422
    assert "Nobody signs in with who@tenant.test" in answer.content.decode()


def test_end_membership_by_the_owner_and_by_oneself(signed_in):
    tenant = make_tenant()
    owner, member, manager = make_member(tenant, "owner"), make_member(tenant), make_member(tenant, "project_manager")
    rows = {user.pk: Membership.objects.get(user=user) for user in (owner, member, manager)}
    assert signed_in(manager).get(at("membership-end", rows[member.pk])).status_code == 403
    signed_in(owner).post(at("membership-end", rows[member.pk]))
    answer = signed_in(manager).post(at("membership-end", rows[manager.pk]))
    assert answer["Location"] == reverse("home")
    assert [may(user, "view", tenant) for user in (owner, member, manager)] == [True, False, False]
    answer = signed_in(owner).post(at("membership-end", rows[owner.pk]))
    assert answer.status_code == 409
    assert "would have nobody left as “Owner”" in answer.content.decode()
