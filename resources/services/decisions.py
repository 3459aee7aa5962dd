"""Quota requests are decided: in full, in part, not yet, or not at all; by two people where policy wants it.

Each line is decided by an authority with a share of its pool; when several authorities pay for one request, their steps
add up until no line is open, and then all of it is granted at once. The decider is never the requester nor a member of
the requesting tenant. Capacity is counted over the whole period, under the pools' locks, in the deciding transaction.
Nothing here is exempt for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import AutoRule, CapacityPool, Decision, DecisionLine, QuotaRequest, Share
from resources.queries.capacity import Placement, Preview, as_asked, effects_of
from resources.queries.deciders import (
    Payer,
    closable,
    payable,
    payers_of_step,
    same_eyes,
    second_person_because,
)
from resources.queries.rulings import SoFar, before_step, confirmation_of, of_step, so_far, standing_steps, waiting_step
from resources.services.conditions import (
    Condition,
    check_conditions,
    conditions_hold,
    drop_conditions,
    set_conditions,
)
from resources.services.grant_changes import take_from_source
from resources.services.grants import issue_grants
from resources.services.placing import Term, refuse_lines, simple_terms, wanted, write_lines
from resources.services.safeguards import (
    check_limit,
    check_placements,
    check_rule,
    need_reason,
    refuse_what_does_not_fit,
    refuse_what_is_outdated,
    refuse_where_it_may_not_run,
    right_of,
    who_agrees,
    who_pays,
)
from resources.services.telling import summary, tell
from tenants.errors import FourEyes
from tenants.models import Authority

State = QuotaRequest.State
Outcome = Decision.Outcome


@transaction.atomic
def take_into_review(*, acting_user: User, request: QuotaRequest) -> QuotaRequest:
    """Say that ``acting_user`` is looking at it."""
    lines = so_far(request)
    payer = who_pays(acting_user, request, lines)
    right_of(acting_user, request, payer[0], ())
    advance(request, State.IN_REVIEW, reviewer=acting_user)
    tell("request.in_review", acting_user, request)
    return request


@deciding
@transaction.atomic
def approve_request(
    *,
    acting_user: User,
    request: QuotaRequest,
    amounts: Mapping[int, int] | None = None,
    terms: Mapping[int, Term] | None = None,
    reason: str = "",
    authority: Authority | None = None,
    placements: Mapping[int, CapacityPool] | None = None,
    rule: AutoRule | None = None,
    conditions: Sequence[Condition] = (),
) -> QuotaRequest:
    """Approve all that is open and that the authority may pay, or ``amounts`` (line id → GPUs), or ``terms`` (the same
    with place and period); the second person's step follows where it is due, others' steps where lines stay open.

    ``placements``: line id → pool, for lines that leave their cluster to the decider. Raises NotEnough past the pool or
    the share, OverLine past the policy line without a reason, NotPlaced where a line still lies nowhere.
    ``rule``: it is the rule that decides, in the right of ``acting_user``: all at once, alone, or not at all.
    ``conditions``: part of this step; they are watched once what it gives is granted.
    """
    _lock(request, State.APPROVED)
    lines = _refuse_a_second_first_step(acting_user, request)
    payer = who_pays(acting_user, request, lines, authority)
    given = wanted(lines, payer, terms or simple_terms(lines, amounts, placements))
    in_part = check_placements(given, {each.line.pk: each.left for each in lines}, reason)
    refuse_where_it_may_not_run(request, given)
    check_conditions(conditions, payer[0], given)
    effects, others = _count(lines, given)
    over_line = refuse_what_does_not_fit(effects, reason)
    second = "line" if over_line else second_person_because(payer[0].pk, given, before_step(lines))
    if rule:
        check_rule(rule, payer[0], lines, given, alone=not (in_part or second))
    _begin(None if rule else acting_user, request)
    outcome = Outcome.APPROVE_PART if in_part else Outcome.APPROVE
    decision = _decide(
        request, acting_user, payer[0], outcome, reason, given, over_line=over_line, second=second, rule=rule
    )
    write_lines(decision, given)
    set_conditions(decision, request, conditions)
    if second:
        advance(request, State.AWAITING_SECOND)
        tell("request.awaiting_second", acting_user, request, reason, summary(effects), decision)
        return request
    return _go_on(acting_user, request, decision, effects, others)


@deciding
@transaction.atomic
def confirm_request(*, acting_user: User, request: QuotaRequest, reason: str = "") -> QuotaRequest:
    """The second person agrees to what the first approved; capacity is counted again, as it is now."""
    _lock(request, State.APPROVED)
    first = _refuse_same_eyes(acting_user, request)
    payer = who_agrees(acting_user, request, first)
    lines = so_far(request)
    placements = of_step(lines, first)
    effects, others = _count(lines, placements, first)
    over_line = refuse_what_does_not_fit(effects, reason or first.reason)
    refuse_where_it_may_not_run(request, placements)
    decision = _decide(
        request, acting_user, payer[0], Outcome(first.outcome), reason, placements, over_line=over_line, answers=first
    )
    write_lines(decision, placements)
    if any(each.is_open for each in so_far(request)):
        advance(request, State.IN_REVIEW)
    return _go_on(acting_user, request, decision, effects, others)


@deciding
@transaction.atomic
def send_back_request(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """The second person disagrees: the request is in review again, with nothing of that step granted."""
    _lock(request, State.APPROVED)
    first = _refuse_same_eyes(acting_user, request)
    payer = who_agrees(acting_user, request, first)
    need_reason(reason)
    decision = _decide(
        request, acting_user, payer[0], Outcome.SEND_BACK, reason, of_step(so_far(request), first), answers=first
    )
    drop_conditions(first)
    advance(request, State.IN_REVIEW)
    tell("request.sent_back", acting_user, request, reason, decision=decision)
    return request


@deciding
@transaction.atomic
def take_back_request(*, acting_user: User, request: QuotaRequest, reason: str = "") -> QuotaRequest:
    """Undo the newest step of one's own authority, while a second person or other authorities have still to act.

    What waits for a second person is taken back by who approved it; a colleague sends it back instead. What a second
    person confirmed is taken back whole.
    """
    _lock(request, State.APPROVED)
    first = waiting_step(request)
    if first and not same_eyes(acting_user, first):
        raise FourEyes(
            _("%(person)s approved it, so only they can take it back. Send it back with a reason instead.")
            % {"person": first.decider}
        )
    for step in [first] if first else reversed(standing_steps(request)):
        if first or _shares_right(acting_user, request, step):
            payer = who_agrees(acting_user, request, step)
            decision = _decide(
                request, acting_user, payer[0], Outcome.TAKE_BACK, reason, of_step(so_far(request), step),
                answers=confirmation_of(step) or step,
            )  # fmt: skip
            drop_conditions(step)
            if first:
                advance(request, State.IN_REVIEW)
            tell("request.taken_back", acting_user, request, reason, decision=decision)
            return request
    raise MovedMeanwhile(
        _("No step of your authority stands on %(reference)s, so there is nothing to take back.")
        % {"reference": request.reference}
    )


@deciding
@transaction.atomic
def reject_request(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """Refuse the open lines that one's authority may pay, with the reason the tenant will read.

    The request is refused when nothing of it was granted and no line is left for others.
    """
    _lock(request, State.REJECTED)
    if request.state == State.AWAITING_SECOND:
        first = _refuse_same_eyes(acting_user, request)
        payer = who_agrees(acting_user, request, first)
        lines = so_far(request)
        given = {step.line.pk for step in of_step(lines, first)}
        closing = [each for each in lines if each.line.pk in given]
    else:
        first, lines = None, so_far(request)
        payer = who_pays(acting_user, request, lines)
        closing = closable(lines, payer)
    need_reason(reason)
    _begin(acting_user, request)
    decision = _decide(
        request, acting_user, payer[0], Outcome.REJECT, reason, _nothing_of(closing, payer), answers=first
    )
    refuse_lines(request, decision, closing, payer)
    if first:
        drop_conditions(first)
    if first and any(each.is_open for each in so_far(request)):
        advance(request, State.IN_REVIEW)
    return _go_on(acting_user, request, decision, *_count(so_far(request), []))


@transaction.atomic
def ask_for_changes(*, acting_user: User, request: QuotaRequest, reason: str) -> QuotaRequest:
    """Ask the tenant for something; the clock stands until it answers."""
    _lock(request, State.INFO_REQUESTED)
    lines = so_far(request)
    payer = who_pays(acting_user, request, lines)
    need_reason(reason)
    _begin(acting_user, request)
    decision = _decide(
        request, acting_user, payer[0], Outcome.ASK, reason, _nothing_of(payable(lines, payer[1]), payer)
    )
    advance(request, State.INFO_REQUESTED)
    tell("request.info_requested", acting_user, request, reason, decision=decision)
    return request


def _lock(request: QuotaRequest, to: str) -> None:
    """Hold the request until commit, as the caller saw it; refuses what nobody decides any more."""
    if request.state not in QuotaRequest.DECIDABLE:
        advance(request, to)
    rows = QuotaRequest.objects.select_for_update().filter(
        pk=request.pk, state=request.state, revision=request.revision
    )
    if not rows.values_list("pk", flat=True).first():
        raise MovedMeanwhile(
            _("%(reference)s changed while you were looking at it. Reload it to see it as it is.")
            % {"reference": request.reference}
        )


def _refuse_a_second_first_step(acting_user: User, request: QuotaRequest) -> list[SoFar]:
    """The lines so far. What waits for a second person is confirmed or sent back: approving it anew is neither."""
    if request.state == State.AWAITING_SECOND:
        _refuse_same_eyes(acting_user, request)
        raise MovedMeanwhile(
            _("%(reference)s waits for a second person. Confirm what was approved, or send it back with a reason.")
            % {"reference": request.reference}
        )
    return so_far(request)


def _refuse_same_eyes(acting_user: User, request: QuotaRequest) -> Decision:
    """The first person's step, if ``acting_user`` is somebody else, and stands in for nobody of that step."""
    first = waiting_step(request)
    if first is None:
        raise MovedMeanwhile(
            _("%(reference)s does not wait for a second person any more. Reload the page to see what happened.")
            % {"reference": request.reference}
        )
    if same_eyes(acting_user, first):
        raise FourEyes(
            _(
                "%(reference)s was approved by you, or by somebody for whom you stand in or who stands in for you. "
                "A second person has to confirm it or send it back."
            )
            % {"reference": request.reference}
        )
    return first


