"""What pages and API say and do about GPU-hours, where a grant is decided or cut shorter than it was asked or given."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from resources.models import Decision, Grant
from resources.services.decisions import approve_request
from resources.services.requests import send_request
from resources.services.wishes import Wish
from tests.factories.resources import period
from tests.resources.services.test_conditions import granted, in_days, make_overdue, one


def ask(house, hours=900):
    wish = Wish(house.pool, 10, *period(0, 30), budget_hours=hours)
    return send_request(acting_user=house.owner, project=house.project, purpose="Hours", wishes=[wish])


@pytest.fixture
def overdue(house):
    approve_request(acting_user=house.approver, request=ask(house), conditions=[in_days(house, 10)])
    make_overdue(one())
    return one()


def test_the_decider_is_told_the_hours_and_may_write_others(house, client):
    request = ask(house)
    line = request.current_lines.get()
    client.force_login(house.approver)
    page = client.get(reverse("request", args=[request.public_id])).content.decode()
    assert f'name="hours_{line.pk}"' in page
    assert "900 are open. Left empty, as large a part of what was asked as of the GPUs and the time." in page
    last = timezone.localtime(line.starts_at + timedelta(days=14)).date()
    typed = {"decision": "part", f"line_{line.pk}": "10", f"until_{line.pk}": last.isoformat(), "reason": "Two weeks"}
    part = client.get(reverse("request-impact", args=[request.public_id]), typed).content.decode()
    hours = re.search(r"With (\d+) of the 900 GPU hours that were asked for", part)
    assert hours
    assert 447 <= int(hours[1]) <= 450  # fifteen of thirty days, by the clocks of who decides
    at = reverse("request-decide", args=[request.public_id])
    refused = client.post(at, {**typed, f"hours_{line.pk}": "901"})
    assert (refused.status_code, f"hours_{line.pk}" in refused.context["form"].errors) == (422, True)
    client.post(at, {**typed, f"hours_{line.pk}": "700", "confirmed": "1"})
    assert Grant.objects.get().budget_hours == 700


def test_more_than_the_gpus_can_use_is_said_at_the_field(house, client):
    request = ask(house)
    line = request.current_lines.get()
    client.force_login(house.approver)
    last = timezone.localtime(line.starts_at + timedelta(days=1)).date()
    typed = {"decision": "part", f"line_{line.pk}": "10", f"until_{line.pk}": last.isoformat(), "reason": "Two days"}
    answer = client.post(
        reverse("request-decide", args=[request.public_id]),
        {**typed, f"hours_{line.pk}": "481", "confirmed": "1"},
    )
    said = re.search(r"10 GPUs can use (\d+) in this time", str(answer.context["form"].errors[f"hours_{line.pk}"]))
    assert said
    assert 460 <= int(said[1]) <= 480
    assert not Decision.objects.exists()


def test_machines_say_the_hours_of_a_line_and_read_them(house, client):
    request = ask(house)
    line = request.current_lines.get()
    client.force_login(house.approver)
    body = {"lines": [{"line": str(line.public_id), "amount": 10, "budget_hours": 600}], "reason": "So many"}
    at = reverse("api-request-approve", args=[request.public_id])
    answer = client.post(at, body, content_type="application/json").json()
    assert [each["budget_hours"] for step in answer["decisions"] for each in step["lines"]] == [600]
    assert answer["state"] == "partially_approved"


@pytest.mark.parametrize(("typed", "least", "most"), [({}, 115, 155), ({"keep_hours": "on"}, 900, 900)])
def test_whoever_cuts_a_grant_says_whether_it_keeps_its_hours(house, client, overdue, typed, least, most):
    client.force_login(house.approver)
    at = reverse("grant-condition-shorten", args=[overdue.public_id])
    page = client.get(at).content.decode()
    assert 'name="keep_hours"' in page
    assert "as large a part of the GPU hours that are left as of the time" in page
    last = (timezone.localtime() + timedelta(days=4)).date().isoformat()
    answer = client.post(at, {"last_day": last, "reason": "Nothing came", **typed})
    assert answer.status_code == 302
    assert least <= Grant.objects.get(supersedes__isnull=False).budget_hours <= most


def test_without_a_budget_nobody_is_asked_about_hours(house, client):
    granted(house)
    make_overdue(one())
    client.force_login(house.approver)
    page = client.get(reverse("grant-condition-shorten", args=[one().public_id])).content.decode()
    assert "keep_hours" not in page


def test_a_tenant_that_gives_back_is_told_what_becomes_of_its_hours(house, client):
    approve_request(acting_user=house.approver, request=ask(house))
    client.force_login(house.owner)
    sentence = "Of the GPU hours that are left it keeps as large a part as of the GPUs and of the time."
    page = client.get(reverse("grant-give-back", args=[Grant.objects.get().public_id])).content.decode()
    assert sentence in page
