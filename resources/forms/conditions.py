"""Forms about conditions of grants: rows in the form of a decision, and the acts on one condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm
from resources.forms.grants import LONGEST_TEXT, text_field
from resources.models import Grant
from resources.queries.conditions import grants_under
from resources.services.conditions import LONGEST, MOST, Condition, what_is_wrong
from tenants.models import Authority, StockText
from tenants.queries.outcomes import stock_of

MORE = "more_conditions"
"""Name of the button that asks for another row and decides nothing."""
NAMES = re.compile(r"condition_(?:text|due)_([1-9][0-9]?)")
STOCK = "condition-stock"


def rows_in(typed: Mapping[str, Any]) -> int:
    """How many rows the page shows: those that were there, one at least, and one more when it is asked for."""
    there = [int(found[1]) for name in typed if (found := NAMES.fullmatch(name))]
    return min(MOST, max([1, *there]) + (MORE in typed))


class ConditionRows(forms.Form):
    """Up to ten conditions, each with its text and its last day; rows left empty say nothing."""

    def add_rows(self, typed: Mapping[str, Any]) -> None:
        """Put as many rows in as the page has."""
        self.numbers = range(1, rows_in(typed) + 1)
        for number in self.numbers:
            fresh = {"autofocus": True} if MORE in typed and number == len(self.numbers) else {}
            self.fields[f"condition_text_{number}"] = forms.CharField(
                label=_("Condition %(n)d") % {"n": number}, max_length=LONGEST, required=False,
                widget=forms.TextInput(attrs={"list": STOCK, "autocomplete": "off", **fresh}),
            )  # fmt: skip
            self.fields[f"condition_due_{number}"] = forms.DateField(
                label=_("Condition %(n)d: by the end of") % {"n": number}, required=False
            )

    def condition_rows(self) -> Iterator[list[forms.BoundField]]:
        """The two fields of each row."""
        for number in self.numbers:
            yield [self[f"condition_text_{number}"], self[f"condition_due_{number}"]]

    @property
    def may_add_row(self) -> bool:
        return len(self.numbers) < MOST

    @property
    def has_conditions(self) -> bool:
        """Whether anything is typed in a row, or another was asked for."""
        return MORE in self.data or any(field.value() for row in self.condition_rows() for field in row)

    def check_rows(self, office: Authority | None, ends: datetime | None) -> None:
        """Say what is wrong with each row, at its field."""
        data, rows = self.cleaned_data, []
        for number in self.numbers:
            text, due = (data.get(f"condition_{part}_{number}") for part in ("text", "due"))
            broken = {f"condition_{part}_{number}" for part in ("text", "due")} & self.errors.keys()
            if text and not due and not broken:
                self.add_error(f"condition_due_{number}", _("Choose the last day for this condition."))
            elif due and not text and not broken:
                self.add_error(f"condition_text_{number}", _("Write what has to be done by this day."))
            elif text and due:
                rows.append((number, Condition(text, due)))
        if office is None or ends is None:
            return
        for wrong in what_is_wrong([each for _number, each in rows], office, ends):
            self.add_error(f"condition_{wrong.part}_{rows[min(wrong.number, len(rows)) - 1][0]}", wrong.sentence)

    def conditions(self) -> list[Condition]:
        """What was typed, row by row."""
        data = self.cleaned_data
        pairs = [(data.get(f"condition_text_{n}"), data.get(f"condition_due_{n}")) for n in self.numbers]
        return [Condition(text, due) for text, due in pairs if text and due]


def stock_for(office: Authority | None) -> list[str]:
    """Conditions that the authority uses again and again, to choose from while one types."""
    return [each.text for each in stock_of(office.pk, StockText.Use.QUOTA_CONDITION)] if office else []


class SayMetForm(PlainForm):
    """What the tenant says of how it is met, with a file if one shows it."""

    note = text_field(
        gettext_lazy("By what does one see that it is met?"), gettext_lazy("The approver reads this and looks at it.")
    )
    file = forms.FileField(
        label=gettext_lazy("Document that shows it"), required=False, allow_empty_file=True,
        help_text=gettext_lazy("PDF, PNG, JPEG, Word, Excel, OpenDocument text or plain text. It stays with the request."),
    )  # fmt: skip


class ConfirmForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=LONGEST_TEXT, widget=forms.Textarea,
        help_text=gettext_lazy("The tenant reads this."),
    )  # fmt: skip


class ShortenForm(PlainForm):
    last_day = forms.DateField(
        label=gettext_lazy("Last day of the grants"), help_text=gettext_lazy("The last day, included.")
    )
    keep_hours = forms.BooleanField(
        label=gettext_lazy("Leave them all GPU hours that are left, as far as they can be used until then"), required=False,
        help_text=gettext_lazy(
            "Else a grant keeps as large a part of the GPU hours that are left as of the time. What is used stays used."
        ),
    )  # fmt: skip
    reason = text_field(gettext_lazy("Reason"), gettext_lazy("The tenant reads this."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not grants_under(self.row).filter(state__in=Grant.COUNTING, budget_hours__isnull=False).exists():
            del self.fields["keep_hours"]
        self.fields["last_day"].initial = timezone.localdate() + timedelta(days=14)
