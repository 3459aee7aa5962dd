"""What people are told who come late, ask for nothing, or for days that nobody can promise."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from resources.models import QuotaRequest
from resources.services.decisions import approve_request
from tenants.services.admission import approve_case
from tests.factories.resources import make_request
from tests.factories.tenants import make_case, make_member, make_staff, make_tenant
from tests.resources.views.test_requests import address, form_data, sign_in

pytestmark = pytest.mark.django_db
__all__ = ["sign_in"]


@pytest.mark.parametrize("until", ["9999-12-31", "2045-01-01"])
def test_day_that_nobody_can_promise_is_refused_at_its_field(house, sign_in, until):
    answer = sign_in(house.owner).post(reverse("request-new"), form_data(house, until=until))
    assert answer.status_code == 422
    assert "A request reaches no further than" in answer.content.decode()
    assert not QuotaRequest.objects.exists()


def days_ago(number):
    return (timezone.localdate() - timedelta(days=number)).isoformat()


@pytest.mark.parametrize("since", ["0001-01-01", days_ago(2), days_ago(40)])
def test_first_day_that_is_past_is_refused_at_its_field(house, sign_in, since):
    answer = sign_in(house.owner).post(reverse("request-new"), form_data(house, since=since))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["since"]
    assert "This day is past" in answer.content.decode()


def test_first_day_that_passed_while_a_draft_waited_may_stay(house, sign_in):
    sign_in(house.owner).post(reverse("request-new"), {**form_data(house), "draft": "1"})
    draft = QuotaRequest.objects.get()
    draft.lines.update(starts_at=F("starts_at") - timedelta(days=9))
    page = sign_in(house.owner)
    since = page.get(address("request-edit", draft)).context["form"]["since"].value().isoformat()
    for day, status in ((days_ago(30), 422), (since, 302)):
        sent = page.post(address("request-edit", draft), {**form_data(house, since=day), "draft": "1"})
        assert sent.status_code == status


def test_owner_without_a_project_is_led_to_opening_one(sign_in):
    tenant = make_tenant()
    answer = sign_in(make_member(tenant, "owner")).get(reverse("request-new"), follow=True)
    assert answer.redirect_chain == [(reverse("project-new", args=[tenant.public_id]), 302)]
    assert "Open one, then ask" in answer.content.decode()


def decision(request, how, amount=None, **facts):
    line = request.current_lines.get()
    return {"decision": how, f"line_{line.pk}": line.amount if amount is None else amount, "reason": "", **facts}


def test_approving_nothing_is_no_approval(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    answer = sign_in(house.approver).post(address("request-decide", request), decision(request, "part", 0))
    assert answer.status_code == 422
    assert "To give none of it, refuse the request" in answer.content.decode()


@pytest.mark.parametrize("how", ["reject", "ask"])
def test_reason_is_asked_for_before_the_decision_is_read_back(house, sign_in, how):
    request = make_request(house.project, house.pool, house.owner)
    answer = sign_in(house.approver).post(address("request-decide", request), decision(request, how))
    assert answer.status_code == 422
    assert "Write it down: the tenant reads it" in answer.content.decode()


def test_decision_about_a_request_that_comes_too_late_says_who_was_first(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    approve_request(acting_user=house.approver, request=request)
    late = decision(request, "reject", reason="Too many for this season")
    answer = sign_in(house.second).post(address("request-decide", request), late)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"{house.approver} decided it on" in text
    assert "Your decision was not recorded." in text
    assert "Too many for this season" in text
    assert "partially_approved" not in text


def test_decision_about_an_application_that_comes_too_late_says_who_was_first(sign_in):
    case = make_case("in_review")
    first, second = make_staff(case.authority), make_staff(case.authority)
    approve_case(acting_user=first, case=case)
    answer = sign_in(second).post(
        reverse("case-decide", args=[case.public_id]),
        {"confirmed": "1", "outcome": "reject", "reason": "No seat in the Union"},
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"{first} decided it on" in text
    assert "No seat in the Union" in text


def test_nothing_is_decided_beforehand(house, sign_in):
    page = sign_in(house.approver).get(
        address("request", make_request(house.project, house.pool, house.owner, amount=8))
    )
    assert page.context["form"]["decision"].value() is None
    assert "checked" not in str(page.context["form"]["decision"])


@pytest.mark.parametrize("typed", ["9", "-3", "two", "2.5", ""])
def test_amount_that_cannot_be_given_is_no_number_of_the_page(house, sign_in, typed):
    request = make_request(house.project, house.pool, house.owner, amount=8)
    form = {"decision": "part", f"line_{request.current_lines[0].pk}": typed}
    part = sign_in(house.approver).get(address("request-impact", request), form)
    assert (part.context["effects"], len(part.context["wrong"])) == ([], 1)
    answer = sign_in(house.approver).post(address("request-decide", request), form)
    page = answer.content.decode()
    assert (answer.status_code, answer.context["shows_effect"]) == (422, False)
    assert answer.context["title"] == f"Your decision on {request.reference} of {request.tenant}"
    assert 'name="confirmed"' not in page
    assert f'value="{typed}"' in page or not typed


def test_part_is_read_back_as_the_part_that_it_is(house, sign_in):
    request = make_request(house.project, house.pool, house.owner, amount=8)
    line = request.current_lines[0]
    answer = sign_in(house.approver).post(
        address("request-decide", request), {"decision": "part", f"line_{line.pk}": "3"}
    )
    assert answer.context["asked"] == f"3 of 8 {line.kind}"


def test_page_names_who_could_be_the_second_person(house, sign_in):
    request = make_request(house.project, house.pool, house.owner, amount=95)
    approve_request(acting_user=house.approver, request=request, reason="Flood")
    page = sign_in(house.approver).get(address("request", request))
    assert page.context["could_agree"] == str(house.second)
    assert f"Any of these can agree now: {house.second}." in page.content.decode()


def test_what_is_wrong_in_a_part_is_said_before_it_is_read_back(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    line, page = request.current_lines.get(), sign_in(house.approver)
    since, until = (timezone.localtime(each).date() for each in (line.starts_at, line.ends_at))
    reversed_days = {f"since_{line.pk}": until - timedelta(days=2), f"until_{line.pk}": since + timedelta(days=2)}
    for facts, field in (
        ({**reversed_days, "reason": "Less"}, f"until_{line.pk}"),
        ({f"until_{line.pk}": until + timedelta(days=90), "reason": "More"}, f"until_{line.pk}"),
        ({}, "reason"),
    ):
        answer = page.post(address("request-decide", request), decision(request, "part", 3, **facts))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert "The grant is made now" not in answer.content.decode()
        seen = page.get(address("request-impact", request), decision(request, "part", 3, **facts)).content.decode()
        assert ("Choose a period within that" in seen) == (field != "reason")


def test_the_preview_of_a_wrong_number_is_no_preview_whatever_buttons_are_there(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    typed = decision(request, "part", "0.5", more_conditions="1")
    seen = sign_in(house.approver).get(address("request-impact", request), typed).content.decode()
    assert "needs a whole number" in seen
    assert "asked</span>" not in seen
    page = sign_in(house.approver).get(address("request", request)).content.decode()
    assert 'hx-include="#decide-form :is(input, select, textarea)[name]:not([type=hidden])"' in page


def test_a_shorter_period_is_read_back(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    line, page = request.current_lines.get(), sign_in(house.approver)
    last = page.get(address("request", request)).context["form"][f"until_{line.pk}"].value() - timedelta(days=5)
    facts = {f"until_{line.pk}": last.isoformat(), "reason": "Until the next ones come"}
    said = page.post(address("request-decide", request), decision(request, "part", 3, **facts)).content.decode()
    assert f"until {last.day} {last:%b %Y}" in " ".join(said.split())
