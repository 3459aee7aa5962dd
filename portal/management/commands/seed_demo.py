from __future__ import annotations

from typing import Any

from portal.core.commands import WorkerCommand
from portal.embedded import ports
from resources.demo import cast, world


class Command(WorkerCommand):
    help = "Make the demo world in an empty database and print its accounts; later runs change nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        made = world.seed(ports.kept_ports(each.slug for each in cast.CLUSTERS))
        if not made and not world.is_here():
            self.stdout.write("This database is in use already; the demo world was not made.")
            return
        for line in world.as_table(world.accounts()):
            self.stdout.write(line)
        self.stdout.write("Who decides is asked for a code beside the password: manage.py demo_code NAME prints it.")
