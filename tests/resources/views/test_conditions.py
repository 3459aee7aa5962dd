"""Conditions on the page of a decision, on the pages of requests and grants, and on their own."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.core import files
from resources.models import Grant, GrantCondition
from tenants.models import PolicyRule
from tests.factories.resources import make_request
from tests.factories.tenants import make_policy
from tests.resources.services.test_conditions import PAPER, USE, granted, make_overdue, one

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def address(name, row):
    return reverse(name, args=[row.public_id])


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def typed(*rows, **facts):
    """The form of a decision as posted, with these (text, day) in its rows."""
    found = {"decision": "approve", "reason": "Within the plan", **facts}
    for number, (text, due) in enumerate(rows, 1):
        found |= {f"condition_text_{number}": text, f"condition_due_{number}": due}
    return found


def sent(house, **facts):
    return make_request(house.project, house.pool, house.owner, days=60, **facts)


def test_the_form_has_a_row_and_another_comes_with_everything_typed_kept(house, sign_in):
    request = sent(house)
    page = sign_in(house.approver)
    assert 'name="condition_text_1"' in page.get(address("request", request)).content.decode()
    data = typed((PAPER, day(9)), more_conditions="1", csrfmiddlewaretoken="x")
    for name in ("request-condition-rows", "request-decide"):
        answer = page.post(address(name, request), data)
        said = answer.content.decode()
        assert answer.status_code == 200
        assert f'value="{PAPER}"' in said
        assert f'value="{day(9)}"' in said
        assert 'name="condition_text_2"' in said
        assert "errsum" not in said
    assert "Within the plan" in said
    assert 'name="confirmed"' not in said
    assert not GrantCondition.objects.exists()


def test_asking_for_a_row_decides_nothing_even_with_confirmed_beside_it(house, sign_in):
    request = sent(house)
    sign_in(house.approver).post(
        address("request-decide", request), typed((PAPER, day(9)), more_conditions="1", confirmed="1")
    )
    request.refresh_from_db()
    assert request.state == "submitted"


def test_a_decision_with_conditions_is_read_back_and_taken_with_them(house, sign_in):
    request, page = sent(house), sign_in(house.approver)
    data = typed((PAPER, day(9)), ("", ""), (USE, day(20)))
    back = page.post(address("request-decide", request), data).content.decode()
    assert (PAPER in back, USE in back, 'name="confirmed"' in back) == (True, True, True)
    page.post(address("request-decide", request), {**data, "confirmed": "1"})
    assert list(GrantCondition.objects.order_by("number").values_list("number", "text", "state")) == [
        (1, PAPER, "open"), (2, USE, "open"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (("", 5), "condition_text_1", "Write what has to be done"),
        ((PAPER, None), "condition_due_1", "Choose the last day"),
        ((PAPER, -2), "condition_due_1", "not in the future"),
        ((PAPER, 300), "condition_due_1", "before this day"),
        (("x" * 501, 5), "condition_text_1", ""),
    ],
)
def test_a_row_that_cannot_stand_gets_its_sentence_and_keeps_the_rest(house, sign_in, row, field, said):
    request = sent(house)
    data = typed((row[0], "" if row[1] is None else day(row[1])), (USE, day(7)), confirmed="1")
    answer = sign_in(house.approver).post(address("request-decide", request), data)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert said in str(answer.context["form"].errors[field])
    assert f'value="{USE}"' in answer.content.decode()
    assert not GrantCondition.objects.exists()


def test_the_same_twice_is_said_at_the_second(house, sign_in):
    data = typed((PAPER, day(9)), ("", ""), (PAPER.upper(), day(10)), confirmed="1")
    answer = sign_in(house.approver).post(address("request-decide", sent(house)), data)
    assert set(answer.context["form"].errors) == {"condition_text_3"}


def test_rows_of_a_refusal_are_nobodys_mistake(house, sign_in):
    request = sent(house)
    data = typed(("", day(-4)), decision="reject", confirmed="1")
    sign_in(house.approver).post(address("request-decide", request), data)
    request.refresh_from_db()
    assert (request.state, GrantCondition.objects.count()) == ("rejected", 0)


def test_the_second_person_reads_them_before_confirming(house, sign_in):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    request = sent(house)
    page = sign_in(house.approver)
    page.post(address("request-decide", request), typed((PAPER, day(9)), confirmed="1"))
    page = sign_in(house.second)
    form = page.get(address("request", request)).content.decode()
    assert form.index("Under these conditions") < form.index('name="decision"')
    back = page.post(address("request-decide", request), {"decision": "confirm"}).content.decode()
    assert "Under these conditions" in back
    page.post(address("request-decide", request), {"decision": "confirm", "confirmed": "1"})
    assert one().state == "open"


def test_requester_and_decider_see_them_on_request_grant_list_and_own_page(house, sign_in):
    request = granted(house)
    grant, row = Grant.objects.get(), one()
    for person in (house.owner, house.member, house.approver, house.auditor):
        page = sign_in(person)
        for at in (
            address("request", request), address("request-conditions", request), address("grant", grant),
            reverse("grant-conditions"), address("grant-condition", row),
        ):  # fmt: skip
            assert PAPER in page.get(at).content.decode()
    assert PAPER not in sign_in(house.operator).get(address("grant", grant)).content.decode()


def test_what_may_be_done_stands_only_for_who_may_do_it(house, sign_in):
    granted(house)
    row = one()

    def offered(person):
        said = sign_in(person).get(address("grant-condition", row)).content.decode()
        return {name for name in ("met", "confirm", "send-back", "lift", "suspend", "shorten") if f"/{name}/" in said}

    assert [offered(each) for each in (house.owner, house.member, house.approver)] == [{"met"}, set(), {"lift"}]
    make_overdue(row)
    assert [offered(each) for each in (house.owner, house.approver)] == [{"met"}, {"lift", "suspend", "shorten"}]
    sign_in(house.owner).post(address("grant-condition-say-met", row), {"note": "Here"})
    assert [offered(each) for each in (house.owner, house.approver)] == [set(), {"confirm", "send-back", "lift"}]


def test_a_condition_goes_its_whole_way_through_the_pages(house, sign_in):
    request = granted(house)
    row = one()
    paper = SimpleUploadedFile("assessment.txt", b"the assessment of this project")
    page = sign_in(house.owner)
    page.post(address("grant-condition-say-met", row), {"note": "See the file", "file": paper})
    row.refresh_from_db()
    assert (row.state, row.document.name, row.document.request_id) == ("said_met", "assessment.txt", request.pk)
    page = sign_in(house.approver)
    read = page.get(address("grant-condition", row)).content.decode()
    assert ("assessment.txt" in read, "See the file" in read) == (True, True)
    assert page.post(address("grant-condition-send-back", row), {"reason": ""}).status_code == 422
    page.post(address("grant-condition-send-back", row), {"reason": "Page 2 is missing"})
    sign_in(house.owner).post(address("grant-condition-say-met", row), {"note": "With page 2"})
    page = sign_in(house.second)
    page.post(address("grant-condition-confirm", row), {"reason": "Complete"})
    row.refresh_from_db()
    assert (row.state, row.closed_by) == ("met", house.second)
    read = page.get(address("grant-condition", row)).content.decode()
    assert ("Page 2 is missing" in read, "Complete" in read) == (True, True)
    files.forget(row.document.key) if row.document else None


def test_overdue_an_approver_suspends_and_ends_earlier(house, sign_in):
    granted(house)
    row = one()
    make_overdue(row)
    page = sign_in(house.approver)
    page.post(address("grant-condition-suspend", row), {"reason": "No paper"})
    assert Grant.objects.get().state == "suspended"
    answer = page.post(address("grant-condition-shorten", row), {"last_day": day(-1), "reason": "x"})
    assert (answer.status_code, "last_day" in answer.context["form"].errors) == (422, True)
    page.post(address("grant-condition-shorten", row), {"last_day": day(3), "reason": "x"})
    assert Grant.objects.counting().get().ends_at < timezone.now() + timedelta(days=5)


def test_what_is_due_waits_on_the_approvers_page_and_in_the_tab(house, sign_in):
    granted(house)
    make_overdue(one())
    page = sign_in(house.approver)
    assert PAPER in page.get(reverse("capacity")).content.decode()
    assert PAPER in page.get(reverse("grant-conditions"), {"tab": "approver"}).content.decode()
    assert PAPER not in page.get(reverse("grant-conditions"), {"tab": "settled"}).content.decode()


def test_an_open_page_hears_that_it_moved(house, sign_in):
    granted(house)
    row = one()
    page = sign_in(house.owner)
    moved = address("grant-condition-moved", row)
    assert page.get(moved, {"seen": "open.0"}).status_code == 204
    assert page.get(moved, {"seen": "overdue.0"})["HX-Refresh"] == "true"


def test_the_list_asks_as_much_for_three_as_for_one(house, sign_in, django_assert_num_queries):
    granted(house)
    page = sign_in(house.approver)
    page.get(reverse("grant-conditions"))
    with django_assert_num_queries(9):
        page.get(reverse("grant-conditions"))
    granted(house)
    granted(house)
    with django_assert_num_queries(9):
        page.get(reverse("grant-conditions"))
