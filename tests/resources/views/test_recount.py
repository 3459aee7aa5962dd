"""Every number on the review page is counted again here, by sums that share no line with the product."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from resources.models import Grant, Share
from resources.services.decisions import approve_request
from resources.services.placing import Term
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tests.factories.resources import make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority, make_policy, make_project, make_staff, make_tenant

DAYS = 60


@pytest.fixture
def busy(house):
    """A pool with grants of two tenants from two shares over different times, and a request for two lines."""
    make_policy(house.authority, "quota.second_person_gpus", 1000)
    neighbour = make_authority()
    house.other_share = make_share(house.pool, neighbour, 50)
    Share.objects.filter(pk=house.share.pk).update(gpus=80)
    other_tenant = make_project(make_tenant(authority=house.authority))
    there = make_staff(neighbour, "quota_approver")
    for who, project, amount, start, days in (
        (house.approver, house.project, 11, 0, 20), (house.approver, other_tenant, 17, 10, 30),
        (there, other_tenant, 13, 15, 10), (house.approver, house.project, 5, 40, 10),
    ):  # fmt: skip
        approve_request(acting_user=who, request=make_request(project, house.pool, house.owner, amount, start, days))
    house.second_pool = make_pool(40, cluster=house.cluster)
    make_share(house.second_pool, house.authority, 30)
    wishes = [Wish(house.pool, 23, *period(5, 30)), Wish(house.second_pool, 9, *period(0, 60))]
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Training", wishes=wishes)
    house.request = submit_request(acting_user=house.owner, request=draft)
    house.since, _until = period()
    return house


def highest(house, pool, begins, ends, **which):
    """The most GPUs that grants hold at any noon within a time, counted one grant and one day at a time."""
    noons = [house.since + timedelta(days=day, hours=12) for day in range(DAYS + 5)]
    return max(
        sum(g.amount for g in Grant.objects.filter(pool=pool, **which) if g.starts_at <= noon < g.ends_at)
        for noon in noons
        if begins <= noon < ends
    )


def rows(house, query=None):
    """The part that shows the effect, as text, one piece for each line."""
    client = Client()
    client.force_login(house.approver)
    name, data = ("request-impact", query) if query is not None else ("request", {})
    page = client.get(reverse(name, args=[house.request.public_id]), data).content.decode()
    part = page[page.index('id="impact"') :]
    pieces = part.split('class="impact-row"')[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", piece)) for piece in pieces]


def check(house, text, line, give, ends=None):
    pool, ends = line.pool, ends or line.ends_at
    before = highest(house, pool, line.starts_at, ends)
    share = Share.objects.get(pool=pool, authority=house.authority)
    of_share = highest(house, pool, line.starts_at, ends, share=share)
    most = pool.healthy
    assert f"+{give} of {line.amount} asked" in text
    assert f"{round(100 * (before + give) / most, 1)} %" in text
    assert f"{round(100 * before / most, 1)} % without this request" in text
    assert f"{before} at the busiest moment of the period" in text
    assert f"{before + give} after, of {most} ({pool.installed} installed)" in text
    assert f"{of_share + give} of {share.gpus} after" in text
    assert f"{most * 90 // 100 - before - give} left to the line" in text


def test_every_number_of_the_page_is_a_recount(busy):
    first, second = busy.request.current_lines
    texts = rows(busy)
    assert len(texts) == 2
    check(busy, texts[0], first, 23)
    check(busy, texts[1], second, 9)


def test_every_number_follows_what_is_typed(busy):
    first, second = busy.request.current_lines
    until = first.starts_at + timedelta(days=3)
    typed = {
        "decision": "part", f"line_{first.pk}": 4, f"until_{first.pk}": until.date().isoformat(),
        f"line_{second.pk}": 7,
    }  # fmt: skip
    texts = rows(busy, typed)
    check(busy, texts[0], first, 4, until + timedelta(days=1))
    check(busy, texts[1], second, 7)


def test_what_another_step_approved_counts_as_promised(busy):
    first, second = busy.request.current_lines
    terms = {first.pk: Term(20, rest_open=True), second.pk: Term(0, rest_open=True)}
    approve_request(acting_user=busy.second, request=busy.request, terms=terms, reason="Twenty now")
    text = rows(busy)[0]
    before = highest(busy, busy.pool, first.starts_at, first.ends_at) + 20
    assert "+3 of 23 asked" in text
    assert f"{before} at the busiest moment of the period" in text
    assert f"{before + 3} after" in text
