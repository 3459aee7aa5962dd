from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from portal.ui.forms import PlainForm
from resources.models import QuotaRequest
from resources.quantities import Promise
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
        if facts.get("out"):
            for name in ("out_from", "out_until"):
                if not facts.get(name) and name not in self.errors:
                    self.add_error(name, gettext("Say from when until when they are out."))
        if facts.get("more") and not facts.get("more_from") and "more_from" not in self.errors:
            self.add_error("more_from", gettext("Say from which day on they are there."))
        if facts.get("out_from") and facts.get("out_until") and facts["out_until"] < facts["out_from"]:
            self.add_error("out_until", gettext("The maintenance ends before it begins. Choose a later day."))
        return facts if self.errors else {**facts, "supposed": _supposed(facts)}

    def asking(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.SUPPOSING]

    def supposing(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SUPPOSING]

    def supposing_errors(self) -> bool:
        return self.is_bound and bool(self.errors.keys() & set(self.SUPPOSING))


def _supposed(facts: dict[str, Any]) -> Supposed:
    """Days are whole days of the person's own time zone."""
    out = None
    if facts.get("out"):
        after = facts["out_until"] + timedelta(days=1)
        out = Promise(facts["out"], _midnight(facts["out_from"]), _midnight(after))
    more = facts.get("more") or 0
    return Supposed(out, more, _midnight(facts["more_from"]) if more else None)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
