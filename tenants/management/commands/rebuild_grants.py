from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from portal.core.commands import WorkerCommand
from tenants.services.grants import Difference, differences, rebuild
from tenants.services.memberships import OFFICES


class Command(WorkerCommand):
    help = "Make the grants of every person what their memberships say, and tell what was wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only tell, change nothing")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        found: list[Difference] = []
        for label in OFFICES:
            found += differences(label) if dry_run else rebuild(label)
        for difference in found:
            signs = [f"+{name}" for name in sorted(difference.missing)]
            signs += [f"-{name}" for name in sorted(difference.surplus)]
            self.stdout.write(
                f"{difference.label} {difference.anchor_id}, user {difference.user_id}: {' '.join(signs)}"
            )
        verb = "differ" if dry_run else "were mended"
        self.stdout.write(f"{len(found)} {verb}")
