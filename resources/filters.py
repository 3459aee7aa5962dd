"""Filters of lists, the same for pages and API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.lists import Filters
from portal.ui.row_filters import by_slug
from resources.models import CapacityPool, Cluster, GPUKind, Grant, Provider, Quota, QuotaRequest, Share
from resources.queries.places import about_clusters
from tenants.models import Tenant

MET_BY = ("state", "country", "data_classes")
"""What of a cluster says which requests could be met on it."""


class RequestFilters(Filters):
    search_fields = ("reference", "tenant__name", "project__name", "purpose")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=QuotaRequest.State.choices, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    kind = by_slug(GPUKind, "lines__kind__slug", _("GPU kind"), distinct=True)
    cluster = by_slug(Cluster, "lines__cluster__slug", _("Cluster"), read=MET_BY, method="on_clusters")
    tenant = by_slug(Tenant, "tenant__slug", _("Tenant"))

    class Meta:
        model = QuotaRequest
        fields = ("q", "state", "kind", "cluster", "tenant")

    def on_clusters(self, queryset: Any, name: str, value: Any) -> Any:
        """Also what names no cluster and could be met on one of these, or was (``about_clusters``)."""
        return about_clusters(queryset, value)


class ClusterFilters(Filters):
    search_fields = ("name", "city", "provider__name")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Cluster.State.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Cluster
        fields = ("q", "state")


class PoolFilters(Filters):
    search_fields = ("cluster__name", "kind__name", "cluster__provider__name")

    class Meta:
        model = CapacityPool
        fields = ("q",)


class ShareFilters(Filters):
    search_fields = ("pool__cluster__name", "pool__kind__name", "authority__name")

    class Meta:
        model = Share
        fields = ("q",)


class KindFilters(Filters):
    search_fields = ("name", "vendor", "slug")

    class Meta:
        model = GPUKind
        fields = ("q",)


class ProviderFilters(Filters):
    search_fields = ("name", "contact_email")

    class Meta:
        model = Provider
        fields = ("q",)


class GrantFilters(Filters):
    search_fields = ("environment__external_name", "tenant__name")
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Grant.State.choices)
    tenant = django_filters.UUIDFilter(label=_("Tenant"), field_name="tenant__public_id")

    class Meta:
        model = Grant
        fields = ("q", "state", "tenant")


class QuotaFilters(Filters):
    search_fields = ("environment__external_name", "tenant__name")
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Quota.State.choices)
    tenant = django_filters.UUIDFilter(label=_("Tenant"), field_name="tenant__public_id")

    class Meta:
        model = Quota
        fields = ("q", "state", "tenant")
