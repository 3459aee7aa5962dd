"""Forms as every page shows them: one field template, an error summary that has the focus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.constraints import rules
from portal.core.errors import PortalError
from portal.core.refusals import note_error
from portal.ui.sentences import give_sentences

if TYPE_CHECKING:
    Dressed = forms.BaseForm
else:
    Dressed = object


class Lines(forms.Textarea):
    """A text of several lines. A browser counts the end of a line as one character and sends two; here it is one again."""

    def value_from_datadict(self, *args: Any) -> Any:
        typed = super().value_from_datadict(*args)
        return typed.replace("\r\n", "\n") if isinstance(typed, str) else typed


BLANK = "---------"
"""Django's own label of no choice, which says nothing."""


class RadioCards(forms.RadioSelect):
    """Choices as cards. A label written "Approve in full|48 H100" has its second half as a small line."""

    template_name = "portal/forms/radio_cards.html"
    option_template_name = "portal/forms/radio_card.html"


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let a field that was declared a choice offer what is there today."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField), f"{name} is no choice"
    field.choices = list(choices)


class Late(Dressed):
    """A field that was put in after the form was made looks and speaks like the others."""

    def __getitem__(self, name: str) -> forms.BoundField:
        if name in self.fields and name not in self._bound_fields_cache:  # type: ignore[attr-defined]  # Django's own
            dress(name, self.fields[name])
        return super().__getitem__(name)


class PlainForm(Late, forms.Form):
    """A form of an action; it knows who acts and on what, so that choices are cut to what they may see."""

    def __init__(self, *args: Any, user: Any = None, row: Any = None, **kwargs: Any) -> None:
        self.user, self.row = user, row
        super().__init__(*args, **kwargs)
        _mark(self)


class RowForm(Late, forms.ModelForm):  # type: ignore[type-arg]  # each subclass names its model in Meta
    """A form over a model's fields. It validates; saving is the service's work."""

    def __init__(self, *args: Any, user: Any = None, row: Any = None, **kwargs: Any) -> None:
        self.user, self.row = user, row
        kwargs.setdefault("instance", row)
        super().__init__(*args, **kwargs)
        _mark(self)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's own signature
        raise TypeError("forms do not save; call the service with cleaned_data")

    def _post_clean(self) -> None:
        """As Django does it, but for the constraints, which Django would name as the database does."""
        self.instance.validate_constraints = _leave
        try:
            super()._post_clean()  # type: ignore[misc]  # Django's own
        finally:
            del self.instance.validate_constraints
        self._say_constraints(self._get_validation_exclusions())  # type: ignore[attr-defined]  # Django's own

    def _say_constraints(self, exclude: set[str]) -> None:
        """Each constraint in its own words, at the field that it is about."""
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self.instance, exclude=exclude)
                except ValidationError as error:
                    rule = dict(rules.items()).get(constraint.name)
                    field = rule.field if rule and rule.field in self.fields else None
                    self.add_error(field, ValidationError(str(rule.sentence), code="constraint") if rule else error)


def _leave(exclude: Any = None) -> None:
    """What Django asks of the constraints is asked afterwards, one by one."""


def _mark(form: forms.BaseForm) -> None:
    for name, field in form.fields.items():
        dress(name, field)


def dress(name: str, field: forms.Field) -> None:
    """Make a field look and speak like those of every form; twice is as good as once."""
    give_sentences(name, field)
    if type(field.widget) is forms.Textarea:
        field.widget = Lines(attrs=field.widget.attrs)
    if isinstance(field.widget, forms.Textarea):
        field.widget.attrs["rows"] = 4 if field.widget.attrs.get("rows") == "10" else field.widget.attrs["rows"]
    if isinstance(field, forms.CharField) and type(field.widget) in {forms.TextInput, Lines}:
        field.widget.attrs.setdefault("dir", "auto")  # a text that runs from right to left is typed from there
    if isinstance(field, forms.DateField):
        field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if isinstance(field, NUMBERS) and type(field.widget) is forms.NumberInput:
        field.widget = forms.TextInput(attrs={"inputmode": "numeric" if whole(field) else "decimal"})
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == BLANK:
        field.empty_label = _("Choose one")


NUMBERS = (forms.IntegerField, forms.DecimalField, forms.FloatField)
"""A browser sends nothing of what it does not take for a number; as text it comes back, with what is wrong with it."""


def whole(field: forms.Field) -> bool:
    return not isinstance(field, forms.DecimalField | forms.FloatField)


class SlugsField(forms.CharField):
    """Several short texts in one line, separated by commas; cleans to a list without repeats."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return list(value)
        return list(dict.fromkeys(part.strip() for part in (value or "").split(",") if part.strip()))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Each part is a text of its own; length limits of the whole make no sense."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


def put_error(form: forms.BaseForm, error: PortalError) -> None:
    """Show a service's refusal where the person can mend it: at its field, or above the form."""
    note_error(error, changes=True)
    field = error.field if error.field in form.fields else None
    sentence: str | Promise = error.sentence
    form.add_error(field, forms.ValidationError(str(sentence), code=error.code))
