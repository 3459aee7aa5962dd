"""Where an application stands and how long it usually takes, as its applicant reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tenants.models import OnboardingCase
from tenants.queries.progress import Usual, stations, usual_time
from tenants.services.admission import ask_applicant, take_case
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff

pytestmark = pytest.mark.django_db


def decided(authority, *days: int) -> None:
    now = timezone.now()
    for number in days:
        case = make_case("approved", authority=authority)
        OnboardingCase.objects.filter(pk=case.pk).update(submitted_at=now - timedelta(days=number), decided_at=now)


def told(case) -> list[tuple[str, bool, bool]]:
    return [(str(each.label), each.at is not None, each.now) for each in stations(case)]


def test_the_usual_time_is_the_middle_of_what_was_measured_and_says_of_how_many():
    authority = make_authority()
    decided(authority, 2, 3, 4, 30)
    assert usual_time(authority.pk) is None  # too few to be about nobody
    decided(authority, 5)
    decided(make_authority(), 90, 90, 90, 90, 90, 90)
    assert usual_time(authority.pk) == Usual(days=4, decided=5)


def test_the_way_of_an_application_shows_where_it_is_and_what_comes():
    authority = make_authority()
    case, officer = make_case("draft", authority=authority), make_staff(authority)
    assert told(case) == [
        ("Begun", True, True),
        ("Sent", False, False),
        ("Looked at by the authority", False, False),
        ("Decided", False, False),
    ]
    case = make_case("submitted", authority=authority)
    take_case(acting_user=officer, case=case)
    assert told(case)[1:3] == [("Sent", True, False), ("Looked at by the authority", True, True)]
    ask_applicant(acting_user=officer, case=case, reason="Which river?")
    assert told(case)[2:] == [
        ("Looked at by the authority", True, False), ("Your answer is awaited", False, True), ("Decided", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "last"), [("rejected", "Refused"), ("approved", "Approved"), ("withdrawn", "Withdrawn")]
)
def test_the_end_is_called_by_its_name(state, last):
    case = make_case(state)
    assert (told(case)[-1][0], told(case)[-1][2]) == (last, True)


def test_the_status_page_says_whom_to_ask_and_invents_no_time(signed_in):
    writer = make_user()
    case = make_case("submitted", writer)
    text = signed_in(writer).get(reverse("case", args=[case.public_id])).content.decode()
    assert "too few applications here yet" in text
    assert f"mailto:{case.authority.contact_email}" in text
    decided(case.authority, 2, 2, 2, 2, 2, 2)
    text = signed_in(writer).get(reverse("case", args=[case.public_id])).content.decode()
    assert "2 days from sending to decision, in the middle of this authority’s last 6 decisions" in text
