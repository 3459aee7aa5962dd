"""What people do about idle GPUs: say what they are kept for, give them back, accept that, or take them back.

Nothing is taken before the tenant was told as often as the policy says. Whoever decides is nobody of the tenant; above the
policy's number of GPUs a second person has to agree.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from resources.errors import OverLimit, TooSoon
from resources.models import IdleFinding, IdleStep
from resources.quantities import gpu_hours
from resources.queries.deciders import right_over_grant
from resources.queries.idleness import rules_for
from resources.services.grants import lower_grant
from resources.services.idle_finding import held, tell
from resources.services.safeguards import need_reason
from tenants.errors import FourEyes
from tenants.queries.standing import Standing, eyes

State = IdleFinding.State
Act = IdleStep.Act


@transaction.atomic
def justify_idle(*, acting_user: User, finding: IdleFinding, reason: str, needed_until: datetime) -> IdleFinding:
    """Say what idle GPUs are kept for, and from when they will be used. An approver decides whether that is enough."""
    finding = held(finding.pk)
    if not reason.strip():
        raise Refused(_("Say what they are kept for: the approver reads it."), field="reason")
    if needed_until <= timezone.now():
        raise Refused(_("Choose a day after today."), field="needed_until")
    advance(finding, State.JUSTIFIED, reason=reason.strip(), needed_until=needed_until)
    tell("idle.justified", Act.JUSTIFIED, finding, acting_user, text=finding.reason)
    return finding


@transaction.atomic
def release_idle(*, acting_user: User, finding: IdleFinding, gpus: int, reason: str = "") -> IdleFinding:
    """Give GPUs back, all of the grant or some, at once."""
    finding = held(finding.pk)
    _close(acting_user, finding, State.RELEASED, gpus, reason or _("Given back by the tenant"))
    tell("idle.released", Act.RELEASED, finding, acting_user, text=reason, gpus=gpus)
    return finding


@deciding
@transaction.atomic
def accept_idle(*, acting_user: User, finding: IdleFinding, reason: str = "") -> IdleFinding:
    """The tenant's reason is good: nobody asks again until the day it named."""
    finding = held(finding.pk)
    right = right_over_grant(acting_user, finding.grant)
    if finding.state != State.JUSTIFIED:
        raise MovedMeanwhile(_("No reason waits for an answer here any more. Reload the page to see what happened."))
    advance(finding, State.DISMISSED, closed_at=timezone.now(), quiet_until=finding.needed_until)
    tell("idle.accepted", Act.ACCEPTED, finding, acting_user, right.on_behalf_of, reason)
    return finding


@deciding
@transaction.atomic
def escalate_idle(*, acting_user: User, finding: IdleFinding, reason: str) -> IdleFinding:
    """The tenant's reason is not enough; it is told so, which counts as a notice."""
    finding = held(finding.pk)
    right = right_over_grant(acting_user, finding.grant)
    need_reason(reason)
    if finding.state != State.JUSTIFIED:
        raise MovedMeanwhile(_("No reason waits for an answer here any more. Reload the page to see what happened."))
    advance(finding, State.ESCALATED, notices=finding.notices + 1, noticed_at=timezone.now())
    tell("idle.refused", Act.REFUSED, finding, acting_user, right.on_behalf_of, reason)
    return finding


@deciding
@transaction.atomic
def dismiss_idle(*, acting_user: User, finding: IdleFinding, reason: str) -> IdleFinding:
    """Close it without taking anything; nobody looks again for as long as a finding takes."""
    finding = held(finding.pk)
    right = right_over_grant(acting_user, finding.grant)
    need_reason(reason)
    quiet = timezone.now() + timedelta(days=max(1, rules_for(finding.grant).days))
    advance(finding, State.DISMISSED, closed_at=timezone.now(), quiet_until=quiet)
    tell("idle.dismissed", Act.DISMISSED, finding, acting_user, right.on_behalf_of, reason)
    return finding


@deciding
@transaction.atomic
def reclaim_idle(*, acting_user: User, finding: IdleFinding, gpus: int, reason: str) -> IdleFinding:
    """Take idle GPUs back by putting a smaller grant in the place of this one; a second person where policy wants one.

    Raises TooSoon while the tenant was not told as often as the policy says.
    """
    finding = held(finding.pk)
    right = _right(acting_user, finding, gpus)
    need_reason(reason)
    if finding.state != State.ESCALATED:
        raise MovedMeanwhile(_("This is not with the approvers now. Reload the page to see what happened."))
    _told_enough(finding)
    if gpus >= rules_for(finding.grant).second_gpus:
        facts = {"asked_gpus": gpus, "first_by": acting_user, "first_at": timezone.now()}
        advance(finding, State.AWAITING_SECOND, **facts)
        tell("idle.proposed", Act.PROPOSED, finding, acting_user, right.on_behalf_of, reason, gpus)
        return finding
    return _reclaim(acting_user, finding, gpus, reason, right)


