"""The work around a decision: who looks after an application, what officers note, what happens when its day passes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import MovedMeanwhile, Refused
from portal.models import User
from tenants.errors import FourEyes
from tenants.live import announce_case
from tenants.models import CaseNote, OnboardingCase
from tenants.queries.cases import conflict_of_interest, near, too_near
from tenants.queries.policies import OPEN
from tenants.queries.review import loads, overdue
from tenants.queries.standing import standing
from tenants.roles import AuthorityRole

AT_ONCE = 500


@transaction.atomic
def assign_case(*, acting_user: User, case: OnboardingCase, officer: UUID | str) -> OnboardingCase:
    """Give the case to a colleague (by public id) who may decide it. Its state and its clock stay as they are."""
    right = standing(acting_user, case.authority_id, AuthorityRole.ONBOARDING_OFFICER, lambda who: too_near(case, who))
    if case.state not in OPEN:
        raise Refused(_("%(case)s is over, so nobody has to look after it any more.") % {"case": case})
    person = next(
        (load.person for load in loads(case.authority_id) if str(load.person.public_id) == str(officer)), None
    )
    if person is None:
        raise Refused(
            _("This person is no onboarding officer of %(authority)s today. Choose one of the officers listed.")
            % {"authority": case.authority},
            field="officer",
        )
    if conflict_of_interest(case, person):
        raise Refused(
            _("%(person)s stands too near to this application to decide it. Choose another officer.")
            % {"person": person.get_full_name()},
            field="officer",
        )
    before = case.officer_id
    rows = OnboardingCase.objects.filter(pk=case.pk, state=case.state)
    held = rows.filter(officer__isnull=True) if before is None else rows.filter(officer=before)
    if not held.update(officer=person):
        raise MovedMeanwhile(_("%(case)s changed while you were looking at it. Reload it.") % {"case": case})
    case.officer = person
    _tell("case.assigned", acting_user, case, {"officer": before}, {"officer": person.pk, **right.facts})
    return case


@transaction.atomic
def note_case(*, acting_user: User, case: OnboardingCase, text: str) -> CaseNote:
    """Write a note that the authority's people read and the applicant does not. The record keeps its number only."""
    if near(case, acting_user):
        raise FourEyes(_("You stand too near to this application, so its internal notes are not yours to write."))
    if not text.strip():
        raise Refused(_("Write the note before you keep it."), field="text")
    note = CaseNote.objects.create(
        case=case, authority_id=case.authority_id, author=acting_user, text=text.strip()
    )  # fmt: skip
    _tell("case.noted", acting_user, case, {}, {"note": note.pk})
    return note


def escalate_cases() -> int:
    """Mark what is past its day, once for each application; how many were marked. Nothing is decided by that."""
    waiting = OnboardingCase.objects.filter(overdue(), escalated_at__isnull=True).order_by("due_at", "pk")
    return sum(_escalate(number) for number in waiting.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _escalate(number: int) -> bool:
    """One case, looked at again under its lock: it may have been decided, asked about or marked meanwhile."""
    rows = OnboardingCase.objects.select_for_update(skip_locked=True, of=("self",)).select_related("authority")
    case = rows.filter(overdue(), pk=number, escalated_at__isnull=True).first()
    if case is None:
        return False
    case.escalated_at = timezone.now()
    case.save(update_fields=["escalated_at"])
    _tell("case.escalated", None, case, {}, {"due_at": case.due_at, "officer": case.officer_id})
    return True


def _tell(
    act: str, acting_user: User | None, case: OnboardingCase, before: dict[str, Any], after: dict[str, Any]
) -> None:
    record(act, acting_user=acting_user, target=case, authority=case.authority, before=before, after=after)
    announce_case(act, case)
