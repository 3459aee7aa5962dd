from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from portal.core.commands import WorkerCommand
from portal.core.sealing import current_key
from resources.services.credentials import rotate_credentials
from tenants.services import webhooks


class Command(WorkerCommand):
    help = (
        "Seal every credential of clusters and every secret of webhooks with the first key of CREDENTIAL_KEYS. Put the new key in front of the old "
        "one, run this, then take the old one away."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = rotate_credentials(acting_user=None)
        renewed, failures = webhooks.rotate_secrets()
        self.stdout.write(f"{done.renewed + renewed} sealed anew with the key {current_key()!r}")
        if failures := [*done.failures, *failures]:
            raise CommandError("\n".join(failures))
