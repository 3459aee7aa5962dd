"""Documents of an application, as pages and endpoints show them."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.models import User
from tenants.models import CaseDocument, OnboardingCase
from tenants.queries.questions import questions_of
from tenants.questions.schema import said


def shown(case: OnboardingCase, user: User) -> list[CaseDocument]:
    """In the order in which they were added, each with the question that it answers."""
    rows = list(_of(case, user))
    labels = {each.key: said(each.label) for each in questions_of(case)} if any(row.question for row in rows) else {}
    for row in rows:
        row.about = labels.get(row.question, "")
    return rows


def answering(case: OnboardingCase, user: User, question: str) -> list[CaseDocument]:
    """Those that were uploaded to one question."""
    return list(_of(case, user).filter(question=question))


def _of(case: OnboardingCase, user: User) -> QuerySet[CaseDocument]:
    rows = CaseDocument.objects.visible_to(user).filter(case=case)
    return rows.select_related("added_by").order_by("pk")
