"""What machines may ask for, and in which sentences the rest is refused."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from resources.models import AccessMode, QuotaRequest
from tests.factories.resources import period
from tests.resources.api.test_requests import call, wished

pytestmark = pytest.mark.django_db
assert call
BEGIN, END = period(1, 30)


def line(house, **facts):
    given = {"pool": str(house.pool.public_id), "amount": 5, "starts_at": BEGIN.isoformat(), "ends_at": END.isoformat()}
    return {name: value for name, value in {**given, **facts}.items() if value is not None}


def body(house, *lines, **facts):
    return {"project": str(house.project.public_id), "purpose": "Train", "lines": list(lines), **facts}


def test_several_lines_anywhere_and_of_hours_in_an_access_mode(house, call):
    mode = AccessMode.objects.get(slug="playground", authority=None)
    anywhere = line(house, pool=None, kind=str(house.pool.kind.public_id), amount=None, budget_hours=800)
    sent = body(
        house, line(house), anywhere, mode=str(mode.public_id), mode_answers={"first_time": "yes"}, stage="inference"
    )
    code, made = call(house.owner, "post", "api-request-list", body=sent)
    assert code == 201
    shown = [(each["pool"], each["unit"], each["amount"], each["budget_hours"]) for each in made["lines"]]
    assert shown == [(str(house.pool.public_id), "gpus", 5, None), (None, "gpu_hours", 2, 800)]
    assert (made["mode"], made["stage"], made["mode_answers"]) == ("playground", "inference", {"first_time": "yes"})
    request = QuotaRequest.objects.get()
    code, sent = call(house.owner, "post", "api-request-submit", request)
    assert (code, sent["state"]) == (200, "submitted")
    second = str(request.current_lines[1].public_id)
    assert call(house.approver, "post", "api-request-approve", request, {"reason": "x"})[1]["code"] == (
        "decision.not_placed"
    )
    placed = {"placements": {second: str(house.pool.public_id)}, "reason": "x"}
    assert call(house.approver, "post", "api-request-approve", request, placed)[1]["state"] == "approved"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"amount": 1.5}, "slice of a GPU (MIG)"),
        ({"amount": "0.5"}, "slice of a GPU (MIG)"),
        ({"amount": -4}, "Ask for one at least"),
        ({"amount": 0}, "Ask for one at least"),
        ({"amount": 10**12}, "So many there are nowhere"),
        ({"amount": 10**6}, "has 100 GPUs in all"),
        ({"amount": "NaN"}, "as a number"),
        ({"amount": True}, "as a number"),
        ({"amount": None}, "how many GPUs (amount)"),
        ({"pool": None}, "Name a pool, or a kind"),
        ({"ends_at": BEGIN.isoformat()}, "The period has no length"),
        ({"ends_at": (BEGIN - timedelta(days=1)).isoformat()}, "ends before it begins"),
        ({"starts_at": "2027-02-30T00:00:00Z"}, ""),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-02-01T00:00:00Z"}, "already over"),
        ({"budget_hours": 10**9, "amount": None}, "GPU hours over this period"),
        ({"budget_hours": 500, "amount": 1, "ends_at": (BEGIN + timedelta(days=10)).isoformat()}, "use 240 GPU hours"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(house, call, facts, sentence):
    code, answer = call(house.owner, "post", "api-request-list", body=body(house, line(house, **facts)))
    assert code in {400, 422}
    assert sentence in json.dumps(answer, ensure_ascii=False)
    assert not QuotaRequest.objects.exists()


def test_nan_as_json_is_refused(house, client):
    client.force_login(house.owner)
    text = json.dumps(body(house, line(house, amount=float("nan"))))
    answer = client.post(reverse("api-request-list"), text, content_type="application/json")
    assert answer.status_code == 400


def test_the_second_line_is_named_in_the_sentence(house, call):
    lines = [line(house), line(house, amount=500)]
    code, answer = call(house.owner, "post", "api-request-list", body=body(house, *lines))
    assert (code, list(answer["fields"])) == (422, ["amount_2"])
    assert answer["detail"].startswith("Line 2: ")


def test_more_lines_than_anybody_reads_are_refused(house, call):
    assert call(house.owner, "post", "api-request-list", body=body(house, *[line(house)] * 21))[0] in {400, 422}


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2027-03-28", "2027-03-29", 23),
        ("2027-10-31", "2027-11-01", 25),
        ("2028-02-29", "2028-03-01", 24),
        ("2027-01-31", "2027-02-28", 672),
    ],
)
def test_hours_of_a_budget_are_those_that_really_pass(house, call, begin, end, hours):
    zone = ZoneInfo("Europe/Brussels")
    starts_at, ends_at = (datetime.fromisoformat(day).replace(tzinfo=zone).isoformat() for day in (begin, end))
    times = {"starts_at": starts_at, "ends_at": ends_at}
    fits = line(house, **times, amount=2, budget_hours=2 * hours)
    assert call(house.owner, "post", "api-request-list", body=body(house, fits))[0] == 201
    beyond = line(house, **times, amount=2, budget_hours=2 * hours + 1)
    assert call(house.owner, "post", "api-request-list", body=body(house, beyond))[0] == 422


def test_a_mode_of_three_months_ends_on_the_last_day_of_a_short_month(house, call):
    mode = str(AccessMode.objects.get(slug="playground", authority=None).public_id)

    def asked(end):
        QuotaRequest.objects.all().delete()
        facts = line(house, amount=1, starts_at="2027-11-30T00:00:00+01:00", ends_at=end)
        made = body(house, facts, mode=mode, mode_answers={"first_time": "no"})
        assert call(house.owner, "post", "api-request-list", body=made)[0] == 201
        return call(house.owner, "post", "api-request-submit", QuotaRequest.objects.get())[0]

    assert asked("2028-02-29T00:00:01+01:00") == 422
    assert asked("2028-02-29T00:00:00+01:00") == 200


def test_without_a_mode_the_authoritys_usual_time_holds(house, call):
    call(house.owner, "post", "api-request-list", body=wished(house))
    request = QuotaRequest.objects.get()
    call(house.owner, "post", "api-request-submit", request)
    request.refresh_from_db()
    assert request.mode is None
    assert request.due_at - request.submitted_at == timedelta(days=10)
