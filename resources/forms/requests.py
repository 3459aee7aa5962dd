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

from portal.ui.forms import PlainForm, RadioCards
from portal.ui.times import last_day
from resources.models import CapacityPool, QuotaRequest, RequestLine, Share
from resources.queries.offers import offered_pools
from resources.queries.placement import pools_for
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


class DecisionForm(PlainForm):
    """The first person's decision: which way, how many of each line, and why."""

    APPROVE, PART, ASK, REJECT = CHOICES = ("approve", "part", "ask", "reject")

    decision = forms.ChoiceField(label=gettext_lazy("Your decision"), widget=RadioCards)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Sent to the tenant and kept in the audit record."),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea,
    )
    field_order = ("decision",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[RequestLine] = list(self.row.current_lines)
        decision: Any = self.fields["decision"]
        decision.choices = [
            (self.APPROVE, f"{_('Approve in full')}|{asked_text(self.lines)}"),
            (self.PART, f"{_('Approve in part')}|{_('Choose how many')}"),
            (self.ASK, f"{_('Ask for changes')}|{_('The clock stops until they answer')}"),
            (self.REJECT, f"{_('Refuse')}|{_('Needs a reason, which they read')}"),
        ]
        for line in self.lines:
            label = _("%(kind)s, at most %(amount)d") % {"kind": line.kind, "amount": line.amount}
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=label, min_value=0, max_value=line.amount, initial=line.amount
            )
        self.order_fields(["decision", *(f"line_{line.pk}" for line in self.lines), "reason"])
        self._offer_places()

    def _offer_places(self) -> None:
        """Lines that leave their cluster to the decider are placed here."""
        for line in self.lines:
            if line.pool_id is None:
                pools = pools_for(self.row.project, line).filter(
                    shares__in=Share.objects.visible_to(self.user, "approve")
                )
                field = PoolField(
                    pools.distinct(), label=_("Cluster for %(n)d %(kind)s") % {"n": line.amount, "kind": line.kind},
                    initial=pools.first(), required=False,
                )  # fmt: skip
                self.fields[f"pool_{line.pk}"] = field

    def placements(self) -> dict[int, CapacityPool]:
        """Line id → pool as typed, else as offered first."""
        found = {}
        for line in self.lines:
            if (name := f"pool_{line.pk}") in self.fields:
                typed = getattr(self, "cleaned_data", {}).get(name) if self.is_bound else None
                if pool := typed or self.fields[name].initial:
                    found[line.pk] = pool
        return found

    def clean(self) -> dict[str, Any]:
        """Amounts matter only when part is approved; elsewhere what stands in their fields is nobody's mistake."""
        data = super().clean() or {}
        if data.get("decision") != self.PART:
            for line in self.lines:
                self.errors.pop(f"line_{line.pk}", None)
        elif not self.errors and not any(data.get(f"line_{line.pk}") for line in self.lines):
            self.add_error(f"line_{self.lines[0].pk}", _("To give none of it, refuse the request and say why."))
        if data.get("decision") in {self.ASK, self.REJECT} and not data.get("reason", "").strip():
            self.add_error("reason", _("Write it down: the tenant reads it, and it stays in the record."))
        return data

    def wrong_amounts(self) -> list[str]:
        """What is wrong with the amounts as they are typed now."""
        return [str(error) for line in self.lines for error in self.errors.get(f"line_{line.pk}", [])]

    def line_fields(self) -> list[forms.BoundField]:
        return [self[f"line_{line.pk}"] for line in self.lines]

    def place_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("pool_")]

    def amounts(self) -> dict[int, int]:
        """Line id → GPUs of the decision as typed; what was not typed is as asked."""
        typed = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        if typed.get("decision") in {self.ASK, self.REJECT}:
            return dict.fromkeys((line.pk for line in self.lines), 0)
        if typed.get("decision", self.APPROVE) == self.APPROVE:
            return {line.pk: line.amount for line in self.lines}
        found = {}
        for line in self.lines:
            value = typed.get(f"line_{line.pk}")
            found[line.pk] = line.amount if value is None else value
        return found


class SecondForm(PlainForm):
    """The second person's decision about what the first one approved."""

    CONFIRM, SEND_BACK = CHOICES = ("confirm", "send_back")

    decision = forms.ChoiceField(label=gettext_lazy("Your decision"), widget=RadioCards)
    reason = DecisionForm.base_fields["reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision: Any = self.fields["decision"]
        decision.choices = [
            (self.CONFIRM, f"{_('Confirm')}|{_('It takes effect')}"),
            (self.SEND_BACK, f"{_('Send back')}|{_('Needs a reason; nothing is granted')}"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == self.SEND_BACK and not data.get("reason", "").strip():
            self.add_error("reason", _("Write down why: the first person reads it, and it stays in the record."))
        return data


def given_text(lines: Iterable[RequestLine], amounts: dict[int, int]) -> str:
    """What would be given of what is asked for: "3 of 5 H100 SXM"."""
    return ", ".join(
        _("%(given)d of %(asked)d %(kind)s") % {"given": amounts[line.pk], "asked": line.amount, "kind": line.kind}
        for line in lines
    )


def asked_text(lines: Iterable[RequestLine]) -> str:
    """What is asked for in words: "48 H100 SXM, 96 H200"."""
    return ", ".join(f"{line.amount} {line.kind}" for line in lines)
