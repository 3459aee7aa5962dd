"""Ways into an application by mail: who gets which link, what it opens, and what nobody learns from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from portal.core.errors import Forbidden, NotFound, Refused
from portal.models import AuditEvent, User
from tenants import tasks
from tenants.models import CaseLink, OnboardingCase
from tenants.queries.case_links import invitations_for, invitations_of
from tenants.services.case_links import (
    MOST_IN_THAT_TIME,
    ask_again,
    begin_without_account,
    go_on,
    invite_writer,
    link_of,
    open_account,
    send_case_link,
    sweep_case_links,
    take_back_invitation,
    token_of,
)
from tenants.services.onboarding import submit_case
from tenants.services.writers import MOST
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case

pytestmark = pytest.mark.django_db
SITE, STRANGER = "https://portal.test/", "ida@rivers.test"
FACTS = {"organisation": "Institute of Rivers", "kind": "academia"}
PASSWORD = "a long and quiet river"


def begin(email=STRANGER, authority=None) -> CaseLink | None:
    before = CaseLink.objects.count()
    begin_without_account(email=email, full_name="", authority=authority or make_authority(), facts=FACTS, site=SITE)
    return CaseLink.objects.latest("pk") if CaseLink.objects.count() > before else None


@pytest.fixture
def writer():
    return make_user("first@writer.test")


@pytest.fixture
def case(writer):
    return make_case("draft", writer)


def invite(case, writer, email="second@writer.test") -> CaseLink:
    return invite_writer(acting_user=writer, case=case, email=email, site=SITE)


def test_what_a_stranger_typed_is_kept_and_the_link_leads_to_their_draft():
    link = begin()
    assert OnboardingCase.objects.count() == 0
    send_case_link(link.pk)
    (message,) = mail.outbox
    assert (message.to, "Institute of Rivers" in message.body) == ([STRANGER], True)
    token = message.body.split("https://portal.test/apply/go/")[1].split("/")[0]
    found = link_of(token)
    user = open_account(link=found, full_name="Ida Berg", password=PASSWORD)
    case = go_on(acting_user=user, link=found)
    assert (case.organisation, case.kind, case.contact_email) == ("Institute of Rivers", "academia", STRANGER)
    assert list(case.members.values_list("user__email", flat=True)) == [STRANGER]
    assert user.check_password(PASSWORD)


def test_the_link_followed_twice_leads_to_the_same_draft():
    link, user = begin(), make_user(STRANGER)
    assert go_on(acting_user=user, link=link) == go_on(acting_user=user, link=link)
    assert OnboardingCase.objects.count() == 1


def test_the_same_is_sent_whether_the_address_has_an_account_or_not():
    make_user("known@rivers.test")
    texts = []
    for email in ("known@rivers.test", "unknown@rivers.test"):
        link = begin(email, authority=make_authority(name=f"Office of {email.partition('@')[0]}"))
        send_case_link(link.pk)
        body = mail.outbox[-1].body.replace(token_of(link), "TOKEN").replace(str(link.authority), "OFFICE")
        texts.append((mail.outbox[-1].subject, body))
    assert texts[0] == texts[1]


def test_an_address_gets_a_few_mails_an_hour_and_then_none():
    made = [begin() for _each in range(MOST_IN_THAT_TIME + 2)]
    assert [link is not None for link in made] == [True] * MOST_IN_THAT_TIME + [False, False]
    CaseLink.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert begin() is not None


@pytest.mark.parametrize(
    "token", ["", "x", "1f8b2f5c-90b4-4a0e-8d35-3a4c3fd5d3b1", "1f8b2f5c-90b4-4a0e-8d35-3a4c3fd5d3b1:forged"]
)
def test_what_the_portal_has_not_signed_is_nothing(token):
    begin()
    with pytest.raises(NotFound):
        link_of(token)


def test_a_link_ends_after_a_week_and_a_new_one_keeps_what_was_typed():
    link, user = begin(), make_user(STRANGER)
    CaseLink.objects.filter(pk=link.pk).update(expires_at=timezone.now(), created_at=timezone.now() - timedelta(days=7))
    with pytest.raises(Refused, match="good for a week"):
        go_on(acting_user=user, link=link)
    ask_again(link=link)
    fresh = CaseLink.objects.latest("pk")
    assert (fresh.pk != link.pk, fresh.facts) == (True, FACTS)


def test_a_link_is_good_for_the_address_that_it_was_sent_to():
    with pytest.raises(Forbidden, match="and you are signed in as"):
        go_on(acting_user=make_user("other@rivers.test"), link=begin())
    assert OnboardingCase.objects.count() == 0


def test_an_account_that_is_there_is_not_opened_a_second_time():
    link = begin()
    make_user(STRANGER.upper())
    with pytest.raises(Refused, match="Sign in to go on"):
        open_account(link=link, full_name="Ida", password=PASSWORD)
    assert User.objects.filter(email__iexact=STRANGER).count() == 1


def test_a_weak_password_opens_nothing_and_the_link_stays_good():
    link = begin()
    with pytest.raises(Refused):
        open_account(link=link, full_name="Ida", password="12345678")
    assert open_account(link=link, full_name="Ida", password=PASSWORD).email == STRANGER


def test_a_colleague_writes_too_once_they_have_followed_their_link(case, writer):
    link, colleague = invite(case, writer), make_user("Second@writer.test")
    assert list(OnboardingCase.objects.visible_to(colleague)) == []
    assert (invitations_of(case), invitations_for(colleague)) == ([link], [link])
    go_on(acting_user=colleague, link=link)
    assert list(OnboardingCase.objects.visible_to(colleague, "edit")) == [case]
    assert (invitations_of(case), invitations_for(colleague)) == ([], [])
    acts = set(AuditEvent.objects.filter(target_id=case.pk).values_list("act", flat=True))
    assert {"case.writer_invited", "case.writer_added"} <= acts


def test_who_is_asked_twice_gets_a_new_link_and_the_old_one_is_gone(case, writer):
    old = invite(case, writer)
    fresh = invite(case, writer)
    assert list(CaseLink.objects.all()) == [fresh]
    with pytest.raises(NotFound):
        link_of(token_of(old))


def test_an_invitation_taken_back_opens_nothing(case, writer):
    link = invite(case, writer)
    take_back_invitation(acting_user=writer, case=case, invitation=str(link.public_id))
    with pytest.raises(NotFound):
        link_of(token_of(link))
    with pytest.raises(NotFound):
        take_back_invitation(acting_user=writer, case=case, invitation=str(link.public_id))


def test_who_writes_already_is_not_asked_and_writers_are_not_a_crowd(case, writer):
    with pytest.raises(Refused, match="writes this application already") as refused:
        invite(case, writer, "First@writer.test")
    assert refused.value.field == "email"
    for number in range(MOST - 1):
        invite(case, writer, f"{number}@writer.test")
    with pytest.raises(Refused, match="remove somebody first"):
        invite(case, writer, "late@writer.test")


def test_a_colleague_may_come_after_the_application_was_sent(case, writer):
    link, colleague = invite(case, writer), make_user("second@writer.test")
    submit_case(acting_user=writer, case=case)
    assert go_on(acting_user=colleague, link=link).state == "submitted"


def test_a_mail_goes_out_once_though_it_is_asked_for_twice_and_late_when_the_broker_was_away():
    link = begin()
    assert sweep_case_links() == [link.pk]
    tasks.send_case_links()
    tasks.send_case_link(link.pk)
    assert (len(mail.outbox), sweep_case_links()) == (1, [])


def test_a_mail_that_the_server_did_not_take_goes_out_later(monkeypatch):
    link = begin()

    def away(*_args):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("tenants.services.case_links.send_mail", away)
        with pytest.raises(ConnectionRefusedError):
            send_case_link(link.pk)
    send_case_link(link.pk)
    assert mail.outbox == []  # not at once
    CaseLink.objects.update(tried_at=timezone.now() - timedelta(minutes=3))
    assert sweep_case_links() == [link.pk]
    send_case_link(link.pk)
    assert len(mail.outbox) == 1


def test_links_that_led_nowhere_are_forgotten_a_month_after_their_end():
    link = begin()
    CaseLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(days=31))
    with transaction.atomic():
        sweep_case_links()
    assert CaseLink.objects.count() == 0
