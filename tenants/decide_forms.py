"""The two steps of a decision: which way and why, then what belongs to that way, read back before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm, RadioCards, offer
from tenants.forms import Checks, reason_field
from tenants.models import CaseDecision, OnboardingCase, PolicyRule, StockText
from tenants.models.outcome import said
from tenants.queries.outcomes import stock_of
from tenants.queries.policies import policy
from tenants.queries.questions import questions_of
from tenants.questions.answers import asked
from tenants.questions.schema import said as in_words
from tenants.services.conditions import Condition
from tenants.services.letters import language_of

Outcome = CaseDecision.Outcome
OUTCOMES = [
    ("approve", _("Approve|The organisation becomes a tenant")),
    ("conditions", _("Approve with conditions|A tenant at once; what is missing is watched")),
    ("ask", _("Ask for information|The clock stands still meanwhile")),
    ("reject", _("Refuse|With grounds; they may appeal")),
]
SECOND_OUTCOMES = [
    ("approve", _("Approve|The organisation becomes a tenant")),
    ("send_back", _("Send back to review|The first officer looks again")),
    ("reject", _("Refuse|With grounds; they may appeal")),
]
ROWS = 5
"""Conditions for which the page has room; more fit through the API."""


class DecideForm(PlainForm):
    """The first step: which way, and why. Texts of the authority's list are put before what is typed."""

    outcome = forms.ChoiceField(label=_("Decision"), widget=RadioCards)
    reason = reason_field(
        _("Reason or question"), required=False,
        hint=_("The applicant reads it. Needed unless you approve."),
    )  # fmt: skip
    phrases = forms.MultipleChoiceField(label=_("Texts of your authority"), required=False, widget=Checks)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.row is not None, "the page has an application"
        second = self.row.state == OnboardingCase.State.AWAITING_SECOND
        offer(self, "outcome", SECOND_OUTCOMES if second else OUTCOMES)
        self.texts = {
            f"{use}:{each.key}": each for use in ("reason", "question") for each in stock_of(self.row.authority_id, use)
        }
        offer(self, "phrases", [(key, each.text) for key, each in self.texts.items()])

    def reason_with_texts(self) -> str:
        """What the applicant will read, in their language where the list has the text in it."""
        language = language_of(self.row.submitted_by)
        chosen = [said(self.texts[key].texts, language) for key in self.cleaned_data.get("phrases", [])]
        return "\n\n".join(part for part in [*chosen, self.cleaned_data.get("reason", "")] if part)


class StepTwo(PlainForm):
    """The second step of every way."""

    outcome = forms.CharField(widget=forms.HiddenInput)
    reason = reason_field(_("Reason"), required=False, hint=_("The applicant reads it; it stands in the letter."))

    def facts(self) -> dict[str, Any]:
        """What the service is called with."""
        return {"reason": self.cleaned_data["reason"]}


class ConditionsForm(StepTwo):
    """Up to some conditions, each with its day and who has to meet it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, ROWS + 1):
            first = number == 1
            self.fields[f"text_{number}"] = forms.CharField(
                label=_("Condition %(n)d") % {"n": number}, max_length=500, required=first
            )
            self.fields[f"due_{number}"] = forms.DateField(label=_("By the end of"), required=first)
            self.fields[f"who_{number}"] = forms.CharField(
                label=_("Who has to meet it"), max_length=150, required=first, initial=_("The organisation")
            )

    def rows(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        """(number, its three fields) for the page."""
        for number in range(1, ROWS + 1):
            yield number, [self[f"{name}_{number}"] for name in ("text", "due", "who")]

    def clean(self) -> dict[str, Any]:
        for number in range(2, ROWS + 1):
            text, due = (self.cleaned_data.get(f"{name}_{number}") for name in ("text", "due"))
            if text and not due and f"due_{number}" not in self.errors:
                self.add_error(f"due_{number}", _("Choose the last day for this condition."))
            if due and not text:
                self.add_error(f"text_{number}", _("Write what has to be done by this day."))
        return self.cleaned_data

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        conditions = [
            Condition(data[f"text_{n}"], data[f"due_{n}"], data[f"who_{n}"])
            for n in range(1, ROWS + 1)
            if data.get(f"text_{n}")
        ]
        return {**super().facts(), "conditions": conditions}


class AskForm(StepTwo):
    """What is missing, the answers that are to be corrected, and how long the applicant has."""

    reason = reason_field(_("What is missing"), required=False, hint=_("The applicant reads it and answers."))
    days = forms.IntegerField(
        label=_("Days to answer"), min_value=1, max_value=365, required=False,
        help_text=_("The applicant is reminded 7, 3 and 1 days before. Without an answer the application lapses."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.row is not None, "the page has an application"
        self.fields["days"].initial = policy(self.row.authority_id, PolicyRule.Key.ANSWER_DAYS)
        self.chapters: list[tuple[str, list[str]]] = []
        for step, questions in asked(questions_of(self.row), self.row.answers):
            names = [f"remark_{each.key}" for each in questions]
            for name, each in zip(names, questions, strict=True):
                self.fields[name] = forms.CharField(label=in_words(each.label), required=False, max_length=1000)
            if names:
                self.chapters.append((in_words(step.title), names))

    def by_chapter(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """(title of the step, a remark for each of its answers) for the page."""
        for title, names in self.chapters:
            yield title, [self[name] for name in names]

    def facts(self) -> dict[str, Any]:
        remarks = {
            name.removeprefix("remark_"): text
            for name, text in self.cleaned_data.items()
            if name.startswith("remark_") and text
        }
        return {**super().facts(), "answers": remarks, "days": self.cleaned_data["days"]}


class RejectForm(StepTwo):
    """The grounds of the authority's list, and the reason in words."""

    grounds = forms.MultipleChoiceField(label=_("Grounds"), required=False, widget=Checks)
    field_order = ("outcome", "grounds", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.row is not None, "the page has an application"
        rows = stock_of(self.row.authority_id, "ground")
        offer(self, "grounds", [(each.key, each.text) for each in rows])

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "grounds": self.cleaned_data["grounds"]}


STEP_TWO: dict[str, type[StepTwo]] = {
    "approve": StepTwo, "conditions": ConditionsForm, "ask": AskForm, "reject": RejectForm, "send_back": StepTwo,
}  # fmt: skip


class AppealForm(PlainForm):
    text = forms.CharField(
        label=_("Why should the decision be another one?"), max_length=8000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Officers who had no part in the refusal read it. You can add documents on the page of the application."),
    )  # fmt: skip


class MeetForm(PlainForm):
    evidence = reason_field(
        _("By what do you see that it is met?"), hint=_("It stays in the record, and the tenant’s owners read it.")
    )
    document = forms.ChoiceField(label=_("Document that shows it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.row is not None, "the page has a condition"
        rows = self.row.case.documents.order_by("-pk")
        offer(self, "document", [("", _("None")), *((str(row.public_id), row.name) for row in rows)])


class StockForm(PlainForm):
    """A text in every language of the portal; ``use`` only where a new one is added."""

    use = forms.ChoiceField(label=_("Used as"), choices=StockText.Use.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Text in %(language)s") % {"language": name}, max_length=1000, required=code == "en",
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
        if isinstance(self.row, StockText):
            del self.fields["use"]

    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"text_{code}"] for code, _name in settings.LANGUAGES}
