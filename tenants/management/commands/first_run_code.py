from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.services.setup import issue_code


class Command(BaseCommand):
    help = "Print a new one-time code for the first-run page of an empty installation."

    def handle(self, *_args: Any, **_options: Any) -> None:
        code = issue_code()
        if code is None:
            raise CommandError("Somebody has an account already: sign in instead.")
        self.stdout.write(code)
