"""What a decision leads to, said before it is taken; and what came of those that were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.lands import country_names
from portal.core.registry import admission_effects
from portal.models import User
from tenants.letters.stock import STOCK
from tenants.models import (
    CaseAppeal,
    CaseCondition,
    CaseDecision,
    ComplianceCheck,
    OnboardingCase,
    PolicyRule,
    StockText,
)
from tenants.models.outcome import CaseConditionQuerySet, said
from tenants.queries.checks import in_the_way
from tenants.queries.policies import policy
from tenants.queries.questions import questions_of
from tenants.queries.thresholds import second_because, who_could_decide
from tenants.questions.answers import asked
from tenants.questions.schema import said as in_words

State = OnboardingCase.State
Outcome = CaseDecision.Outcome
DECIDED = (Outcome.APPROVE, Outcome.CONDITIONS, Outcome.REJECT, Outcome.SEND_BACK)


@dataclass(frozen=True)
class Effect:
    """What a way of deciding leads to: whether it waits for somebody else, and sentence by sentence what follows.

    ``blocked``: why it is refused as things stand, "" if it is not.
    """

    second: str
    awaited: list[str]
    sentences: list[str]
    blocked: str = ""


def effect_of(case: OnboardingCase, outcome: str, by: User) -> Effect:
    """What follows when ``by`` decides like this now."""
    if outcome in (Outcome.APPROVE, Outcome.CONDITIONS):
        why = second_because(case) if case.state != State.AWAITING_SECOND else ""
        awaited = [person.get_full_name() for person in who_could_decide(case, but=[by.pk])] if why else []
        return Effect(why, awaited, _admission(case, conditions=outcome == Outcome.CONDITIONS), _blocked(case))
    said_of = {Outcome.ASK: _asking, Outcome.REJECT: _refusing, Outcome.SEND_BACK: _sending_back}
    return Effect("", [], said_of[Outcome(outcome)](case) if outcome in said_of else [])


def _blocked(case: OnboardingCase) -> str:
    """The required checks that keep everybody from approving, by name."""
    wrong = in_the_way(list(ComplianceCheck.objects.filter(case=case, current=True).order_by("pk")))
    if not wrong:
        return ""
    return _("Refused as long as these checks are not in order or waived: %(checks)s.") % {
        "checks": ", ".join(check.title for check in wrong)
    }


def _admission(case: OnboardingCase, *, conditions: bool) -> list[str]:
    owner = case.submitted_by.get_full_name() if case.submitted_by else ""
    made = [
        _("The tenant “%(name)s” exists at once: %(kind)s, data up to “%(data)s”, %(where)s.")
        % {
            "name": case.organisation, "kind": case.get_kind_display(), "data": case.get_data_class_display(),
            "where": country_names(case.residency) or _("wherever this infrastructure stands"),
        },
        _("%(person)s becomes its owner and may open projects, add people and ask for GPUs.") % {"person": owner},
        _("It holds no GPUs before a quota request is approved."),
        *(sentence for effect in admission_effects for sentence in effect(case)),
    ]  # fmt: skip
    if conditions:
        grace = policy(case.authority_id, PolicyRule.Key.CONDITION_GRACE)
        made.append(
            ngettext(
                "Its conditions are watched: it is reminded, and suspended %(n)d day after one was not met.",
                "Its conditions are watched: it is reminded, and suspended %(n)d days after one was not met.",
                grace,
            )
            % {"n": grace}
        )
    return [*made, _("The applicant gets the letter, which stays as it is written.")]


def _asking(case: OnboardingCase) -> list[str]:
    return [
        _("The applicant sees what you ask, and the answers that you point at are marked in the form."),
        _(
            "The clock stands still until they answer; without an answer by the day that you set, the application lapses."
        ),
    ]


def _refusing(case: OnboardingCase) -> list[str]:
    last = appeal_days(case)
    told = _("The applicant gets the letter with the grounds and your reason. They may apply again.")
    if not last:
        return [told, _("There is no further appeal.")]
    return [
        told,
        ngettext(
            "They may appeal within %(n)d day; officers who had no part in this decide then.",
            "They may appeal within %(n)d days; officers who had no part in this decide then.",
            last,
        )
        % {"n": last},
    ]


def _sending_back(case: OnboardingCase) -> list[str]:
    return [_("The application is in review again; the first officer reads what you write. The applicant does not.")]


def appeal_days(case: OnboardingCase) -> int:
    """Within how many days the applicant may appeal against a refusal; 0 when there was an appeal or none is granted."""
    if CaseAppeal.objects.filter(case=case).exists():
        return 0
    return policy(case.authority_id, PolicyRule.Key.APPEAL_DAYS)


def appeal_until(case: OnboardingCase) -> datetime | None:
    """Until when a refused applicant may appeal; None when they may not any more."""
    if case.state != State.REJECTED or case.decided_at is None:
        return None
    days = appeal_days(case)
    until = case.decided_at + timedelta(days=days)
    return until if days and until > timezone.now() else None


def standing_conditions(case: OnboardingCase) -> CaseConditionQuerySet:
    """The conditions of an admission in their order, with the names that stand beside them."""
    rows = CaseCondition.objects.standing().filter(case=case)
    return rows.select_related("met_by", "document", "case").order_by("number", "pk")


def next_condition(case: OnboardingCase) -> datetime | None:
    """The day of the next condition that is not met."""
    rows = CaseCondition.objects.filter(case=case, state__in=["open", "overdue"])
    found: datetime | None = rows.aggregate(first=Min("due_at"))["first"]
    return found


@dataclass(frozen=True)
class Pointed:
    """An answer that officers pointed at: the question, what they wrote about it, and the step it is in."""

    key: str
    label: str
    remark: str
    step: str


def pointed_at(case: OnboardingCase, question: CaseDecision | None) -> list[Pointed]:
    """The answers that are to be corrected, in the order in which they are asked."""
    marks = dict(question.asked) if question else {}
    found = []
    for step, questions in asked(questions_of(case), case.answers):
        found += [
            Pointed(each.key, in_words(each.label), marks[each.key], step.key)
            for each in questions
            if each.key in marks
        ]
    return found


@dataclass(frozen=True)
class Stock:
    """A text to choose from; ``texts``: language → text."""

    key: str
    texts: dict[str, str]

    @property
    def text(self) -> str:
        return said(self.texts)


def stock_of(authority_id: int, use: str) -> list[Stock]:
    """The authority's own texts of a use, else the portal's."""
    rows = StockText.objects.filter(authority_id=authority_id, use=use, retired_at=None).order_by("pk")
    own = [Stock(str(row.public_id), row.texts) for row in rows]
    return own or [Stock(key, dict(texts)) for key, texts in STOCK[use].items()]
