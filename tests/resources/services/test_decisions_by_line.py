"""Several authorities pay for one request, each for lines of its own; places and periods differ from what was asked."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from portal.core.errors import MovedMeanwhile, Refused
from portal.models import AuditEvent, Notification
from resources.errors import NoShare, NotEnough, NotOffered, Outdated
from resources.models import CapacityPool, Cluster, Decision, Grant, QuotaRequest, Share
from resources.queries.rulings import so_far
from resources.services.decisions import (
    approve_request,
    ask_for_changes,
    confirm_request,
    reject_request,
    send_back_request,
    take_back_request,
)
from resources.services.placing import Term
from resources.services.requests import answer_request, draft_request, submit_request
from resources.services.wishes import Wish
from tenants.errors import FourEyes
from tests.factories.resources import make_cluster, make_kind, make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority, make_policy, make_staff


@pytest.fixture
def two(house):
    """The house's authority pays for one pool, a neighbour for another of another kind: 48 and 96 are asked for."""
    neighbour = make_authority()
    pool = make_pool(200)
    share = make_share(pool, neighbour)
    begins, ends = period()
    draft = draft_request(
        acting_user=house.owner, project=house.project, purpose="Crop yields",
        wishes=[Wish(house.pool, 48, begins, ends), Wish(pool, 96, begins, ends)],
    )  # fmt: skip
    request = submit_request(acting_user=house.owner, request=draft)
    first, second = request.current_lines
    return SimpleNamespace(
        house=house, request=request, own=first, other=second, pool=pool, share=share,
        here=house.approver, neighbour=neighbour, there=make_staff(neighbour, "quota_approver"),
        there_too=make_staff(neighbour, "quota_approver"), begins=begins, ends=ends,
    )  # fmt: skip


def again(two):
    return QuotaRequest.objects.select_related("tenant", "project__tenant", "authority").get(pk=two.request.pk)


def test_two_authorities_approve_132_of_144_from_two_shares(two):
    request = approve_request(
        acting_user=two.here, request=again(two), amounts={two.own.pk: 36}, reason="The line is at 36"
    )
    assert (request.state, Grant.objects.count()) == ("in_review", 0)
    assert [each.left for each in so_far(request)] == [0, 96]
    request = approve_request(acting_user=two.there, request=again(two))
    assert request.state == "partially_approved"
    assert list(Grant.objects.order_by("pk").values_list("amount", "share")) == [
        (36, two.house.share.pk), (96, two.share.pk),
    ]  # fmt: skip
    assert [d.deciding_authority for d in request.decisions.order_by("step")] == [two.house.authority, two.neighbour]
    event = AuditEvent.objects.get(act="request.approved")
    assert sum(line["granted"] for line in event.after["lines"]) == 132


def test_approved_in_full_by_both_is_approved(two):
    approve_request(acting_user=two.there, request=again(two))
    assert approve_request(acting_user=two.here, request=again(two)).state == "approved"


def test_the_others_are_told_that_lines_are_left_to_them(two):
    Notification.objects.all().delete()
    approve_request(acting_user=two.here, request=again(two))
    told = set(Notification.objects.filter(act="request.lines_decided").values_list("user", flat=True))
    assert two.there.pk in told
    assert two.house.owner.pk not in told


def test_nobody_decides_the_lines_of_others(two):
    with pytest.raises(Refused, match="has no share there"), transaction.atomic():
        approve_request(acting_user=two.here, request=again(two), amounts={two.own.pk: 1, two.other.pk: 1}, reason="x")
    approve_request(acting_user=two.here, request=again(two))
    with pytest.raises(NoShare):
        approve_request(acting_user=two.house.second, request=again(two))


def test_what_one_refuses_the_other_may_still_grant(two):
    request = reject_request(acting_user=two.here, request=again(two), reason="Not here")
    assert request.state == "in_review"
    assert approve_request(acting_user=two.there, request=again(two)).state == "partially_approved"
    assert Grant.objects.get().pool == two.pool


def test_refused_by_both_is_refused(two):
    reject_request(acting_user=two.here, request=again(two), reason="Not here")
    assert reject_request(acting_user=two.there, request=again(two), reason="Nor here").state == "rejected"


def test_a_line_that_nobody_else_could_pay_is_refused_with_the_rest(two):
    Share.objects.filter(pk=two.share.pk).update(gpus=0)
    assert reject_request(acting_user=two.here, request=again(two), reason="Nobody has any").state == "rejected"


