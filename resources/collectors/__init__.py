"""Ways of asking a cluster what its GPUs do. Importing this registers all of them."""

from resources.collectors import fake, prometheus
from resources.collectors.base import (
    Collector,
    CollectorError,
    Health,
    Snapshot,
    Source,
    SourceGarbled,
    SourceSilent,
    collector,
    collectors,
    register,
)  # fmt: skip

__all__ = [
    "Collector", "CollectorError", "Health", "Snapshot", "Source", "SourceGarbled", "SourceSilent",
    "collector", "collectors", "fake", "prometheus", "register",
]  # fmt: skip
