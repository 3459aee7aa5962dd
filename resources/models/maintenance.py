from __future__ import annotations

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.core.states import Moves
from portal.models import PublicModel
from resources import states
from resources.models.cluster import Cluster
from resources.models.pool import CapacityPool


class MaintenanceQuerySet(ScopedQuerySet["MaintenanceWindow"]):
    """Whoever has something to do with the cluster is told; its provider's operators announce and change."""

    scopes = (
        Scope("resources.Provider", "cluster__provider", {"view": "view_provider", "edit": "operate_clusters"}),
        Scope("tenants.Authority", "cluster__pools__shares__authority", {"view": "view_authority"}),
        Scope("tenants.Tenant", "cluster__environments__tenant", {"view": "view_tenant"}),
        SiteScope({"view", "edit"}),
    )

    def standing(self) -> MaintenanceQuerySet:
        """Those that take place, took place or will; all but the cancelled ones."""
        return self.exclude(state=MaintenanceWindow.State.CANCELLED)

    def counting(self) -> MaintenanceQuerySet:
        """Those that take their GPUs from what can be promised."""
        return self.standing().filter(effect=MaintenanceWindow.Effect.COUNTS)

    def on_pool(self, pool: CapacityPool) -> MaintenanceQuerySet:
        return self.filter(Q(pool__isnull=True) | Q(pool=pool), cluster=pool.cluster_id)


class MaintenanceWindow(PublicModel):
    """GPUs of a cluster that are out for a time, announced beforehand: of one pool or of all, a number or all of them."""

    moves: ClassVar[Moves] = states.MAINTENANCE

    class State(models.TextChoices):
        ANNOUNCED = "announced", _("Announced")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Effect(models.TextChoices):
        """What it means for promises: a short one leaves them as they are, a long one takes capacity away."""

        INTERRUPTS = "interrupts", _("Only interrupts: what is promised stays promised")
        COUNTS = "counts", _("Takes capacity away: nothing can be promised of these GPUs meanwhile")

    OPEN = (State.ANNOUNCED, State.RUNNING)
    described_with = ("cluster", "pool__kind")

    cluster = models.ForeignKey(
        Cluster, on_delete=models.PROTECT, related_name="maintenance", verbose_name=_("cluster")
    )
    pool = models.ForeignKey(
        CapacityPool,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="maintenance",
        verbose_name=_("pool"),
    )
    """None: every pool of the cluster."""
    gpus = models.PositiveIntegerField(_("GPUs out"), null=True, blank=True)
    """None: all of them."""
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    """Half-open, like every period: the end belongs to nobody."""
    effect = models.CharField(_("what it means for promises"), max_length=20, choices=Effect.choices)
    reason = models.TextField(_("reason"), max_length=2000)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.ANNOUNCED)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cancelled_because = models.TextField(_("why it was cancelled"), max_length=2000, blank=True)

    objects = MaintenanceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["cluster", "ends_at"], name="maintenance_of_cluster")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(gpus__isnull=True) | Q(gpus__gt=0, pool__isnull=False), name="maintenance_number_of_a_pool"
            ),
            models.CheckConstraint(condition=Q(state__in=states.MAINTENANCE.states), name="maintenance_state_known"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_because=""), name="maintenance_cancelled_with_a_reason"
            ),
        ]
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")

    def __str__(self) -> str:
        return str(self.pool or self.cluster)

    @property
    def counts(self) -> bool:
        return self.effect == self.Effect.COUNTS

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def face(self) -> str:
        """What its page shows, in a few letters: an open page asks by them whether it is old."""
        shown = (
            self.state,
            self.pool_id,
            self.gpus,
            self.starts_at.timestamp(),
            self.ends_at.timestamp(),
            self.effect,
            self.reason,
        )
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def out_of(self, pool: CapacityPool) -> int:
        """GPUs of the pool that are out meanwhile; never more than are installed."""
        if self.cluster_id != pool.cluster_id or self.pool_id not in {None, pool.pk}:
            return 0
        return pool.installed if self.gpus is None else min(self.gpus, pool.installed)