def test_each_authority_asks_for_its_own_second_person(two):
    make_policy(two.neighbour, "quota.second_person_gpus", 90)
    request = approve_request(acting_user=two.there, request=again(two))
    assert request.state == "awaiting_second"
    with pytest.raises(NoShare), transaction.atomic():
        confirm_request(acting_user=two.here, request=again(two))
    request = confirm_request(acting_user=two.there_too, request=again(two))
    assert (request.state, Grant.objects.count()) == ("in_review", 0)
    request = approve_request(acting_user=two.here, request=again(two))
    assert request.state == "approved"
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [48, 96]


def test_sent_back_opens_the_lines_of_that_step_alone(two):
    make_policy(two.neighbour, "quota.second_person_gpus", 90)
    approve_request(acting_user=two.here, request=again(two))
    approve_request(acting_user=two.there, request=again(two))
    request = send_back_request(acting_user=two.there_too, request=again(two), reason="Less, please")
    assert (request.state, [each.left for each in so_far(request)]) == ("in_review", [0, 96])


def test_the_first_person_takes_back_until_the_second_acts(two):
    make_policy(two.neighbour, "quota.second_person_gpus", 90)
    approve_request(acting_user=two.there, request=again(two))
    with pytest.raises(FourEyes), transaction.atomic():
        take_back_request(acting_user=two.there_too, request=again(two))
    request = take_back_request(acting_user=two.there, request=again(two), reason="A slip")
    assert (request.state, [each.left for each in so_far(request)]) == ("in_review", [48, 96])
    with pytest.raises(MovedMeanwhile), transaction.atomic():
        take_back_request(acting_user=two.there, request=again(two))
    with pytest.raises(MovedMeanwhile):
        confirm_request(acting_user=two.there_too, request=again(two))


def test_a_step_is_taken_back_while_others_have_still_to_decide(two):
    approve_request(acting_user=two.here, request=again(two))
    with pytest.raises(MovedMeanwhile), transaction.atomic():
        take_back_request(acting_user=two.there, request=again(two))
    take_back_request(acting_user=two.house.second, request=again(two))
    assert [each.left for each in so_far(again(two))] == [48, 96]
    approve_request(acting_user=two.there, request=again(two))
    assert Grant.objects.count() == 0


def test_what_a_second_person_confirmed_is_taken_back_and_decided_again(two):
    make_policy(two.neighbour, "quota.second_person_gpus", 90)
    approve_request(acting_user=two.there, request=again(two))
    confirm_request(acting_user=two.there_too, request=again(two))
    request = take_back_request(acting_user=two.there, request=again(two), reason="A rack left")
    assert (request.state, [each.left for each in so_far(request)]) == ("in_review", [48, 96])
    approve_request(acting_user=two.there, request=again(two), amounts={two.other.pk: 95}, reason="One less")
    confirm_request(acting_user=two.there_too, request=again(two))
    request = approve_request(acting_user=two.here, request=again(two))
    assert request.state == "partially_approved"
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [48, 95]


def test_a_new_revision_begins_anew(two):
    approve_request(acting_user=two.here, request=again(two))
    asked = ask_for_changes(acting_user=two.there, request=again(two), reason="Fewer?")
    request = answer_request(acting_user=two.house.owner, request=asked, text="The same")
    assert [each.left for each in so_far(request)] == [48, 96]


def test_what_was_approved_before_and_no_longer_fits_stops_the_last_step(two):
    approve_request(acting_user=two.here, request=again(two))
    CapacityPool.objects.filter(pk=two.house.pool.pk).update(healthy=40)
    with pytest.raises(Outdated), transaction.atomic():
        approve_request(acting_user=two.there, request=again(two))
    take_back_request(acting_user=two.here, request=again(two))
    approve_request(acting_user=two.here, request=again(two), amounts={two.own.pk: 30}, reason="40 are left")
    assert approve_request(acting_user=two.there, request=again(two)).state == "partially_approved"


