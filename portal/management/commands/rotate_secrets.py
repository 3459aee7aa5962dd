from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from portal.core.commands import WorkerCommand
from portal.core.sealing import current_key
from resources.services.credentials import rotate_credentials


class Command(WorkerCommand):
    help = (
        "Seal every credential of clusters with the first key of CREDENTIAL_KEYS. Put the new key in front of the old "
        "one, run this, then take the old one away."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = rotate_credentials(acting_user=None)
        self.stdout.write(f"{done.renewed} sealed anew with the key {current_key()!r}")
        if done.failures:
            raise CommandError("\n".join(done.failures))
