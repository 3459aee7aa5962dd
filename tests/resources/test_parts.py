"""A request that several authorities decide: everybody who sees it reads how far it is, and for whom the rest waits."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from resources.models import QuotaRequest, Share
from resources.queries.parts import in_parts
from resources.queries.rulings import so_far
from resources.services.decisions import (
    approve_request,
    ask_for_changes,
    confirm_request,
    reject_request,
    take_back_request,
)
from resources.services.placing import Term
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tests.factories.resources import make_cluster, make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority, make_policy, make_staff


@pytest.fixture
def two(house):
    """132 of 144 GPUs are the house's authority's to decide, twelve a neighbour's."""
    neighbour, pool = make_authority(), make_pool(20)
    type(house.pool).objects.filter(pk=house.pool.pk).update(installed=200, healthy=200)
    Share.objects.filter(pk=house.share.pk).update(gpus=200)
    house.pool.refresh_from_db()
    make_share(pool, neighbour)
    make_policy(house.authority, "quota.second_person_gpus", 1000)
    wishes = [Wish(house.pool, 132, *period()), Wish(pool, 12, *period())]
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Crop yields", wishes=wishes)
    request = submit_request(acting_user=house.owner, request=draft)
    return SimpleNamespace(
        request=request, neighbour=neighbour, there=make_staff(neighbour, "quota_approver"), far=pool,
        own=request.current_lines.get(pool=house.pool), other=request.current_lines.get(pool=pool),
    )  # fmt: skip


def again(two):
    return QuotaRequest.objects.select_related("tenant", "project__tenant", "authority").get(pk=two.request.pk)


def how_far(two):
    row = again(two)
    found = in_parts(row, so_far(row))
    return found and (found.decided, found.asked, found.by, found.left, found.whom)


def read(user, two):
    """What the note on the page says; "" where there is none."""
    browser = Client()
    browser.force_login(user)
    page = browser.get(reverse("request", args=[two.request.public_id])).content.decode()
    found = re.search(r'<span id="in-parts">(.*?)</span></div>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", found[1]).split()) if found else ""


def test_nothing_is_said_before_anybody_decided(house, two):
    assert how_far(two) is None
    assert read(house.owner, two) == ""


def test_the_tenant_reads_who_decided_and_for_whom_the_rest_waits(house, two):
    approve_request(acting_user=house.approver, request=again(two))
    assert how_far(two) == (132, 144, house.authority.name, 12, two.neighbour.name)
    for reader in (house.owner, house.member, house.approver, two.there):
        said = read(reader, two)
        assert said.startswith(f"132 of 144 GPUs are decided by {house.authority.name}.")
        assert f"The remaining 12 wait for {two.neighbour.name} since" in said


def test_since_is_the_last_step(house, two):
    approve_request(acting_user=house.approver, request=again(two))
    row = again(two)
    found = in_parts(row, so_far(row))
    assert found
    assert found.since == row.decisions.get().created_at
    take_back_request(acting_user=house.approver, request=again(two))
    assert how_far(two) is None


def test_a_part_that_refuses_counts_as_decided(house, two):
    reject_request(acting_user=two.there, request=again(two), reason="Nothing left")
    assert how_far(two) == (12, 144, two.neighbour.name, 132, house.authority.name)


def test_a_second_person_is_named_where_one_has_to_agree(house, two):
    make_policy(house.authority, "quota.second_person_gpus", 100, version=2)
    approve_request(acting_user=house.approver, request=again(two))
    sentence = f"A second person at {house.authority.name} has to agree to its part first."
    assert sentence in read(house.owner, two)
    confirm_request(acting_user=house.second, request=again(two))
    said = read(house.owner, two)
    assert sentence not in said
    assert f"The remaining 12 wait for {two.neighbour.name}" in said
    row = again(two)
    found = in_parts(row, so_far(row))
    assert found
    assert found.since == row.decisions.get(step=2).created_at


def test_while_the_tenant_is_asked_the_rest_waits_for_it(house, two):
    approve_request(acting_user=house.approver, request=again(two))
    ask_for_changes(acting_user=two.there, request=again(two), reason="Fewer?")
    assert f"The remaining 12 wait for the answer of {house.tenant.name} since" in read(house.owner, two)


def test_nobody_is_named_when_the_last_share_is_gone(house, two):
    approve_request(acting_user=house.approver, request=again(two))
    Share.objects.filter(pool=two.far).update(gpus=0)
    assert read(house.owner, two).endswith("No authority has a share now from which the remaining 12 could be paid.")


def test_the_rest_of_a_line_waits_for_those_who_did_not_leave_it(house):
    neighbour = make_authority()
    make_share(house.pool, neighbour)
    request = make_request(house.project, house.pool, house.owner, amount=50)
    terms = {request.current_lines.get().pk: Term(30, rest_open=True)}
    approve_request(acting_user=house.approver, request=request, terms=terms, reason="Thirty are ours")
    assert how_far(SimpleNamespace(request=request)) == (30, 50, house.authority.name, 20, neighbour.name)


def test_a_line_for_any_cluster_waits_for_all_who_could_pay_it(house, two):
    neighbour = make_authority()
    make_share(make_pool(cluster=make_cluster(), kind=two.far.kind), neighbour)
    wishes = [Wish(house.pool, 10, *period()), Wish(None, 5, *period(), kind=two.far.kind)]
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Soil", wishes=wishes)
    request = submit_request(acting_user=house.owner, request=draft)
    approve_request(acting_user=house.approver, request=request)
    names = sorted([two.neighbour, neighbour], key=lambda each: (each.name, each.pk))
    assert how_far(SimpleNamespace(request=request)) == (
        10, 15, house.authority.name, 5, " or ".join(each.name for each in names),
    )  # fmt: skip


def test_an_open_page_learns_of_a_step_that_moves_nothing_else(house, two):
    third = make_authority()
    make_share(two.far, third, 0)
    browser = Client()
    browser.force_login(house.owner)
    approve_request(
        acting_user=house.approver, request=again(two), amounts={two.own.pk: 100}, reason="A hundred are free"
    )
    page = browser.get(reverse("request", args=[two.request.public_id])).content.decode()
    found = re.search(r'moved/\?seen=([^"&]+)', page)
    assert found
    at = reverse("request-moved", args=[two.request.public_id])
    assert browser.get(f"{at}?seen={found[1]}").status_code == 204
    take_back_request(acting_user=house.approver, request=again(two))
    assert again(two).state == "in_review"
    assert browser.get(f"{at}?seen={found[1]}").headers["HX-Refresh"] == "true"
