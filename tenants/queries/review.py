"""Who looks after which application: the officers of an authority and how much each of them has."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from portal.core.access import live_now
from portal.models import User
from tenants.models import Authority, AuthorityMembership, CaseDecision, OnboardingCase
from tenants.queries.policies import OPEN
from tenants.roles import AuthorityRole

State = OnboardingCase.State


@dataclass(frozen=True)
class Load:
    """An officer with their applications that are not over: ``open`` of them, ``late`` of these past their day."""

    person: User
    open: int
    late: int


def overdue() -> Q:
    """Applications whose day has passed; one that waits for its applicant is never late."""
    working = [state for state in OPEN if state != State.INFO_REQUESTED]
    return Q(state__in=working, due_at__lt=timezone.now())


def waits_for(user: User) -> Q:
    """What waits for this officer: what they look after, second approvals and appeals that others have left to them."""
    took_part = CaseDecision.objects.filter(case=OuterRef("pk"), decider=user).exclude(outcome=CaseDecision.Outcome.ASK)
    mine = Q(officer=user, state__in=[State.SUBMITTED, State.IN_REVIEW])
    return mine | Q(state__in=[State.AWAITING_SECOND, State.APPEALED]) & ~Q(Exists(took_part))


def loads(authority: Authority | int) -> list[Load]:
    """The onboarding officers of today, by name, with what each has in hand for this authority."""
    now = AuthorityMembership.objects.filter(
        live_now(), authority=authority, role=AuthorityRole.ONBOARDING_OFFICER, user__is_active=True
    )
    rows = OnboardingCase.objects.filter(authority=authority, state__in=OPEN, officer__isnull=False)
    held = rows.values("officer").order_by().annotate(open=Count("pk"), late=Count("pk", filter=overdue()))
    counts = {row["officer"]: (row["open"], row["late"]) for row in held}
    people = User.objects.filter(pk__in=now.values("user")).order_by("full_name", "pk")
    return [Load(person, *counts.get(person.pk, (0, 0))) for person in people]
