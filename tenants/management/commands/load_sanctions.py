from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.core.commands import WorkerCommand
from portal.core.errors import Refused
from tenants.services.sanctions import load_list, rescreen


class Command(WorkerCommand):
    help = "Take a consolidated sanctions list of the Union (full list, XML 1.1) into force and screen everybody again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the XML file, as downloaded")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        try:
            with file.open("rb") as opened:
                found = load_list(file=opened)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        hits = rescreen()
        self.stdout.write(
            f"In force: {found.version} of {found.published:%Y-%m-%d}, {found.entities} persons and organisations under "
            f"{found.spellings} spellings. New hits: {hits}."
        )
