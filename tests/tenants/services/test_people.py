from __future__ import annotations

import re
from contextlib import suppress

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.core import lookups
from portal.core.access import may
from portal.core.errors import Refused
from portal.models import AuditEvent, User
from tenants.models import Membership
from tenants.services.people import add_member, add_staff, known_person, send_welcome
from tests.factories.people import PASSWORD, make_admin, make_factor, make_user
from tests.factories.tenants import make_authority, make_member, make_tenant

pytestmark = pytest.mark.django_db
SITE = "http://portal.test/"


def staff(authority, **fields: object):
    facts = {"email": "new@authority.test", "role": "auditor", "full_name": "Nora New", **fields}
    return add_staff(acting_user=make_admin(), authority=authority, site=SITE, **facts)


def test_add_staff_somebody_known_gets_the_role_under_their_own_name():
    authority, user = make_authority(), make_user("known@authority.test", full_name="Karl Known")
    row = staff(authority, email="Known@Authority.test", full_name="Somebody")
    assert (row.user, row.user.full_name, row.role) == (user, "Karl Known", "auditor")
    assert may(user, "audit", authority)


def test_add_staff_somebody_unknown_gets_an_account_and_a_link_to_choose_a_password(client):
    row = staff(make_authority())
    assert not row.user.has_usable_password()
    send_welcome(row.user.pk, SITE)
    (message,) = mail.outbox
    assert message.to == ["new@authority.test"]
    path = re.search(r"http://portal\.test(/\S+)", message.body)[1]
    page = client.get(path, follow=True)
    assert page.status_code == 200
    client.post(page.request["PATH_INFO"], {"password1": "river-levels-2026", "password2": "river-levels-2026"})
    assert client.login(email="new@authority.test", password="river-levels-2026")


def test_add_staff_somebody_unknown_without_a_name_is_refused_and_makes_nobody():
    with pytest.raises(Refused) as refusal:
        staff(make_authority(), full_name=" ")
    assert refusal.value.field == "full_name"
    assert not User.objects.filter(email="new@authority.test").exists()


def test_known_person_refuses_addresses_nobody_has_and_people_who_left():
    make_user("gone@example.test", is_active=False)
    for address in ("nobody@example.test", "gone@example.test"):
        with pytest.raises(Refused) as refusal:
            known_person(address, make_user())
        assert refusal.value.field == "email"


def test_add_member_somebody_unknown_is_invited_with_a_link_that_expires(client, settings):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    facts = {"acting_user": owner, "tenant": tenant, "email": "new@tenant.test", "role": "member", "site": SITE}
    with pytest.raises(Refused) as refusal:
        add_member(**facts, full_name="")
    assert (refusal.value.field, Membership.objects.filter(user__email="new@tenant.test").count()) == ("full_name", 0)
    row = add_member(**facts, full_name="Nora New")
    assert (row.given_by, row.role, row.user.has_usable_password()) == (owner, "member", False)
    send_welcome(row.user.pk, SITE)
    path = re.search(r"http://portal\.test(/\S+)", mail.outbox[0].body)[1]
    assert "Choose a new password" in client.get(path, follow=True).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "too old" in client.get(path, follow=True).content.decode()


def squatter(client, address="minister@authority.test"):
    """Somebody opens an account with an address that is not theirs, and waits."""
    body = {"full_name": "Eve Elsewhere", "email": address, "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), body)
    user = User.objects.get(email=address)
    SocialAccount.objects.create(user=user, provider="work", uid="eve")
    make_factor(user)
    return user


def test_an_account_that_somebody_put_there_before_gets_nothing_of_a_role_given_to_its_address(client):
    """Or they would be an auditor the day the address's owner confirms it, with a password of their own."""
    before = squatter(client)
    row = staff(make_authority(), email="Minister@authority.test")
    assert (row.user, row.user.full_name, row.user.has_usable_password()) == (before, "Nora New", False)
    assert not SocialAccount.objects.exists()
    assert not Authenticator.objects.exists()
    assert not row.user.check_password(PASSWORD)
    assert AuditEvent.objects.filter(act="person.taken_back", target_id=before.pk).count() == 1
    send_welcome(row.user.pk, SITE)
    assert "Nora New" in mail.outbox[-1].body
    link = re.search(r"http://\S+?(/accounts/confirm-email/\S+)", mail.outbox[0].body)[1]
    client.post(link)  # the link of long ago, in the browser of long ago
    assert "_auth_user_id" not in client.session


def test_an_unproven_account_is_nobody_to_those_who_look_for_people(client):
    user = squatter(client)
    with pytest.raises(Refused):
        known_person(user.email, make_user())


def test_whoever_resets_the_password_by_mail_takes_no_sign_in_along_that_was_put_there_before(client):
    user = squatter(client)
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = re.search(r"http://\S+?(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    page = Client().get(path, follow=True)
    assert SocialAccount.objects.filter(user=user).count() == 1
    owner = page.client
    owner.post(page.request["PATH_INFO"], {"password1": "river-levels-2026", "password2": "river-levels-2026"})
    assert SocialAccount.objects.filter(user=user).count() == 0


def test_a_proven_account_keeps_its_sign_ins_when_its_password_is_reset(client):
    user = make_user()
    SocialAccount.objects.create(user=user, provider="work", uid="own")
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = re.search(r"http://\S+?(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    page = client.get(path, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "river-levels-2026", "password2": "river-levels-2026"})
    assert SocialAccount.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_nobody_finds_out_by_trying_who_is_here(known):
    asks, address = make_user(), make_user().email if known else "nobody@example.test"
    for _each in range(lookups.MOST):
        with suppress(Refused):
            known_person(address, asks)
    with pytest.raises(lookups.TooManyLookups):
        known_person(address, asks)
    known_person(make_user().email, make_user())  # others may


@pytest.mark.parametrize("known", [True, False])
def test_pages_about_accounts_say_the_same_of_an_address_that_is_here_and_one_that_is_not(client, known):
    """Signing up, signing in, a forgotten password: the answer tells nobody who has an account."""
    make_user("somebody@example.test")
    address = "somebody@example.test" if known else "nobody@example.test"
    forgotten = client.post(reverse("account_reset_password"), {"email": address})
    assert (forgotten.status_code, forgotten["Location"]) == (302, reverse("account_reset_password_done"))
    body = {
        "full_name": "A Person",
        "email": address,
        "password1": "river-levels-2026",
        "password2": "river-levels-2026",
    }
    signed_up = client.post(reverse("account_signup"), body)
    assert (signed_up.status_code, signed_up["Location"]) == (302, reverse("account_email_verification_sent"))
    wrong = Client().post(reverse("account_login"), {"login": address, "password": "wrong"})
    assert wrong.status_code in {200, 422}
    assert "is not right" in wrong.content.decode() or "not correct" in wrong.content.decode()


def test_the_mail_to_somebody_new_names_every_role_its_place_and_who_gave_it():
    tenant = make_tenant(name="River Works")
    owner = make_member(tenant, "owner", make_user(full_name="Olga Owner"))
    row = add_member(
        acting_user=owner, tenant=tenant, email="new@tenant.test", role="project_manager", full_name="Nora", site=SITE
    )
    send_welcome(row.user.pk, SITE)
    text = mail.outbox[0].body
    assert "– Project manager, River Works, given by Olga Owner" in text
    assert "Owner, River Works" not in text
