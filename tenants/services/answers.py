"""Answers while they are written: each is kept as it was typed, at once, whether it is right yet or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused, UnlawfulMove
from portal.core.locks import hold
from portal.models import User
from tenants.models import Authority, OnboardingCase, QuestionSet
from tenants.queries.questions import questions_of, set_in_force
from tenants.questions import standard
from tenants.questions.answers import INVISIBLE, WrongAnswer, clean
from tenants.questions.schema import CORE, Questionnaire

State = OnboardingCase.State
WRITABLE = (State.DRAFT, State.INFO_REQUESTED)
"""The states in which its applicant may change an application: before it is sent, and when the authority asked."""
QUIET = timedelta(minutes=10)
"""Somebody who goes on typing is told in the record once in this time."""
LONGEST = 40_000
EMPTY_COLUMNS: Mapping[str, Any] = {key: [] if kind == "countries" else "" for key, kind in CORE.items()}


@transaction.atomic
def keep_answer(*, acting_user: User, case: OnboardingCase, key: str, value: Any) -> OnboardingCase:
    """Keep one answer as it was typed. Two people may write at once: each answer is kept by itself, the last wins."""
    return keep_answers(acting_user=acting_user, case=case, answers={key: value})


@transaction.atomic
def keep_answers(*, acting_user: User, case: OnboardingCase, answers: Mapping[str, Any]) -> OnboardingCase:
    """Keep several answers at once. Nothing typed is refused for being wrong; sending asks for it to be right."""
    locked = OnboardingCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.state not in WRITABLE:
        raise UnlawfulMove(
            _(
                "%(case)s has been sent, and what was sent stays as it is. If the authority asks you something, you can change it then."
            )
            % {"case": locked}
        )
    questionnaire = questions_of(locked)
    raw = {key: _raw(questionnaire, key, value) for key, value in answers.items()}
    changed = {key: value for key, value in raw.items() if locked.answers.get(key, "") != value}
    if changed:
        told = _told_lately(locked, acting_user)
        _write(locked, questionnaire, acting_user, changed)
        if not told:
            record(
                "case.revised", acting_user=acting_user, target=locked, after={"questions": sorted(changed)},
                **whose(locked),
            )  # fmt: skip
    for name in ("answers", "marks", *CORE):
        setattr(case, name, getattr(locked, name))
    return case


class Whose(TypedDict):
    authority: Authority | None
    name: str


def whose(case: OnboardingCase) -> Whose:
    """In whose record an act on the case stands, and under which name: a draft is in the site's, where it has none."""
    if case.submitted_at:
        return {"authority": case.authority, "name": str(case)[:200]}
    return {"authority": None, "name": case.reference}


def columns(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that repeat answers, each empty while its answer is not right."""
    found = dict(EMPTY_COLUMNS)
    for key in CORE:
        question = questionnaire.question(key)
        if question is None:
            continue
        try:
            found[key] = clean(question, answers.get(key)) or EMPTY_COLUMNS[key]
        except WrongAnswer:
            # lists show a draft by its name, however it is written
            if key == "organisation":
                found[key] = INVISIBLE.sub("", str(answers.get(key) or ""))[:200]
    return found


@transaction.atomic
def set_to_ask(*, acting_user: User | None, authority: Authority) -> QuestionSet:
    """The set that a new application to ``authority`` is asked; the standard is written down when it has changed."""
    found = set_in_force(authority)
    if found is not None and found.authority_id is not None:
        return found
    content = standard.content()
    if found is not None and found.content == content:
        return found
    hold("standard-questions", 0)
    found = set_in_force(authority)
    if found is not None and (found.authority_id is not None or found.content == content):
        return found
    row = QuestionSet.objects.create(
        version=found.version + 1 if found else 1, content=content, published_at=timezone.now()
    )
    record("question_set.published", acting_user=acting_user, target=row, after={"version": row.version})
    return row


def _raw(questionnaire: Questionnaire, key: str, value: Any) -> Any:
    question = questionnaire.question(key)
    if question is None:
        raise Refused(_("This application is not asked “%(key)s”. Reload the page.") % {"key": key[:60]}, field=key)
    if question.kind == "file":
        raise Refused(_("“%(key)s” is answered with documents: upload them.") % {"key": key}, field=key)
    if question.many:
        values = value if isinstance(value, list | tuple) else [value] if value else []
        return [str(each)[:200].replace("\x00", "") for each in values][:300]
    text = str(value or "").replace("\x00", "")
    if len(text) > LONGEST:
        raise Refused(
            _("This answer has %(count)s characters; nobody could read it. Shorten it.") % {"count": len(text)},
            field=key,
        )
    return text


def _write(case: OnboardingCase, questionnaire: Questionnaire, acting_user: User, changed: Mapping[str, Any]) -> None:
    now = timezone.now().isoformat(timespec="seconds")
    case.marks = {
        **case.marks,
        **{key: {"by": acting_user.pk, "at": now, "was": case.answers.get(key, "")} for key in changed},
    }
    case.answers = {**case.answers, **changed}
    if case.state == State.DRAFT:  # later the columns say what was sent, until something else is
        for name, value in columns(questionnaire, case.answers).items():
            setattr(case, name, value)
    case.save(update_fields=["answers", "marks", *CORE])


def _told_lately(case: OnboardingCase, acting_user: User) -> bool:
    moments = [datetime.fromisoformat(each["at"]) for each in case.marks.values() if each["by"] == acting_user.pk]
    return bool(moments) and timezone.now() - max(moments) < QUIET