def _shares_right(acting_user: User, request: QuotaRequest, step: Decision) -> bool:
    return bool(payers_of_step(acting_user, step))


def _count(
    lines: list[SoFar], placements: list[Placement], first: Decision | None = None
) -> tuple[list[Preview], list[tuple[DecisionLine, Preview]]]:
    """What the placements do on top of what stands (but for ``first``), and what that itself does; pools are held."""
    before = [pair for each in lines for pair in each.promised if first is None or pair[0].decision_id != first.pk]
    every = [*(placement for _step, placement in before), *placements]
    hold("pool", *(each.pool.pk for each in every))
    paying = [each.share.pk for each in every if each.share]
    fresh = Share.objects.select_related("authority", "pool__cluster", "pool__kind").in_bulk(paying)
    effects = effects_of(
        replace(each, share=fresh[each.share.pk], pool=fresh[each.share.pk].pool) if each.share else each
        for each in every
    )
    steps = [step for step, _placement in before]
    return effects[len(steps) :], [*zip(steps, effects, strict=False)]


def _begin(acting_user: User | None, request: QuotaRequest) -> None:
    """Deciding takes up what nobody took up yet."""
    if request.state in {State.SUBMITTED, State.APPEALED}:
        advance(request, State.IN_REVIEW, reviewer=acting_user)


