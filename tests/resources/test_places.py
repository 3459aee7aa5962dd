"""Requests of a cluster: those that name it, those granted there, and those that could still be met there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from resources.models import CapacityPool, Cluster, QuotaRequest, Share
from resources.queries.places import about_clusters
from resources.services.decisions import approve_request, confirm_request, reject_request, take_back_request
from resources.services.placing import Term
from resources.services.requests import draft_request, submit_request, withdraw_request
from resources.services.wishes import Wish
from tenants.models import Tenant
from tests.factories.resources import make_cluster, make_kind, make_pool, make_share, period
from tests.factories.tenants import make_authority, make_policy, make_project, make_staff


def anywhere(house, amount=10, **wish):
    """A request of one line that leaves its cluster to the decider."""
    return sent(house, Wish(None, amount, *period(), kind=wish.get("kind", house.pool.kind)))


def sent(house, *wishes):
    project = make_project(house.tenant, data_class="internal")
    return submit_request(
        acting_user=house.owner,
        request=draft_request(acting_user=house.owner, project=project, purpose="Weather", wishes=[*wishes]),
    )


def again(request):
    return QuotaRequest.objects.select_related("tenant", "project__tenant", "authority").get(pk=request.pk)


def about(*clusters):
    """Ids of what the filter finds, each as often as it is found."""
    rows = about_clusters(QuotaRequest.objects.all(), Cluster.objects.filter(pk__in=[each.pk for each in clusters]))
    return sorted(rows.values_list("pk", flat=True))


@pytest.fixture
def places(house):
    """Beside the house's cluster another one with the same kind and a share, so that a line could go to either."""
    pool = make_pool(60, cluster=make_cluster(provider=house.provider), kind=house.pool.kind)
    share = make_share(pool, house.authority)
    return SimpleNamespace(here=house.cluster, there=pool.cluster, pool=pool, share=share)


def test_a_line_for_any_cluster_counts_for_each_that_could_give_it(house, places):
    request = anywhere(house)
    assert about(places.here) == about(places.there) == about(places.here, places.there) == [request.pk]


def test_a_line_that_names_its_cluster_counts_for_that_one(house, places):
    request = sent(house, Wish(house.pool, 10, *period()))
    assert (about(places.here), about(places.there)) == ([request.pk], [])


def not_cleared(house, places):
    Cluster.objects.filter(pk=places.there.pk).update(data_classes=["public"])


def out_of_service(house, places):
    Cluster.objects.filter(pk=places.there.pk).update(state=Cluster.State.RETIRED)


def another_kind(house, places):
    CapacityPool.objects.filter(pk=places.pool.pk).update(kind=make_kind())


def nothing_to_promise(house, places):
    Share.objects.filter(pk=places.share.pk).update(gpus=0)


def another_country(house, places):
    Cluster.objects.filter(pk=places.there.pk).update(country="FR")
    Tenant.objects.filter(pk=house.tenant.pk).update(residency=["LU"])


@pytest.mark.parametrize("how", [not_cleared, out_of_service, another_kind, nothing_to_promise, another_country])
def test_a_cluster_that_could_not_give_it_is_left_out(house, places, how):
    request = anywhere(house)
    how(house, places)
    assert (about(places.here), about(places.there)) == ([request.pk], [])


def test_one_of_the_countries_of_the_tenant_is_enough(house, places):
    request = anywhere(house)
    Tenant.objects.filter(pk=house.tenant.pk).update(residency=["FR", "LU"])
    assert about(places.there) == [request.pk]


def test_what_is_granted_counts_for_the_cluster_that_gives_it(house, places):
    request = anywhere(house)
    line = request.current_lines.get()
    approve_request(acting_user=house.approver, request=request, placements={line.pk: places.pool})
    assert (about(places.here), about(places.there)) == ([], [request.pk])


def test_what_named_one_cluster_and_was_granted_on_another_counts_for_both(house, places):
    request = sent(house, Wish(house.pool, 10, *period()))
    terms = {request.current_lines.get().pk: Term(10, places.pool.pk)}
    approve_request(acting_user=house.approver, request=request, terms=terms, reason="Cooling")
    assert about(places.here) == about(places.there) == [request.pk]


def test_what_was_refused_or_withdrawn_counts_for_none(house, places):
    reject_request(acting_user=house.approver, request=anywhere(house), reason="Too many")
    withdraw_request(acting_user=house.owner, request=anywhere(house), reason="No more")
    assert about(places.here, places.there) == []


def test_what_waits_for_a_second_person_may_still_go_to_either(house, places):
    make_policy(house.authority, "quota.second_person_gpus", 5)
    request = anywhere(house)
    line = request.current_lines.get()
    approve_request(acting_user=house.approver, request=request, placements={line.pk: places.pool})
    assert about(places.here) == about(places.there) == [request.pk]
    confirm_request(acting_user=house.second, request=again(request))
    assert (about(places.here), about(places.there)) == ([], [request.pk])


def test_a_step_that_leaves_other_lines_open_counts_until_it_is_taken_back(house, places):
    neighbour = make_authority()
    far = make_pool(100)
    make_share(far, neighbour)
    make_staff(neighbour, "quota_approver")
    free, other = Wish(None, 10, *period(), kind=house.pool.kind), Wish(far, 5, *period())
    request = sent(house, free, other)
    line = request.current_lines.get(pool=None)
    approve_request(
        acting_user=house.approver, request=request, amounts={line.pk: 10}, placements={line.pk: places.pool}
    )
    assert (about(places.here), about(places.there), about(far.cluster)) == ([], [request.pk], [request.pk])
    take_back_request(acting_user=house.approver, request=again(request))
    assert about(places.here) == about(places.there) == [request.pk]


def test_only_the_newest_revision_counts(house, places):
    request = sent(house, Wish(house.pool, 10, *period()))
    QuotaRequest.objects.filter(pk=request.pk).update(revision=2)
    assert about(places.here) == []


def test_page_and_api_find_it_and_cost_nothing_more(house, places, django_assert_num_queries):
    requests = [anywhere(house), anywhere(house)]
    browser = Client()
    browser.force_login(house.approver)
    at = f"{reverse('requests')}?tab=all&cluster={places.there.slug}&cluster={places.here.slug}"
    browser.get(at)
    with django_assert_num_queries(16):  # 13 of the list, one for the filter, one for each chip
        answer = browser.get(at)
    assert {row.pk for row in answer.context["cut"].rows} == {each.pk for each in requests}
    found = browser.get(reverse("api-request-list") + f"?cluster={places.there.slug}").json()["results"]
    assert {row["public_id"] for row in found} == {str(each.public_id) for each in requests}
