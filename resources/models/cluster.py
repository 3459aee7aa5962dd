from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.core.access import EveryoneScope, Scope, ScopedQuerySet, SiteScope
from portal.core.states import Moves
from portal.models import PublicModel, isolated
from resources import states
from resources.models.provider import Provider
from tenants.models import DataClass


class ClusterQuerySet(ScopedQuerySet["Cluster"]):
    """Everybody signed in may know that a cluster exists (the catalogue one asks from, verb "offer"); whoever has
    something to do with it sees its page, and only operators change it or see all that runs on it ("watch").
    """

    scopes = (
        Scope(
            "resources.Provider",
            "provider",
            {"view": "view_provider", "watch": "view_provider", "edit": "operate_clusters"},
        ),
        Scope("tenants.Authority", "pools__shares__authority", {"view": "view_authority", "watch": "view_authority"}),
        Scope("tenants.Tenant", "environments__tenant", {"view": "view_tenant"}),
        SiteScope({"view", "watch", "create", "edit"}),
        EveryoneScope({"offer"}),
    )


class Cluster(PublicModel):
    """A machine room's worth of GPUs behind one engine; who runs it, where, what it may host, how it is read."""

    moves: ClassVar[Moves] = states.CLUSTER

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        MAINTENANCE = "maintenance", _("Maintenance")
        RETIRED = "retired", _("Retired")

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="clusters", verbose_name=_("provider")
    )
    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    city = models.CharField(_("city"), max_length=100)
    country = CountryField(_("country"))
    data_classes = ArrayField(
        models.CharField(max_length=20, choices=DataClass.choices),
        verbose_name=_("data it is cleared for"),
        default=list,
    )
    certifications = ArrayField(
        models.CharField(max_length=60), verbose_name=_("certifications"), default=list, blank=True
    )
    confidential_computing = models.BooleanField(_("confidential computing on its GPUs"), default=False)
    driver = models.CharField(_("engine"), max_length=30, default="counted")
    driver_settings = models.JSONField(_("engine settings"), default=dict, blank=True)
    collector = models.CharField(_("collector"), max_length=30, default="prometheus")
    collector_settings = models.JSONField(_("collector settings"), default=dict, blank=True)
    collect_seconds = models.PositiveSmallIntegerField(
        _("seconds between readings"), default=10, validators=[MinValueValidator(2), MaxValueValidator(3600)]
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.ACTIVE)
    last_attempt_at = models.DateTimeField(null=True, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    objects = ClusterQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=states.CLUSTER.states), name="cluster_state_known")
        ]
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")

    def __str__(self) -> str:
        return isolated(self.name)
