"""Invitations: sent, sent again with the old link void, taken back; and many people at once with a report of each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from django.core import mail
from django.utils import timezone

from portal.core.access import may
from portal.core.errors import Conflict, Refused
from portal.models import User
from tenants.models import Invitation, Membership
from tenants.services.invitations import resend_invitation, revoke_invitation
from tenants.services.people import add_member, send_welcome
from tenants.services.people_lists import MOST, add_members
from tests.factories.people import make_user
from tests.factories.tenants import make_member, make_tenant

pytestmark = pytest.mark.django_db
SITE = "https://portal.test/"


@pytest.fixture
def tenant():
    return make_tenant()


@pytest.fixture
def owner(tenant):
    return make_member(tenant, "owner")


@pytest.fixture
def invitation(tenant, owner):
    return add_member(
        acting_user=owner, tenant=tenant, email="fresh@x.test", role="member", full_name="Fresh", site=SITE
    ).invitation


def many(owner, tenant, text):
    return [(each.tone, each.text) for each in add_members(acting_user=owner, tenant=tenant, text=text, site=SITE)]


def test_new_person_is_invited_and_a_known_one_is_not(tenant, owner, invitation, settings):
    assert (invitation.now, invitation.times, invitation.invited_by) == ("open", 1, owner)
    assert invitation.expires_at - invitation.sent_at == timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    known = make_user()
    add_member(acting_user=owner, tenant=tenant, email=known.email, role="member", full_name="", site=SITE)
    assert Invitation.objects.count() == 1


def test_expired_one_says_so_and_is_sent_again(invitation, owner):
    Invitation.objects.filter(pk=invitation.pk).update(
        sent_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )
    invitation.refresh_from_db()
    assert invitation.now == "expired"
    again = resend_invitation(acting_user=owner, invitation=invitation, site=SITE)
    assert (again.now, again.times) == ("open", 2)


def test_sending_again_makes_the_link_before_stop_working(invitation, owner):
    token = default_token_generator.make_token(User.objects.get(pk=invitation.user_id))
    assert default_token_generator.check_token(User.objects.get(pk=invitation.user_id), token)
    resend_invitation(acting_user=owner, invitation=invitation, site=SITE)
    assert not default_token_generator.check_token(User.objects.get(pk=invitation.user_id), token)
    send_welcome(invitation.user_id, SITE)
    assert SITE in mail.outbox[-1].body


def test_taken_back_the_role_is_over_and_the_link_void(invitation, tenant, owner):
    person = User.objects.get(pk=invitation.user_id)
    token = default_token_generator.make_token(person)
    assert may(person, "view", tenant)
    revoke_invitation(acting_user=owner, invitation=invitation)
    invitation.refresh_from_db()
    person.refresh_from_db()
    assert (invitation.now, may(person, "view", tenant)) == ("revoked", False)
    assert not default_token_generator.check_token(person, token)
    with pytest.raises(Conflict, match="was taken back"):
        resend_invitation(acting_user=owner, invitation=invitation, site=SITE)


def test_who_has_signed_in_is_no_invitation_any_more(invitation, owner):
    User.objects.filter(pk=invitation.user_id).update(last_login=timezone.now())
    with pytest.raises(Conflict, match="has signed in since"):
        revoke_invitation(acting_user=owner, invitation=invitation)


def test_list_of_people_is_reported_row_by_row(tenant, owner):
    known = make_user()
    text = (
        f"E-Mail;Name;Role\nnew@x.test;New One;project manager\n{known.email};Known;\nnobody;X;member\n"
        f"other@x.test;Other;king\n{owner.email};Me;owner\nnameless@x.test;;member\nnew@x.test;New One;project_manager"
    )
    assert many(owner, tenant, text) == [
        ("good", "Is Project manager now; whoever has no account gets a mail."),
        ("good", "Is Member now; whoever has no account gets a mail."),
        ("bad", "“nobody” is no e-mail address."),
        ("bad", "“king” is no role. Write one of: owner, project_manager, member."),
        ("bad", "Nobody gives a role to themselves. Ask another person who may give roles here."),
        ("bad", "Write the person’s name, too."),
        ("bad", "Row 1 names new@x.test already, so this row was left out. Write each person once."),
    ]  # fmt: skip
    assert Membership.objects.filter(tenant=tenant).count() == 3
    assert not User.objects.filter(email__in=["nameless@x.test", "other@x.test"]).exists()


def test_list_without_headings_is_address_name_role(tenant, owner):
    assert many(owner, tenant, "a@x.test, Ada, member\nb@x.test, Bo") == [
        ("good", "Is Member now; whoever has no account gets a mail."),
        ("good", "Is Member now; whoever has no account gets a mail."),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "\n".join(f"p{n}@x.test,P" for n in range(MOST + 1))])
def test_list_that_is_empty_or_too_long_is_refused_as_a_whole(tenant, owner, text):
    with pytest.raises(Refused):
        many(owner, tenant, text)
    assert Membership.objects.filter(tenant=tenant).count() == 1


def test_a_list_that_names_somebody_twice_gives_them_the_first_role_alone(tenant, owner):
    report = many(owner, tenant, "twice@x.test,Tove,member\nTwice@x.test,Tove,owner\n,Nobody,member\n,Nobody,member")
    assert [tone for tone, _text in report] == ["good", "bad", "bad", "bad"]
    assert "Row 1 names Twice@x.test already" in report[1][1]
    assert "is no e-mail address" in report[3][1]
    roles = Membership.objects.filter(tenant=tenant, user__email="twice@x.test").values_list("role", flat=True)
    assert list(roles) == ["member"]
    assert [tone for tone, _text in many(owner, tenant, "twice@x.test,Tove,member")] == ["same"]
