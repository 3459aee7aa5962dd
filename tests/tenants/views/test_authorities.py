"""The pages of authorities, staff, policies, the record, and of an empty installation."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest
from django.urls import reverse

from portal.core.access import may
from portal.models import AuditEvent, User
from tenants.models import Authority, AuthorityMembership, PolicyRule
from tenants.services.setup import issue_code
from tests import proof
from tests.factories.people import PASSWORD, make_admin, make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
FACTS = {
    "name": "Moselle Compute Board",
    "country": "LU",
    "region": "",
    "contact_email": "office@moselle.test",
    "time_zone": "Europe/Luxembourg",
}


def at(name, row, *more):
    return reverse(name, args=[row.public_id, *more])


@pytest.mark.parametrize(("name", "queries"), [("authorities", 5), ("people", 5), ("audit", 9)])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(signed_in, django_assert_num_queries, name, queries, count):
    client = signed_in(make_admin())
    for _ in range(count):
        make_staff(make_authority())
    client.get(reverse(name))
    with django_assert_num_queries(queries):
        client.get(reverse(name))


def test_new_authority_is_registered_by_admins_alone(signed_in):
    assert signed_in(make_user()).post(reverse("authority-new"), FACTS).status_code == 404
    answer = signed_in(make_admin()).post(reverse("authority-new"), FACTS)
    row = Authority.objects.get()
    assert (row.name, answer["Location"]) == ("Moselle Compute Board", at("authority", row))


def test_edit_authority_is_the_admins(signed_in):
    row = make_authority()
    officer = make_staff(row)
    assert signed_in(officer).get(at("authority", row)).status_code == 200
    assert signed_in(officer).post(at("authority-edit", row), FACTS).status_code == 403
    signed_in(make_admin()).post(at("authority-edit", row), FACTS)
    row.refresh_from_db()
    assert row.name == "Moselle Compute Board"


def test_add_staff_and_end_it(signed_in):
    authority, admin = make_authority(), make_admin()
    client = signed_in(admin)
    body = {"email": "new@authority.test", "full_name": "Nora New", "role": "auditor"}
    client.post(at("staff-new", authority), body)
    row = AuthorityMembership.objects.get()
    assert may(row.user, "audit", authority)
    client.post(at("staff-end", row))
    assert not may(row.user, "audit", authority)


def test_admins_give_themselves_no_role(signed_in):
    authority, admin = make_authority(), make_admin()
    body = {"email": admin.email, "full_name": "", "role": "onboarding_officer"}
    assert signed_in(admin).post(at("staff-new", authority), body).status_code == 403
    assert AuthorityMembership.objects.count() == 0


def test_staff_is_added_by_admins_alone(signed_in):
    authority = make_authority()
    body = {"email": "new@authority.test", "full_name": "Nora New", "role": "auditor"}
    assert signed_in(make_staff(authority)).post(at("staff-new", authority), body).status_code == 403
    assert signed_in(make_user()).post(at("staff-new", authority), body).status_code == 404


def test_policy_says_who_is_hit_before_it_is_put_in_force(signed_in):
    authority = make_authority()
    make_case("in_review", authority=authority)
    client = signed_in(make_admin())
    address = at("policy-set", authority, "onboarding.second_person")
    effect = at("policy-effect", authority, "onboarding.second_person")
    assert "Nothing that is open now" in client.get(address).content.decode()
    part = client.get(effect, {"value": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "1 open application will need a second officer" in part
    assert "<html" not in part
    client.post(address, {"value": "1", "reason": "New law"})
    assert PolicyRule.objects.get().value == 1
    assert "New law" in client.get(reverse("policies")).content.decode()


def test_policy_is_set_by_admins_alone_and_read_by_staff(signed_in):
    authority = make_authority()
    officer = signed_in(make_staff(authority))
    assert authority.name in officer.get(reverse("policies")).content.decode()
    address = at("policy-set", authority, "decision.days")
    assert officer.post(address, {"value": "1", "reason": "x"}).status_code == 403
    assert signed_in(make_user()).get(address).status_code == 404
    assert signed_in(make_admin()).get(at("policy-set", authority, "no.such.rule")).status_code == 404


def test_audit_is_cut_to_who_reads_it(signed_in):
    tenant = make_tenant()
    owner, auditor, admin = make_member(tenant, "owner"), make_staff(tenant.authority, "auditor"), make_admin()
    other = make_member(make_tenant(name="Foreign tenant"), "owner")
    make_staff(make_authority(name="Foreign authority"))
    client = signed_in(admin)
    client.post(reverse("authority-new"), FACTS)

    def seen(user):
        answer = signed_in(user).get(reverse("audit"), {"format": "csv"})
        rows = csv.DictReader(io.StringIO(answer.content.decode()))
        return {(row["On what"], row["Before and after"].split("; ")[1]) for row in rows}

    given = (f"Owner, {tenant.name}", "Role: Owner")
    assert {(what, role) for what, role in seen(owner)} == {given}
    assert seen(other) == {("Owner, Foreign tenant", "Role: Owner")}
    assert seen(auditor) == {given, (f"Auditor, {tenant.authority}", "Role: Auditor")}
    assert seen(admin) == set()
    assert signed_in(make_member(tenant)).get(reverse("audit")).status_code == 404
    assert signed_in(make_user()).get(reverse("audit")).status_code == 404


def test_audit_names_people_by_their_name_of_today(signed_in):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    User.objects.filter(pk=owner.pk).update(full_name="Olga Renamed")
    assert not AuditEvent.objects.filter(target_name__contains=owner.full_name).exists()
    assert "Person: Olga Renamed" in signed_in(owner).get(reverse("audit")).content.decode()


def test_audit_is_filtered_by_act_and_day(signed_in):
    tenant = make_tenant()
    owner = signed_in(make_member(tenant, "owner"))
    for query, count in (
        ({"act": "membership.given"}, 1),
        ({"act": "tenant.suspended"}, 0),
        ({"since": "2999-01-01"}, 0),
    ):
        lines = owner.get(reverse("audit"), {**query, "format": "csv"}).content.decode().splitlines()
        assert len(lines) - 1 == count


def test_first_run_opens_the_portal_and_leads_to_the_steps(client):
    code = issue_code()
    assert client.get(reverse("first-run")).status_code == 200
    body = {"code": code, "full_name": "Ada Admin", "email": "ada@portal.test", "password": PASSWORD}
    wrong = client.post(reverse("first-run"), {**body, "code": "AAAA-AAAA-AAAA-AAAA"})
    assert wrong.status_code == 422
    assert "9 tries are left" in wrong.content.decode()
    answer = client.post(reverse("first-run"), body, follow=True)
    asked = reverse("second-factor") + "?next=" + quote(reverse("setup"), safe="")
    assert answer.redirect_chain == [(reverse("setup"), 302), (asked, 302)]
    admin = User.objects.get()
    assert admin.is_platform_admin
    assert client.get(reverse("mfa_activate_totp")).status_code == 200  # without the password once more
    proof.show(client, admin)
    assert reverse("authorities") in client.get(reverse("setup")).content.decode()


def test_first_run_is_closed_once_somebody_has_an_account(client):
    make_user()
    assert client.get(reverse("first-run"))["Location"] == reverse("home")
    assert client.post(reverse("first-run"), {"code": "x"})["Location"] == reverse("home")
    assert User.objects.count() == 1


def test_setup_is_for_admins_and_shows_what_is_done(signed_in):
    make_authority()
    assert signed_in(make_user()).get(reverse("setup")).status_code == 404
    text = signed_in(make_admin()).get(reverse("setup")).content.decode()
    assert text.count("badge-good") == 1


def test_an_empty_installation_begins_at_the_first_run_page(client):
    assert client.get("/")["Location"] == reverse("first-run")
    make_user()
    assert client.get("/")["Location"] == f"{reverse('account_login')}?next=/"
