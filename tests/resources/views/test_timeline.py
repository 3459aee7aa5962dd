"""The page of a pool over time, and its twin."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from resources.models import Grant
from resources.services.decisions import approve_request
from tests.factories.resources import make_request, make_share
from tests.factories.tenants import make_authority, make_staff


@pytest.fixture
def other(house):
    """Somebody else's authority, which promised fifteen from the same pool."""
    approver = make_staff(make_authority(), "quota_approver")
    house.share.gpus = 60
    house.share.save()
    make_share(house.pool, approver.authoritymemberships.get().authority, 40)
    approve_request(acting_user=approver, request=make_request(house.project, house.pool, house.owner, amount=15))
    return approver


def look(client, user, pool, query=""):
    client.force_login(user)
    return client.get(reverse("pool-timeline", args=[pool.public_id]) + query)


def test_it_names_what_one_may_see_and_sums_the_rest(client, house, other):
    page = look(client, house.operator, house.pool).content.decode()
    assert house.tenant.name in page
    assert "other authorities promised" not in page
    stranger = make_staff(make_authority(), "quota_approver")
    make_share(house.pool, stranger.authoritymemberships.get().authority, 0)
    page = look(client, stranger, house.pool).content.decode()
    assert house.tenant.name not in page
    assert "And 15 GPUs now that other authorities promised." in page


def test_a_wish_is_answered_with_its_first_day(client, house, other):
    page = look(client, house.approver, house.pool, "?gpus=50&days=7").content.decode()
    assert "50 GPUs fit for 7 days from" in page
    page = look(client, house.approver, house.pool, "?gpus=80&days=7").content.decode()
    assert "they pass the policy line or your share" in page
    page = look(client, house.approver, house.pool, "?gpus=101&days=7").content.decode()
    assert "do not fit before" in page


def test_a_day_on_which_the_share_has_room_and_the_line_has_none_is_not_offered(client, house):
    """The line has room from now until day 20 and from day 40 on, the share from day 20 on."""
    elsewhere = make_staff(make_authority(), "quota_approver")
    house.share.gpus, house.pool.policy_line_percent = 50, 85
    house.share.save()
    house.pool.save()
    make_share(house.pool, elsewhere.authoritymemberships.get().authority, 50)
    own = make_request(house.project, house.pool, house.owner, amount=20, days=20)
    approve_request(acting_user=house.approver, request=own)
    theirs = make_request(house.project, house.pool, house.owner, amount=50, start_days=20, days=20)
    approve_request(acting_user=elsewhere, request=theirs)
    answer = look(client, house.approver, house.pool, "?gpus=40&days=10")
    begin, end = own.current_lines.get().starts_at, theirs.current_lines.get().ends_at
    assert answer.context["fit"].at == end > begin


def test_open_requests_are_laid_on_top(client, house, other):
    request = make_request(house.project, house.pool, house.owner, amount=70)
    page = look(client, house.approver, house.pool, f"?requests={request.public_id}").content.decode()
    assert "Your share would have to pay 70 GPUs of 60" in page
    assert 'class="ask"' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("?gpus=0&days=3", "1"), ("?gpus=3&days=", "for how many days"), ("?gpus=x&days=3", "whole number")],
)
def test_a_question_without_sense_is_answered_at_its_field(client, house, query, sentence):
    answer = look(client, house.approver, house.pool, query)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_a_foreign_request_cannot_be_chosen(client, house):
    page = look(client, house.approver, house.pool, "?requests=00000000-0000-4000-8000-000000000000")
    assert 'class="ask"' not in page.content.decode()


def days(*numbers):
    today = timezone.localdate()
    return [(today + timedelta(days=number)).isoformat() for number in numbers]


def test_supposed_maintenance_takes_away_and_new_gpus_add(client, house, other):
    begin, end, again = days(10, 19, 20)
    out = f"?out=95&out_from={begin}&out_until={end}"
    page = look(client, house.approver, house.pool, out).content.decode()
    assert "15 GPUs would be promised of 5 from" in page
    assert "Only supposed: nothing of it is kept" in page
    page = look(client, house.approver, house.pool, f"{out}&gpus=20&days=7").content.decode()
    assert "20 GPUs fit for 7 days from" in page
    page = look(client, house.approver, house.pool, f"{out}&gpus=20&days=14").content.decode()
    assert f'20 GPUs fit for 14 days from <time datetime="{again}">' in page
    page = look(client, house.operator, house.pool, f"?more=100&more_from={begin}&gpus=160&days=14").content.decode()
    assert f'160 GPUs fit for 14 days from <time datetime="{begin}">' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?out=5&out_from=2027-01-01", "Say from when until when they are out."),
        ("?out=5&out_from=2027-02-01&out_until=2027-01-01", "The maintenance ends before it begins."),
        ("?more=5", "Say from which day on they are there."),
    ],
)
def test_half_a_supposition_is_answered_at_its_field_and_stays_open(client, house, query, sentence):
    page = look(client, house.approver, house.pool, query).content.decode()
    assert sentence in page
    assert "<details open" in page
    assert "Only supposed" not in page


@pytest.mark.parametrize("person", ["owner", "member"])
def test_it_is_not_for_tenants(client, house, person):
    assert look(client, getattr(house, person), house.pool).status_code == 404


@pytest.mark.parametrize("grants", [0, 6])
def test_the_queries_do_not_grow_with_the_grants(client, house, django_assert_num_queries, grants):
    for _each in range(grants):
        approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 1))
    look(client, house.approver, house.pool)
    with django_assert_num_queries(14):
        client.get(reverse("pool-timeline", args=[house.pool.public_id]) + "?gpus=2&days=3")


def test_the_twin_gives_the_levels(client, house, other):
    client.force_login(house.approver)
    address = reverse("api-pool-timeline", args=[house.pool.public_id])
    span = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    (level,) = client.get(address, span).json()
    assert level["promised"] == 0
    assert [parse_datetime(level[end]) for end in span] == [parse_datetime(moment) for moment in span.values()]
    assert [each["promised"] for each in client.get(address).json()] == [15, 0]
    assert [each["most"] for each in client.get(address).json()] == [100, 100]
    begin = f"{days(40)[0]}T00:00:00Z"
    assert [each["most"] for each in client.get(address, {"more": 8, "more_from": begin}).json()] == [100, 100, 108]
    request = make_request(house.project, house.pool, house.owner, amount=7)
    assert max(each["promised"] for each in client.get(address, {"requests": [request.public_id]}).json()) == 22
    assert client.get(address, {"out": 8}).status_code in {400, 422}
    answer = client.get(address, {**span, "until": "2025-01-01T00:00:00Z"})
    assert answer.status_code in {400, 422}
    assert "after the beginning" in answer.content.decode()


def test_the_last_day_is_that_of_the_grant_and_labels_are_plain_words(client, house, other):
    page = look(client, house.operator, house.pool).content.decode()
    grant = Grant.objects.get()
    own = client.get(reverse("grant", args=[grant.public_id])).content.decode()
    day = re.search(r'– <time datetime="([0-9-]{10})">', own)
    assert day
    assert f'data-l="Until"><time datetime="{day[1]}">' in page
    labels = re.findall(r'aria-label="([^"]*)"', page)
    assert [each for each in labels if "<" in each] == []
    assert [each for each in labels if re.fullmatch(r"15 GPUs from \d+ \w+ \d{4} until \d+ \w+ \d{4}", each)] != []
