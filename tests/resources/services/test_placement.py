"""Lines that leave their cluster to the decider, and budgets of GPU-hours, decided by the services."""

import pytest

from resources.errors import NotOffered, NotPlaced
from resources.models import Grant
from resources.services.decisions import approve_request, confirm_request, reject_request
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule
from tests.factories.resources import make_cluster, make_pool, make_share, period
from tests.factories.tenants import make_policy


def sent(house, *wishes):
    draft = draft_request(acting_user=house.owner, project=house.project, purpose="Training", wishes=wishes)
    return submit_request(acting_user=house.owner, request=draft)


def anywhere(house, amount=10, **more):
    return Wish(None, amount, *period(), kind=house.pool.kind, **more)


def test_approve_without_a_place_is_refused_and_says_what_to_do(house):
    request = sent(house, anywhere(house))
    with pytest.raises(NotPlaced, match="Choose the one that gives them"):
        approve_request(acting_user=house.approver, request=request)


def test_approve_places_the_line_and_the_grant_is_there(house):
    other = make_pool(cluster=make_cluster(), kind=house.pool.kind)
    make_share(other, house.authority)
    request = sent(house, anywhere(house), Wish(house.pool, 4, *period()))
    first, second = request.current_lines
    approve_request(acting_user=house.approver, request=request, placements={first.pk: other})
    assert {(grant.line_id, grant.pool_id, grant.amount) for grant in Grant.objects.all()} == {
        (first.pk, other.pk, 10), (second.pk, house.pool.pk, 4),
    }  # fmt: skip
    assert first.pool_id is None  # what was asked stays as it was asked


def test_approve_on_a_pool_of_another_kind_or_of_a_cluster_that_is_not_cleared_is_refused(house):
    request = sent(house, anywhere(house))
    line = request.current_lines.get()
    public = make_pool(cluster=make_cluster(data_classes=["public"]), kind=house.pool.kind)
    for pool in (make_pool(cluster=house.cluster), public):
        make_share(pool, house.authority)
        with pytest.raises(NotOffered):
            approve_request(acting_user=house.approver, request=request, placements={line.pk: pool})
    assert Grant.objects.count() == 0


def test_a_named_line_cannot_be_moved_by_a_placement(house):
    other = make_pool(cluster=make_cluster(), kind=house.pool.kind)
    make_share(other, house.authority)
    request = sent(house, Wish(house.pool, 4, *period()))
    line = request.current_lines.get()
    approve_request(acting_user=house.approver, request=request, placements={line.pk: other})
    assert Grant.objects.get().pool_id == house.pool.pk


def test_the_second_person_confirms_the_place_of_the_first(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    other = make_pool(cluster=make_cluster(), kind=house.pool.kind)
    make_share(other, house.authority)
    request = sent(house, anywhere(house))
    line = request.current_lines.get()
    approve_request(acting_user=house.approver, request=request, placements={line.pk: other})
    assert request.state == "awaiting_second"
    request.placements = {}
    confirm_request(acting_user=house.second, request=request)
    assert Grant.objects.get().pool_id == other.pk


def test_a_line_nobody_places_can_be_refused(house):
    request = sent(house, anywhere(house))
    reject_request(acting_user=house.approver, request=request, reason="Not now")
    assert request.state == "rejected"


def test_a_budget_of_hours_takes_an_even_pace_and_is_granted_with_its_hours(house):
    request = sent(house, Wish(house.pool, 0, *period(0, 30), budget_hours=1000))
    line = request.current_lines.get()
    assert (line.amount, line.capped, line.gpu_hours, line.unit) == (2, False, 1000, "gpu_hours")  # 1000 / 720
    approve_request(acting_user=house.approver, request=request)
    grant = Grant.objects.get()
    assert (grant.amount, grant.budget_hours) == (2, 1000)


def test_a_part_of_the_gpus_comes_with_that_part_of_the_hours(house):
    request = sent(house, Wish(house.pool, 10, *period(0, 30), budget_hours=5000))
    line = request.current_lines.get()
    assert (line.amount, line.capped) == (10, True)
    approve_request(acting_user=house.approver, request=request, amounts={line.pk: 3}, reason="Less")
    grant = Grant.objects.get()
    assert (grant.amount, grant.budget_hours) == (3, 1500)
