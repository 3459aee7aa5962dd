"""Forms of requests and decisions. They say what is well formed; what is lawful is the services' business."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm
from portal.ui.times import last_day
from resources.models import CapacityPool, QuotaRequest, RequestLine
from resources.queries.offers import offered_pools
from resources.services.wishes import Wish
from tenants.models import Project

MOST_GPUS = 100_000
LONGEST_TEXT = 4000
YEARS_AHEAD = 5


def begin_of(day: date) -> datetime:
    """Midnight with which the day begins, in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class PoolField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.kind} · {obj.cluster}, {obj.cluster.city}"


class RequestForm(PlainForm):
    """One line of GPUs for a project. ``until`` is the last day, included; the database keeps the day after."""

    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("Project"))
    pool = PoolField(
        CapacityPool.objects.none(),
        label=gettext_lazy("GPUs and cluster"),
        help_text=gettext_lazy("Only clusters cleared for the project’s data, in the countries agreed for it."),
    )
    amount = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST_GPUS)
    since = forms.DateField(label=gettext_lazy("From"))
    until = forms.DateField(label=gettext_lazy("Until"), help_text=gettext_lazy("The last day, included."))
    purpose = forms.CharField(
        label=gettext_lazy("What you will do with it"),
        help_text=gettext_lazy("The approver reads this: what runs, how long, why this many."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects: Any = self.fields["project"]
        projects.queryset = (
            Project.objects.visible_to(self.user, "request").select_related("tenant").order_by("tenant__name", "name")
        )
        tenant = self.initial.get("tenant")
        if tenant and not self.is_bound:
            projects.queryset = projects.queryset.filter(tenant__public_id=tenant)
        self.offer(self.chosen_project())

    def chosen_project(self) -> Project | None:
        """The project typed or begun with; the only one there is chooses itself."""
        projects: Any = self.fields["project"]
        value = self["project"].value()
        try:
            chosen: Project | None = projects.clean(value.pk if isinstance(value, Project) else value)
        except forms.ValidationError:
            chosen = None
        if chosen is None and not self.is_bound:
            first_two = list(projects.queryset[:2])
            chosen = first_two[0] if len(first_two) == 1 else None
            if chosen:
                self.initial["project"] = chosen.pk
        return chosen

    def offer(self, project: Project | None) -> None:
        pools: Any = self.fields["pool"]
        pools.queryset = offered_pools(project) if project else CapacityPool.objects.none()
        pools.empty_label = _("Choose") if project else _("Choose a project first")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        farthest = today.replace(year=today.year + YEARS_AHEAD, day=1)
        if data.get("since") and data["since"].year < today.year:
            self.add_error("since", _("This day is long past. Begin today or later."))
        elif data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The last day is before the first. Choose a later one."))
        for name in ("since", "until"):
            if data.get(name) and data[name] > farthest:
                self.add_error(
                    name,
                    _("A request reaches no further than %(day)s. Ask again later for what comes then.")
                    % {"day": date_format(farthest, "j M Y")},
                )
        return data

    def wishes(self) -> list[Wish]:
        data = self.cleaned_data
        ends_at = begin_of(data["until"] + timedelta(days=1))
        return [Wish(data["pool"], data["amount"], begin_of(data["since"]), ends_at)]


def initial_of(request: QuotaRequest) -> dict[str, Any]:
    """A request as the form shows it."""
    line = request.current_lines[0]
    return {
        "project": request.project_id,
        "pool": line.pool_id,
        "amount": line.amount,
        "since": timezone.localtime(line.starts_at).date(),
        "until": last_day(line.ends_at),
        "purpose": request.purpose,
    }


class AnswerForm(RequestForm):
    """What the approver asked for: an answer in words, and the line as it is now wanted."""

    text = forms.CharField(label=gettext_lazy("Your answer"), max_length=LONGEST_TEXT, widget=forms.Textarea)
    field_order = ("text", "pool", "amount", "since", "until", "purpose")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["project"]
        self.offer(self.row.project)

    def chosen_project(self) -> Project | None:
        return None


class ReasonForm(PlainForm):
    """An act that may be explained."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_TEXT, widget=forms.Textarea, required=False
    )


def asked_text(lines: Iterable[RequestLine]) -> str:
    """What is asked for in words: "48 H100 SXM, 96 H200"."""
    return ", ".join(f"{line.amount} {line.kind}" for line in lines)
