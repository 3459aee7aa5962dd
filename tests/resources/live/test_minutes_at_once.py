"""Several workers that begin at the same moment make one partition for a day."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from resources.services import minutes

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
PARTS = ["resources_poolminute_20310506", "resources_sampleminute_20310506"]


def made() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE %s AND relkind = 'r'", ["%minute_20310506"])
        return sorted(name for (name,) in cursor.fetchall())


def until_one_waits() -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_day_that_two_make_at_once_is_made_once_and_nobody_stumbles():
    def late() -> None:
        try:
            minutes.make_partitions(DAY, days=0)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            minutes.make_partitions(DAY, days=0)
            second = pool.submit(late)
            until_one_waits()
        second.result(60)
    assert made() == PARTS
