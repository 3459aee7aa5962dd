from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from django.db import connection

from resources.collectors.base import Snapshot
from resources.live import store

H100 = "NVIDIA H100 80GB HBM3"


def snapshot(
    *gpus: tuple[str, float, int], model: str = H100, host: str = "node", at: float = 1_700_000_000.0,
    problems: Sequence[str] = (),
) -> Snapshot:  # fmt: skip
    """A snapshot of (namespace, busy ratio, health) per GPU, eight to a host."""
    n = len(gpus)
    return Snapshot(
        measured_at=at,
        uuids=tuple(f"GPU-{i}" for i in range(n)),
        hosts=tuple(f"{host}-{i // 8}" for i in range(n)),
        indexes=np.asarray([i % 8 for i in range(n)], dtype=np.int16),
        models=(model,) * n,
        namespaces=tuple(namespace for namespace, _, _ in gpus),
        busy=np.asarray([busy for _, busy, _ in gpus], dtype=np.float32),
        memory_mib=np.full(n, 1000, dtype=np.float32),
        power_w=np.full(n, 100, dtype=np.float32),
        temperature_c=np.full(n, 50, dtype=np.float32),
        health=np.asarray([health for _, _, health in gpus], dtype=np.uint8),
        problems=tuple(problems),
    )


@pytest.fixture(scope="session")
def no_session_left(django_db_setup, django_db_blocker):
    """Sockets ask the database from threads of their own; what those leave open would keep it from being dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


@pytest.fixture
def valkey(empty_redis, no_session_left):
    """This worker's own Valkey, through the store's own client."""
    store.valkey.cache_clear()
    yield store.valkey()
    store.valkey.cache_clear()
