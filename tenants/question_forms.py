"""A step of the wizard as a form: one field for each question that is asked, kept as typed, tried when one goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from portal.ui.forms import PlainForm
from tenants.file_fields import QuestionFiles
from tenants.forms import Checks, by_nearness
from tenants.models import Authority, CaseDocument, OnboardingCase, OrganisationKind
from tenants.queries.case_links import taking_applications
from tenants.queries.cases import last_question
from tenants.queries.documents import shown
from tenants.queries.outcomes import pointed_at
from tenants.questions.answers import WrongAnswer, advice, clean
from tenants.questions.plain import plain_name
from tenants.questions.schema import Question, said

ROWS = {"purpose": 8}
INPUTS: Mapping[str, Mapping[str, str]] = {
    "email": {"type": "email", "autocomplete": "off"}, "phone": {"type": "tel", "autocomplete": "off"},
    "url": {"inputmode": "url"}, "number": {"inputmode": "decimal"}, "date": {"type": "date"},
    "legal_id": {"spellcheck": "false", "autocomplete": "off"},
}  # fmt: skip
FEW = 4
"""Up to this many choices stand open on the page; more go into a list."""


class StepForm(PlainForm):
    """The questions of one step. ``keep`` is what was typed, whether it is right or not."""

    def __init__(self, *args: Any, questions: Sequence[Question] = (), **kwargs: Any) -> None:
        self.questions = list(questions)
        super().__init__(*args, **kwargs)
        case = self.row if isinstance(self.row, OnboardingCase) else None
        files = [question for question in self.questions if question.kind == "file"]
        there = shown(case, self.user) if case is not None and files else []
        for question in self.questions:
            mine = [each for each in there if each.question == question.key]
            field = files_field(question, case, mine) if question.kind == "file" else field_for(question)
            setattr(field, "advice", advice(question, self._given(question)))  # noqa: B010 - a field has room for more
            self.fields[question.key] = field

    def _given(self, question: Question) -> Any:
        data: Any = self.data
        if not self.is_bound:
            return self.initial.get(question.key)
        return data.getlist(question.key) if question.many else data.get(question.key)

    def clean(self) -> dict[str, Any]:
        for question in self.questions:
            try:
                clean(question, self.cleaned_data.get(question.key))
            except WrongAnswer as wrong:
                self.add_error(question.key, forms.ValidationError(str(wrong), code="tenants.answer"))
        return self.cleaned_data

    @property
    def typed(self) -> dict[str, Any]:
        """The answers as they came, by key; boxes of which none is ticked do not come at all."""
        data: Any = self.data
        return {
            question.key: data.getlist(question.key) if question.many else data.get(question.key, "")
            for question in self.questions
            if question.kind != "file" and (question.many or question.key in data)
        }


def field_for(question: Question) -> forms.Field:
    """A field that accepts whatever is typed; the question's own rule speaks in ``StepForm.clean``."""
    told = _told(question)
    return _lenient(question, _choosing(question, told) or _typing(question, told))


def files_field(question: Question, case: OnboardingCase | None, documents: Sequence[CaseDocument]) -> forms.Field:
    """The documents that answer a question."""
    return _lenient(question, forms.Field(widget=QuestionFiles(question, case, documents), **_told(question)))


def _told(question: Question) -> dict[str, Any]:
    return {"label": said(question.label), "help_text": said(question.help), "required": False}


def _lenient(question: Question, field: forms.Field) -> forms.Field:
    field.required = question.required  # only for the mark beside the label: emptiness is the question's own rule
    field.widget.is_required = False
    field.validate = _accept  # type: ignore[method-assign]
    field.to_python = _as_it_is  # type: ignore[method-assign]
    return field


def _accept(value: Any) -> None:
    """Nothing typed is refused here."""


def _as_it_is(value: Any) -> Any:
    return value


def _choosing(question: Question, told: dict[str, Any]) -> forms.Field | None:
    options = [(value, said(texts)) for value, texts in question.options]
    if question.kind == "yes_no":
        return forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, **told)
    if question.kind == "choice" and len(options) <= FEW:
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **told)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", _("Choose one")), *options], **told)
    if question.kind == "country":
        return forms.ChoiceField(choices=by_nearness(), **told)
    if question.kind == "several":
        return forms.MultipleChoiceField(choices=options, widget=Checks, **told)
    if question.kind == "countries":
        offered = [value for value, texts in question.options]
        named = [(code, str(name)) for code, name in countries if not offered or code in offered]
        return forms.MultipleChoiceField(choices=named, widget=Checks, **told)
    return None


def _typing(question: Question, told: dict[str, Any]) -> forms.Field:
    if question.kind == "long":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": ROWS.get(question.key, 4)}), **told)
    return forms.CharField(widget=forms.TextInput(attrs=dict(INPUTS.get(question.kind, {}))), **told)


class StartForm(PlainForm):
    """The first three facts; the wizard asks the rest."""

    authority: forms.ModelChoiceField[Authority] = forms.ModelChoiceField(
        label=_("Authority"), queryset=None, to_field_name="public_id",
        help_text=_("The public body that decides about you; usually that of your country or region."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("What it is"), choices=[("", _("Choose one")), *OrganisationKind.choices],
        help_text=_("What you are asked depends on it."),
    )  # fmt: skip
    organisation = forms.CharField(
        label=_("Organisation"), max_length=200, help_text=_("Its full legal name, as it stands in the register.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = Authority.objects.visible_to(self.user, "apply").order_by("name")  # type: ignore[attr-defined]

    def clean_organisation(self) -> str:
        try:
            return plain_name(self.cleaned_data["organisation"], str(self.fields["organisation"].label))
        except WrongAnswer as wrong:
            raise forms.ValidationError(str(wrong), code="tenants.answer") from None


class StrangerForm(StartForm):
    """Somebody without an account: the address is confirmed before anything else happens."""

    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=254,
        help_text=_("A link goes there, with which you go on. Nothing typed here is lost meanwhile."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = taking_applications()  # type: ignore[attr-defined]


class AccountForm(PlainForm):
    """For who has followed the link of a mail and has no account yet."""

    full_name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Eight characters at least. Long is better than complicated."),
    )  # fmt: skip


class WriterForm(PlainForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("A link goes there. Who has an account here finds the application under “Apply” too."),
    )


def step_form(case: OnboardingCase, questions: Sequence[Question], user: Any, data: Any = None) -> StepForm:
    form = StepForm(data, questions=questions, user=user, row=case, initial=dict(case.answers))
    for pointed in pointed_at(case, last_question(case) if case.state == OnboardingCase.State.INFO_REQUESTED else None):
        if pointed.key in form.fields:
            form.fields[pointed.key].asked = pointed.remark  # type: ignore[attr-defined]  # the field's template says it
    return form