def test_the_rest_of_a_line_is_left_to_another_share(house):
    neighbour = make_authority()
    share = make_share(house.pool, neighbour)
    there = make_staff(neighbour, "quota_approver")
    request = make_request(house.project, house.pool, house.owner, amount=50)
    line = request.current_lines.get()
    terms = {line.pk: Term(30, rest_open=True)}
    request = approve_request(acting_user=house.approver, request=request, terms=terms, reason="Thirty are ours")
    assert (request.state, so_far(request)[0].left) == ("in_review", 20)
    request = approve_request(acting_user=there, request=request)
    assert request.state == "approved"
    assert sorted(Grant.objects.values_list("amount", "share")) == [(20, share.pk), (30, house.share.pk)]


def test_a_large_decision_is_not_made_small_by_many_steps(house):
    make_policy(house.authority, "quota.second_person_gpus", 40)
    request = make_request(house.project, house.pool, house.owner, amount=50)
    terms = {request.current_lines.get().pk: Term(30, rest_open=True)}
    request = approve_request(acting_user=house.approver, request=request, terms=terms, reason="Thirty today")
    assert request.state == "in_review"
    request = approve_request(acting_user=house.approver, request=request, reason="And the other twenty")
    assert request.state == "awaiting_second"
    with pytest.raises(FourEyes):
        confirm_request(acting_user=house.approver, request=request)
    assert confirm_request(acting_user=house.second, request=request).state == "approved"
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [20, 30]


def test_a_shorter_period_is_granted_as_part(house):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    line = request.current_lines.get()
    ends = line.ends_at - timedelta(days=10)
    with pytest.raises(Refused, match="Write the reason"), transaction.atomic():
        approve_request(acting_user=house.approver, request=request, terms={line.pk: Term(10, ends_at=ends)})
    request = QuotaRequest.objects.get(pk=request.pk)
    approve_request(
        acting_user=house.approver, request=request, terms={line.pk: Term(10, ends_at=ends)}, reason="Maintenance"
    )
    assert request.state == "partially_approved"
    assert Grant.objects.get().ends_at == ends


@pytest.mark.parametrize("days", [-31, 1])
def test_a_period_outside_the_one_asked_for_or_without_length_is_refused(house, days):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    line = request.current_lines.get()
    terms = {line.pk: Term(10, ends_at=line.ends_at + timedelta(days=days))}
    with pytest.raises(Refused, match="Choose a period within that"):
        approve_request(acting_user=house.approver, request=request, terms=terms, reason="x")


@pytest.fixture
def elsewhere(house):
    """Another pool of the same kind in which the house's authority has a share."""
    pool = make_pool(60, cluster=make_cluster(provider=house.provider), kind=house.pool.kind)
    return SimpleNamespace(pool=pool, share=make_share(pool, house.authority))


def test_another_pool_of_the_kind_pays_and_holds_the_grant(house, elsewhere):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    line = request.current_lines.get()
    approve_request(
        acting_user=house.approver, request=request, terms={line.pk: Term(10, elsewhere.pool.pk)}, reason="Cooling"
    )
    grant = Grant.objects.get()
    assert (grant.pool, grant.share, grant.environment.cluster) == (
        elsewhere.pool, elsewhere.share, elsewhere.pool.cluster,
    )  # fmt: skip
    assert request.state == "approved"


def test_another_pool_is_counted_there(house, elsewhere):
    request = make_request(house.project, house.pool, house.owner, amount=70)
    line = request.current_lines.get()
    with pytest.raises(NotEnough) as refusal:
        approve_request(
            acting_user=house.approver, request=request, terms={line.pk: Term(70, elsewhere.pool.pk)}, reason="x"
        )
    assert refusal.value.facts["most"] == 60


def test_another_pool_has_to_be_cleared_and_of_the_kind(house, elsewhere):
    request = make_request(house.project, house.pool, house.owner, amount=10)
    line = request.current_lines.get()
    other_kind = make_pool(60, cluster=house.cluster, kind=make_kind())
    make_share(other_kind, house.authority)
    for pool in (other_kind, make_pool(10, kind=house.pool.kind)):
        with pytest.raises(Refused), transaction.atomic():
            approve_request(acting_user=house.approver, request=request, terms={line.pk: Term(1, pool.pk)}, reason="x")
    Cluster.objects.filter(pk=elsewhere.pool.cluster_id).update(data_classes=["public"])
    with pytest.raises((Refused, NotOffered)), transaction.atomic():
        approve_request(
            acting_user=house.approver, request=request, terms={line.pk: Term(1, elsewhere.pool.pk)}, reason="x"
        )
    assert not Decision.objects.exists()
