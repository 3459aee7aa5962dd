"""Takes a picture of every page that a link leads to, as each person of the demo, in four ways."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management.screens import Shot, index, pages, shots
from resources.demo import second_factor, world

SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
SETTLE_MS = 1500
"""Charts and the map are drawn and the first numbers have come."""
DRAWS = "script[src*=charts]"
CALM_MS = 250
"""A page without charts only waits for its fonts."""


class Command(BaseCommand):
    help = "Photograph every page of a running demo (make run) into docs/screens."
    requires_system_checks = []  # noqa: RUF012 - Django declares it without ClassVar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", default="http://localhost:8000", help="where the demo answers")
        parser.add_argument("--into", type=Path, default=Path(settings.BASE_DIR) / "docs" / "screens")

    def handle(self, *_args: Any, at: str, into: Path, **_options: Any) -> None:
        self.at, self.phone = at.rstrip("/"), second_factor.Phone()
        into.mkdir(parents=True, exist_ok=True)
        taken: list[Shot] = []
        seen: set[str] = set()
        with self.chromium() as browser:
            for account in (None, *world.accounts()):
                known = self.enter(browser, account)
                found = pages(self.reader(known), ["/"] if account else ["/accounts/login/"])
                mine = shots(found, account, seen)
                self.take(browser, mine, known.storage_state(), into)
                known.close()
                taken += mine
                self.stdout.write(f"{len(mine):3} pages as {account.name if account else 'a stranger'}")
        (into / "README.md").write_text(index(taken, (1440, 390), THEMES))
        clear(into, taken)

    @contextmanager
    def chromium(self) -> Iterator[Any]:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        try:
            from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only those who develop have it
        except ImportError:
            raise CommandError("the browser driver is missing; run make check once, which brings it") from None
        if found is None:
            raise CommandError("there is no chromium on this machine; install the package chromium")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            try:
                yield browser
            finally:
                browser.close()

    def enter(self, browser: Any, account: world.Account | None) -> Any:
        """A browser of its own, signed in as ``account``: once, for a code of the second factor counts once."""
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        if account:
            page.goto(f"{self.at}/accounts/login/")
            page.fill("input[name=login]", account.email)
            page.fill("input[name=password]", account.password)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/login/" not in url)
            if "/2fa/authenticate/" in page.url:
                page.fill("input[name=code]", self.phone.code(account.email))
                page.click("main form:has(input[name=code]) button[type=submit]")
                page.wait_for_url(lambda url: "/2fa/" not in url)
        page.close()
        return context

    def reader(self, context: Any) -> Any:
        def read(path: str) -> tuple[str, str]:
            answer = context.request.get(self.at + path)
            if not answer.ok:
                self.stderr.write(f"{path} answers {answer.status}")
            page = answer.ok and answer.headers.get("content-type", "").startswith("text/html")
            return urlsplit(answer.url).path, answer.text() if page else ""  # a file to save is no picture

        return read

    def take(self, browser: Any, mine: list[Shot], signed_in: Any, into: Path) -> None:
        """Each page in all its appearances at once, so that it is waited for once."""
        if not mine:
            return
        windows = {
            f"{width}-{theme}": browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce",
                locale="en-GB", storage_state=signed_in,
            ).new_page()
            for (width, height), theme in product(SIZES.items(), THEMES)
        }  # fmt: skip
        cameras = {name: page.context.new_cdp_session(page) for name, page in windows.items()}
        for shot in mine:
            for page in windows.values():
                page.goto(self.at + shot.path)
            drawing = page.locator(DRAWS).count()
            page.wait_for_timeout(SETTLE_MS if drawing else CALM_MS)
            for name, camera in cameras.items():
                data = camera.send("Page.captureScreenshot", {"format": "webp", "quality": 65})["data"]
                (into / f"{shot.name}-{name}.webp").write_bytes(base64.b64decode(data))
        for page in windows.values():
            page.context.close()


def clear(into: Path, taken: list[Shot]) -> None:
    """Remove the pictures of pages that there are no more."""
    known = {f"{shot.name}-{width}-{theme}.webp" for shot in taken for width, theme in product(SIZES, THEMES)}
    for old in into.glob("*.webp"):
        if old.name not in known:
            old.unlink()
