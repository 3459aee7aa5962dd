from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management.messages import collect, refresh

ROOT = Path(settings.BASE_DIR)


class Command(BaseCommand):
    help = "Bring the catalogs of all languages to the texts that the portal has now."
    requires_system_checks = []  # noqa: RUF012 - Django declares it without ClassVar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a catalog lags behind")

    def handle(self, *_args: Any, check: bool = False, **_options: Any) -> None:
        source = collect(ROOT)
        behind = []
        for language, _name in settings.LANGUAGES:
            if language == "en":
                continue
            target = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
            text = refresh(target, language, source)
            if target.exists() and target.read_text() == text:
                continue
            behind.append(language)
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        if check and behind:
            raise CommandError(f"behind the texts: {', '.join(behind)}; run manage.py messages")
        self.stdout.write(f"{len(source)} texts; {', '.join(behind) or 'nothing'} changed")
