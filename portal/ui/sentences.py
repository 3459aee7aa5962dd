"""What a form says of a field that was left out or filled in wrongly: the thing, the cause, the way out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import pretty_name
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

EMPTY = _("“{label}” is empty: please fill it in.")
NOT_CHOSEN = _("Nothing is chosen for “{label}”: please choose one.")
NOT_TICKED = _("“{label}” is not ticked: please tick it to go on.")
NO_FILE = _("No file is chosen for “{label}”: please choose one.")
NO_SUCH_CHOICE = _("“{label}” does not offer this choice, or no longer: please choose one from the list.")
INVALID: dict[type[forms.Field], Any] = {
    forms.IntegerField: _("“{label}” needs a whole number, such as 16."),
    forms.DecimalField: _("“{label}” needs a number, such as 1.5."),
    forms.FloatField: _("“{label}” needs a number, such as 1.5."),
    forms.DateField: _("“{label}” needs a date that exists, written as 2026-12-31."),
    forms.EmailField: _("“{label}” needs an e-mail address, such as name@example.org."),
    forms.URLField: _("“{label}” needs an address that begins with https:// or http://."),
}
"""By the kind of field; the nearest kind in a field's family speaks (a float's before an integer's)."""


def give_sentences(form: forms.BaseForm) -> None:
    """Put sentences in place of Django's own; what a form declares itself stays."""
    for name, field in form.fields.items():
        label = field.label or pretty_name(name)
        mine = {"required": _required(field), "invalid_choice": NO_SUCH_CHOICE, "invalid": _invalid(field)}
        for code, text in mine.items():
            if text is not None and _is_djangos(field, code):
                field.error_messages[code] = format_lazy(text, label=label)


def _required(field: forms.Field) -> Promise | str:
    if isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField):
        return NOT_TICKED
    if isinstance(field, forms.FileField):
        return NO_FILE
    return NOT_CHOSEN if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else EMPTY


def _invalid(field: forms.Field) -> Any:
    return next((INVALID[kind] for kind in type(field).__mro__ if kind in INVALID), None)


def _is_djangos(field: forms.Field, code: str) -> bool:
    """Whether the text is the framework's: the one that the nearest class of Django's declares."""
    current = field.error_messages.get(code)
    if current is None:  # a validator would speak
        return True
    families = [kind for kind in type(field).__mro__ if kind.__module__.startswith("django.")]
    return any(current is getattr(kind, "default_error_messages", {}).get(code) for kind in families)
