from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.models import User
from resources.demo import second_factor


class Command(BaseCommand):
    help = "Print the code that the second factor of one of the demo's people shows now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a name or e-mail address of the demo, or a part of it: maja, olof.backman")

    def handle(self, *_args: Any, name: str, **_options: Any) -> None:
        if not settings.DEMO_CODES:
            raise CommandError("Codes are printed for the demo only (portal.settings.local).")
        word = name.casefold()
        found = [each for each in second_factor.people() if word in f"{each.name} {each.email}".casefold()]
        if len(found) != 1:
            several = ", ".join(each.email for each in found or second_factor.people())
            raise CommandError(f"{len(found)} people match {name!r}. Write one of: {several}")
        user = User.objects.filter(email=found[0].email).first()
        code = second_factor.code_of(user) if user else None
        if code is None:
            raise CommandError(f"{found[0].name} has no code of the demo to show now; try again in half a minute.")
        self.stdout.write(code)
