"""Filters of lists, the same for pages and API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from portal.ui.lists import Filters
from resources.models import CapacityPool, Cluster, GPUKind, Grant, Provider, Quota, QuotaRequest, Share
from resources.queries.places import about_clusters
from tenants.models import Tenant


def _user(request: Any) -> Any:
    """Who asks; the schema is written without anybody, and offers nothing."""
    return request.user if request else AnonymousUser()


def _clusters(request: Any) -> Any:
    """With what says which requests could be met on them."""
    rows = Cluster.objects.visible_to(_user(request))
    return rows.only("slug", "name", "state", "country", "data_classes").order_by("name")


def _tenants(request: Any) -> Any:
    return Tenant.objects.visible_to(_user(request)).only("slug", "name").order_by("name")


def _kinds(request: Any) -> Any:
    return GPUKind.objects.visible_to(_user(request)).only("slug", "name").order_by("name")


def _by_slug(label: Any, path: str, rows: Any, **how: Any) -> Any:
    """Rows by their short names, several at once; the schema is told that they are texts."""
    chosen = django_filters.ModelMultipleChoiceFilter(
        label=label, field_name=path, queryset=rows, to_field_name="slug", widget=forms.CheckboxSelectMultiple, **how
    )
    return extend_schema_field({"type": "array", "items": {"type": "string"}})(chosen)


class RequestFilters(Filters):
    search_fields = ("reference", "tenant__name", "project__name", "purpose")
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=QuotaRequest.State.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = _by_slug(_("GPU kind"), "lines__kind__slug", _kinds)
    cluster = _by_slug(_("Cluster"), "lines__cluster__slug", _clusters, method="on_clusters")
    tenant = _by_slug(_("Tenant"), "tenant__slug", _tenants)

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
