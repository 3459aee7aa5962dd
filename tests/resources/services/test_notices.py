from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from portal.core.access import fetch
from portal.core.errors import NotFound
from portal.core.notices import attach_targets, mark_read, notifications, notify, unread_count
from portal.models import Notification
from resources.services import decisions, requests
from tenants.services import admission, onboarding
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_request
from tests.factories.tenants import case_answers, make_authority, make_staff
from tests.world import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in():
    """A browser in which this person is signed in."""

    def open_browser(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return open_browser


def acts(person) -> list[str]:
    return list(notifications().visible_to(person).order_by("pk").values_list("act", flat=True))


def sent_case():
    authority, writer = make_authority(), make_user()
    officer = make_staff(authority)
    case = onboarding.draft_case(acting_user=writer, authority=authority, facts=case_answers())
    onboarding.submit_case(acting_user=writer, case=case)
    return case, writer, officer


def test_an_application_goes_back_and_forth_and_tells_the_other_side_alone():
    case, writer, officer = sent_case()
    colleague = make_staff(case.authority)
    auditor = make_staff(case.authority, "auditor")
    admission.ask_applicant(acting_user=officer, case=case, reason="Which use?")
    onboarding.answer_case(acting_user=writer, case=case, text="Weather")
    admission.reject_case(acting_user=officer, case=case, reason="No")
    assert acts(officer) == ["case.submitted", "case.answered"]
    assert acts(writer) == ["case.info_requested", "case.rejected"]
    assert acts(colleague) == acts(auditor) == acts(make_admin()) == []


def test_a_request_tells_who_could_pay_and_then_who_asked():
    world = build()
    house = world.houses["one"]
    Notification.objects.all().delete()
    requests.submit_request(acting_user=house.owner, request=house.draft)
    assert {row.user for row in Notification.objects.all()} == {
        world.people["north approver"], world.people["south approver"]
    }  # fmt: skip
    decisions.reject_request(acting_user=world.people["north approver"], request=house.draft, reason="No")
    assert acts(house.owner) == ["request.rejected"]
    assert acts(world.people["one member"]) == []


def test_who_could_be_the_second_person_is_told_and_the_first_is_not(house):
    house.pool.policy_line_percent = 10
    house.pool.save()
    request = make_request(house.project, house.pool, house.owner, amount=50)
    decisions.approve_request(acting_user=house.approver, request=request, reason="The plan of the year")
    assert request.state == "awaiting_second"
    assert acts(house.second) == ["request.submitted", "request.awaiting_second"]
    assert acts(house.approver) == ["request.submitted"]
    assert acts(house.owner) == []


def test_the_same_twice_is_one_row_until_it_is_read():
    case, _writer, officer = sent_case()
    for _each in range(2):
        notify("case.submitted", to=[officer.pk, officer.pk], target=case, acting_user=None)
    assert unread_count(officer) == 1
    assert mark_read(acting_user=officer) == 1
    assert unread_count(officer) == 0
    notify("case.submitted", to=[officer.pk], target=case, acting_user=None)
    assert unread_count(officer) == 1


def test_what_is_taken_back_notifies_nobody():
    case, _writer, officer = sent_case()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        notify("case.answered", to=[officer.pk], target=case, acting_user=None)
        raise ZeroDivisionError
    assert acts(officer) == ["case.submitted"]


def test_who_may_not_see_the_target_any_more_finds_nothing_of_it(signed_in):
    case, _writer, officer = sent_case()
    word = case.organisation
    assert word in signed_in(officer).get("/notifications/").content.decode()
    stranger = make_user()
    notify("case.submitted", to=[stranger.pk], target=case, acting_user=None)
    browser = signed_in(stranger)
    page = browser.get("/notifications/").content.decode()
    assert "You may not see any more" in page
    answer = browser.get("/api/v1/notifications/").json()["results"]
    assert [(row["target"], row["target_type"]) for row in answer] == [(None, None)]
    for text in (page, str(answer), browser.get("/notifications/?format=csv").content.decode()):
        assert word not in text
        assert case.reference not in text
        assert str(case.public_id) not in text


def test_marking_goes_by_page_and_by_api_and_for_oneself_alone(signed_in):
    case, writer, officer = sent_case()
    admission.ask_applicant(acting_user=officer, case=case, reason="Which use?")
    own, other = notifications().visible_to(officer).get(), notifications().visible_to(writer).get()
    browser = signed_in(officer)
    assert browser.get("/api/v1/notifications/count/").json() == {"unread": 1}
    assert browser.post(f"/notifications/{own.public_id}/read/").status_code == 302
    assert browser.post(f"/api/v1/notifications/{other.public_id}/read/").status_code == 404
    assert browser.get("/api/v1/notifications/count/").json() == {"unread": 0}
    assert signed_in(writer).post("/api/v1/notifications/read/").json() == {"unread": 0}
    with pytest.raises(NotFound):
        fetch(notifications(), officer, "view", pk=other.pk)


def test_a_page_of_notifications_asks_once_for_each_kind_of_target(django_assert_num_queries):
    case, _writer, officer = sent_case()
    notify("case.answered", to=[officer.pk], target=case, acting_user=None)
    rows = list(notifications().visible_to(officer))
    with django_assert_num_queries(1):
        attach_targets(rows, officer)
    assert [row.target for row in rows] == [case, case]
