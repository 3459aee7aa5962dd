"""Filters of the lists of grants and of idle findings."""

from __future__ import annotations

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.lists import Filters
from portal.ui.row_filters import by_slug
from resources.models import Cluster, GPUKind, Grant, IdleFinding
from tenants.models import Tenant


class GrantListFilters(Filters):
    search_fields = (
        "environment__external_name",
        "tenant__name",
        "environment__project__name",
        "line__request__reference",
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Grant.State.choices, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    kind = by_slug(GPUKind, "pool__kind__slug", _("GPU kind"))
    cluster = by_slug(Cluster, "pool__cluster__slug", _("Cluster"))
    tenant = by_slug(Tenant, "tenant__slug", _("Tenant"))

    class Meta:
        model = Grant
        fields = ("q", "state", "kind", "cluster", "tenant")


class IdleFilters(Filters):
    search_fields = ("tenant__name", "grant__environment__project__name", "grant__environment__external_name")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=IdleFinding.State.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = by_slug(GPUKind, "grant__pool__kind__slug", _("GPU kind"))
    cluster = by_slug(Cluster, "grant__pool__cluster__slug", _("Cluster"))
    tenant = by_slug(Tenant, "tenant__slug", _("Tenant"))

    class Meta:
        model = IdleFinding
        fields = ("q", "state", "kind", "cluster", "tenant")
