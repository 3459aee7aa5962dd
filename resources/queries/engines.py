"""What becomes of a quota on a cluster's engine, said before anybody decides."""

from __future__ import annotations

from resources.drivers.base import Enforcement, driver
from resources.models import CapacityPool


def engine_name(pool: CapacityPool) -> str:
    """The kind of GPU as the cluster's engine calls it (setting "kinds"; else our own short name)."""
    names: dict[str, str] = pool.cluster.driver_settings.get("kinds", {})
    return names.get(pool.kind.slug, pool.kind.slug)


def capability(pool: CapacityPool) -> Enforcement:
    """Whether the engine enforces quotas of this pool; an engine nobody knows enforces nothing."""
    try:
        return driver(pool.cluster.driver).capability(engine_name(pool))
    except LookupError:
        return Enforcement.NOT_ENFORCEABLE
