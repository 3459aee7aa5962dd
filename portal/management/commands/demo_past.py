from __future__ import annotations

import os
from typing import Any

from django.utils import timezone

from portal.core.commands import WorkerCommand
from resources.demo import past

POLITE = 10


class Command(WorkerCommand):
    help = "Once, for a demo that has just begun: run its sources' rules through the last 24 hours and keep the result."

    def handle(self, *_args: Any, **_options: Any) -> None:
        os.nice(POLITE)  # whoever looks at the first pages goes first
        if not past.is_missing():
            self.stdout.write("There are measured minutes here already; the past stays as it is.")
            return
        count = past.fill(timezone.now())
        self.stdout.write(f"The last {past.HOURS} hours were replayed by the sources' own rules: {count:,} readings.")
