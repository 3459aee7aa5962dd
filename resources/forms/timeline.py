from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from portal.ui.forms import PlainForm
from resources.models import QuotaRequest
from resources.queries.plans import waiting_for
from resources.queries.supposing import Supposed

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

    out = forms.IntegerField(
        label=gettext_lazy("GPUs out for maintenance"), min_value=1, max_value=MOST_GPUS, required=False
    )
    out_from = forms.DateField(label=gettext_lazy("Out from"), required=False)
    out_until = forms.DateField(label=gettext_lazy("Out until and with"), required=False)
    more = forms.IntegerField(label=gettext_lazy("New GPUs"), min_value=1, max_value=MOST_GPUS, required=False)
    more_from = forms.DateField(label=gettext_lazy("New from"), required=False)
    SUPPOSING = ("out", "out_from", "out_until", "more", "more_from")

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
        moments = _moments(facts)
        for name, sentence in Supposed.mistakes(moments).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return facts if self.errors else {**facts, "supposed": Supposed.of(moments)}

    def asking(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.SUPPOSING]

    def supposing(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SUPPOSING]

    def supposing_errors(self) -> bool:
        return self.is_bound and bool(self.errors.keys() & set(self.SUPPOSING))


def _moments(facts: dict[str, Any]) -> dict[str, Any]:
    """Days are whole days of the person's own time zone; of the last one the end is meant."""
    days = {name: facts.get(name) for name in ("out_from", "out_until", "more_from")}
    days["out_until"] = days["out_until"] and days["out_until"] + timedelta(days=1)
    return {**facts, **{name: day and timezone.make_aware(datetime.combine(day, time())) for name, day in days.items()}}
