"""Applications as pages and services read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.registry import MOST_COUNTED
from portal.core.written import Written
from portal.models import AuditEvent, User
from tenants.models import (
    CaseAnswer,
    CaseAppeal,
    CaseCondition,
    CaseDecision,
    CaseMember,
    CaseNote,
    Membership,
    OnboardingCase,
    Tenant,
)
from tenants.queries.names import named
from tenants.queries.people import belonged, names_of
from tenants.queries.policies import OPEN
from tenants.queries.standing import eyes, objection_of
from tenants.roles import AuthorityRole

State = OnboardingCase.State
Outcome = CaseDecision.Outcome

ACTS = {
    "case.redirected": (gettext_lazy("Another authority chosen"), "edit"),
    "case.drafted": (gettext_lazy("Draft begun"), "edit"),
    "case.submitted": (gettext_lazy("Sent to the authority"), "send"),
    "case.taken": (gettext_lazy("Review begun"), "eye"),
    "case.assigned": (gettext_lazy("Given to an officer"), "user"),
    "case.noted": (gettext_lazy("Internal note"), "lock"),
    "case.escalated": (gettext_lazy("Its day has passed"), "clock"),
    "case.info_requested": (gettext_lazy("The authority asked"), "message"),
    "case.answered": (gettext_lazy("Answered"), "message"),
    "case.first_approved": (gettext_lazy("First approval"), "users"),
    "case.sent_back": (gettext_lazy("Sent back to review"), "arrow-back-up"),
    "case.document_added": (gettext_lazy("Document added"), "file-check"),
    "case.document_infected": (gettext_lazy("Virus found in a document"), "alert-octagon"),
    "case.approved": (gettext_lazy("Approved"), "circle-check"),
    "case.conditionally_approved": (gettext_lazy("Approved with conditions"), "list-check"),
    "case.condition_met": (gettext_lazy("Condition met"), "list-check"),
    "case.conditions_met": (gettext_lazy("Last condition met"), "circle-check"),
    "case.condition_reminded": (gettext_lazy("Reminded of a condition"), "clock"),
    "case.condition_overdue": (gettext_lazy("Condition not met by its day"), "alert-triangle"),
    "case.suspended": (gettext_lazy("Tenant suspended"), "player-pause"),
    "case.appealed": (gettext_lazy("Appeal"), "flag"),
    "case.answer_reminded": (gettext_lazy("Reminded to answer"), "hourglass"),
    "case.lapsed": (gettext_lazy("Lapsed"), "clock"),
    "case.rejected": (gettext_lazy("Refused"), "circle-x"),
    "case.withdrawn": (gettext_lazy("Withdrawn"), "arrow-back-up"),
}
"""Audit act → what a history calls it, and its icon. Other acts (each saving of a draft) are not told."""
INTERNAL = frozenset({"case.first_approved", "case.sent_back", "case.assigned", "case.noted", "case.escalated"})
"""Steps between officers, which the applicant does not read."""


@dataclass(frozen=True)
class Step:
    """One line of a case's history."""

    at: datetime
    label: str
    icon: str
    who: str
    text: str
    on_behalf_of: str = ""


def last_question(case: OnboardingCase) -> CaseDecision | None:
    """What the authority asked last."""
    return CaseDecision.objects.filter(case=case, outcome=Outcome.ASK).order_by("-step").first()


def last_step(case: OnboardingCase) -> CaseDecision | None:
    return CaseDecision.objects.filter(case=case).select_related("decider", "on_behalf_of").order_by("-step").first()


def is_named(user: User, case: OnboardingCase) -> bool:
    """Whether the person wrote or sent the application, and so reads it as its applicant."""
    return case.submitted_by_id == user.pk or CaseMember.objects.filter(case=case, user=user).exists()


def drafts_of(user: User) -> QuerySet[OnboardingCase]:
    """What the person writes and has not sent, the newest first."""
    rows = OnboardingCase.objects.visible_to(user).filter(members__user=user, state=OnboardingCase.State.DRAFT)
    return rows.select_related("authority").order_by("-pk")


def has_written(user: User, case: OnboardingCase) -> bool:
    """Whether the person is named on the application or ever was: who was taken off it has written it all the same."""
    if case.submitted_by_id == user.pk:
        return True
    left = AuditEvent.objects.filter(
        target_type=case._meta.label, target_id=case.pk, act="case.writer_removed", before__user=user.pk
    )
    named = CaseMember.objects.filter(case=case, user=user)
    return OnboardingCase.objects.filter(Exists(named) | Exists(left), pk=case.pk).exists()


def conflict_of_interest(case: OnboardingCase, user: User) -> str:
    """Why this person may not decide this case although their role would allow it; "" when nothing is in the way."""
    return objection_of(user, case.authority_id, AuthorityRole.ONBOARDING_OFFICER, lambda who: too_near(case, who))


def near(case: OnboardingCase, user: User) -> str:
    """Why the person belongs to the applicant's side, and reads nothing internal; "" when they do not."""
    if has_written(user, case):
        return _("You are named on this application, so another officer of %(authority)s has to decide it.") % {
            "authority": case.authority
        }
    same = Membership.objects.filter(
        belonged(case.submitted_at), user=user, tenant__country=case.country, tenant__legal_id=case.legal_id
    )
    if same.exists():
        return _("You belong to %(organisation)s, so another officer has to decide its application.") % {
            "organisation": case.organisation
        }
    return ""


