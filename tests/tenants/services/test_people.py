from __future__ import annotations

import re

import pytest
from django.core import mail

from portal.core.access import may
from portal.core.errors import Refused
from portal.models import User
from tenants.models import Membership
from tenants.services.people import add_member, add_staff, known_person, send_welcome
from tests.factories.people import make_admin, make_user
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
            known_person(address)
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
