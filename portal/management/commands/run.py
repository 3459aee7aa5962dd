from __future__ import annotations

import signal
import sys
import time
import urllib.request
from http import HTTPStatus
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from portal.core.db_roles import FACES
from portal.core.isolation import role
from portal.embedded import places, processes
from portal.embedded.errors import EmbeddedError
from portal.embedded.lock import Lock
from portal.embedded.postgres import Postgres
from portal.embedded.supervisor import Supervisor
from portal.embedded.valkey import Valkey
from portal.management import preflight, programmes, world
from portal.management.catalogs import compile_catalogs
from portal.settings import env

TURNS_INTO = "SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s) AND pg_has_role(current_user, oid, 'MEMBER')"


def has_roles() -> bool:
    """Whether the login may turn into every role that it needs."""
    names = [role(name) for name in (*FACES, *(() if settings.MIGRATE_DATABASE_URL else ("owner",)))]
    with connection.cursor() as cursor:
        cursor.execute(TURNS_INTO, [names])
        (found,) = cursor.fetchone()
    return bool(found == len(names))


HERE = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::", "localhost"})  # noqa: S104 - read, not bound


class Command(BaseCommand):
    help = "Start the portal with everything it needs, and end all of it with Ctrl-C."
    requires_system_checks = []  # noqa: RUF012 - Django declares it without ClassVar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=env.text("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=env.number("PORT", 8000, low=1, high=65535))

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        self.host, self.port, self.began = host, port, time.monotonic()
        self.supervisor = Supervisor()
        for chosen in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(chosen, signal.default_int_handler)  # until everything runs, all of them are Ctrl-C
        if env.text("MAKELEVEL"):
            processes.follow_parent(signal.SIGTERM)
        failure = ""
        try:
            self.start()
            self.supervisor.listen_to_signals()
            self.supervisor.run(self.beat)
        except KeyboardInterrupt:
            pass
        except (EmbeddedError, OperationalError) as error:
            failure = str(error)
        except OSError as error:
            failure = preflight.explain(error)
        finally:
            self.supervisor.listen_to_signals()
            self.supervisor.stop()
        if failure:
            sys.exit(failure)
        self.supervisor.say("stopped; nothing is left running")

    def start(self) -> None:
        preflight.check_port(self.host, self.port)
        self.lock = Lock(places.var_dir() / "run.lock")
        preflight.check_disk()
        preflight.check_configured_servers()
        for folder in settings.LOCALE_PATHS:
            compile_catalogs(folder)
        if settings.EMBEDDED_POSTGRES:
            self.supervisor.start_server(Postgres())
        if settings.EMBEDDED_VALKEY:
            self.supervisor.start_server(Valkey())
        self.step("servers answer")
        if not settings.EMBEDDED_POSTGRES:
            self.make_roles()
        call_command("migrate", interactive=False, verbosity=0)
        self.step("database is up to date")
        self.greeting = world.prepare(self.address, self.supervisor.say)
        self.step("world is prepared")
        early, self.later = programmes.all_of_them(self.host, self.port)
        connection.close()
        for programme in early:
            self.supervisor.start_programme(programme)
        self.greeted = False

    def make_roles(self) -> None:
        """A server that somebody else runs may let us make the roles; else its administrator does, once."""
        try:
            call_command("db_roles", "--apply", stdout=StringIO())
        except CommandError as error:
            if not has_roles():
                raise EmbeddedError(str(error)) from None

    def beat(self) -> None:
        """Once the first page answers, start the workers, which would only have slowed it down, and greet."""
        if self.greeted or not self.answers():
            return
        self.greeted = True
        for programme in self.later:
            self.supervisor.start_programme(programme)
        self.step("first page answers")
        for line in ("", *self.greeting, "", "Ctrl-C ends everything."):
            self.supervisor.say(line)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address, timeout=10) as answer:  # noqa: S310 - an address of our own
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False

    @property
    def address(self) -> str:
        """By name, since browsers grant passkeys to localhost and refuse them to a bare address."""
        return f"http://{'localhost' if self.host in HERE else self.host}:{self.port}/"

    def step(self, what: str) -> None:
        self.supervisor.say(f"{what} after {time.monotonic() - self.began:.1f} s")
