"""Quota requests are decided: in full, in part, not yet, or not at all; by two people where policy wants it.

The decider is never the requester nor a member of the requesting tenant, and acts for an authority that holds a
share of every pool asked for. Capacity is counted over the whole period, under the pools' locks, in the deciding
transaction. Nothing here is exempt for anybody.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import MovedMeanwhile
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import CapacityPool, Decision, DecisionLine, QuotaRequest, RequestLine, Share
from resources.quantities import gpu_hours
from resources.queries.capacity import Preview, preview_request
from resources.queries.deciders import right_to_decide, same_eyes, second_person_because
from resources.queries.placement import place, placed_by
from resources.services import topics
from resources.services.grants import issue_grants
from resources.services.notices import notify_of_request
from resources.services.safeguards import (
    check_amounts,
    check_limit,
    need_places,
    need_reason,
    refuse_what_does_not_fit,
    refuse_where_it_may_not_run,
    who_pays,
)
from tenants.errors import FourEyes
from tenants.models import Authority

State = QuotaRequest.State
Outcome = Decision.Outcome


@transaction.atomic
def take_into_review(*, acting_user: User, request: QuotaRequest) -> QuotaRequest:
    """Say that ``acting_user`` is looking at it."""
    who_pays(acting_user, request)
    advance(request, State.IN_REVIEW, reviewer=acting_user)
    _tell("request.in_review", acting_user, request)
    return request


@deciding
@transaction.atomic
def approve_request(
    *,
    acting_user: User,
    request: QuotaRequest,
    amounts: Mapping[int, int] | None = None,
    reason: str = "",
    authority: Authority | None = None,
    placements: Mapping[int, CapacityPool] | None = None,
) -> QuotaRequest:
    """Approve all that is asked, or ``amounts`` (line id → GPUs); the second person's step follows where it is due.

    ``placements``: line id → pool, for lines that leave their cluster to the decider. Raises NotEnough past the pool or
    the share, OverLine past the policy line without a reason, NotPlaced where a line still lies nowhere.
    """
    lines = place(request, placements or {})
    payer, shares = who_pays(acting_user, request, authority)
    _refuse_a_second_first_step(acting_user, request)
    hold("pool", *shares)
    given = {line.pk: line.amount if amounts is None else amounts.get(line.pk, 0) for line in lines}
    need_places(request, lines, given)
    refuse_where_it_may_not_run(request, [line for line in lines if given[line.pk]])
    in_part = check_amounts(lines, given, reason)
    effects = preview_request(request, shares, given)
    over_line = refuse_what_does_not_fit(effects, reason)
    if request.state == State.SUBMITTED:
        advance(request, State.IN_REVIEW, reviewer=acting_user)
    outcome = Outcome.APPROVE_PART if in_part else Outcome.APPROVE
    decision = _decide(request, acting_user, payer, outcome, reason, over_line=over_line, given=given)
    _write_lines(decision, lines, given, shares)
    if over_line or second_person_because(payer.pk, [(line, given[line.pk]) for line in lines]):
        advance(request, State.AWAITING_SECOND)
        _tell("request.awaiting_second", acting_user, request, reason, _summary(effects), decision)
        return request
    return _finish(acting_user, request, decision, reason, effects)


@deciding
@transaction.atomic
def confirm_request(*, acting_user: User, request: QuotaRequest, reason: str = "") -> QuotaRequest:
    """The second person agrees to what the first approved; capacity is counted again, as it is now."""
    first = _refuse_same_eyes(acting_user, request)
    place(request, placed_by(first))
    payer, shares = who_pays(acting_user, request, first.deciding_authority)
    hold("pool", *shares)
    given = dict(first.lines.values_list("line_id", "granted"))
    effects = preview_request(request, shares, given)
    refuse_what_does_not_fit(effects, reason or first.reason)
    lines = [effect.line for effect in effects if effect.line]
    refuse_where_it_may_not_run(request, [line for line in lines if given[line.pk]])
    over_line = any(effect.over_line for effect in effects)
    decision = _decide(request, acting_user, payer, Outcome(first.outcome), reason, over_line=over_line, given=given)
    _write_lines(decision, lines, given, shares)
    return _finish(acting_user, request, decision, reason, effects)


@deciding
@transaction.atomic
def send_back_request(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """The second person disagrees: the request is in review again, with nothing granted."""
    first = _refuse_same_eyes(acting_user, request)
    payer, _shares = who_pays(acting_user, request, first.deciding_authority)
    need_reason(reason)
    decision = _decide(request, acting_user, payer, Outcome.SEND_BACK, reason)
    advance(request, State.IN_REVIEW)
    _tell("request.sent_back", acting_user, request, reason, decision=decision)
    return request


@deciding
@transaction.atomic
def reject_request(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """Refuse, with the reason the tenant will read."""
    payer, _shares = who_pays(acting_user, request)
    if request.state == State.AWAITING_SECOND:
        _refuse_same_eyes(acting_user, request)
    need_reason(reason)
    if request.state == State.SUBMITTED:
        advance(request, State.IN_REVIEW, reviewer=acting_user)
    decision = _decide(request, acting_user, payer, Outcome.REJECT, reason)
    advance(request, State.REJECTED, decided_at=timezone.now())
    _tell("request.rejected", acting_user, request, reason, decision=decision)
    return request


@transaction.atomic
def ask_for_changes(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """Ask the tenant for something; the clock stands until it answers."""
    payer, _shares = who_pays(acting_user, request)
    need_reason(reason)
    if request.state == State.SUBMITTED:
        advance(request, State.IN_REVIEW, reviewer=acting_user)
    decision = _decide(request, acting_user, payer, Outcome.ASK, reason)
    advance(request, State.INFO_REQUESTED)
    _tell("request.info_requested", acting_user, request, reason, decision=decision)
    return request


def _refuse_a_second_first_step(acting_user: User, request: QuotaRequest) -> None:
    """What waits for a second person is confirmed or sent back: approving it anew, or less of it, is neither."""
    if request.state == State.AWAITING_SECOND:
        _refuse_same_eyes(acting_user, request)
        raise MovedMeanwhile(
            _("%(reference)s waits for a second person. Confirm what was approved, or send it back with a reason.")
            % {"reference": request.reference}
        )


def _refuse_same_eyes(acting_user: User, request: QuotaRequest) -> Decision:
    """The first person's step, if ``acting_user`` is somebody else, and stands in for nobody of that step."""
    first = _first_step(request)
    if same_eyes(acting_user, first):
        raise FourEyes(
            _(
                "%(reference)s was approved by you, or by somebody for whom you stand in or who stands in for you. "
                "A second person has to confirm it or send it back."
            )
            % {"reference": request.reference}
        )
    return first


