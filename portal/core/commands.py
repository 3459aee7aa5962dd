from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.core.isolation import as_worker


class WorkerCommand(BaseCommand):
    """A command that reads or writes tenants' rows: it acts as the portal itself, as tasks do."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with as_worker():
            return super().execute(*args, **options)
