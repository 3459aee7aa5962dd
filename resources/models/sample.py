"""What collectors saw, kept by the minute and summed by the hour. The newest reading lives in Valkey (resources.live).

Minute tables are partitioned by day and emptied by dropping partitions; they are reached only through the parent.
Values are integers. GPU-seconds are the mean over the readings of a minute times its 60 seconds, so sums of minutes
are exact and hours are sums of minutes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.core.access import Scope, ScopedQuerySet
from resources.models.cluster import Cluster
from resources.models.pool import CapacityPool, GPUKind
from tenants.models import Authority, Tenant


class SeriesQuerySet(ScopedQuerySet["Series"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope("resources.Provider", "cluster__provider", {"view": "view_provider"}),
    )


class Series(models.Model):
    """One tenant's GPUs of one kind on one cluster, as a line through time."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="series")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="series")
    kind = models.ForeignKey(GPUKind, on_delete=models.PROTECT, related_name="+")

    objects = SeriesQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "cluster", "kind"], name="series_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="series_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant}: {self.kind} on {self.cluster}"


class Measures(models.Model):
    """The numbers of one bucket of time. ``load_s`` sums busy ratios, ``busy_s`` counts GPUs at 5 % or more."""

    readings = models.PositiveSmallIntegerField()
    allocated_s = models.PositiveBigIntegerField()
    busy_s = models.PositiveBigIntegerField()
    load_s = models.PositiveBigIntegerField()
    memory_mib = models.PositiveBigIntegerField()
    power_w = models.PositiveIntegerField()
    temperature_max = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True


class SampleMinute(Measures):
    """A tenant's minute on one series."""

    pk = models.CompositePrimaryKey("series_id", "minute")
    series = models.ForeignKey(
        Series, on_delete=models.DO_NOTHING, related_name="minutes", db_constraint=False, db_index=False
    )
    minute = models.DateTimeField()
    tenant = models.ForeignKey(
        Tenant, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["tenant", "minute"], name="sample_minute_tenant")]

    def __str__(self) -> str:
        return f"{self.series_id} at {self.minute:%Y-%m-%d %H:%M}"


class SampleHour(Measures):
    """A tenant's hour on one series: the sum of its minutes (temperature: the highest; power and memory: the mean)."""

    pk = models.CompositePrimaryKey("series_id", "hour")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["tenant", "hour"], name="sample_hour_tenant")]

    def __str__(self) -> str:
        return f"{self.series_id} at {self.hour:%Y-%m-%d %H}h"


class PoolMeasures(Measures):
    """A whole pool's numbers, nobody's in particular: what there was, and in which condition."""

    installed = models.PositiveIntegerField()
    free = models.PositiveIntegerField()
    drained = models.PositiveIntegerField()
    down = models.PositiveIntegerField()

    class Meta:
        abstract = True


class PoolMinute(PoolMeasures):
    pk = models.CompositePrimaryKey("pool_id", "minute")
    pool = models.ForeignKey(
        CapacityPool, on_delete=models.DO_NOTHING, related_name="minutes", db_constraint=False, db_index=False
    )
    minute = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pool_id} at {self.minute:%Y-%m-%d %H:%M}"


class PoolHour(PoolMeasures):
    """A pool's hour; ``minutes``: in how many of its minutes the cluster was read at all."""

    minutes = models.PositiveSmallIntegerField(default=60)
    pk = models.CompositePrimaryKey("pool_id", "hour")
    pool = models.ForeignKey(CapacityPool, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pool_id} at {self.hour:%Y-%m-%d %H}h"
