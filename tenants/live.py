"""What moves by itself here: events about applications, and who may listen to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.core.events import announce
from tenants.models import OnboardingCase


def announce_case(act: str, case: OnboardingCase) -> None:
    """Tell the open pages of everybody concerned that the case has moved: its people, its officers."""
    people = case.members.values_list("user_id", flat=True)
    topics = [f"case.{case.pk}", f"authority.{case.authority_id}", *(f"user.{user_id}" for user_id in people)]
    announce("case.changed", topics=topics, act=act, case=str(case.public_id))


def case_topic(user: Any, topic: str) -> str | None:
    """The inner topic of "case.<public id>" for a person who may see that case; None for everybody else."""
    kind, _dot, public_id = topic.partition(".")
    if kind != "case":
        return None
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    pk = OnboardingCase.objects.visible_to(user).filter(public_id=wanted).values_list("pk", flat=True).first()
    return None if pk is None else f"case.{pk}"
