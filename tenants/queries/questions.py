"""Which questions an authority asks, and what a case has answered to the version it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import F, Q

from portal.models import User
from tenants.models import Authority, CaseDocument, CaseSubmission, OnboardingCase, QuestionSet
from tenants.models.questions import QuestionSetQuerySet
from tenants.questions import standard
from tenants.questions.answers import Gap, advice, asked, gaps, relevant, shown
from tenants.questions.schema import Question, Questionnaire, read, said


@dataclass(frozen=True)
class Answered:
    """A question with its answer as people read it; ``before`` is what was sent the time before, if it differs."""

    question: Question
    label: str
    text: str
    before: str | None = None
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A step of the wizard as a reviewer reads it."""

    key: str
    title: str
    answers: list[Answered]


def set_in_force(authority: Authority | int) -> QuestionSet | None:
    """The newest published set of the authority, else the newest standard; None before there is any."""
    authority_id = authority if isinstance(authority, int) else authority.pk
    rows = QuestionSet.objects.filter(published_at__isnull=False)
    mine = rows.filter(Q(authority_id=authority_id) | Q(authority=None))
    return mine.order_by(F("authority").asc(nulls_last=True), "-version").first()


def versions(authority: Authority) -> QuestionSetQuerySet:
    """Every version of the authority's own, the newest first."""
    return QuestionSet.objects.filter(authority=authority).select_related("set_by").order_by("-version")


@cache
def standard_questions() -> Questionnaire:
    """The portal's own set; its texts know every language, so one copy serves all."""
    return read(standard.content())


def questions_of(case: OnboardingCase) -> Questionnaire:
    return case.question_set.questionnaire if case.question_set else standard_questions()


def answers_of(case: OnboardingCase) -> dict[str, Any]:
    """What is answered now: what was typed, and the names of the documents that were uploaded to questions."""
    asked_for = [question.key for question in questions_of(case) if question.kind == "file"]
    if not asked_for:
        return dict(case.answers)
    rows = CaseDocument.objects.filter(case=case, question__in=asked_for).exclude(state=CaseDocument.State.INFECTED)
    found: dict[str, list[str]] = {key: [] for key in asked_for}
    for key, name in rows.order_by("pk").values_list("question", "name"):
        found[key].append(name)
    return {**case.answers, **found}


def open_questions(case: OnboardingCase) -> list[Gap]:
    """What keeps the application from being sent as it is now."""
    return gaps(questions_of(case), answers_of(case))


def last_submission(case: OnboardingCase) -> CaseSubmission | None:
    return CaseSubmission.objects.filter(case=case).order_by("-number").first()


def chapters(
    questionnaire: Questionnaire, answers: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> list[Chapter]:
    """Every answer by step; with ``before``, each that differs carries what stood there."""
    earlier = relevant(questionnaire, before) if before is not None else None
    found = []
    for step, questions in asked(questionnaire, answers):
        if questions:
            rows = [_answered(question, answers, earlier) for question in questions]
            found.append(Chapter(step.key, said(step.title), rows))
    return found


def as_read(case: OnboardingCase, *, for_applicant: bool) -> list[Chapter]:
    """The answers as this side reads them: applicants what they are writing, officers what was sent last.

    Each answer that differs from what was sent the time before carries that.
    """
    sent = _sent(case)
    writing = _writing(case, for_applicant=for_applicant)
    answers = answers_of(case) if writing or not sent else sent[0].answers
    earlier = sent if writing else sent[1:]
    questionnaire = questions_of(case)
    found = chapters(questionnaire, answers, earlier[0].answers if earlier else None)
    for chapter in found:  # what has a place of its own on the page stands there
        chapter.answers[:] = [each for each in chapter.answers if not each.question.core or each.before is not None]
    return [chapter for chapter in found if chapter.answers]


def answers_read_by(case: OnboardingCase, *, for_applicant: bool) -> Mapping[str, Any]:
    """The answers by key, cut likewise."""
    sent = [] if _writing(case, for_applicant=for_applicant) else _sent(case)
    answers: Mapping[str, Any] = sent[0].answers if sent else answers_of(case)
    return answers


def asked_now(case: OnboardingCase) -> list[dict[str, Any]]:
    """Every question that is asked now, by step, in the reader's language, with its answer and what is wrong with it."""
    answers = answers_of(case)
    wrong = {gap.question.key: gap.sentence for gap in gaps(questions_of(case), answers)}
    return [
        {"key": step.key, "title": said(step.title), "questions": [_told(each, answers, wrong) for each in questions]}
        for step, questions in asked(questions_of(case), answers)
    ]


def _told(question: Question, answers: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, Any]:
    given = answers.get(question.key, [] if question.many else "")
    return {
        "key": question.key, "kind": question.kind, "text": said(question.label), "help_text": said(question.help),
        "required": question.required, "options": {value: said(texts) for value, texts in question.options},
        "answer": given, "wrong": wrong.get(question.key, ""), "advice": advice(question, given),
    }  # fmt: skip


def _sent(case: OnboardingCase) -> list[CaseSubmission]:
    return list(CaseSubmission.objects.filter(case=case).order_by("-number")[:2])


def _writing(case: OnboardingCase, *, for_applicant: bool) -> bool:
    return for_applicant and case.state in (OnboardingCase.State.DRAFT, OnboardingCase.State.INFO_REQUESTED)


def _answered(question: Question, answers: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> Answered:
    text = shown(question, answers.get(question.key))
    was = shown(question, earlier.get(question.key)) if earlier is not None else text
    told = tuple(advice(question, answers.get(question.key)))
    return Answered(question, said(question.label), text, None if was == text else was, told)


def writers(case: OnboardingCase) -> list[User]:
    """The people who may write the application, in the order they joined."""
    return [member.user for member in case.members.select_related("user").order_by("pk")]


def writer(pk: int) -> User | None:
    """Who an answer's mark names."""
    return User.objects.filter(pk=pk).first()


@dataclass(frozen=True)
class Seen:
    """Somebody else who writes the application, and when they last changed it."""

    person: User
    at: datetime


def activity(case: OnboardingCase, reader: User) -> list[Seen]:
    """Who else has been writing, the latest first."""
    latest: dict[int, datetime] = {}
    for each in case.marks.values():
        at = datetime.fromisoformat(each["at"])
        latest[each["by"]] = max(at, latest.get(each["by"], at))
    people = User.objects.in_bulk([pk for pk in latest if pk != reader.pk])
    seen = [Seen(people[pk], at) for pk, at in latest.items() if pk in people]
    return sorted(seen, key=lambda each: each.at, reverse=True)
