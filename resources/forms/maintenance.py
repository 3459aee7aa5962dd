from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm, RadioCards
from resources.models import CapacityPool, Cluster, MaintenanceWindow

Effect = MaintenanceWindow.Effect
MOST_GPUS = 1_000_000
FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


class MomentField(forms.DateTimeField):
    """A time by the clocks of the person's zone; one that the clocks skip or show twice there is refused."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(input_formats=FORMATS, widget=widget, **kwargs)


class WindowForm(PlainForm):
    """What is announced. ``seen``: what was typed when the consequences were shown last."""

    cluster = forms.ModelChoiceField(Cluster.objects.none(), label=gettext_lazy("Cluster"), to_field_name="public_id")
    pool = forms.ModelChoiceField(
        CapacityPool.objects.none(), label=gettext_lazy("Pool"), to_field_name="public_id", required=False,
        empty_label=gettext_lazy("Every pool of the cluster"),
    )  # fmt: skip
    gpus = forms.IntegerField(
        label=gettext_lazy("GPUs out"), min_value=1, max_value=MOST_GPUS, required=False,
        help_text=gettext_lazy("Of the pool. Empty: all of them."),
    )  # fmt: skip
    starts_at = MomentField(label=gettext_lazy("From"))
    ends_at = MomentField(label=gettext_lazy("Until"), help_text=gettext_lazy("Both by the clocks of your time zone."))
    effect = forms.ChoiceField(
        label=gettext_lazy("What it means for promises"), widget=RadioCards,
        choices=[
            (Effect.INTERRUPTS, gettext_lazy("It only interrupts|Short works. What is promised stays promised, more may be promised, and those affected are told.")),
            (Effect.COUNTS, gettext_lazy("It takes capacity away|Long outages. Nothing can be promised of these GPUs meanwhile; what is promised already stays, and is shown as over-promised where it no longer fits.")),
        ],
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea, max_length=2000,
        help_text=gettext_lazy("Everybody who is affected reads it."),
    )  # fmt: skip
    FACTS: ClassVar = ("cluster", "pool", "gpus", "starts_at", "ends_at", "effect", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cluster: Any = self.fields["cluster"]
        cluster.queryset = (
            Cluster.objects.visible_to(self.user, "edit").exclude(state=Cluster.State.RETIRED).order_by("name")
        )
        pool: Any = self.fields["pool"]
        pools = CapacityPool.objects.visible_to(self.user, "edit").select_related("cluster", "kind")
        pool.queryset = pools.order_by("cluster__name", "kind__name")
        if self.row is not None:
            del self.fields["cluster"]
            pool.queryset = pools.filter(cluster=self.row.cluster_id).order_by("kind__name")
            if self.row.state == MaintenanceWindow.State.RUNNING:
                for name in ("pool", "gpus", "starts_at", "effect"):
                    del self.fields[name]

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.FACTS if name in self.cleaned_data}

    def digest(self) -> str:
        """Of what was typed, so that something else cannot be announced than what was looked at."""
        typed = "\x1f".join(str(self.data.get(name, "")) for name in self.FACTS)
        return hashlib.sha256(typed.encode()).hexdigest()[:16]

    @property
    def was_seen(self) -> bool:
        return bool(self.data.get("seen") == self.digest())

    def window(self) -> MaintenanceWindow:
        """As it would be; not saved."""
        facts = {name: getattr(self.row, name) for name in self.FACTS} if self.row is not None else {}
        return MaintenanceWindow(**{**facts, **self.facts()}, pk=self.row.pk if self.row is not None else None)


def initial_of(row: MaintenanceWindow) -> dict[str, Any]:
    return {
        "pool": row.pool.public_id if row.pool else None, "gpus": row.gpus, "starts_at": timezone.localtime(row.starts_at),
        "ends_at": timezone.localtime(row.ends_at), "effect": row.effect, "reason": row.reason,
    }  # fmt: skip


class CancelForm(PlainForm):
    reason = forms.CharField(
        label=gettext_lazy("Why it does not take place"), widget=forms.Textarea, max_length=2000,
        help_text=gettext_lazy("Everybody who was told of it reads this too."),
    )  # fmt: skip
