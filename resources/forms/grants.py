"""Forms about grants and idle GPUs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm

LONGEST_TEXT = 4000


def text_field(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=LONGEST_TEXT, widget=forms.Textarea)


class RevokeForm(PlainForm):
    reason = text_field(gettext_lazy("Reason"), gettext_lazy("The tenant reads this."))


class NoteForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=LONGEST_TEXT, widget=forms.Textarea
    )  # fmt: skip


class JustifyForm(PlainForm):
    """Why idle GPUs are kept."""

    reason = text_field(
        gettext_lazy("What they are kept for"),
        gettext_lazy("The approver reads this: what will run on them, and why not yet."),
    )
    needed_until = forms.DateField(
        label=gettext_lazy("From when they will be used"),
        help_text=gettext_lazy("Until then nobody asks again, if the approver agrees."),
    )

    def clean_needed_until(self) -> Any:
        day = self.cleaned_data["needed_until"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day after today."))
        return day


class GpusForm(PlainForm):
    """How many GPUs; ``most`` are the grant's."""

    gpus = forms.IntegerField(label=gettext_lazy("GPUs"), min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["gpus"]
        most = self.row.grant.amount
        field.max_value = most
        field.widget.attrs["max"] = most
        field.help_text = _("Of the %(n)d of this grant; %(idle)d were found idle.") % {
            "n": most,
            "idle": self.row.gpus,
        }


class ReleaseForm(GpusForm, NoteForm):
    """Some or all of them."""


class ReclaimForm(GpusForm):
    reason = text_field(gettext_lazy("Reason"), gettext_lazy("The tenant reads this."))
