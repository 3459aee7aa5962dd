"""Forms about giving grants back and moving them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resources.forms.gpus import GPUsField
from resources.forms.grants import NoteForm
from tenants.models import Project


class GiveBackForm(NoteForm):
    gpus = GPUsField(label=gettext_lazy("GPUs to give back"), most=100_000)
    at = forms.DateField(
        label=gettext_lazy("From"), required=False,
        help_text=gettext_lazy("Left empty, at once. What runs then is not stopped; nothing new can begin."),
    )  # fmt: skip
    field_order = ("gpus", "at", "reason")

    def clean_at(self) -> Any:
        """A day that is past would give them back at once, for good, by a slip of the hand."""
        day = self.cleaned_data["at"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("This day is past. Choose a later one, or none, to give them back at once."))
        return day

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gpus"].help_text = _("Of the %(n)d of this grant.") % {"n": self.row.amount}
        self.fields["gpus"].initial = self.row.amount


class TransferForm(NoteForm):
    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("To the project"))
    gpus = GPUsField(label=gettext_lazy("GPUs to move"), most=100_000)
    field_order = ("project", "gpus", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Project.objects.visible_to(self.user, "request").filter(tenant=self.row.tenant_id)
        self.fields["project"].queryset = rows.exclude(pk=self.row.environment.project_id).order_by("name")  # type: ignore[attr-defined]
        self.fields["gpus"].help_text = _("Of the %(n)d of this grant.") % {"n": self.row.amount}
        self.fields["gpus"].initial = self.row.amount
