from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from portal.core import isolation
from portal.settings import env


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} Runs as the role that owns the tables, through MIGRATE_DATABASE_URL where that is set."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with isolation.entered(isolation.OWNER):
            if settings.DATABASE_LOGIN_OWNS:
                super().handle(*args, **options)
                return
            self._as_owner(*args, **options)

    def _as_owner(self, *args: Any, **options: Any) -> None:
        usual = dict(connection.settings_dict)
        connection.close()
        if address := settings.MIGRATE_DATABASE_URL:
            connection.settings_dict.update(env.database(address))
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('role', %s, false)", [isolation.role("owner")])
            super().handle(*args, **options)
        finally:
            connection.close()
            connection.settings_dict.update(usual)
