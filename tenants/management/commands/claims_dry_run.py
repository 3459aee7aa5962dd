from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from portal.core.commands import WorkerCommand
from tenants.services.claims import dry_run


class Command(WorkerCommand):
    help = (
        "Print who would get or lose which role if everybody signed in now with what their identity provider last said."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", default="", help="only people of this identity provider")

    def handle(self, *_args: Any, provider: str, **_options: Any) -> None:
        plans = dry_run(provider)
        for plan in plans:
            for mapping in plan.gives:
                self.stdout.write(f"gets      {plan.user.email}  {mapping.role} at {mapping.anchor_name}  ({mapping})")
            for each in plan.ends:
                row = each.mapping
                self.stdout.write(f"loses     {plan.user.email}  {row.role} at {row.anchor_name}  ({row})")
            for mapping, why in plan.withheld:
                self.stdout.write(f"withheld  {plan.user.email}  {mapping.role} at {mapping.anchor_name}: {why}")
        if not plans:
            self.stdout.write("Nothing would change.")