def _first_step(request: QuotaRequest) -> Decision:
    if request.state != State.AWAITING_SECOND:
        raise MovedMeanwhile(
            _("%(reference)s does not wait for a second person any more. Reload the page to see what happened.")
            % {"reference": request.reference}
        )
    return (
        request.decisions.filter(revision=request.revision, outcome__in=(Outcome.APPROVE, Outcome.APPROVE_PART))
        .select_related("deciding_authority")
        .order_by("-step")[0]
    )


def _decide(
    request: QuotaRequest,
    user: User,
    payer: Authority,
    outcome: Outcome,
    reason: str,
    *,
    over_line: bool = False,
    given: Mapping[int, int] | None = None,
) -> Decision:
    right = right_to_decide(user, request, payer)
    if outcome in {Outcome.APPROVE, Outcome.APPROVE_PART}:
        check_limit(right, given or {})
    return Decision.objects.create(
        tenant_id=request.tenant_id,
        authority_id=request.authority_id,
        request=request,
        revision=request.revision,
        step=request.decisions.filter(revision=request.revision).count() + 1,
        decider=user,
        on_behalf_of=right.on_behalf_of,
        deciding_authority=payer,
        outcome=outcome,
        reason=reason,
        over_line=over_line,
    )


def _write_lines(
    decision: Decision, lines: list[RequestLine], given: Mapping[int, int], shares: dict[int, Share]
) -> None:
    DecisionLine.objects.bulk_create(
        [
            DecisionLine(
                tenant_id=decision.tenant_id,
                authority_id=decision.authority_id,
                decision=decision,
                line=line,
                share=shares[line.pool_id],
                granted=given[line.pk],
                budget_hours=_budget(line, given[line.pk]),
            )
            for line in lines
            if line.pool_id  # what lies nowhere is given nothing
        ]
    )


def _budget(line: RequestLine, granted: int) -> int | None:
    """The GPU-hours that so many GPUs can use of those asked for; None where GPUs were asked for."""
    if line.budget_hours is None:
        return None
    return min(line.budget_hours, gpu_hours(granted, line.starts_at, line.ends_at))


def _finish(
    acting_user: User, request: QuotaRequest, decision: Decision, reason: str, effects: list[Preview]
) -> QuotaRequest:
    part = decision.outcome == Outcome.APPROVE_PART
    advance(request, State.PARTIALLY_APPROVED if part else State.APPROVED, decided_at=timezone.now())
    issue_grants(decision)
    _tell("request.approved", acting_user, request, reason, _summary(effects), decision)
    nudge("resources.enforce_quotas")
    return request


def _summary(effects: list[Preview]) -> list[dict[str, object]]:
    return [
        {
            "pool": str(effect.pool), "asked": effect.asked, "granted": effect.give,
            "promised_before": effect.before, "promised_after": effect.after, "over_line": effect.over_line,
        }
        for effect in effects
    ]  # fmt: skip


def _tell(
    act: str,
    acting_user: User,
    request: QuotaRequest,
    reason: str = "",
    lines: list[dict[str, object]] | None = None,
    decision: Decision | None = None,
) -> None:
    absent = {"on_behalf_of": decision.on_behalf_of_id} if decision and decision.on_behalf_of_id else {}
    audit.record(
        act,
        acting_user=acting_user,
        target=request,
        tenant=request.tenant,
        authority=request.authority,
        after={"state": request.state, **absent, **({"lines": lines} if lines else {})},
        reason=reason,
    )
    announce(act, topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request(act, request, acting_user)
