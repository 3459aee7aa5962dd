"""What happens by the calendar: reminders before a day passes, and what follows when it has. Each once, by sweeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.states import advance
from tenants.models import CaseCondition, OnboardingCase, PolicyRule, Tenant
from tenants.queries.policies import policy
from tenants.services.steps import tell
from tenants.services.tenants import suspend_by_rule

AT_ONCE = 500
ANSWER_REMINDERS = (7, 3, 1)
CONDITION_REMINDERS = (30, 14, 7, 1)
"""Days before the day at which people are reminded."""
Case = OnboardingCase.State
State = CaseCondition.State


def reminder_due(until: datetime, reminded: int | None, steps: tuple[int, ...], now: datetime) -> int | None:
    """The reminder that is due and was not given: the fewest days of ``steps`` within which ``until`` lies."""
    left = ceil((until - now).total_seconds() / 86400)
    within = [step for step in steps if left <= step]
    if left < 0 or not within or (reminded is not None and reminded <= min(within)):
        return None
    return min(within)


def unreminded(field: str, steps: tuple[int, ...], now: datetime) -> Q:
    """Rows for which ``reminder_due`` says something; those that were reminded stay out of the sweep's way."""
    found = Q()
    for step in steps:
        near = Q(**{f"{field}__lte": now + timedelta(days=step)})
        found |= near & (Q(reminded=None) | Q(reminded__gt=step))
    return found


def sweep_answers() -> int:
    """Remind applicants who were asked, and let lapse what was not answered by its day; how many were touched."""
    now = timezone.now()
    due = Q(answer_by__lte=now) | unreminded("answer_by", ANSWER_REMINDERS, now)
    rows = OnboardingCase.objects.filter(due, state=Case.INFO_REQUESTED)
    return _each(rows.order_by("answer_by", "pk"), _answer)


@transaction.atomic
def _answer(number: int) -> bool:
    """One case, looked at again under its lock: the answer may have come meanwhile."""
    rows = OnboardingCase.objects.select_for_update(skip_locked=True, of=("self",)).select_related("authority")
    case = rows.filter(pk=number, state=Case.INFO_REQUESTED, answer_by__isnull=False).first()
    if case is None or case.answer_by is None:
        return False
    now = timezone.now()
    if case.answer_by <= now:
        advance(case, Case.LAPSED, decided_at=now)
        tell("case.lapsed", None, case, Case.INFO_REQUESTED, after={"answer_by": case.answer_by})
        return True
    step = reminder_due(case.answer_by, case.reminded, ANSWER_REMINDERS, now)
    if step is None:
        return False
    OnboardingCase.objects.filter(pk=case.pk).update(reminded=step)
    tell("case.answer_reminded", None, case, case.state, after={"answer_by": case.answer_by})
    return True


def sweep_conditions() -> int:
    """Remind of conditions, mark those whose day has passed, and suspend after the days of grace; how many were touched."""
    now = timezone.now()
    due = Q(due_at__lte=now) | unreminded("due_at", CONDITION_REMINDERS, now)
    rows = CaseCondition.objects.filter(due, state__in=[State.OPEN, State.OVERDUE], suspended_at=None)
    return _each(rows.order_by("due_at", "pk"), _condition)


@transaction.atomic
def _condition(number: int) -> bool:
    rows = CaseCondition.objects.select_for_update(skip_locked=True, of=("self",))
    held = rows.select_related("case__authority", "tenant__authority").filter(
        Q(state=State.OPEN) | Q(state=State.OVERDUE, suspended_at=None), pk=number
    )
    row = held.first()
    if row is None:
        return False
    now = timezone.now()
    if row.state == State.OVERDUE:
        return _suspend(row, now)
    if row.due_at <= now:
        advance(row, State.OVERDUE)
        _tell(row, "condition.overdue", State.OPEN)
        escalated = OnboardingCase.objects.filter(pk=row.case_id, escalated_at=None)
        escalated.update(escalated_at=now)
        tell("case.condition_overdue", None, row.case, row.case.state, row.text, tenant=row.tenant)
        return True
    step = reminder_due(row.due_at, row.reminded, CONDITION_REMINDERS, now)
    if step is None:
        return False
    CaseCondition.objects.filter(pk=row.pk).update(reminded=step)
    tell(
        "case.condition_reminded",
        None,
        row.case,
        row.case.state,
        row.text,
        tenant=row.tenant,
        after={"due_at": row.due_at},
    )
    return True


def _suspend(row: CaseCondition, now: datetime) -> bool:
    """The rule of every conditional admission, which its letter says and each reminder repeats."""
    grace = timedelta(days=policy(row.authority_id, PolicyRule.Key.CONDITION_GRACE))
    if row.due_at + grace > now:
        return False
    CaseCondition.objects.filter(pk=row.pk).update(suspended_at=now)
    tenant = row.tenant
    if tenant is None or tenant.state != Tenant.State.ACTIVE:
        return True
    suspend_by_rule(tenant=tenant, reason=_("A condition of the admission was not met: %(text)s") % {"text": row.text})
    tell("case.suspended", None, row.case, row.case.state, row.text, tenant=tenant)
    return True


def _tell(row: CaseCondition, act: str, before: str) -> None:
    record(
        act, acting_user=None, target=row, tenant=row.tenant, authority=row.case.authority,
        before={"state": before}, after={"state": row.state, "due_at": row.due_at},
    )  # fmt: skip


def _each(rows: QuerySet[OnboardingCase] | QuerySet[CaseCondition], act: Callable[[int], bool]) -> int:
    return sum(act(number) for number in rows.values_list("pk", flat=True)[:AT_ONCE])
