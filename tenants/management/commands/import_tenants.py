from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand

from portal.core import operation_work
from portal.core.access import may
from portal.core.errors import PortalError
from portal.core.isolation import as_worker
from portal.models import Operation
from tenants.models import Authority
from tenants.queries.people import person_by_address
from tenants.services.imports import run_import, try_import, upload_import


class Command(BaseCommand):
    help = (
        "Try a file of tenants (CSV or JSON) without changing anything, and with --run take it over. What is here already "
        "is left as it is; stopped or killed, the same command goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--authority", required=True, help="short name of the authority that admits them")
        parser.add_argument("--officer", required=True, help="address of the onboarding officer who answers for it")
        parser.add_argument("--run", action="store_true", help="take it over after the trial")
        parser.add_argument("--report", type=Path, help="write what was said of each row here, one a line")

    def handle(self, *_args: Any, file: Path, authority: str, officer: str, **options: Any) -> None:
        with as_worker():
            try:
                self.import_file(file, authority, officer, **options)
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
            except PortalError as error:
                raise CommandError(str(error)) from None

    def import_file(
        self, file: Path, authority: str, officer: str, *, run: bool, report: Path | None, **_: Any
    ) -> None:
        office = Authority.objects.filter(slug=authority).first()
        person = person_by_address(officer)
        if office is None:
            raise CommandError(
                f"There is no authority “{authority}”. Its short name stands in the address of its pages."
            )
        if person is None or not may(person, "decide", office):
            raise CommandError(f"{officer} is no onboarding officer of {office}. Name one who is.")
        batch = upload_import(acting_user=person, authority=office, name=file.name, content=file.read_bytes())
        if batch.ignored:
            self.stdout.write(f"left out, since they mean nothing here: {', '.join(batch.ignored)}")
        work = self.finish(try_import(acting_user=person, batch=batch))
        if run and work.state == Operation.State.DONE:
            work = self.finish(run_import(acting_user=person, batch=batch))
        if report is not None:
            lines = work.lines.order_by("pk").iterator()
            report.write_text("".join(f"{line.place}\t{line.tone}\t{line.text}\n" for line in lines), encoding="utf-8")
        if work.state != Operation.State.DONE:
            raise CommandError(work.trouble or f"It ended as “{work.get_state_display()}”.")

    def finish(self, work: Operation) -> Operation:
        """Do it here, or watch the worker who has it; one line a turn."""
        while True:
            operation_work.run(work.pk)
            work.refresh_from_db()
            counted = ", ".join(f"{count} {name}" for name, count in work.tally.items())
            self.stdout.write(f"{work.kind}: {work.done} of {work.total} rows; {counted or 'nothing yet'}")
            if not work.is_open:
                return work
            operation_work.pause()
