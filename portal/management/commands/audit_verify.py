from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.core.commands import WorkerCommand
from portal.core.trail import verifying
from portal.core.trail.words import sentence
from portal.management.streams import named, names_of_streams


class Command(WorkerCommand):
    help = (
        "Check the audit trail: every entry, its place in its chain, and the chain against the signed checkpoints. "
        "With --export it needs no database: only the export, the checkpoint file and the public key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", default="", help="only this tenant's record: short name, public id or number")
        parser.add_argument("--checkpoint", type=Path, help="file of checkpoints that was kept outside")
        parser.add_argument("--export", type=Path, nargs="+", help="exports in JSON lines, in the order they were made")
        parser.add_argument("--key", type=Path, help="public key of the checkpoints (with --export)")
        parser.add_argument("--keep", action="store_true", help="tell the audit page what was found")

    def handle(
        self, *_args: Any, tenant: str, checkpoint: Path | None, export: list[Path] | None, key: Path | None,
        keep: bool, **_options: Any,
    ) -> None:  # fmt: skip
        for file in (checkpoint, key, *(export or ())):
            if file is not None and not file.is_file():
                raise CommandError(f"There is no file {file}.")
        stream = (f"tenant:{tenant}" if export and tenant.isdigit() else named(tenant)) if tenant else ""
        try:
            report = (
                verifying.verify_export(export, checkpoint, key, stream, self.progress)
                if export
                else verifying.verify(stream, checkpoint, self.progress)
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        if keep and not export and not stream:
            verifying.keep(report)
        self.tell(report, {} if export else names_of_streams(fault.stream for fault in report.faults))

    def progress(self, count: int) -> None:
        self.stderr.write(f"\r{count:,} entries", ending="")
        self.stderr.flush()

    def tell(self, report: verifying.Report, names: dict[str, str]) -> None:
        self.stderr.write("\r", ending="")
        speed = f"{report.entries:,} entries in {report.streams:,} streams, {report.seconds:.1f} s"
        self.stdout.write(f"{speed}, {report.rate:,.0f} entries a second")
        if report.checkpoint is None:
            self.stdout.write("No checkpoint was there to check against: a tail that was cut off would not show.")
        else:
            self.stdout.write(
                f"Checked against checkpoint {report.checkpoint} of {report.checkpoint_at:%Y-%m-%d %H:%M} UTC"
            )
        if report.faults:
            for fault in report.faults[1:10]:
                self.stderr.write(sentence(fault, names))
            raise CommandError(sentence(report.faults[0], names))
        self.stdout.write("Whole: every entry is as it was written, in its place, and none is missing.")
