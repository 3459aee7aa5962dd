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
TOO_SMALL = _("“{label}” is %(limit_value)s at least.")
TOO_LARGE = _("“{label}” is %(limit_value)s at most.")
TOO_LONG = _("“{label}” is too long: %(show_value)d characters, and there is room for %(limit_value)d.")
TOO_SHORT = _("“{label}” is too short: %(limit_value)d characters at least.")
TOO_MANY_DIGITS = _("“{label}” has too many digits: %(max)s at most, those after the point included.")
TOO_MANY_DECIMALS = _("“{label}” has too many digits after the point: %(max)s at most.")
TOO_MANY_WHOLE = _("“{label}” has too many digits before the point: %(max)s at most.")
NO_CONTROL = _(
    "“{label}” contains a character that cannot be read. Remove it; it often comes along when text is pasted."
)
TAKEN = _("“{label}” is taken already. Choose a different one.")
LIMITS: dict[str, Any] = {
    "min_value": TOO_SMALL, "max_value": TOO_LARGE, "max_length": TOO_LONG, "min_length": TOO_SHORT,
    "max_digits": TOO_MANY_DIGITS, "max_decimal_places": TOO_MANY_DECIMALS, "max_whole_digits": TOO_MANY_WHOLE,
    "unique": TAKEN, "invalid_choice": NO_SUCH_CHOICE,
}  # fmt: skip
"""What validators and the model say, by their code; they fill in the numbers."""
INVALID: dict[type[forms.Field], Any] = {
    forms.IntegerField: _("“{label}” needs a whole number, such as 16."),
    forms.DecimalField: _("“{label}” needs a number, such as 1.5."),
    forms.FloatField: _("“{label}” needs a number, such as 1.5."),
    forms.DateField: _("“{label}” needs a date that exists, written as 2026-12-31."),
    forms.SlugField: _("“{label}” takes letters without accents, digits and hyphens, such as north-1."),
    forms.EmailField: _("“{label}” needs an e-mail address, such as name@example.org."),
    forms.URLField: _("“{label}” needs an address that begins with https:// or http://."),
}
"""By the kind of field; the nearest kind in a field's family speaks (a float's before an integer's)."""


def give_sentences(name: str, field: forms.Field) -> None:
    """Put sentences in place of Django's own; what a form declares itself stays."""
    label = str(field.label or pretty_name(name))
    mine = {
        "required": _required(field), "invalid": _invalid(field), "null_characters_not_allowed": NO_CONTROL,
    }  # fmt: skip
    for code, text in mine.items():
        if text is not None and _is_djangos(field, code):
            field.error_messages[code] = format_lazy(text, label=label)
    for code, text in LIMITS.items():
        if _is_djangos(field, code):
            field.error_messages[code] = format_lazy(text, label=label.replace("%", "%%"))


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
