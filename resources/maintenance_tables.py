"""The list of maintenance windows: its columns and filters."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from portal.ui.badges import badge
from portal.ui.lists import Filters
from portal.ui.row_filters import by_slug
from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn, to
from resources.models import Cluster, MaintenanceWindow


class MaintenanceTable(PortalTable):
    cluster = NameColumn(
        url=to("maintenance-window"),
        sub=lambda row: row.pool.kind if row.pool else gettext("every pool"),
        verbose_name=gettext_lazy("Maintenance"),
    )
    gpus = TextColumn(empty_values=(), verbose_name=gettext_lazy("GPUs out"), css="num")
    starts_at = WhenColumn(verbose_name=gettext_lazy("From"))
    ends_at = WhenColumn(verbose_name=gettext_lazy("Until"))
    effect = TextColumn(verbose_name=gettext_lazy("Promises"))
    state = StateColumn(verbose_name=gettext_lazy("State"))
    reason = TextColumn(verbose_name=gettext_lazy("Reason"), css="hide-s")

    def render_gpus(self, record: MaintenanceWindow) -> str:
        return str(record.gpus) if record.gpus else gettext("all")

    def value_gpus(self, record: MaintenanceWindow) -> Any:
        return record.gpus or "all"

    def render_effect(self, record: MaintenanceWindow) -> SafeString:
        if record.counts:
            return badge(gettext("takes capacity"), "warn", "trending-down")
        return badge(gettext("only interrupts"), "", "player-pause")

    def value_effect(self, record: MaintenanceWindow) -> str:
        return str(record.effect)

    def render_reason(self, value: str) -> str:
        return value if len(value) <= SHORT else f"{value[:SHORT]}…"

    def value_reason(self, value: str) -> str:
        return value


SHORT = 80


class MaintenanceFilters(Filters):
    search_fields = ("cluster__name", "pool__kind__name", "reason")
    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"), choices=MaintenanceWindow.State.choices, widget=forms.CheckboxSelectMultiple
    )
    effect = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Promises"), choices=MaintenanceWindow.Effect.choices, widget=forms.CheckboxSelectMultiple
    )
    cluster = by_slug(Cluster, "cluster__slug", gettext_lazy("Cluster"))

    class Meta:
        model = MaintenanceWindow
        fields = ("q", "state", "effect", "cluster")
