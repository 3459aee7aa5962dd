"""Applying without an account, page by page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from tenants.models import CaseLink, OnboardingCase
from tenants.services.case_links import invite_writer, send_case_link, token_of
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case

pytestmark = pytest.mark.django_db
STRANGER, PASSWORD = "ida@rivers.test", "a long and quiet river"


@pytest.fixture
def body():
    return {
        "authority": str(make_authority(name="Office of Waters").public_id), "kind": "academia",
        "organisation": "Institute of Rivers", "email": STRANGER,
    }  # fmt: skip


def link_page() -> str:
    return reverse("case-link", args=[token_of(CaseLink.objects.latest("pk"))])


def test_a_stranger_chooses_authority_and_kind_confirms_the_address_and_goes_on(body):
    client = Client()
    page = client.get(reverse("case-apply")).content.decode()
    assert ("Office of Waters" in page, 'name="kind"' in page, 'name="email"' in page) == (True, True, True)
    answer = client.post(reverse("case-apply"), body, follow=True)
    assert f"on its way to {STRANGER}" in answer.content.decode()
    send_case_link(CaseLink.objects.get().pk)
    page = mail.outbox[0].body.split("http://testserver")[1].split()[0]
    other = Client()  # the mail is read on another machine
    text = other.get(page).content.decode()
    assert ("Institute of Rivers" in text, OnboardingCase.objects.count(), User.objects.count()) == (True, 0, 0)
    answer = other.post(page, {"full_name": "Ida Berg", "password": PASSWORD}, follow=True)
    case = OnboardingCase.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("case-write", args=[case.public_id, "organisation"])
    assert (case.organisation, case.kind) == ("Institute of Rivers", "academia")
    assert 'value="Institute of Rivers"' in answer.content.decode()


def test_what_a_stranger_typed_stays_when_the_address_is_none(body):
    answer = Client().post(reverse("case-apply"), {**body, "email": "ida@"})
    text = answer.content.decode()
    assert (answer.status_code, 'value="Institute of Rivers"' in text, CaseLink.objects.count()) == (422, True, 0)


def test_the_answer_is_the_same_for_an_address_with_and_without_an_account(body):
    make_user("known@rivers.test")
    answers = []
    for email in ("known@rivers.test", "other@rivers.test"):
        answer = Client().post(reverse("case-apply"), {**body, "email": email}, follow=True)
        answers.append((answer.status_code, answer.redirect_chain, answer.content.decode().replace(email, "X")))
    assert [code for code, _chain, _text in answers] == [200, 200]
    assert answers[0][1] == answers[1][1]
    assert len(answers[0][2]) == len(answers[1][2])


def test_too_many_from_one_place_are_told_to_wait(body, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "apply": "2/h/ip"}
    codes = [Client().post(reverse("case-apply"), {**body, "email": f"{n}@rivers.test"}).status_code for n in range(3)]
    assert codes == [302, 302, 429]


def test_who_has_an_account_signs_in_and_comes_back_to_the_button(body, signed_in):
    Client().post(reverse("case-apply"), body)
    person = make_user(STRANGER)
    page = link_page()
    text = Client().get(page).content.decode()
    assert ("You have an account with this address" in text, f"?next={quote(page)}" in text) == (True, True)
    mine = signed_in(person)
    assert "Go on with the application" in mine.get(page).content.decode()
    assert OnboardingCase.objects.count() == 0  # looking at it does nothing
    assert mine.post(page)["Location"].endswith("/edit/organisation/")
    assert mine.post(page)["Location"].endswith("/edit/organisation/")
    assert OnboardingCase.objects.count() == 1


def test_a_link_of_somebody_else_tells_nothing_about_it(body, signed_in):
    Client().post(reverse("case-apply"), body)
    other = signed_in(make_user("other@rivers.test"))
    text = other.get(link_page()).content.decode()
    assert ("Institute of Rivers" in text, STRANGER in text, "Sign out" in text) == (False, False, True)
    other.post(link_page())
    assert OnboardingCase.objects.count() == 0


def test_a_link_that_has_ended_offers_a_new_one(body):
    Client().post(reverse("case-apply"), body)
    CaseLink.objects.update(expires_at=timezone.now(), created_at=timezone.now() - timedelta(days=7))
    client, page = Client(), link_page()
    assert "Send a new link" in client.get(page).content.decode()
    assert client.post(page)["Location"] == reverse("case-link-sent")
    assert CaseLink.objects.count() == 2


def test_a_colleague_is_asked_and_finds_it_under_apply(signed_in):
    writer, colleague = make_user(full_name="Bo Lind"), make_user("second@writer.test")
    case = make_case("draft", writer, organisation="Institute of Tides")
    mine, theirs = signed_in(writer), signed_in(colleague)
    page = reverse("case-writers", args=[case.public_id])
    text = mine.post(page, {"email": "second@writer.test"}, follow=True).content.decode()
    assert ("second@writer.test" in text, "Take back" in text) == (True, True)
    text = theirs.get(reverse("case-apply")).content.decode()
    assert ("Bo Lind" in text, "Institute of Tides" in text) == (True, True)
    theirs.post(link_page())
    assert theirs.get(reverse("case-write", args=[case.public_id, "data"])).status_code == 200
    assert "Institute of Tides" not in signed_in(make_user()).get(reverse("case-apply")).content.decode()


def test_an_invitation_is_taken_back_in_the_browser(signed_in):
    writer = make_user()
    case = make_case("draft", writer)
    link = invite_writer(acting_user=writer, case=case, email="second@writer.test", site="https://portal.test/")
    page = reverse("case-invitation-take-back", args=[case.public_id, link.public_id])
    assert signed_in(make_user()).post(page).status_code == 404
    assert signed_in(writer).post(page)["Location"] == reverse("case-writers", args=[case.public_id])
    assert CaseLink.objects.count() == 0


def test_a_name_with_characters_nobody_sees_is_told_and_goes_into_no_mail(body):
    typed = {**body, "organisation": "Institute\u202e of Rivers"}
    answer = Client().post(reverse("case-apply"), typed)
    text = answer.content.decode()
    assert (answer.status_code, CaseLink.objects.count()) == (422, 0)
    assert "invisible character (U+202E)" in text
    assert "Institute\u202e of Rivers" in text
    case = make_case("draft", make_user(full_name="Ida\u200b Berg"), organisation="Insti\u200btute of \u202eRivers")
    link = invite_writer(acting_user=case.members.get().user, case=case, email="nils@rivers.test", site="http://x/")
    send_case_link(link.pk)
    assert "“Institute of Rivers”" in mail.outbox[-1].body
    assert "Ida Berg" in mail.outbox[-1].body
