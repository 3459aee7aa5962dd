"""The applicant's side of an application: write, send, answer, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import isolation
from portal.core.audit import record
from portal.core.errors import Refused, UnlawfulMove
from portal.core.references import next_reference
from portal.core.states import advance
from portal.models import User
from tenants.live import announce_case
from tenants.models import Authority, CaseAnswer, CaseMember, CaseSubmission, OnboardingCase, PolicyRule
from tenants.queries.cases import last_question
from tenants.queries.policies import policy
from tenants.queries.questions import answers_of, last_submission, open_questions, questions_of
from tenants.questions.answers import relevant
from tenants.questions.schema import CORE
from tenants.services.answers import EMPTY_COLUMNS, columns, keep_answers, set_to_ask, whose
from tenants.services.checks import plan_checks
from tenants.services.notices import notify_of_case
from tenants.services.steps import require

State = OnboardingCase.State


@transaction.atomic
def draft_case(*, acting_user: User, authority: Authority, facts: Mapping[str, Any]) -> OnboardingCase:
    """Keep a first version that only its writer sees. ``facts`` are answers by question key, right or not yet."""
    questions = set_to_ask(acting_user=acting_user, authority=authority)
    number = isolation.reserve(OnboardingCase)
    isolation.admit(case_id=number)
    case = OnboardingCase.objects.create(
        pk=number, authority=authority, question_set=questions, reference=next_reference("ON"), **EMPTY_COLUMNS
    )
    CaseMember.objects.create(case=case, user=acting_user)
    _tell("case.drafted", acting_user, case)
    return keep_answers(acting_user=acting_user, case=case, answers=facts)


@transaction.atomic
def revise_case(
    *, acting_user: User, case: OnboardingCase, authority: Authority, facts: Mapping[str, Any]
) -> OnboardingCase:
    """Change a draft, its authority included: another one may ask other questions. Answers already given stay."""
    locked = OnboardingCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.state != State.DRAFT:
        raise UnlawfulMove(
            _(
                "%(case)s has been sent, and what was sent stays as it is. Answer the authority's question, or withdraw it and apply again."
            )
            % {"case": locked}
        )
    if locked.authority_id != authority.pk:
        case.authority, case.question_set = authority, set_to_ask(acting_user=acting_user, authority=authority)
        case.save(update_fields=["authority", "question_set"])
        _tell("case.redirected", acting_user, case, after={"authority": authority.pk})
    return keep_answers(acting_user=acting_user, case=case, answers=facts)


@transaction.atomic
def submit_case(*, acting_user: User, case: OnboardingCase) -> OnboardingCase:
    """Send the application. The authority's clock starts; who sends it becomes the owner of the tenant."""
    _lock(case)
    _complete(case)
    days = policy(case.authority_id, PolicyRule.Key.DECISION_DAYS)
    now = timezone.now()
    advance(case, State.SUBMITTED, submitted_at=now, submitted_by=acting_user, due_at=now + timedelta(days=days))
    _submission(acting_user, case)
    plan_checks(case=case)
    _tell("case.submitted", acting_user, case, before={"state": State.DRAFT}, after={"due_at": case.due_at})
    return case


@transaction.atomic
def answer_case(*, acting_user: User, case: OnboardingCase, text: str) -> OnboardingCase:
    """Answer what the authority asked, with what was changed meanwhile. Its clock, which stood still, runs on."""
    if not text.strip():
        raise Refused(_("Write the answer before you send it."), field="text")
    _lock(case)
    require(case, State.INFO_REQUESTED)
    asked = last_question(case)
    waited = timezone.now() - asked.created_at if asked else timedelta()
    due_at = case.due_at + waited if case.due_at else None
    advance(case, State.IN_REVIEW, due_at=due_at, answer_by=None, reminded=None)
    CaseAnswer.objects.create(case=case, authority_id=case.authority_id, author=acting_user, text=text.strip())
    if case.marks:
        _complete(case)
        _submission(acting_user, case)
    plan_checks(case=case)
    _tell("case.answered", acting_user, case, before={"state": State.INFO_REQUESTED}, after={"due_at": due_at})
    return case


@transaction.atomic
def withdraw_case(*, acting_user: User, case: OnboardingCase, reason: str = "") -> OnboardingCase:
    """Take the application back. It is final; applying again is possible at any time."""
    before = case.state
    advance(case, State.WITHDRAWN)
    _tell("case.withdrawn", acting_user, case, before={"state": before}, reason=reason.strip())
    return case


def _lock(case: OnboardingCase) -> None:
    """Hold the row and take its newest answers: somebody may still be typing on another machine."""
    OnboardingCase.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
    case.refresh_from_db()


def _complete(case: OnboardingCase) -> None:
    missing = open_questions(case)
    if missing:
        raise Refused(missing[0].sentence, field=missing[0].question.key, code="tenants.incomplete")


def _submission(acting_user: User, case: OnboardingCase) -> None:
    """Keep what is sent, without what other answers have made moot; from now on the columns are exact too."""
    if case.question_set is None:  # begun before there were sets
        case.question_set = set_to_ask(acting_user=acting_user, authority=case.authority)
    questionnaire = questions_of(case)
    answers = relevant(questionnaire, answers_of(case))
    for name, value in columns(questionnaire, answers).items():
        setattr(case, name, value)
    case.answers, case.marks = answers, {}
    case.save(update_fields=["answers", "marks", "question_set", *CORE])
    last = last_submission(case)
    CaseSubmission.objects.create(
        case=case, authority_id=case.authority_id, number=last.number + 1 if last else 1, answers=answers,
        question_set=case.question_set, sent_by=acting_user,
    )  # fmt: skip


def _tell(
    act: str,
    acting_user: User,
    case: OnboardingCase,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    record(
        act, acting_user=acting_user, target=case, before=before, after={**(after or {}), "state": case.state},
        reason=reason, **whose(case),
    )  # fmt: skip
    announce_case(act, case)
    notify_of_case(act, case, acting_user)
