from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.db import connection

from portal.core import db_roles
from portal.settings import env


class Command(BaseCommand):
    help = "Print the SQL that makes the database's roles, for its administrator; --apply runs it with this login."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--apply", action="store_true", help="run it, through MIGRATE_DATABASE_URL where that is set"
        )

    def handle(self, *_args: Any, apply: bool, **_options: Any) -> None:
        wanted = statements()
        if not apply:
            self.stdout.write("-- To be run inside the portal's database by somebody who may make roles.")
            for statement in wanted:
                self.stdout.write(f"{statement};")
            return
        try:
            run(wanted)
        except psycopg.errors.InsufficientPrivilege as error:
            raise CommandError(
                f"This login may not make the roles ({error.diag.message_primary}). "
                "Give what `manage.py db_roles` prints to the administrator of the database."
            ) from None
        self.stdout.write("The roles are there.")


def statements() -> list[str]:
    database = connection.settings_dict
    migrator = env.database(settings.MIGRATE_DATABASE_URL)["USER"] if settings.MIGRATE_DATABASE_URL else ""
    return db_roles.statements(
        version=_version(), database=database["NAME"], login=settings.DATABASE_LOGIN,
        migrator=migrator or settings.DATABASE_LOGIN, prefix=settings.DATABASE_ROLE_PREFIX,
    )  # fmt: skip


def _version() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def run(wanted: list[str]) -> None:
    """In a connection of their own, all or none."""
    told = env.database(settings.MIGRATE_DATABASE_URL) if settings.MIGRATE_DATABASE_URL else connection.settings_dict
    options = {name: value for name, value in told["OPTIONS"].items() if name != "pool"}
    with psycopg.connect(
        host=told["HOST"] or None, port=told["PORT"] or None, user=told["USER"] or None,
        password=told["PASSWORD"] or None, dbname=told["NAME"], **options,
    ) as session:  # fmt: skip
        for statement in wanted:
            session.execute(statement)
