"""A lost second factor is taken off by somebody else, and is told to more than one person."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.core.errors import Forbidden, Refused
from portal.models import AuditEvent
from tenants.errors import OwnRights
from tenants.services.factors import reset_factors, tell_of_reset
from tests import proof
from tests.factories.people import PASSWORD, code_now, make_admin, make_factor, make_user
from tests.factories.tenants import make_authority, make_staff

pytestmark = pytest.mark.django_db
REASON = "Came to the desk with her identity card"


@pytest.fixture
def officer():
    person = make_staff(make_authority(), "onboarding_officer", make_user(full_name="Karla Winter"))
    make_factor(person)
    RecoveryCodes.activate(person)
    return person


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def test_everything_comes_off_sessions_end_and_a_new_one_is_set_up_first(officer):
    secret = make_factor(other := make_user())
    browser = Client()
    browser.post(reverse("account_login"), {"login": other.email, "password": PASSWORD})
    browser.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert browser.get("/profile/").status_code == 200
    reset_factors(acting_user=make_admin(), email=other.email, reason=REASON)
    assert browser.get("/profile/").status_code == 302
    assert Authenticator.objects.filter(user=officer).count() == 2
    reset_factors(acting_user=make_admin(), email=officer.email.upper(), reason=REASON)
    assert not Authenticator.objects.exists()
    again = Client()
    again.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    assert again.get("/applications/")["Location"].startswith(reverse("second-factor"))


def test_the_record_says_who_whose_and_why(officer):
    admin = make_admin()
    reset_factors(acting_user=admin, email=officer.email, reason=f" {REASON} ")
    event = AuditEvent.objects.get(act="factor.reset")
    assert (event.actor, event.target_id, event.reason) == (admin, officer.pk, REASON)
    assert (event.before, event.after) == ({"factors": ["recovery_codes", "totp"]}, {"user": officer.pk})


def test_the_person_and_all_other_administrators_are_told(officer):
    admin, second = make_admin(full_name="Ada Admin"), make_admin()
    make_admin(is_active=False)
    tell_of_reset(officer.pk, admin.pk)
    assert [message.to for message in mail.outbox] == [[officer.email], [second.email]]
    assert "change your password at once" in mail.outbox[0].body
    assert all("Ada Admin" in message.body and "Karla Winter" in message.body for message in mail.outbox)


def test_nobody_takes_off_their_own_and_only_administrators_anybodys(officer):
    admin = make_admin()
    make_factor(admin)
    with pytest.raises(OwnRights):
        reset_factors(acting_user=admin, email=admin.email, reason=REASON)
    with pytest.raises(Forbidden):
        reset_factors(acting_user=officer, email=admin.email, reason=REASON)
    for email, reason in ((officer.email, " "), ("nobody@nowhere.test", REASON), (make_user().email, REASON)):
        with pytest.raises(Refused):
            reset_factors(acting_user=admin, email=email, reason=reason)
    assert Authenticator.objects.count() == 3


@pytest.mark.parametrize("door", ["/people/second-factor/", "/api/v1/staff/reset-second-factor/"])
def test_page_and_api_ask_for_a_fresh_factor_and_leave_the_refusal_on_record(officer, door):
    admin = make_admin()
    make_factor(admin)
    browser = browser_of(admin)
    facts = {"email": officer.email, "reason": REASON}
    kind = {"content_type": "application/json"} if "api" in door else {}
    proof.show(browser, admin, minutes_ago=6)
    assert browser.post(door, facts, **kind).status_code == (403 if kind else 302)
    assert Authenticator.objects.filter(user=officer).count() == 2
    assert AuditEvent.objects.get(act="refused.attempt").after["code"] == "portal.second_factor_too_old"
    proof.show(browser, admin)
    assert browser.post(door, facts, **kind).status_code == (200 if kind else 302)
    assert not Authenticator.objects.filter(user=officer).exists()


def test_the_page_is_offered_to_administrators_and_keeps_what_was_typed(officer):
    assert "/people/second-factor/" in browser_of(make_admin()).get("/people/").content.decode()
    assert "/people/second-factor/" not in browser_of(officer).get("/people/").content.decode()
    page = browser_of(make_admin()).post("/people/second-factor/", {"email": "nobody@nowhere.test", "reason": REASON})
    assert page.status_code == 422
    assert REASON in page.content.decode()
