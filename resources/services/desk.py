"""The work around a decision: who looks after a request, what happens when its day passes or a question stays open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.states import advance
from portal.models import User
from resources.models import Decision, QuotaRequest
from resources.queries.deciders import objection
from resources.queries.desk import colleagues, overdue
from resources.services.telling import tell
from tenants.errors import FourEyes
from tenants.models import PolicyRule
from tenants.queries.policies import policy

State = QuotaRequest.State
AT_ONCE = 500
LAST_REMINDER = timedelta(days=3)


@transaction.atomic
def assign_request(*, acting_user: User, request: QuotaRequest, approver: UUID | str) -> QuotaRequest:
    """Give the request to a colleague (by public id) who may decide it. Its state and its clock stay as they are."""
    if against := objection(acting_user, request):
        raise FourEyes(against)
    if request.state not in QuotaRequest.OPEN:
        raise Refused(_("%(request)s is over, so nobody has to look after it any more.") % {"request": request})
    found = colleagues(request)
    person = next((each.person for each in found if str(each.person.public_id) == str(approver)), None)
    if person is None:
        raise Refused(
            _("This person cannot decide %(request)s today. Choose one of the approvers listed.")
            % {"request": request},
            field="approver",
        )
    before = request.reviewer_id
    rows = QuotaRequest.objects.filter(pk=request.pk, state=request.state)
    held = rows.filter(reviewer__isnull=True) if before is None else rows.filter(reviewer=before)
    if not held.update(reviewer=person):
        raise MovedMeanwhile(_("%(request)s changed while you were looking at it. Reload it.") % {"request": request})
    request.reviewer = person
    tell("request.assigned", acting_user, request)
    return request


def escalate_requests() -> int:
    """Mark what is past its day, once for each request; how many were marked. Nothing is decided by that."""
    waiting = QuotaRequest.objects.filter(overdue(), escalated_at__isnull=True).order_by("due_at", "pk")
    return sum(_escalate(number) for number in waiting.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _escalate(number: int) -> bool:
    """One request, looked at again under its lock: it may have been decided, asked about or marked meanwhile."""
    rows = QuotaRequest.objects.select_for_update(skip_locked=True, of=("self",)).select_related("tenant", "authority")
    request = rows.filter(overdue(), pk=number, escalated_at__isnull=True).first()
    if request is None:
        return False
    request.escalated_at = timezone.now()
    request.save(update_fields=["escalated_at"])
    tell("request.escalated", None, request)
    return True


def sweep_questions() -> int:
    """Remind of questions that wait for an answer, and end those that waited too long; how many moved."""
    waiting = QuotaRequest.objects.filter(state=State.INFO_REQUESTED).order_by("pk")
    return sum(_look_at(number) for number in waiting.values_list("pk", flat=True))


@transaction.atomic
def _look_at(number: int) -> bool:
    rows = QuotaRequest.objects.select_for_update(skip_locked=True, of=("self",)).select_related("tenant", "authority")
    request = rows.filter(pk=number, state=State.INFO_REQUESTED).first()
    asked = request and request.decisions.filter(outcome=Decision.Outcome.ASK).order_by("-pk").first()
    if request is None or asked is None:
        return False
    days = policy(request.authority_id, PolicyRule.Key.QUOTA_ANSWER_DAYS)
    now, ends = timezone.now(), asked.created_at + timedelta(days=days)
    if ends <= now:
        advance(request, State.LAPSED, decided_at=now)
        tell("request.lapsed", None, request)
        return True
    due = [moment for moment in reminders(asked.created_at, ends) if moment <= now]
    if not due or (request.reminded_at and request.reminded_at >= due[-1]):
        return False
    request.reminded_at = now
    request.save(update_fields=["reminded_at"])
    tell("request.reminded", None, request)
    return True


def reminders(asked: datetime, ends: datetime) -> list[datetime]:
    """When a question is recalled: half-way, and three days before its time is over."""
    return sorted({asked + (ends - asked) / 2, max(asked, ends - LAST_REMINDER)})
