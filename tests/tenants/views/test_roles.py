"""The people pages, and what can be done with a role on its own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.access import may
from portal.models import AuditEvent
from tenants.models import AuthorityMembership, Membership
from tenants.services.delegations import delegate_role
from tests.factories.people import make_admin
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def at(name, row):
    return reverse(name, args=[row.public_id])


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def role_of(user, **facts):
    return AuthorityMembership.objects.get(user=user, **facts)


@pytest.mark.parametrize("people", [1, 3])
def test_the_people_page_asks_as_often_for_one_as_for_three(signed_in, django_assert_num_queries, people):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    for _ in range(people - 1):
        make_member(tenant)
    client = signed_in(owner)
    client.get(at("tenant-people", tenant))
    with django_assert_num_queries(7):
        text = client.get(at("tenant-people", tenant)).content.decode()
    assert text.count("<tr") == people + 1


def test_the_people_page_shows_the_past_under_history(signed_in):
    tenant = make_tenant()
    owner, gone = make_member(tenant, "owner"), make_member(tenant)
    client = signed_in(owner)
    client.post(at("membership-end", Membership.objects.get(user=gone)))
    assert gone.email not in client.get(at("tenant-people", tenant)).content.decode()
    text = client.get(at("tenant-people", tenant) + "?tab=all").content.decode()
    assert gone.email in text
    assert "Ended" in text


def test_ending_says_before_what_it_means(signed_in):
    authority, admin = make_authority(), make_admin()
    officer, second = make_staff(authority), make_staff(authority)
    make_case("in_review", authority=authority, officer=officer)
    delegate_role(
        acting_user=officer, membership=role_of(officer), to=second, valid_until=timezone.now() + timedelta(days=3)
    )
    text = signed_in(admin).get(at("staff-end", role_of(officer))).content.decode()
    assert "They can no longer review and decide applications." in text
    assert "1 open application is in their hands" in text
    assert f"{second}, who stands in for them, loses the role too." in text


def test_an_officer_delegates_in_the_browser_and_ends_it(signed_in):
    authority = make_authority()
    officer, approver = make_staff(authority), make_staff(authority, "quota_approver")
    auditor = make_staff(authority, "auditor")
    client = signed_in(officer)
    form = client.get(at("staff-delegate", role_of(officer))).content.decode()
    assert str(approver.public_id) in form
    assert str(auditor.public_id) not in form
    sent = {"colleague": approver.public_id, "since": day(0), "until": day(7), "reason": "Holidays"}
    answer = client.post(at("staff-delegate", role_of(officer)), sent)
    assert answer["Location"] == reverse("my-roles")
    row = role_of(approver, role="onboarding_officer")
    assert (row.delegated_from.user, row.given_by) == (officer, officer)
    assert timezone.localdate(row.valid_until - timedelta(seconds=1)).isoformat() == day(7)
    assert f"{approver} stands in for you" in client.get(reverse("my-roles")).content.decode()
    theirs = signed_in(approver)
    assert f"You hold it for {officer}" in theirs.get(reverse("my-roles")).content.decode()
    assert theirs.get(at("staff-delegate", row)).status_code == 200
    passed_on = theirs.post(at("staff-delegate", row), {**sent, "colleague": officer.public_id})
    assert passed_on.status_code in {403, 422}
    client.post(at("staff-end", row))
    assert not may(approver, "decide", make_case(authority=authority))


def test_a_role_is_given_for_later_and_changed(signed_in):
    tenant = make_tenant()
    owner, admin = make_member(tenant, "owner"), make_admin()
    guest = make_member(make_tenant())
    client = signed_in(owner)
    sent = {"email": guest.email, "role": "member", "since": day(3), "until": day(9)}
    assert client.post(at("member-new", tenant), sent).status_code == 302
    row = Membership.objects.get(user=guest, tenant=tenant)
    assert not may(guest, "view", tenant)
    assert client.post(at("membership-change", row), {"since": day(0), "until": day(5)}).status_code == 302
    assert may(guest, "view", tenant)
    authority = tenant.authority
    facts = {"email": "new@desk.test", "full_name": "New", "role": "auditor", "gpu_limit": "8"}
    assert signed_in(admin).post(at("staff-new", authority), facts).status_code == 422
    signed_in(admin).post(at("staff-new", authority), {**facts, "role": "quota_approver", "until": day(30)})
    row = AuthorityMembership.objects.get(authority=authority)
    assert (row.gpu_limit, row.valid_until is not None) == (8, True)


def test_refusals_about_rights_are_written_down(signed_in):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    client = signed_in(owner)
    client.post(at("membership-end", Membership.objects.get(user=owner)))
    client.post(at("member-new", tenant), {"email": owner.email, "role": "member"})
    codes = AuditEvent.objects.filter(actor=owner, act__startswith="refused.").order_by("pk")
    assert [event.after["code"] for event in codes] == ["tenants.last_owner", "tenants.own_rights"]
