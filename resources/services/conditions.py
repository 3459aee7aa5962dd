"""Conditions of grants: set with a decision, met by the tenant, found met by an approver, sent back, or lifted.

What is set is part of the step that sets it, and is never edited. Whoever decides about it is an approver of the
authority that set it, and nobody of the tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from resources.models import Decision, GrantCondition, GrantConditionStep, QuotaRequest, RequestDocument
from resources.models.condition import GrantConditionQuerySet
from resources.queries.capacity import Placement
from resources.queries.conditions import end_of, last_day_at, right_over_condition
from resources.queries.rulings import standing_steps
from resources.services.condition_holds import hold_pools, resume
from resources.services.condition_notices import tell
from resources.services.safeguards import need_reason
from tenants.models import Authority
from tenants.services.tenants import require_active

State = GrantCondition.State
Act = GrantConditionStep.Act
MOST = 10
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """What the tenant has to do, by the end of which day on the clocks of the authority that sets it."""

    text: str
    due_on: date

    @property
    def last_day(self) -> date:
        return self.due_on


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one of several conditions. ``number``: which, from 1; ``part``: "text" or "due"."""

    number: int
    part: str
    sentence: str

    @property
    def field(self) -> str:
        return f"condition_{self.part}_{self.number}"


def what_is_wrong(conditions: Sequence[Condition], office: Authority, ends: datetime) -> list[Wrong]:
    """What nobody could meet or watch over; ``ends``: when the last of what is granted ends."""
    today = timezone.localtime(timezone.now(), ZoneInfo(office.time_zone)).date()
    last = last_day_at(ends, office)
    found, known = [], set[str]()
    for number, each in enumerate(conditions, 1):
        text = " ".join(each.text.split())
        if not text:
            found.append(Wrong(number, "text", _("Write what has to be done by this day.")))
        elif len(text) > LONGEST:
            said = _("A condition has at most %(most)d characters; this one has %(n)d. Shorten it, or make two of it.")
            found.append(Wrong(number, "text", said % {"most": LONGEST, "n": len(text)}))
        elif text.casefold() in known:
            found.append(Wrong(number, "text", _("This condition is here already. Leave one of the two away.")))
        known.add(text.casefold())
        if each.due_on <= today:
            said = _("%(day)s is not in the future any more at %(authority)s. Choose a later day.")
            found.append(Wrong(number, "due", said % {"day": _day(each.due_on), "authority": office.name}))
        elif each.due_on > last:
            said = _("The GPUs are granted until %(last)s, before this day. Choose a day until then.")
            found.append(Wrong(number, "due", said % {"last": _day(last)}))
    if len(conditions) > MOST:
        said = _("More than %(most)d conditions are hard to watch over. Put several into one.") % {"most": MOST}
        found.append(Wrong(MOST + 1, "text", said))
    return found


def check_conditions(conditions: Sequence[Condition], office: Authority, given: Iterable[Placement]) -> None:
    """Refuse the first thing that is wrong with them."""
    ends = max((each.ends_at for each in given if each.give), default=None)
    if not conditions or ends is None:
        return
    for wrong in what_is_wrong(conditions, office, ends):
        raise Refused(wrong.sentence, field=wrong.field, code="condition.refused")


@transaction.atomic
def set_conditions(decision: Decision, request: QuotaRequest, conditions: Sequence[Condition]) -> None:
    """Write them down with the step that sets them; they hold when it does."""
    for number, each in enumerate(conditions, 1):
        row = GrantCondition.objects.create(
            tenant_id=request.tenant_id, authority_id=request.authority_id, request=request, decision=decision,
            number=number, text=" ".join(each.text.split()), due_at=end_of(each.due_on, decision.deciding_authority),
        )  # fmt: skip
        tell("request.condition_set", Act.SET, row, decision.decider, decision.on_behalf_of, row.text)


@transaction.atomic
def conditions_hold(request: QuotaRequest) -> None:
    """What was decided is granted: its conditions are watched from now on, and those of steps undone are dropped."""
    standing = set(standing_steps(request).values_list("pk", flat=True))
    for row in _proposed(request):
        if row.decision_id in standing:
            advance(row, State.OPEN)
            tell("request.condition_holds", Act.HOLDS, row)
        else:
            _drop(row)


@transaction.atomic
def drop_conditions(decision: Decision) -> None:
    """The step was undone, and with it what it set."""
    for row in _proposed(decision.request).filter(decision=decision):
        _drop(row)


@transaction.atomic
def say_met(
    *, acting_user: User, condition: GrantCondition, note: str, document: RequestDocument | None = None
) -> GrantCondition:
    """The tenant says that it is met, and by what one sees it; an approver looks at that."""
    require_active(condition.tenant)
    if not note.strip():
        raise Refused(_("Write by what one sees that it is met: the approver reads it."), field="note")
    if document is not None and document.request_id != condition.request_id:
        raise Refused(_("This document belongs to another request. Add it to this one."), field="document")
    facts = {"note": note.strip(), "document": document, "said_by": acting_user, "said_at": timezone.now()}
    before = condition.state
    advance(condition, State.SAID_MET, **facts)
    tell("request.condition_said_met", Act.SAID_MET, condition, acting_user, text=condition.note, before=before)
    return condition


@deciding
@transaction.atomic
def confirm_met(*, acting_user: User, condition: GrantCondition, reason: str = "") -> GrantCondition:
    """It is met. Grants that were suspended for it run again."""
    right = right_over_condition(acting_user, condition)
    hold_pools(condition)
    before = condition.state
    advance(condition, State.MET, closed_by=acting_user, closed_at=timezone.now())
    tell("request.condition_met", Act.CONFIRMED, condition, acting_user, right.on_behalf_of, reason, before)
    resume(acting_user, condition)
    return condition


@deciding
@transaction.atomic
def send_back_condition(*, acting_user: User, condition: GrantCondition, reason: str) -> GrantCondition:
    """It is not met; the tenant reads why. Past its day it is overdue at once."""
    right = right_over_condition(acting_user, condition)
    need_reason(reason)
    before = condition.state
    if before != State.SAID_MET:
        raise MovedMeanwhile(
            _("Nobody waits for an answer here: this condition is “%(state)s”. Reload the page to see what happened.")
            % {"state": condition.get_state_display()}
        )
    advance(condition, State.OVERDUE if condition.due_at <= timezone.now() else State.OPEN)
    tell("request.condition_sent_back", Act.SENT_BACK, condition, acting_user, right.on_behalf_of, reason, before)
    return condition


@deciding
@transaction.atomic
def lift_condition(*, acting_user: User, condition: GrantCondition, reason: str) -> GrantCondition:
    """It need not be met any more. Grants that were suspended for it run again."""
    right = right_over_condition(acting_user, condition)
    need_reason(reason)
    hold_pools(condition)
    before = condition.state
    advance(condition, State.LIFTED, closed_by=acting_user, closed_at=timezone.now())
    tell("request.condition_lifted", Act.LIFTED, condition, acting_user, right.on_behalf_of, reason, before)
    resume(acting_user, condition)
    return condition


def _proposed(request: QuotaRequest) -> GrantConditionQuerySet:
    rows = GrantCondition.objects.filter(request=request, state=State.PROPOSED)
    return rows.select_related("tenant", "request__tenant", "request__authority", "decision").order_by("pk")


def _drop(row: GrantCondition) -> None:
    advance(row, State.DROPPED)
    tell("request.condition_dropped", Act.DROPPED, row)


def _day(day: date) -> str:
    return str(date_format(day, "j M Y"))
