"""What moves by itself here: events about applications, and to whom they go."""

from __future__ import annotations

from portal.core.events import announce
from tenants.models import OnboardingCase


def announce_case(act: str, case: OnboardingCase) -> None:
    """Tell the open pages of everybody concerned that the case has moved: its people, its officers."""
    people = case.members.values_list("user_id", flat=True)
    topics = [f"case.{case.pk}", f"authority.{case.authority_id}", *(f"user.{user_id}" for user_id in people)]
    announce("case.changed", topics=topics, act=act, case=str(case.public_id))
    if case.tenant_id:  # its people see what became of it on their home, and need not know the application
        announce("admission.changed", topics=[f"tenant.{case.tenant_id}"])
