"""The demo's past: the seed acts through the services, and this sets the day on which it does.

Only the seed uses it. Histories, due dates and the audit trail then read as if they had grown over months, although
all rows are made in one go by the same services that people use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    """Within it ``timezone.now()`` is ``moment``, in this process; nothing else may run beside it."""
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
