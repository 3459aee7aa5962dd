"""The desk of a line that leaves its cluster to the decider, as a browser sends it."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from resources.models import Decision, Grant, QuotaRequest
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tests.factories.resources import make_cluster, make_pool, make_share, period


def test_the_place_of_a_line_is_asked_for_once_and_taken(house, client):
    other = make_pool(cluster=make_cluster(), kind=house.pool.kind)
    make_share(other, house.authority)
    wishes = [Wish(None, 10, *period(), kind=house.pool.kind), Wish(house.pool, 4, *period())]
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Training", wishes=wishes)
    request = submit_request(acting_user=house.owner, request=draft)
    free, named = request.current_lines
    client.force_login(house.approver)
    page = client.get(reverse("request", args=[request.public_id])).content.decode()
    assert sorted(re.findall(r'name="(pool_\d+)"', page)) == sorted([f"pool_{free.pk}", f"pool_{named.pk}"])
    typed = {"decision": "approve", f"pool_{free.pk}": other.pk, f"pool_{named.pk}": house.pool.pk, "confirmed": "1"}
    assert client.post(reverse("request-decide", args=[request.public_id]), typed).status_code == 302
    assert set(Grant.objects.values_list("line", "pool")) == {(free.pk, other.pk), (named.pk, house.pool.pk)}


@pytest.fixture
def asked(house):
    """A request that leaves its cluster to the decider, and its line."""
    draft = draft_request(
        acting_user=house.owner, project=house.project, purpose="Training",
        wishes=[Wish(None, 10, *period(), kind=house.pool.kind)],
    )  # fmt: skip
    request = submit_request(acting_user=house.owner, request=draft)
    return request, request.current_lines.get()


def label_of(page, name):
    """What stands beside a field, its label and how it is marked."""
    found = re.search(rf'<label for="id_{name}">(.*?)</label>', page, re.DOTALL)
    assert found
    return " ".join(re.sub("<[^>]+>", " ", found[1]).split())


def test_the_place_is_marked_as_what_it_is(house, client, asked):
    request, line = asked
    client.force_login(house.approver)
    page = client.get(reverse("request", args=[request.public_id])).content.decode()
    expected = f"Cluster for the {house.pool.kind} needed when any are granted"
    assert label_of(page, f"pool_{line.pk}") == expected
    assert label_of(page, f"since_{line.pk}") == "From optional"


@pytest.mark.parametrize(("decision", "amount"), [("approve", "10"), ("part", "7")])
def test_without_a_place_it_is_refused_and_what_was_typed_stays(house, client, asked, decision, amount):
    request, line = asked
    client.force_login(house.approver)
    typed = {
        "decision": decision, f"line_{line.pk}": amount, "reason": "Seven are free", "confirmed": "1",
        "condition_text_1": "Show a plan", "condition_due_1": "2035-01-31",
    }  # fmt: skip
    answer = client.post(reverse("request-decide", args=[request.public_id]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"No cluster is chosen for the {amount} {house.pool.kind}: the request leaves that to you." in page
    for kept in ("Seven are free", 'value="Show a plan"', 'value="2035-01-31"'):
        assert kept in page
    assert re.search(rf'name="line_{line.pk}"[^>]*value="{amount}"|value="{amount}"[^>]*name="line_{line.pk}"', page)
    assert re.search(rf'value="{decision}"[^>]*checked', page)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(("decision", "state"), [("reject", "rejected"), ("ask", "info_requested")])
@pytest.mark.parametrize("place", ["", "999999"])
def test_where_nothing_is_granted_no_place_is_asked_for(house, client, asked, decision, state, place):
    request, line = asked
    client.force_login(house.approver)
    typed = {"decision": decision, f"pool_{line.pk}": place, "reason": "Too many", "confirmed": "1"}
    assert client.post(reverse("request-decide", args=[request.public_id]), typed).status_code == 302
    assert QuotaRequest.objects.get(pk=request.pk).state == state


def test_a_request_that_names_no_cluster_has_room_for_what_the_choice_does(house, client):
    wishes = [Wish(None, 10, *period(), kind=house.pool.kind)]
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Training", wishes=wishes)
    request = submit_request(acting_user=house.owner, request=draft)
    (line,) = request.current_lines
    client.force_login(house.approver)
    page = client.get(reverse("request", args=[request.public_id])).content.decode()
    assert page.count('id="impact"') == 1  # without it a browser puts the answer in the place of the form
    assert "Choose the cluster on which they are granted" in page
    part = reverse("request-impact", args=[request.public_id])
    for typed, there in (({}, True), ({f"pool_{line.pk}": house.pool.pk}, False)):
        said = client.get(part, {"decision": "approve", f"line_{line.pk}": 10, **typed}).content.decode()
        assert ("No cluster is chosen" in said) == there
        assert ("+10 of 10" in said) != there
