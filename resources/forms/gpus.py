"""A number of GPUs as people type it, refused in sentences where it cannot be one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _

GROUPING = str.maketrans("", "", " \u00a0\u202f'’_")


def read_gpus(value: Any, most: int) -> int:
    """The whole number that ``value`` means. Raises ValueError with a sentence: no number, a part of a GPU, none, too many."""
    try:
        number = Decimal(repr(value) if isinstance(value, bool) else str(value).strip().translate(GROUPING))
    except InvalidOperation:
        raise ValueError(_("Write how many as a number, for example 16.")) from None
    if not number.is_finite():
        raise ValueError(_("Write how many as a number, for example 16."))
    if number <= 0:
        raise ValueError(_("Ask for one at least."))
    if number > most:
        raise ValueError(_("So many there are nowhere. Ask for %(most)s at most.") % {"most": f"{most:,}"})
    if number != number.to_integral_value():
        raise ValueError(
            _(
                "GPUs and GPU hours are given whole. A slice of a GPU (MIG) is a kind of its own: choose that kind, and "
                "say how many slices."
            )
        )
    return int(number)


class GPUsField(forms.CharField):
    """So many whole GPUs or GPU hours; cleans to an int, None where it may be empty."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_gpus(text, self.most)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong), code="gpus") from None
