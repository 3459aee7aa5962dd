from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from resources import states
from resources.models.cluster import Cluster
from resources.models.pool import CapacityPool, Share
from resources.models.request import RequestLine
from tenants.models import Project
from tenants.models.tenant import TenantOwned

TENANT_AND_AUTHORITY = (
    Scope("tenants.Tenant", "tenant", {"view": "view_tenant"}),
    Scope("tenants.Authority", "authority", {"view": "view_authority"}),
)


class EnvironmentQuerySet(ScopedQuerySet["Environment"]):
    scopes = (*TENANT_AND_AUTHORITY, Scope("resources.Provider", "cluster__provider", {"view": "view_provider"}))


class Environment(TenantOwned):
    """The isolated place of a project on a cluster: a namespace, a Slurm account, a VDC, an OpenStack project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="environments")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="environments")
    external_name = models.CharField(_("name on the cluster"), max_length=63)

    objects = EnvironmentQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "cluster"], name="environment_once"),
            models.UniqueConstraint(fields=["cluster", "external_name"], name="environment_name_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="environment_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.external_name} on {self.cluster}"


class GrantQuerySet(ScopedQuerySet["Grant"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "renew": "request_quotas"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope("tenants.Authority", "share__authority", {"view": "approve_quotas", "decide": "approve_quotas"}),
        Scope("resources.Provider", "pool__cluster__provider", {"view": "view_provider"}),
    )

    def counting(self) -> GrantQuerySet:
        """The grants that take capacity: promised and not ended by anything."""
        return self.filter(state__in=Grant.COUNTING)


COUNTED = Q(state__in=["scheduled", "active", "suspended", "expiring", "grace"])
"""As ``Grant.COUNTING``: an index begins before the class has ended."""


class Grant(TenantOwned):
    """The result of decisions: so many GPUs for an environment, from–until. Never edited, only ended or replaced.

    ``grace_until``: until when its GPUs stay after its end, by the rules of the authority that pays; it takes capacity until
    then. ``supersedes``: the grant in whose place it comes. ``budget_hours``: the GPU-hours that it gives of those GPUs,
    where a budget was asked for. ``ended_at``: when it was really over.
    """

    moves: ClassVar[Moves] = states.GRANT
    COUNTING: ClassVar[tuple[str, ...]] = ("scheduled", "active", "suspended", "expiring", "grace")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        EXPIRING = "expiring", _("Expiring")
        GRACE = "grace", _("Grace period")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")
        EXHAUSTED = "exhausted", _("Used up")

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="grants")
    pool = models.ForeignKey(CapacityPool, on_delete=models.PROTECT, related_name="grants")
    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="grants")
    line = models.ForeignKey(RequestLine, on_delete=models.PROTECT, related_name="grants")
    amount = models.PositiveIntegerField()
    budget_hours = models.PositiveIntegerField(null=True)
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="superseded_by"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    grace_until = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=20, choices=State.choices, default=State.SCHEDULED)

    objects = GrantQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="grant_of_tenant"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="grant_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="grant_is_of_something"),
            models.CheckConstraint(
                condition=Q(grace_until__isnull=True) | Q(grace_until__gt=F("ends_at")),
                name="grant_grace_after_its_end",
            ),
            models.CheckConstraint(condition=Q(state__in=states.GRANT.states), name="grant_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["pool", "starts_at", "ends_at"], name="grant_pool_period"),
            models.Index(fields=["share", "starts_at", "ends_at"], name="grant_share_period"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="grant_tenant_newest"),
            models.Index(fields=["-created_at", "-id"], name="grant_newest"),
            models.Index(fields=["ends_at", "id"], name="grant_next_to_end"),
            models.Index(
                fields=["pool", "share", "starts_at"], include=["amount", "ends_at", "grace_until"],
                condition=COUNTED, name="grant_begins",
            ),
            models.Index(
                F("pool"), F("share"), Coalesce("grace_until", "ends_at"),
                include=["amount", "starts_at", "ends_at", "grace_until"], condition=COUNTED, name="grant_held_until",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.amount} {self.pool.kind} for {self.environment}"

    described_with = ("pool__kind", "pool__cluster", "tenant", "environment__project")

    @property
    def described(self) -> str:
        """Whose it is, how much, where and until when: what a notification says."""
        return gettext("%(gpus)d %(kind)s on %(cluster)s for %(tenant)s, %(project)s, until %(day)s") % {
            "gpus": self.amount, "kind": self.pool.kind, "cluster": self.pool.cluster, "tenant": self.tenant,
            "project": self.environment.project.name, "day": _day(self.ends_at),
        }  # fmt: skip

    @property
    def held_until(self) -> datetime:
        """Until when it takes capacity unless something ends it sooner."""
        return self.grace_until or self.ends_at

    @property
    def counts(self) -> bool:
        """Whether it takes capacity, now or later."""
        return self.state in self.COUNTING

    @property
    def over_at(self) -> datetime:
        """When it is over, or will be."""
        return self.ended_at or self.held_until


def _day(ends_at: datetime) -> str:
    """The last day of a period whose end is exclusive, in the reader's zone."""
    return date_format(timezone.localtime(ends_at - timedelta(microseconds=1)), "j M Y")


class QuotaQuerySet(ScopedQuerySet["Quota"]):
    scopes = (*TENANT_AND_AUTHORITY, Scope("resources.Provider", "pool__cluster__provider", {"view": "view_provider"}))


class Quota(TenantOwned):
    """What an environment may use of one pool right now, as wished here and as observed on the cluster.

    ``wanted`` is the sum of the grants active now and changes with ``revision``; ``observed`` is written only by
    reading the cluster back. In force means observed = wanted at ``applied_revision`` = ``revision``.
    """

    moves: ClassVar[Moves] = states.QUOTA

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to be applied")
        APPLYING = "applying", _("Applying")
        IN_FORCE = "in_force", _("In force")
        DRIFTED = "drifted", _("Drifted")
        FAILED = "failed", _("Failed, will be tried again")
        COUNTED_ONLY = "counted_only", _("Counted only")
        REMOVING = "removing", _("Removing")
        REMOVED = "removed", _("Removed")

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="quotas")
    pool = models.ForeignKey(CapacityPool, on_delete=models.PROTECT, related_name="quotas")
    wanted = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    applied_revision = models.PositiveIntegerField(default=0)
    observed = models.PositiveIntegerField(null=True)
    observed_used = models.PositiveIntegerField(null=True)
    observed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)

    objects = QuotaQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "pool"], name="quota_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="quota_of_tenant"),
            models.CheckConstraint(condition=Q(state__in=states.QUOTA.states), name="quota_state_known"),
            models.CheckConstraint(condition=Q(applied_revision__lte=F("revision")), name="quota_applied_was_wished"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_attempt_at"], name="quota_due"),
            models.Index(fields=["tenant", "id"], name="quota_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.wanted} {self.pool.kind} for {self.environment}"

    @property
    def over(self) -> int:
        """GPUs in use beyond the quota in force: they drain, nobody is evicted."""
        return max(0, (self.observed_used or 0) - (self.observed or 0)) if self.observed is not None else 0
