"""Filters of the lists of grants and of idle findings."""

from __future__ import annotations

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.lists import Filters
from resources.filters import _by_slug, _clusters, _kinds, _tenants
from resources.models import Grant, IdleFinding


class GrantListFilters(Filters):
    search_fields = (
        "environment__external_name",
        "tenant__name",
        "environment__project__name",
        "line__request__reference",
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Grant.State.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = _by_slug(_("GPU kind"), "pool__kind__slug", _kinds)
    cluster = _by_slug(_("Cluster"), "pool__cluster__slug", _clusters)
    tenant = _by_slug(_("Tenant"), "tenant__slug", _tenants)

    class Meta:
        model = Grant
        fields = ("q", "state", "kind", "cluster", "tenant")


class IdleFilters(Filters):
    search_fields = ("tenant__name", "grant__environment__project__name", "grant__environment__external_name")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=IdleFinding.State.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = _by_slug(_("GPU kind"), "grant__pool__kind__slug", _kinds)
    cluster = _by_slug(_("Cluster"), "grant__pool__cluster__slug", _clusters)
    tenant = _by_slug(_("Tenant"), "tenant__slug", _tenants)

    class Meta:
        model = IdleFinding
        fields = ("q", "state", "kind", "cluster", "tenant")