def _nothing_of(lines: Iterable[SoFar], payer: Payer) -> list[Placement]:
    """Placements of nothing, for the clusters that a refusal or a question is about."""
    shares = payer[1]
    named = [each.line for each in lines if each.line.pool_id in shares]
    return [as_asked(line, line.pool, shares[line.pool.pk], 0) for line in named if line.pool]


def _clusters(placements: Iterable[Placement]) -> set[UUID]:
    return {each.pool.cluster.public_id for each in placements if each.share}


def _decide(
    request: QuotaRequest,
    user: User,
    payer: Authority,
    outcome: Outcome,
    reason: str,
    placements: Iterable[Placement] = (),
    *,
    over_line: bool = False,
    second: str = "",
    answers: Decision | None = None,
    rule: AutoRule | None = None,
) -> Decision:
    given = [*placements]
    right = right_of(user, request, payer, _clusters(given))
    if outcome in Decision.GIVES:
        check_limit(right, [each.give for each in given])
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
        second_because=second,
        answers=answers,
        rule=rule,
    )


def _go_on(
    acting_user: User,
    request: QuotaRequest,
    decision: Decision,
    effects: list[Preview],
    others: list[tuple[DecisionLine, Preview]],
) -> QuotaRequest:
    """Grant all that stands once no line is open any more; until then the request stays in review for the others."""
    lines, reason = so_far(request), decision.reason
    if any(each.is_open for each in lines):
        tell("request.lines_decided", acting_user, request, reason, summary(effects), decision)
        return request
    granted = [step for each in lines for step in each.steps if step.granted]
    if not granted:
        advance(request, State.REJECTED, decided_at=timezone.now())
        tell("request.rejected", acting_user, request, reason, decision=decision)
        nudge("resources.write_letter", request.pk)
        return request
    refuse_what_is_outdated(request, others)
    whole = all(each.in_full for each in lines)
    advance(request, State.APPROVED if whole else State.PARTIALLY_APPROVED, decided_at=timezone.now())
    conditions_hold(request)
    take_from_source(acting_user, request, sum(grant.amount for grant in issue_grants(request, granted)))
    total = summary([*(effect for _step, effect in others), *effects])
    tell("request.approved", acting_user, request, reason, total, decision)
    nudge("resources.write_letter", request.pk)
    nudge("resources.enforce_quotas")
    return request
