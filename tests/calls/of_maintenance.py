"""What the services of maintenance are called with."""

from __future__ import annotations

from resources.services import maintenance
from tests.factories.resources import make_window, period


def outage(stage):
    begins, ends = period(1, 1)
    return {"cluster": stage.cluster, "starts_at": begins, "ends_at": ends, "effect": "counts", "reason": "x"}


def running(stage):
    return make_window(stage.pool, start_days=-1, days=9, state="running")


CALLS = {
    maintenance.announce_maintenance: lambda s: {"by": s.operator, **outage(s)},
    maintenance.change_maintenance: lambda s: {"by": s.operator, "window": make_window(s.pool), "gpus": 4},
    maintenance.end_maintenance: lambda s: {"by": s.operator, "window": running(s)},
    maintenance.cancel_maintenance: lambda s: {"by": s.operator, "window": make_window(s.pool), "reason": "x"},
}
