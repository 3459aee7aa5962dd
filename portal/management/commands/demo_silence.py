from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from resources.demo import cast
from resources.demo.exporter import silence_of

LONGEST = 86_400


class Command(BaseCommand):
    help = "Hold the data source of one of the demo's clusters silent for a while, to see what the portal says then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "cluster", help="the cluster's short name: " + ", ".join(each.slug for each in cast.CLUSTERS)
        )
        parser.add_argument("--seconds", type=int, default=120, help="how long; two minutes unless told")
        parser.add_argument("--end", action="store_true", help="let it answer again now")

    def handle(self, *_args: Any, cluster: str, seconds: int, end: bool, **_options: Any) -> None:
        known = {each.slug: each.name for each in cast.CLUSTERS}
        if cluster not in known:
            raise CommandError(f"The demo has no cluster {cluster!r}; it has {', '.join(known)}.")
        if not 1 <= seconds <= LONGEST:
            raise CommandError(f"Between 1 second and a day ({LONGEST} seconds), please.")
        file = silence_of(Path(settings.DEMO_DIR), cluster)
        if end:
            file.unlink(missing_ok=True)
            self.stdout.write(f"{known[cluster]} answers again.")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(time.time() + seconds))
        self.stdout.write(f"{known[cluster]} answers nobody for {seconds} s; with --end it answers again at once.")
