from typing import Any

import pytest

from portal.core.errors import MovedMeanwhile, Refused, UnlawfulMove
from portal.models import AuditEvent
from resources.errors import NoShare, NotEnough, NotOffered, OverLine
from resources.models import Decision, Environment, Grant, QuotaRequest
from resources.services.decisions import (
    approve_request,
    ask_for_changes,
    confirm_request,
    reject_request,
    send_back_request,
    take_into_review,
)
from resources.services.grants import environment_of
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.errors import FourEyes, NotOpen
from tests.factories.people import make_user
from tests.factories.resources import make_pool, make_request, make_share, period
from tests.factories.tenants import (
    make_authority,
    make_member,
    make_policy,
    make_project,
    make_staff,
    make_tenant,
)


def sent(house, amount=10, **facts: Any):
    return make_request(house.project, house.pool, house.owner, amount=amount, **facts)


def only_line(request):
    return request.current_lines.get()


def test_approve_in_full_grants_what_was_asked_and_wishes_it(house):
    request = approve_request(acting_user=house.approver, request=sent(house, 40))
    grant = Grant.objects.get()
    assert request.state == "approved"
    assert (grant.amount, grant.state, grant.share) == (40, "active", house.share)
    assert (grant.environment.quotas.get().wanted, grant.environment.quotas.get().state) == (40, "pending")
    event = AuditEvent.objects.get(act="request.approved")
    assert event.after["lines"][0] | {"pool": ""} == {
        "pool": "", "asked": 40, "granted": 40, "promised_before": 0, "promised_after": 40, "over_line": False,
    }  # fmt: skip


def test_approve_of_a_later_period_is_scheduled_and_wishes_nothing_yet(house):
    approve_request(acting_user=house.approver, request=sent(house, 40, start_days=10))
    grant = Grant.objects.get()
    assert grant.state == "scheduled"
    assert grant.environment.quotas.get().wanted == 0


def test_approve_in_part_needs_a_reason_and_grants_the_part(house):
    request = sent(house, 40)
    amounts = {only_line(request).pk: 25}
    with pytest.raises(Refused) as refusal:
        approve_request(acting_user=house.approver, request=request, amounts=amounts)
    assert refusal.value.field == "reason"
    request = QuotaRequest.objects.get(pk=request.pk)
    approve_request(acting_user=house.approver, request=request, amounts=amounts, reason="March is full")
    assert request.state == "partially_approved"
    assert Grant.objects.get().amount == 25


@pytest.mark.parametrize("amount", [-1, 0, 41])
def test_approve_less_than_one_or_more_than_asked_is_refused(house, amount):
    request = sent(house, 40)
    with pytest.raises(Refused):
        approve_request(
            acting_user=house.approver, request=request, amounts={only_line(request).pk: amount}, reason="x"
        )
    assert not Decision.objects.exists()


def test_approve_past_the_pool_is_refused_with_what_still_fits(house):
    make_policy(house.authority, "quota.second_person_gpus", 1000)
    approve_request(acting_user=house.approver, request=sent(house, 60))
    with pytest.raises(NotEnough) as refusal:
        approve_request(acting_user=house.approver, request=sent(house, 60), reason="x")
    assert refusal.value.facts["most"] == 40


def test_approve_after_another_period_ends_counts_only_what_overlaps(house):
    approve_request(acting_user=house.approver, request=sent(house, 80, days=10))
    approve_request(acting_user=house.approver, request=sent(house, 80, start_days=10, days=10))
    assert Grant.objects.count() == 2


def test_approve_past_the_share_is_refused_although_the_pool_has_room(house):
    house.share.gpus = 30
    house.share.save()
    with pytest.raises(NotEnough) as refusal:
        approve_request(acting_user=house.approver, request=sent(house, 40))
    assert refusal.value.facts["most"] == 30


def test_approve_past_the_policy_line_needs_a_reason_and_a_second_person(house):
    request = sent(house, 95)
    with pytest.raises(OverLine):
        approve_request(acting_user=house.approver, request=request)
    request = QuotaRequest.objects.get(pk=request.pk)
    approve_request(acting_user=house.approver, request=request, reason="Flood season")
    assert request.state == "awaiting_second"
    assert not Grant.objects.exists()
    assert Decision.objects.get().over_line


@pytest.mark.parametrize(("rule", "value"), [("quota.second_person_gpus", 40), ("quota.second_person_months", 0)])
def test_approve_at_a_threshold_waits_for_a_second_person(house, rule, value):
    make_policy(house.authority, rule, value)
    request = approve_request(acting_user=house.approver, request=sent(house, 40))
    assert request.state == "awaiting_second"
    confirm_request(acting_user=house.second, request=request)
    assert request.state == "approved"
    assert Grant.objects.get().amount == 40
    assert list(Decision.objects.order_by("step").values_list("step", "decider")) == [
        (1, house.approver.pk), (2, house.second.pk),
    ]  # fmt: skip


def test_confirm_by_the_first_person_is_refused(house):
    request = approve_request(acting_user=house.approver, request=sent(house, 95), reason="x")
    with pytest.raises(FourEyes):
        confirm_request(acting_user=house.approver, request=request)
    with pytest.raises(FourEyes):
        send_back_request(acting_user=house.approver, request=request, reason="x")


