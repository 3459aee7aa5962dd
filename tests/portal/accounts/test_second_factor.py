"""Who decides has a second factor and shows it; what was typed meanwhile is not lost."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.urls import reverse

from portal.models import AuditEvent
from tenants.models import Tenant
from tests import proof
from tests.factories.people import code_now, make_admin, make_factor, make_user
from tests.factories.resources import make_operator, make_provider
from tests.factories.tenants import make_authority, make_member, make_policy, make_staff, make_tenant

pytestmark = pytest.mark.django_db
ROLES = {
    "admin": make_admin,
    "officer": lambda: make_staff(make_authority(), "onboarding_officer"),
    "approver": lambda: make_staff(make_authority(), "quota_approver"),
    "operator": lambda: make_operator(make_provider(), make_user()),
}
FREE = {
    "auditor": lambda: make_staff(make_authority(), "auditor"),
    "owner": lambda: make_member(make_tenant(), "owner"),
    "stranger": make_user,
}


def with_password(client, user):
    client.force_login(user)
    return proof.password_only(client, user)


def typed(text: str) -> dict[str, str]:
    """The hidden fields of the page that sends a form again."""
    found = re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    return {name: unescape(value) for name, value in found}


@pytest.mark.parametrize("role", ROLES)
def test_nothing_opens_to_a_deciding_role_before_a_second_factor_is_set_up(client, role):
    user = ROLES[role]()
    with_password(client, user)
    for path in ("/", "/capacity/", "/audit/", "/profile/"):
        assert client.get(path)["Location"] == reverse("second-factor") + f"?next={quote(path, safe='')}"
    part = client.get("/capacity/", headers={"HX-Request": "true"})
    assert part["HX-Redirect"].startswith(reverse("second-factor"))
    # what a script asks for is no page to come back to
    for path in (reverse("api-request-list"), "/live/ticket/?topic=events"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "portal.second_factor_missing")
        assert answer.json()["facts"] == {"set_up_at": reverse("second-factor")}
    page = client.get(reverse("second-factor"))
    assert "nothing else opens before this is done" in page.content.decode()
    assert client.get(reverse("healthz")).status_code == 200


@pytest.mark.parametrize("role", FREE)
def test_other_roles_are_not_asked(client, role):
    with_password(client, FREE[role]())
    assert client.get("/profile/").status_code == 200


def test_a_role_that_is_given_while_signed_in_counts_at_once(client):
    user = make_user()
    with_password(client, user)
    assert client.get("/profile/").status_code == 200
    make_staff(make_authority(), "quota_approver", user)
    assert client.get("/profile/")["Location"].startswith(reverse("second-factor"))


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_portal_and_shows_codes_once(client):
    user = ROLES["officer"]()
    with_password(client, user)
    client.get(reverse("second-factor") + "?next=/applications/")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "<svg" in page
    assert "style=" not in page
    secret = re.search(r'id="totp-secret">(\w+)<', page)[1]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    codes = re.findall(r'<li class="secret">(\d{8})</li>', client.get(answer["Location"]).content.decode())
    assert len(codes) == 10
    assert codes[9] in client.get(reverse("mfa_download_recovery_codes")).content.decode()
    assert client.post(reverse("mfa_view_recovery_codes"))["Location"] == "/applications/"
    assert client.get("/applications/").status_code == 200
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "10 codes are left" in again
    assert codes[0] not in again
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 404


def test_signing_in_asks_for_the_code_and_takes_each_once(laptop, desk, sign_in):
    sign_in(laptop, desk.officer, desk.secret)
    assert laptop.get("/applications/").status_code == 200
    laptop.post(reverse("account_logout"))
    laptop.post(reverse("account_login"), {"login": desk.officer.email, "password": "a long enough password"})
    assert laptop.get("/applications/").status_code == 302
    replayed = laptop.post(reverse("mfa_authenticate"), {"code": code_now(desk.secret)})
    assert "was used already" in replayed.content.decode()
    assert laptop.get("/applications/").status_code == 302


def test_a_recovery_code_stands_in_once(laptop, desk):
    code = RecoveryCodes.activate(desk.officer).get_unused_codes()[0]
    for expected in (302, 200):
        laptop.post(reverse("account_login"), {"login": desk.officer.email, "password": "a long enough password"})
        assert laptop.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected
        laptop.post(reverse("account_logout"))


def test_a_decision_with_an_old_factor_asks_and_comes_back_with_what_was_typed(client, desk):
    client.force_login(desk.officer)
    proof.show(client, desk.officer, minutes_ago=6)
    body = {"confirmed": "1", "outcome": "reject", "reason": 'The licence of the films is missing.\r\nÄ < & "quoted"'}
    asked = client.post(desk.decide + "?from=queue", body)
    assert asked["Location"] == f"{reverse('mfa_reauthenticate')}?next={quote(reverse('held-form'), safe='')}"
    desk.case.refresh_from_db()
    assert desk.case.state == "submitted"
    before = client.session.session_key
    answer = client.post(asked["Location"], {"code": code_now(desk.secret), "next": reverse("held-form")})
    assert answer["Location"] == reverse("held-form")
    assert client.session.session_key != before
    page = client.get(answer["Location"]).content.decode()
    assert f'action="{desk.decide}?from=queue"' in page
    assert "data-send-now" in page
    assert typed(page) == body
    assert "data-send-now" not in client.get(answer["Location"]).content.decode()  # by itself only once
    done = client.post(desk.decide, typed(page))
    assert done["Location"] == reverse("case", args=[desk.case.public_id])
    desk.case.refresh_from_db()
    assert desk.case.state == "rejected"


def test_a_password_is_not_taken_where_there_is_a_second_factor(client, desk):
    client.force_login(desk.officer)
    proof.show(client, desk.officer, minutes_ago=6)
    for send in (client.get, client.post):
        answer = send(reverse("account_reauthenticate"), {"password": "a long enough password"})
        assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert client.post(desk.decide, {"confirmed": "1", "outcome": "approve"})["Location"].startswith(
        reverse("mfa_reauthenticate")
    )


def test_the_api_refuses_a_decision_with_an_old_factor_and_says_the_way_out(client, desk):
    client.force_login(desk.officer)
    proof.show(client, desk.officer, minutes_ago=6)
    url = reverse("api-application-approve", args=[desk.case.public_id])
    answer = client.post(url, {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "portal.second_factor_too_old")
    assert answer.json()["facts"]["fresh_seconds"] == 300
    assert "five minutes" in answer.json()["detail"]
    proof.show(client, desk.officer, minutes_ago=4)
    assert client.post(url, {}, content_type="application/json").status_code == 200


def test_an_owner_without_a_factor_is_led_to_one_before_giving_a_role(client):
    tenant, colleague = make_tenant(), make_user()
    owner = make_member(tenant, "owner")
    with_password(client, owner)
    body = {"email": colleague.email, "role": "member"}
    answer = client.post(reverse("member-new", args=[tenant.public_id]), body)
    assert answer["Location"] == f"{reverse('second-factor')}?next={quote(reverse('held-form'), safe='')}"
    assert colleague.memberships.count() == 0


def test_leaving_a_tenant_asks_for_no_factor(client):
    tenant = make_tenant()
    make_member(tenant, "owner")
    member = make_member(tenant, "member")
    with_password(client, member)
    client.post(reverse("membership-end", args=[member.memberships.get().public_id]), {"reason": "moving on"})
    assert member.memberships.get().valid_until is not None


def test_a_stolen_cookie_alone_decides_nothing(client, desk, laptop):
    """The thief has the whole session, as it was when the officer went to lunch."""
    client.force_login(desk.officer)
    proof.show(client, desk.officer, minutes_ago=6)
    laptop.cookies = client.cookies
    del laptop.defaults["HTTP_USER_AGENT"]  # and pretends the same laptop
    assert laptop.get("/applications/").status_code == 200
    url = reverse("api-application-approve", args=[desk.case.public_id])
    assert laptop.post(url, {}, content_type="application/json").status_code == 403
    assert laptop.post(desk.decide, {"confirmed": "1", "outcome": "approve"}).status_code == 302
    for name in ("mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        answer = laptop.get(reverse(name), follow=True)
        assert answer.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    desk.case.refresh_from_db()
    assert (desk.case.state, Tenant.objects.count()) == ("submitted", 0)


def test_a_decision_that_is_sent_again_changes_nothing(client, desk):
    make_policy(desk.authority, "onboarding.second_person", 0)
    client.force_login(desk.officer)
    assert client.post(desk.decide, {"confirmed": "1", "outcome": "approve"}).status_code == 302
    events = AuditEvent.objects.count()
    again = client.post(desk.decide, {"confirmed": "1", "outcome": "approve"})
    assert again.status_code in {403, 404, 409, 422}
    assert Tenant.objects.count() == 1
    assert AuditEvent.objects.filter(act="case.approved").count() == 1
    assert AuditEvent.objects.count() - events <= 1  # at most the refused attempt


def test_who_must_have_a_factor_cannot_give_up_the_last_one(client, desk):
    client.force_login(desk.officer)
    page = client.get(reverse("mfa_deactivate_totp")).content.decode()
    assert "this is your last one" in page
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=desk.officer, type="totp").exists()


def test_removing_a_factor_ends_other_sessions_and_the_proof(laptop, client, sign_in, desk):
    user = make_user()
    secret = make_factor(user)
    sign_in(laptop, user, secret)
    sign_in(client, user, secret, step=1)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/profile/").status_code == 200
    assert laptop.get("/profile/").status_code == 302
    make_staff(desk.authority, "quota_approver", user)
    assert client.get("/profile/")["Location"].startswith(reverse("second-factor"))