@deciding
@transaction.atomic
def confirm_reclaim(*, acting_user: User, finding: IdleFinding, reason: str = "") -> IdleFinding:
    """The second person agrees to taking back what the first wanted."""
    finding = held(finding.pk)
    first = _first_step(acting_user, finding)
    gpus = first.gpus or 0
    return _reclaim(acting_user, finding, gpus, reason or first.text, _right(acting_user, finding, gpus))


@deciding
@transaction.atomic
def send_back_reclaim(*, acting_user: User, finding: IdleFinding, reason: str) -> IdleFinding:
    """The second person does not agree: it is with the approvers again, and nothing was taken."""
    finding = held(finding.pk)
    _first_step(acting_user, finding)
    right = right_over_grant(acting_user, finding.grant)
    need_reason(reason)
    advance(finding, State.ESCALATED, asked_gpus=None, first_by=None, first_at=None)
    tell("idle.sent_back", Act.SENT_BACK, finding, acting_user, right.on_behalf_of, reason)
    return finding


def _reclaim(acting_user: User, finding: IdleFinding, gpus: int, reason: str, right: Standing) -> IdleFinding:
    _close(acting_user, finding, State.RECLAIMED, gpus, reason)
    tell("idle.reclaimed", Act.RECLAIMED, finding, acting_user, right.on_behalf_of, reason, gpus)
    return finding


def _close(acting_user: User, finding: IdleFinding, to: str, gpus: int, reason: str) -> None:
    """Lower the grant; what is saved is what it would still have held until its end."""
    _within(finding, gpus)
    now, grant = timezone.now(), finding.grant
    saved = gpu_hours(gpus, now, grant.ends_at) if grant.ends_at > now else 0
    advance(finding, to, given_back=gpus, saved_hours=saved, closed_at=now)
    lower_grant(acting_user=acting_user, grant=grant, gpus=gpus, reason=reason)


def _right(user: User, finding: IdleFinding, gpus: int) -> Standing:
    right = right_over_grant(user, finding.grant)
    _within(finding, gpus)
    if right.gpu_limit is not None and gpus > right.gpu_limit:
        raise OverLimit(
            _("Your role decides on up to %(limit)d GPUs at once; this is %(n)d. Take back fewer, or leave it to a "
              "colleague with a wider limit.") % {"limit": right.gpu_limit, "n": gpus},
            field="gpus",
        )  # fmt: skip
    return right


def _within(finding: IdleFinding, gpus: int) -> None:
    if not 0 < gpus <= finding.grant.amount:
        raise Refused(
            _("Choose from 1 to %(n)d GPUs: so many has this grant.") % {"n": finding.grant.amount}, field="gpus"
        )


def _told_enough(finding: IdleFinding) -> None:
    wanted = rules_for(finding.grant).notices
    if finding.notices < wanted:
        said = ngettext(
            "The tenant was told %(n)d time; before anything is taken back it has to be told %(wanted)d times. "
            "The portal tells it again by itself.",
            "The tenant was told %(n)d times; before anything is taken back it has to be told %(wanted)d times. "
            "The portal tells it again by itself.",
            finding.notices,
        )
        raise TooSoon(said % {"n": finding.notices, "wanted": wanted}, notices=finding.notices, wanted=wanted)


def _first_step(user: User, finding: IdleFinding) -> IdleStep:
    """The first person's step, if ``user`` is somebody else, and stands in for nobody of it."""
    if finding.state != State.AWAITING_SECOND:
        raise MovedMeanwhile(
            _("This does not wait for a second person any more. Reload the page to see what happened.")
        )
    first = finding.steps.filter(act=Act.PROPOSED).latest("pk")
    if eyes(user, first.created_at) & {first.by_id, first.on_behalf_of_id}:
        raise FourEyes(
            _("Taking these GPUs back was proposed by you, or by somebody for whom you stand in or who stands in for "
              "you. A second person has to agree or send it back.")
        )  # fmt: skip
    return first
