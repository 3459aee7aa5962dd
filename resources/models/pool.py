from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal.core.access import EveryoneScope, Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel, isolated
from resources.models.cluster import Cluster
from tenants.models import Authority


class GPUKindQuerySet(ScopedQuerySet["GPUKind"]):
    scopes = (EveryoneScope({"view"}), SiteScope({"create", "edit"}))


class GPUKind(PublicModel):
    """A model of GPU, and the names by which engines and exporters know it."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    vendor = models.CharField(_("vendor"), max_length=40)
    name = models.CharField(_("name"), max_length=80, unique=True)
    memory_gib = models.PositiveIntegerField(_("memory in GiB"))
    aliases = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("names in exporters and engines"),
        help_text=_("As exporters write them, for example NVIDIA H100 80GB HBM3; separated by commas."),
        default=list,
        blank=True,
    )

    objects = GPUKindQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("GPU kind")
        verbose_name_plural = _("GPU kinds")

    def __str__(self) -> str:
        return isolated(self.name)


class CapacityPoolQuerySet(ScopedQuerySet["CapacityPool"]):
    scopes = (
        Scope("resources.Provider", "cluster__provider", {"view": "view_provider", "edit": "operate_clusters"}),
        Scope("tenants.Authority", "shares__authority", {"view": "view_authority", "approve": "approve_quotas"}),
        SiteScope({"view", "create", "edit"}),
        EveryoneScope({"offer"}),
    )


class CapacityPool(PublicModel):
    """The GPUs of one kind on one cluster: what there is, what is healthy, what may be promised."""

    class Source(models.TextChoices):
        TYPED = "typed", _("typed in")
        COLLECTED = "collected", _("collected")

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="pools", verbose_name=_("cluster"))
    kind = models.ForeignKey(GPUKind, on_delete=models.PROTECT, related_name="pools", verbose_name=_("GPU kind"))
    installed = models.PositiveIntegerField(_("installed"))
    healthy = models.PositiveIntegerField(_("healthy"))
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    overcommit = models.DecimalField(
        _("over-commit factor"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("1.00"),
        validators=[MinValueValidator(Decimal("1.00")), MaxValueValidator(Decimal("10.00"))],
    )
    policy_line_percent = models.PositiveSmallIntegerField(
        _("policy line in percent"), default=90, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)
    count_source = models.CharField(max_length=20, choices=Source.choices, default=Source.TYPED, editable=False)

    objects = CapacityPoolQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "kind"], name="pool_once"),
            models.CheckConstraint(condition=Q(healthy__lte=F("installed")), name="pool_healthy_within_installed"),
            models.CheckConstraint(condition=Q(overcommit__gte=1), name="pool_overcommit_at_least_one"),
        ]
        verbose_name = _("pool")
        verbose_name_plural = _("pools")

    def __str__(self) -> str:
        return f"{self.cluster}, {self.kind}"

    @property
    def promisable(self) -> int:
        """GPUs that may be promised at most: healthy × over-commit factor − reserved, never below zero."""
        return self.promisable_without(0)

    def promisable_without(self, out: int) -> int:
        """The same while ``out`` GPUs are out for maintenance that takes capacity away."""
        return max(0, int(max(0, self.healthy - out) * self.overcommit) - self.reserved)

    @property
    def line(self) -> int:
        """GPUs up to which may be promised without an override: the policy line of what is promisable."""
        return self.promisable * self.policy_line_percent // 100


class ShareQuerySet(ScopedQuerySet["Share"]):
    scopes = (
        Scope("tenants.Authority", "authority", {"view": "view_authority", "approve": "approve_quotas"}),
        Scope("resources.Provider", "pool__cluster__provider", {"view": "view_provider"}),
        SiteScope({"view", "create", "edit"}),
    )

    def with_promised(self) -> ShareQuerySet:
        """Each with ``promised``: the GPUs promised from it now, a sum that everybody who sees the share may know."""
        now = RawSQL("SELECT gpus FROM app.shares_promised(ARRAY[resources_share.id], now())", ())
        return self.annotate(promised=Coalesce(now, 0, output_field=models.IntegerField()))


class Share(PublicModel):
    """How many GPUs of a pool one authority may promise."""

    pool = models.ForeignKey(CapacityPool, on_delete=models.PROTECT, related_name="shares", verbose_name=_("pool"))
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="shares", verbose_name=_("authority")
    )
    gpus = models.PositiveIntegerField(_("GPUs"))

    objects = ShareQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["pool", "authority"], name="share_once")]
        verbose_name = _("share")
        verbose_name_plural = _("shares")

    def __str__(self) -> str:
        return f"{self.authority}: {self.gpus} of {self.pool}"
