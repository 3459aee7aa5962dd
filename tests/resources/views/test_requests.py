"""The pages of asking and deciding, through the front door."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from resources.models import Grant, QuotaRequest
from resources.services.decisions import approve_request, ask_for_changes
from tests.factories.people import make_user
from tests.factories.resources import make_draft, make_request, mode_data, period
from tests.factories.tenants import make_policy, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def address(name, row):
    return reverse(name, args=[row.public_id])


def form_data(house, **facts: Any):
    begin, _end = period(1)
    return {
        "project": house.project.pk, "pool": house.pool.pk, "amount": 12, "since": begin.date().isoformat(),
        "until": period(1, 10)[1].date().isoformat(), "purpose": "Train", **mode_data(), **facts,
    }  # fmt: skip


def test_ask_sends_a_request_whose_last_day_is_included(house, sign_in):
    answer = sign_in(house.owner).post(reverse("request-new"), form_data(house), follow=True)
    request = QuotaRequest.objects.get()
    line = request.current_lines.get()
    assert (answer.status_code, request.state, line.amount) == (200, "submitted", 12)
    assert (line.ends_at - line.starts_at).days == 11
    assert request.reference in answer.content.decode()


def test_ask_may_be_kept_as_a_draft_and_changed_and_sent(house, sign_in):
    page = sign_in(house.owner)
    page.post(reverse("request-new"), form_data(house, draft="1"))
    request = QuotaRequest.objects.get()
    assert request.state == "draft"
    assert page.get(address("request-edit", request)).status_code == 200
    page.post(address("request-edit", request), form_data(house, amount=7, draft="1"))
    page.post(address("request-submit", request))
    request.refresh_from_db()
    assert (request.state, request.current_lines.get().amount) == ("submitted", 7)


def test_ask_for_too_many_shows_the_sentence_at_its_field(house, sign_in):
    answer = sign_in(house.owner).post(reverse("request-new"), form_data(house, amount=500))
    assert answer.status_code == 422
    assert "amount" in answer.context["form"].errors
    assert not QuotaRequest.objects.exists()


def test_ask_is_for_those_who_may(house, sign_in):
    assert {
        name: sign_in(getattr(house, name)).get(reverse("request-new")).status_code
        for name in ("owner", "member", "approver", "operator")
    } == {"owner": 200, "member": 404, "approver": 404, "operator": 404}


def test_offer_says_what_is_free_over_the_period(house, sign_in):
    make_policy(house.authority, "quota.second_person_gpus", 1000)
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, amount=60))
    answer = sign_in(house.owner).get(reverse("request-offer"), form_data(house))
    assert "40 of 100" in answer.content.decode()


def test_review_page_previews_and_decides_in_two_steps(house, sign_in):
    request = make_request(house.project, house.pool, house.owner, amount=40)
    page = sign_in(house.approver)
    assert "What approval does to capacity" in page.get(address("request", request)).content.decode()
    line = request.current_lines.get()
    typed = {"decision": "part", f"line_{line.pk}": 30, "reason": "March is full"}
    part = page.get(address("request-impact", request), typed).content.decode()
    assert "+30 of 40" in part
    asked = page.post(address("request-decide", request), typed)
    assert "Approve 30 GPUs" in asked.content.decode()
    assert not Grant.objects.exists()
    page.post(address("request-decide", request), {**typed, "confirmed": "1"})
    request.refresh_from_db()
    assert (request.state, Grant.objects.get().amount) == ("partially_approved", 30)


def test_decision_that_does_not_fit_is_asked_again_with_the_sentence(house, sign_in):
    request = make_request(house.project, house.pool, house.owner, amount=95)
    typed = {"decision": "approve", "confirmed": "1"}
    answer = sign_in(house.approver).post(address("request-decide", request), typed)
    assert answer.status_code == 422
    assert "policy line" in answer.content.decode()


@pytest.mark.parametrize(
    ("choice", "state"), [("reject", "rejected"), ("ask", "info_requested"), ("approve", "approved")]
)
def test_each_choice_leads_to_its_state(house, sign_in, choice, state):
    request = make_request(house.project, house.pool, house.owner)
    data = {"decision": choice, "reason": "Because", "confirmed": "1"}
    sign_in(house.approver).post(address("request-decide", request), data)
    request.refresh_from_db()
    assert request.state == state


def test_second_person_confirms_on_the_same_page(house, sign_in):
    request = make_request(house.project, house.pool, house.owner, amount=95)
    approve_request(acting_user=house.approver, request=request, reason="Flood")
    waiting = sign_in(house.approver).get(address("request", request)).content.decode()
    assert "Waits for a second person" in waiting
    page = sign_in(house.second)
    assert "Flood" in page.get(address("request", request)).content.decode()
    page.post(address("request-decide", request), {"decision": "confirm", "confirmed": "1"})
    request.refresh_from_db()
    assert request.state == "approved"


def test_answer_page_sends_the_request_back_to_review(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    ask_for_changes(acting_user=house.approver, request=request, reason="Fewer?")
    page = sign_in(house.owner)
    assert page.get(address("request-answer", request)).status_code == 200
    page.post(address("request-answer", request), {**form_data(house, amount=5), "text": "Five will do"})
    request.refresh_from_db()
    assert (request.state, request.revision) == ("in_review", 2)


def test_withdraw_page_ends_the_request(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    page = sign_in(house.owner)
    assert page.get(address("request-withdraw", request)).status_code == 200
    page.post(address("request-withdraw", request), {"reason": ""})
    request.refresh_from_db()
    assert request.state == "withdrawn"


@pytest.mark.parametrize("name", ["request", "request-quotas", "request-impact", "request-decide"])
def test_strangers_find_nothing(house, sign_in, name):
    request = make_request(house.project, house.pool, house.owner)
    assert sign_in(make_user()).get(address(name, request)).status_code == 404


def test_member_sees_and_decides_nothing(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    page = sign_in(house.member)
    assert page.get(address("request", request)).status_code == 200
    assert page.post(address("request-decide", request), {"decision": "approve"}).status_code == 403
    assert page.get(address("request-withdraw", request)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(house, sign_in, rows, django_assert_num_queries):
    for _each in range(rows):
        make_request(make_project(house.tenant), house.pool, house.owner)
    page = sign_in(house.approver)
    page.get(reverse("requests"))
    with django_assert_num_queries(13) as asked:
        answer = page.get(reverse("requests"))
    assert len(answer.context["cut"].rows) == rows
    (rows_of_page,) = [each["sql"] for each in asked.captured_queries if '"reviewer_id" = "portal_user"' in each["sql"]]
    assert '"resources_quotarequest"."id" = ANY (ARRAY(SELECT' in rows_of_page  # its keys before what stands beside it


def test_list_tabs_and_filters_cut(house, sign_in):
    sent, draft = (
        make_request(house.project, house.pool, house.owner),
        make_draft(house.project, house.pool, house.owner),
    )
    page = sign_in(house.owner)

    def shown(query):
        return {row.pk for row in page.get(reverse("requests") + query).context["cut"].rows}

    assert shown("") == {sent.pk, draft.pk}
    assert shown("?tab=second") == set()
    assert shown("?tab=mine") == {sent.pk, draft.pk}
    assert shown("?tab=all&state=draft") == {draft.pk}
    assert shown(f"?tab=all&kind={house.pool.kind.slug}&cluster={house.cluster.slug}") == {sent.pk, draft.pk}
    assert shown(f"?tab=all&q={sent.reference}") == {sent.pk}


@pytest.mark.parametrize(
    "filters", ["kind={kind}", "cluster={cluster}", "state=draft&state=submitted", "tenant={tenant}"]
)
def test_a_request_of_two_lines_is_found_once(house, sign_in, filters):
    draft = make_draft(house.project, house.pool, house.owner)
    line = draft.lines.get()
    line.pk, line.public_id = None, uuid.uuid4()
    line.save(force_insert=True)
    named = filters.format(kind=house.pool.kind.slug, cluster=house.cluster.slug, tenant=house.tenant.slug)
    found = sign_in(house.owner).get(f"{reverse('requests')}?tab=all&{named}").context["cut"].rows
    assert [(row.pk, len(row.shown_lines)) for row in found] == [(draft.pk, 2)]


def test_open_page_learns_that_its_request_moved(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    page = sign_in(house.owner)
    assert page.get(address("request-moved", request) + "?seen=submitted.1.0").status_code == 204
    approve_request(acting_user=house.approver, request=request)
    assert page.get(address("request-moved", request) + "?seen=submitted.1.0").headers["HX-Refresh"] == "true"
    beside_form = page.get(address("request-moved", request) + "?seen=submitted.1.0&form=1").content.decode()
    assert "changed meanwhile" in beside_form


def test_refusing_with_an_emptied_amount_is_no_mistake(house, sign_in):
    request = make_request(house.project, house.pool, house.owner)
    line = request.current_lines.get()
    data = {"decision": "reject", f"line_{line.pk}": "", "reason": "No room", "confirmed": "1"}
    sign_in(house.approver).post(address("request-decide", request), data)
    request.refresh_from_db()
    assert request.state == "rejected"


def test_days_are_the_readers_days(house, sign_in):
    house.owner.time_zone = "Pacific/Auckland"
    house.owner.save()
    sign_in(house.owner).post(reverse("request-new"), form_data(house, since="2027-03-01", until="2027-03-31"))
    request = QuotaRequest.objects.get()
    page = sign_in(house.owner).get(address("request", request)).content.decode()
    assert "1 Mar 2027" in page
    assert "31 Mar 2027" in page
