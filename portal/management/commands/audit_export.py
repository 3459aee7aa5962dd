from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import CommandError, CommandParser

from portal.core.commands import WorkerCommand
from portal.core.trail import formats, proofs, reading
from portal.management.streams import named

AT_ONCE = 5_000


class Command(WorkerCommand):
    help = "Write the audit trail as JSON lines, OCSF, CEF or syslog messages, from where the last export ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=sorted(formats.FORMATS), default="jsonl")
        parser.add_argument("--after", type=int, default=0, help="the cursor of the last line that is there already")
        parser.add_argument("--cursor", type=Path, help="a file that keeps the cursor from one export to the next")
        parser.add_argument("--output", type=Path, help="a file to append to; otherwise the lines are printed")
        parser.add_argument("--tenant", default="", help="only this tenant's record: short name, public id or number")

    def handle(
        self, *_args: Any, format: str, after: int, cursor: Path | None, output: Path | None, tenant: str,  # noqa: A002
        **_options: Any,
    ) -> None:  # fmt: skip
        stream = named(tenant) if tenant else ""
        if cursor is not None and cursor.exists():
            text = cursor.read_text().strip()
            if not text.isdigit():
                raise CommandError(f"{cursor} holds no cursor.")
            after = int(text)
        _kind, write = formats.FORMATS[format]
        count, begun = 0, after
        with ExitStack() as stack:
            file: TextIO = stack.enter_context(output.open("a", encoding="utf-8")) if output else sys.stdout
            if format == "jsonl":
                file.write(reading.header(complete=True, after=after, stream=stream) + "\n")
                file.writelines(f"{proof.line()}\n" for proof in (proofs.prove([stream]) if stream else ()))
            while True:
                end = begun
                for line in reading.lines(after=begun, most=AT_ONCE, stream=stream, addresses=True):
                    file.write(write(line) + "\n")
                    count, end = count + 1, line.position
                if end == begun:
                    break
                begun = end
                self.settle(file, cursor, begun)
        self.stderr.write(f"{count:,} events; the next export begins after {begun}")

    def settle(self, file: TextIO, cursor: Path | None, position: int) -> None:
        """The lines are on the disk before the cursor says so: after a power cut some come twice, none is missing."""
        file.flush()
        if cursor is None:
            return
        if file is not sys.stdout:
            os.fsync(file.fileno())
        fresh = cursor.with_name(f"{cursor.name}.new")
        fresh.write_text(f"{position}\n")
        fresh.replace(cursor)
