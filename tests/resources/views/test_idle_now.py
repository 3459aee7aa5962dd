"""The card of idle GPUs on an authority's capacity page: what findings say, of which time, and when there are none."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from resources.models import Cluster, Grant
from resources.queries.idle_now import FEW, idle_now
from resources.services.decisions import approve_request
from tests.factories.resources import make_finding, make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_project, make_staff, make_tenant


@pytest.fixture
def grants(house):
    """Six grants of the house's tenant."""
    for amount in range(3, 9):
        request = make_request(make_project(house.tenant), house.pool, house.owner, amount)
        approve_request(acting_user=house.approver, request=request)
    return [*Grant.objects.order_by("pk")]


def card(user, part=False):
    browser = Client()
    browser.force_login(user)
    headers = {"HX-Request": "true"} if part else {}
    page = browser.get(reverse("capacity") + ("?part=idle" if part else ""), headers=headers).content.decode()
    found = re.search(r'<section class="card" id="idle-now".*?</section>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split()) if found else ""


def test_sums_the_open_findings_and_says_of_which_time(house, grants):
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    old = now - timedelta(days=3)
    first = make_finding(grants[0], gpus=2, until=old)
    second = make_finding(grants[1], gpus=4, until=now, state="escalated")
    make_finding(grants[2], gpus=5, state="reclaimed", given_back=5, closed_at=now)
    found = idle_now(house.approver)
    assert found
    assert (found.gpus, found.findings, found.with_approver) == (6, 2, 1)
    assert (found.oldest, found.newest, found.largest) == (old, now, (second, first))
    said = card(house.auditor)
    assert "6 GPUs in 2 grants, 1 with the approvers" in said
    assert "the oldest figure is of" in said
    assert f"4 idle {house.pool.kind} of {house.tenant}" in said


@pytest.mark.parametrize(("rows", "more"), [(1, 0), (6, 2)])
def test_costs_two_queries_however_many_there_are(house, grants, rows, more, django_assert_num_queries):
    for grant in grants[:rows]:
        make_finding(grant)
    user = type(house.approver).objects.get(pk=house.approver.pk)
    idle_now(user)
    with django_assert_num_queries(2):
        found = idle_now(user)
    assert found
    assert (len(found.largest), found.more) == (min(rows, FEW), more)


def test_the_part_is_the_same_as_the_page(house, grants):
    make_finding(grants[0])
    assert card(house.approver, part=True) == card(house.approver) != ""


def test_without_a_finding_it_says_what_is_known(house):
    assert "No cluster was read yet, so nothing is known of idle GPUs." in card(house.approver)


def test_a_silent_cluster_is_named(house, monkeypatch):
    at = timezone.now() - timedelta(hours=3)
    Cluster.objects.filter(pk=house.cluster.pk).update(
        last_success_at=at, collector="fake", last_attempt_at=timezone.now()
    )
    said = card(house.approver)
    assert "No cluster was read yet" in said
    monkeypatch.setattr("resources.queries.capacity_now.CapacityNow.known", True)
    assert "No grant is found idle, as far as was measured. The oldest reading is of" in card(house.approver)


def test_tenants_operators_and_other_authorities_do_not_read_it(house, grants):
    make_finding(grants[0])
    assert (card(house.owner), card(house.operator)) == ("", "")
    neighbour = make_authority()
    make_share(make_pool(), neighbour)
    assert idle_now(make_staff(neighbour, "quota_approver")) is not None
    assert f"of {house.tenant}" not in card(make_staff(neighbour, "quota_approver"))
    assert make_tenant().name not in card(house.approver)
