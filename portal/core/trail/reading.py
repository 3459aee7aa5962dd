"""Reading the trail to carry it elsewhere: in the order of commits, from a cursor, so that nothing is told twice or missed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.core.trail.checkpoints import horizon
from portal.core.trail.formats import Line
from portal.models import AuditEntry, AuditEvent

MOST = 10_000


def lines(
    events: QuerySet[Any] | None = None,
    *,
    after: int = 0,
    most: int = MOST,
    stream: str = "",
    streams: Collection[str] | None = None,
    addresses: bool = False,
) -> Iterator[Line]:
    """Entries after the cursor ``after`` (the ``position`` of the last line somebody has), at most ``most`` of them.

    ``events`` narrows them to what a reader may see, ``streams`` to whole records. ``addresses``: with network addresses, which are personal data.
    """
    rows = AuditEntry.objects.filter(position__gt=after, position__lte=horizon())
    if events is not None:
        rows = rows.filter(event__in=events.order_by().values("pk"))
    if stream:
        rows = rows.filter(stream=stream)
    if streams is not None:
        rows = rows.filter(stream__in=streams)
    if addresses:
        rows = rows.annotate(peer=F("event__address"))
    for row in rows.order_by("position")[:most].iterator():
        peer = str(getattr(row, "peer", None) or "")
        yield Line(row.position, row.stream, row.seq, bytes(row.prev), bytes(row.hash), row.payload, peer)


def header(*, complete: bool, after: int, stream: str = "") -> str:
    """The first line of an export in JSON lines: what it is, and whether it can be checked as a whole."""
    return json.dumps({"portal_audit_export": 1, "complete": complete, "after": after, "stream": stream or "all"})


@transaction.atomic
def forget_addresses(days: int, now: datetime | None = None) -> int:
    """Erase the network addresses of events older than ``days``; the chain stays whole. How many were erased."""
    if not days:
        return 0
    old = AuditEvent.objects.filter(address__isnull=False, at__lt=(now or timezone.now()) - timedelta(days=days))
    return old.update(address=None, address_salt=None)
