"""The desk of a line that leaves its cluster to the decider, as a browser sends it."""

from __future__ import annotations

import re

from django.urls import reverse

from resources.models import Grant
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
