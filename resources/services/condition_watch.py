"""The calendar of conditions: people are reminded before a day, and both sides are told once it has passed.

Each once; run late, twice or beside itself it rests. Nobody loses anything by it: what follows is an approver's to say.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal.core.states import advance
from resources.models import Grant, GrantCondition, GrantConditionStep, QuotaRequest
from resources.queries.conditions import is_left
from resources.queries.rulings import standing_steps
from resources.services.condition_notices import tell
from tenants.services.deadlines import reminder_due, unreminded

REMINDERS = (7, 1)
"""Days before the day at which people are reminded."""
AT_ONCE = 500
State = GrantCondition.State
Act = GrantConditionStep.Act


def sweep_conditions(now: datetime | None = None) -> int:
    """Look at every condition about which something may be due; how many moved or were told of."""
    moment = now or timezone.now()
    near = Q(state=State.OPEN) & (Q(due_at__lte=moment) | unreminded("due_at", REMINDERS, moment))
    left = Grant.objects.counting().filter(
        Q(line__request=OuterRef("request")) | Q(supersedes__line__request=OuterRef("request"))
    )
    over = Q(state__in=GrantCondition.WATCHED) & ~Q(Exists(left))
    undone = Q(state=State.PROPOSED) & (
        ~Q(request__state__in=QuotaRequest.OPEN) | Q(decision__revision__lt=F("request__revision"))
    )
    rows = GrantCondition.objects.filter(near | over | undone).order_by("due_at", "pk")
    return sum(_look_at(number, moment) for number in rows.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _look_at(number: int, now: datetime) -> bool:
    """One condition, looked at again under its lock: somebody may have settled it meanwhile."""
    rows = GrantCondition.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("tenant", "request__tenant", "request__authority", "decision").filter(pk=number).first()
    if row is None:
        return False
    if row.state == State.PROPOSED:
        return _drop_what_does_not_stand(row)
    if row.is_watched and not is_left(row):
        return _move(row, State.ENDED, "request.condition_ended", Act.ENDED)
    if row.state != State.OPEN:
        return False
    if row.due_at <= now:
        return _move(row, State.OVERDUE, "request.condition_overdue", Act.OVERDUE)
    step = reminder_due(row.due_at, row.reminded, REMINDERS, now)
    if step is None:
        return False
    GrantCondition.objects.filter(pk=row.pk).update(reminded=step)
    tell("request.condition_reminded", Act.REMINDED, row)
    return True


def _move(row: GrantCondition, to: str, act: str, step: Act) -> bool:
    before = row.state
    advance(row, to)
    tell(act, step, row, before=before)
    return True


def _drop_what_does_not_stand(row: GrantCondition) -> bool:
    """Withdrawn, lapsed, sent anew: the step that set it stands no more."""
    request = row.request
    if request.state in QuotaRequest.OPEN and standing_steps(request).filter(pk=row.decision_id).exists():
        return False
    return _move(row, State.DROPPED, "request.condition_dropped", Act.DROPPED)
