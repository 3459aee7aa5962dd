"""Whom an act on an application concerns, and telling them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from portal.core.access import live_now
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.models import User
from tenants.models import AuthorityMembership, OnboardingCase
from tenants.queries.thresholds import who_could_decide
from tenants.roles import AuthorityRole

EVERY = Q()
SECOND_WANTED = "case.first_approved"
TO_OFFICE = frozenset({"case.submitted", "case.answered", "case.appealed", SECOND_WANTED})
TO_BOTH = frozenset({"case.condition_overdue", "case.suspended", "case.lapsed"})
"""What the people of the application are told, and who looks after it as well."""


def notify_of_case(act: str, case: OnboardingCase, by: User | None) -> None:
    """Whom it concerns: what is sent, the officer who looks after it, or all officers of the authority, who are told too
    when a second person has to agree, and of an appeal those who may decide it; the rest, the people of the application.
    """
    with as_worker():
        if act not in TO_OFFICE:
            people = list(case.members.values_list("user_id", flat=True))
            if act in TO_BOTH and case.officer_id:
                people.append(case.officer_id)
        elif case.officer_id and act != SECOND_WANTED:
            people = [case.officer_id]
        else:
            people = list(staff_ids([case.authority_id], AuthorityRole.ONBOARDING_OFFICER))
            if act == "case.appealed":
                people = [each.pk for each in who_could_decide(case)] or people
    notify(act, to=people, target=case, acting_user=by)


def staff_ids(authorities: Iterable[int], role: str, only: Q = EVERY) -> list[int]:
    """Who has this role at one of these authorities today, or stands in for somebody who has; ``only`` such roles."""
    rows = AuthorityMembership.objects.filter(only, live_now(), authority_id__in=authorities, role=role)
    return list(rows.values_list("user_id", flat=True).distinct())