def too_near(case: OnboardingCase, user: User) -> str:
    """Why the case is not this one person's to decide, in whatever right; "" when nothing is in the way."""
    if why := near(case, user) or decided_before(case, user):
        return why
    if case.state == State.AWAITING_SECOND:
        first = last_step(case)
        if first is not None and first.decider_id == user.pk:
            return _("You gave the first approval. A second officer has to look at it now; nothing happens until then.")
        if first is not None and eyes(user, first.created_at) & {first.decider_id, first.on_behalf_of_id}:
            return _(
                "%(person)s gave the first approval, and one of you stands in for the other. A third officer has to "
                "look at it now."
            ) % {"person": first.decider.get_full_name()}
    return ""


def decided_before(case: OnboardingCase, user: User) -> str:
    """Why an appeal is not this person's to decide: they, or whom they stand in for, decided first; "" otherwise."""
    appeal = CaseAppeal.objects.filter(case=case).first()
    if appeal is None:
        return ""
    steps = CaseDecision.objects.filter(case=case, step__lte=appeal.after_step).exclude(outcome=Outcome.ASK)
    rows = list(steps.select_related("decider").order_by("step"))
    if not rows:
        return ""
    mine = eyes(user, rows[0].created_at)
    for row in rows:
        if row.decider_id == user.pk:
            return _(
                "You decided this application the first time. Somebody who had no part in that decides the appeal."
            )
        if mine & {row.decider_id, row.on_behalf_of_id}:
            return _(
                "%(person)s decided the first time, and one of you stands in for the other. Somebody else decides the appeal."
            ) % {"person": row.decider.get_full_name()}
    return ""


def proposed(case: OnboardingCase) -> QuerySet[CaseCondition]:
    """The conditions that the first officer proposed and a second one has to agree to."""
    return CaseCondition.objects.filter(case=case, state=CaseCondition.State.PROPOSED).order_by("number")


def history(case: OnboardingCase, *, for_applicant: bool) -> list[Step]:
    """What happened to the case, oldest first, from the audit trail; answers stand with their text."""
    events = AuditEvent.objects.filter(target_type=case._meta.label, target_id=case.pk, act__in=ACTS)
    if for_applicant:
        events = events.exclude(act__in=INTERNAL)
    answers = iter(CaseAnswer.objects.filter(case=case).order_by("pk").values_list("text", flat=True))
    steps, told = [], list(events.select_related("actor").order_by("pk"))
    absent = names_of(event.after["on_behalf_of"] for event in told if "on_behalf_of" in event.after)
    within = _internal(case, told)
    appealed = any(event.act == "case.appealed" for event in told)
    appeal = CaseAppeal.objects.filter(case=case).first() if appealed else None
    for event in told:
        label, icon = ACTS[event.act]
        text = next(answers, "") if event.act == "case.answered" else event.reason or event.after.get("document", "")
        text = text or within.get(event.pk, "") or (appeal.text if appeal and event.act == "case.appealed" else "")
        who = event.actor.get_full_name() if event.actor else ""
        steps.append(Step(event.at, str(label), icon, who, text, absent.get(event.after.get("on_behalf_of", 0), "")))
    return steps


def _internal(case: OnboardingCase, told: list[AuditEvent]) -> dict[int, str]:
    """What the record knows by number only: number of the event → the note, or the officer's name."""
    noted = {event.pk: event.after["note"] for event in told if event.act == "case.noted"}
    given = {event.pk: event.after["officer"] for event in told if event.act == "case.assigned"}
    texts = dict(CaseNote.objects.filter(case=case).values_list("pk", "text")) if noted else {}
    names = names_of(given.values()) if given else {}
    return {pk: texts.get(note, "") for pk, note in noted.items()} | {
        pk: names.get(who, "") for pk, who in given.items()
    }


def own_cases(user: User) -> QuerySet[OnboardingCase]:
    """The applications the person wrote, newest first."""
    return OnboardingCase.objects.visible_to(user, "edit").order_by("-created_at", "-pk")


def other_tenants(case: OnboardingCase) -> QuerySet[Tenant]:
    """Tenants of the same authority that carry the same legal id already, or the same name however it is written."""
    rows = Tenant.objects.filter(authority=case.authority_id).exclude(pk=case.tenant_id or 0)
    same = Q(pk__in=named(rows, "name", case.organisation))
    if case.legal_id:
        same |= Q(country=case.country, legal_id=case.legal_id)
    return rows.filter(same)


def other_cases(case: OnboardingCase, reader: User) -> QuerySet[OnboardingCase]:
    """Applications of the same organisation that the reader may see and that are not over: same number or same name."""
    rows = OnboardingCase.objects.visible_to(reader).filter(state__in=[State.DRAFT, *OPEN]).exclude(pk=case.pk)
    same = Q(pk__in=named(rows, "organisation", case.organisation))
    if case.legal_id:
        same |= Q(legal_id=case.legal_id, country=case.country)
    return rows.filter(same).order_by("-pk")[:5]


def waiting_for_decision(user: User) -> int:
    """How many applications wait for an officer like this one, as far as the badge in the navigation counts."""
    return len(WAITING.rows(user))


def _waiting(user: User, _now: datetime) -> QuerySet[Any]:
    states = [state for state in OPEN if state != State.INFO_REQUESTED]
    rows = OnboardingCase.objects.visible_to(user, "decide", few=True).filter(state__in=states)
    return rows.order_by().values("pk")[: MOST_COUNTED + 1]


WAITING = Written(_waiting)


def is_late(case: OnboardingCase) -> bool:
    """Whether the day by which it was to be decided has passed; a case that waits for its applicant is never late."""
    waits = case.state in OPEN and case.state != State.INFO_REQUESTED
    return waits and case.due_at is not None and case.due_at < timezone.now()
