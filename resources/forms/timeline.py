from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from portal.ui.forms import PlainForm
from resources.models import QuotaRequest
from resources.queries.plans import waiting_for

LONGEST_DAYS = 366
MOST_GPUS = 100_000
MOST_REQUESTS = 50


class ManyRequests(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    """Open requests by what they ask for."""

    def label_from_instance(self, request: QuotaRequest) -> str:
        return gettext("%(reference)s, %(tenant)s, %(project)s") % {
            "reference": request.reference, "tenant": request.tenant, "project": request.project.name,
        }  # fmt: skip


class WishForm(PlainForm):
    """A question to a pool: so many GPUs for so many days, after so many open requests."""

    gpus = forms.IntegerField(label=gettext_lazy("GPUs"), min_value=1, max_value=MOST_GPUS, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("For how many days"), min_value=1, max_value=LONGEST_DAYS, required=False, initial=30
    )
    requests = ManyRequests(
        QuotaRequest.objects.none(),
        label=gettext_lazy("If these were approved in full"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        to_field_name="public_id",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["requests"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = waiting_for(self.user, self.row)
        if not field.queryset.exists():
            del self.fields["requests"]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("gpus") and not facts.get("days") and "days" not in self.errors:
            self.add_error("days", gettext("Say for how many days, for example 30."))
        return facts