def test_confirm_counts_again_and_refuses_what_no_longer_fits(house):
    request = approve_request(acting_user=house.approver, request=sent(house, 95), reason="x")
    approve_request(acting_user=house.approver, request=sent(house, 10))
    with pytest.raises(NotEnough):
        confirm_request(acting_user=house.second, request=request)


def test_confirm_what_does_not_wait_says_so(house):
    with pytest.raises(MovedMeanwhile):
        confirm_request(acting_user=house.second, request=sent(house))


def test_send_back_grants_nothing_and_the_next_approval_counts_anew(house):
    make_policy(house.authority, "quota.second_person_gpus", 40)
    request = approve_request(acting_user=house.approver, request=sent(house, 40))
    send_back_request(acting_user=house.second, request=request, reason="Too early")
    assert request.state == "in_review"
    approve_request(acting_user=house.second, request=request)
    confirm_request(acting_user=house.approver, request=request)
    assert request.state == "approved"
    assert list(Decision.objects.order_by("step").values_list("outcome", flat=True)) == [
        "approve", "send_back", "approve", "approve",
    ]  # fmt: skip


@pytest.mark.parametrize("act", [approve_request, reject_request, ask_for_changes, take_into_review])
def test_decide_about_ones_own_tenant_is_refused_whoever_one_is(house, act):
    reason = {} if act is take_into_review else {"reason": "x"}
    for person in (house.owner, make_member(house.tenant, "member", house.approver)):
        with pytest.raises(FourEyes):
            act(acting_user=person, request=sent(house), **reason)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("kind", ["stranger", "admin", "auditor", "operator", "approver elsewhere"])
def test_decide_without_a_share_is_refused(house, kind):
    person = {
        "stranger": make_user,
        "admin": lambda: make_user(is_platform_admin=True),
        "auditor": lambda: house.auditor,
        "operator": lambda: house.operator,
        "approver elsewhere": lambda: make_staff(make_authority(), "quota_approver"),
    }[kind]()
    with pytest.raises(NoShare):
        approve_request(acting_user=person, request=sent(house))


def test_approve_by_another_authority_pays_from_its_own_share(house):
    house.share.gpus = 50
    house.share.save()
    other = make_authority()
    theirs = make_share(house.pool, other, 50)
    approve_request(acting_user=make_staff(other, "quota_approver"), request=sent(house, 40))
    assert Grant.objects.get().share == theirs


@pytest.mark.parametrize(("act", "state"), [(reject_request, "rejected"), (ask_for_changes, "info_requested")])
def test_refuse_and_ask_need_a_reason(house, act, state):
    request = sent(house)
    with pytest.raises(Refused):
        act(acting_user=house.approver, request=request, reason="  ")
    act(acting_user=house.approver, request=request, reason="Say how")
    assert QuotaRequest.objects.get().state == state
    assert Decision.objects.get().reason == "Say how"


def test_decide_a_second_time_is_unlawful(house):
    request = approve_request(acting_user=house.approver, request=sent(house))
    with pytest.raises(UnlawfulMove):
        reject_request(acting_user=house.second, request=request, reason="x")
    assert Grant.objects.count() == 1


def test_approve_twice_for_one_project_keeps_one_environment(house):
    for _each in range(2):
        approve_request(acting_user=house.approver, request=sent(house, 20))
    environment = Environment.objects.get()
    assert environment.external_name == f"{house.tenant.slug}-{house.project.slug}"
    assert environment.quotas.get().wanted == 40
    assert environment.quotas.get().revision == 2


def test_environments_of_equal_names_are_told_apart(house):
    twin = make_tenant(slug=f"{house.tenant.slug}-{house.project.slug}", authority=house.authority)

    first = environment_of(make_project(twin, slug="a"), house.cluster)
    second = environment_of(make_project(house.tenant, slug=f"{house.project.slug}-a"), house.cluster)
    assert second.external_name == f"{first.external_name}-2"


def test_lines_of_one_request_on_one_pool_are_counted_together(house):

    wishes = [Wish(house.pool, 60, *period()), Wish(house.pool, 60, *period())]
    request = draft_request(acting_user=house.owner, project=house.project, purpose="x", wishes=wishes)
    submit_request(acting_user=house.owner, request=request)
    with pytest.raises(NotEnough):
        approve_request(acting_user=house.approver, request=request, reason="x")
    assert make_pool().pk


@pytest.mark.parametrize(
    ("model", "facts", "refusal"),
    [
        ("cluster", {"data_classes": ["public"]}, NotOffered),
        ("cluster", {"state": "retired"}, NotOffered),
        ("tenant", {"residency": ["FI"]}, NotOffered),
        ("project", {"data_class": "restricted"}, NotOffered),
        ("tenant", {"state": "suspended"}, NotOpen),
    ],
)
def test_what_changed_since_the_request_was_sent_binds_the_decision(house, model, facts, refusal):
    request = sent(house)
    row = getattr(house, model)
    type(row)._base_manager.filter(pk=row.pk).update(**facts)
    with pytest.raises(refusal):
        approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=request.pk))
    assert not Grant.objects.exists()


def test_second_person_is_bound_by_what_changed_too(house):
    request = approve_request(acting_user=house.approver, request=sent(house, 95), reason="x")
    type(house.cluster)._base_manager.update(data_classes=["public"])
    with pytest.raises(NotOffered):
        confirm_request(acting_user=house.second, request=QuotaRequest.objects.get(pk=request.pk))
