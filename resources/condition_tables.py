"""The list of conditions of grants: its columns and its filters."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.lists import Filters
from portal.ui.row_filters import by_slug
from portal.ui.tables import NameColumn, PortalTable, StateColumn, TextColumn, WhenColumn, to
from portal.ui.times import age_text, when
from resources.models import GrantCondition
from tenants.models import Tenant


class ConditionTable(PortalTable):
    text = NameColumn(
        url=to("grant-condition"),
        sub=lambda row: f"{row.request.reference}, {row.request.project}",
        verbose_name=_("Condition"),
    )
    tenant = TextColumn(verbose_name=_("Tenant"))
    state = StateColumn(verbose_name=_("State"))
    due_at = TextColumn(verbose_name=_("By the end of"), css="nowrap")
    office = TextColumn(accessor="decision__deciding_authority", verbose_name=_("Set by"), css="hide-s")
    said_at = WhenColumn(verbose_name=_("Met, says the tenant"), css="hide-s")

    def render_due_at(self, value: Any, record: GrantCondition) -> SafeString:
        said = age_text(value) if record.is_watched else ""
        return format_html('{}<div class="sub">{}</div>', when(record.last_day), said)

    def value_due_at(self, record: GrantCondition) -> str:
        return record.last_day.isoformat()


class ConditionFilters(Filters):
    search_fields = ("text", "tenant__name", "request__project__name", "request__reference")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=GrantCondition.State.choices, widget=forms.CheckboxSelectMultiple
    )
    tenant = by_slug(Tenant, "tenant__slug", _("Tenant"))

    class Meta:
        model = GrantCondition
        fields = ("q", "state", "tenant")
