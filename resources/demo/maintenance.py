"""Maintenance in the demo world: cooling works that are over, a short one that is announced, and racks that leave for weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from resources.demo import clock
from resources.models import CapacityPool, Cluster, MaintenanceWindow
from resources.services.maintenance import announce_maintenance, turn_maintenance

if TYPE_CHECKING:
    from resources.demo.world import Cast

Effect = MaintenanceWindow.Effect
HOURS = timedelta(hours=1)


def happen(people: Cast, now: datetime) -> None:
    """Each announced by an operator of its cluster's provider, on a day before it begins."""
    for slug, ahead, lasting, effect, part, reason in (
        ("norrsken", -40, 10 * HOURS, Effect.INTERRUPTS, None, "The pumps of the cooling loop were replaced."),
        ("norrsken", 19, 8 * HOURS, Effect.INTERRUPTS, None, "New firmware for the switches; every node restarts once."),
        ("pietralba", 45, 21 * 24 * HOURS, Effect.COUNTS, 4, "Two racks move to the new hall and come back one by one."),
    ):  # fmt: skip
        cluster = people.clusters.get(slug)
        if cluster is not None:
            _announce(people, cluster, now + timedelta(days=ahead), lasting, effect, part, reason)
    turn_maintenance(now)


def _announce(
    people: Cast, cluster: Cluster, at: datetime, lasting: timedelta, effect: str, part: int | None, reason: str
) -> None:
    """``part``: one in so many GPUs of the cluster's largest pool is out; None: all of the cluster."""
    begins = at.replace(hour=5, minute=0, second=0, microsecond=0)
    largest = CapacityPool.objects.filter(cluster=cluster).select_related("cluster", "kind").order_by("-installed")[0]
    owner = next(slug for slug, row in people.providers.items() if row.pk == cluster.provider_id)
    with clock.on(min(begins, people.now) - timedelta(days=3)):
        announce_maintenance(
            acting_user=people.at(owner, "operator")[0], cluster=cluster, pool=largest if part else None,
            gpus=largest.installed // part if part else None, starts_at=begins, ends_at=begins + lasting, effect=effect,
            reason=reason,
        )  # fmt: skip
