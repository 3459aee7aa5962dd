"""Where an application stands, as its applicants see it: what has happened, what comes, how long it usually takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.models import AuditEvent
from tenants.models import OnboardingCase
from tenants.queries.questions import questions_of
from tenants.questions.answers import WrongAnswer, clean

State = OnboardingCase.State
OVER = frozenset({State.APPROVED, State.CONDITIONALLY_APPROVED, State.REJECTED, State.WITHDRAWN, State.LAPSED})


@dataclass(frozen=True)
class Station:
    """One stop on the way; ``at``: when it was reached. ``now``: the one at which the application is."""

    label: str | Promise
    icon: str
    at: datetime | None = None
    now: bool = False


@dataclass(frozen=True)
class Usual:
    """How many days it took from sending to decision, in the middle of the last ``decided`` applications."""

    days: int
    decided: int


@dataclass(frozen=True)
class NotRight:
    """What was typed and cannot be kept as an answer yet, with the sentence that says why."""

    typed: str
    why: str


def not_right_yet(case: OnboardingCase, *keys: str) -> dict[str, NotRight]:
    """Of a draft those of ``keys`` that hold something that is not right yet; lists of applications leave it out."""
    questionnaire, found = questions_of(case), {}
    for key in keys if case.state == State.DRAFT else ():
        question, typed = questionnaire.question(key), str(case.answers.get(key) or "").strip()
        try:
            if question and typed:
                clean(question, typed)
        except WrongAnswer as wrong:
            found[key] = NotRight(typed, str(wrong))
    return found


def usual_time(authority_id: int) -> Usual | None:
    """None while too few were decided to say something that is about nobody in particular."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.usual_days(%s), app.decided_lately(%s)", [authority_id, authority_id])
        days, decided = cursor.fetchone()
    return None if days is None else Usual(days, decided)


def stations(case: OnboardingCase) -> list[Station]:
    """The way of an application from its beginning to its decision, those ahead included."""
    taken = (
        AuditEvent.objects.filter(target_type=case._meta.label, target_id=case.pk, act="case.taken")
        .order_by("pk").values_list("at", flat=True).first()
    )  # fmt: skip
    state = case.state
    found = [
        Station(_("Begun"), "pencil", case.created_at, state == State.DRAFT),
        Station(_("Sent"), "send", case.submitted_at, state == State.SUBMITTED),
    ]
    if state not in {State.WITHDRAWN, State.LAPSED} or taken:
        review = state in {State.IN_REVIEW, State.AWAITING_SECOND, State.APPEALED}
        found.append(Station(_("Looked at by the authority"), "eye", taken, review))
    if state == State.INFO_REQUESTED:
        found.append(Station(_("Your answer is awaited"), "message", None, now=True))
    over = state in OVER
    label = case.get_state_display() if over else _("Decided")
    found.append(
        Station(label, "circle-x" if state in {State.REJECTED, State.LAPSED} else "circle-check", case.decided_at, over)
    )
    return found
