"""Locks that live until commit, for decisions that read a sum before they write a part of it."""

from __future__ import annotations

import zlib

from django.db import connection


def hold(space: str, *ids: int) -> None:
    """Hold the named things until the transaction ends; whoever comes second waits and then sees the first's work.

    ``space`` names what the ids are of ("pool"). Ids are taken in sorted order, so two callers cannot embrace.
    Advisory locks are used because the sum they protect is spread over many rows and new ones appear.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("hold() outlives its statement only inside a transaction")
    key = zlib.crc32(space.encode()) - 2**31
    with connection.cursor() as cursor:
        for row_id in sorted(set(ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [key, row_id % 2**31])
