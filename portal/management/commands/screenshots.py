"""Takes a picture of every page that a link leads to, as each person of the demo, in four ways."""

from __future__ import annotations

import base64
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import Resolver404, resolve

from resources.demo import world

WIDTHS = {1440: 900, 390: 844}
THEMES = ("light", "dark")
NEVER = frozenset({"home", "schema", "api-docs", "account_logout", "healthz"})
SETTLE_MS = 2500
"""Charts and the map are drawn and the first numbers have come."""


@dataclass(frozen=True)
class Shot:
    """A page found: the name of its address, where it is, and as whom it was found (None: signed out)."""

    name: str
    path: str
    account: world.Account | None


class Command(BaseCommand):
    help = "Photograph every page of a running demo (make run) into docs/screens."
    requires_system_checks = []  # noqa: RUF012 - Django declares it without ClassVar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", default="http://localhost:8000", help="where the demo answers")
        parser.add_argument("--into", type=Path, default=Path(settings.BASE_DIR) / "docs" / "screens")
        parser.add_argument("--only", nargs="*", default=[], help="names of addresses; all of them if none is given")

    def handle(self, *_args: Any, at: str, into: Path, only: list[str], **_options: Any) -> None:
        self.at = at.rstrip("/")
        into.mkdir(parents=True, exist_ok=True)
        with self.chromium() as browser:
            shots = [shot for shot in self.found(browser) if not only or shot.name in only]
            for shot in shots:
                self.stdout.write(f"{shot.name}  {shot.path}  {shot.account.name if shot.account else 'signed out'}")
            for account in dict.fromkeys(shot.account for shot in shots):
                for (width, height), theme in product(WIDTHS.items(), THEMES):
                    size = {"width": width, "height": height}
                    context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
                    page = self.enter(context, account)
                    for shot in shots:
                        if shot.account == account:
                            self.take(page, shot, into / f"{shot.name}-{width}-{theme}.webp")
                    context.close()
        if not only:
            (into / "README.md").write_text(index(shots))

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

    def enter(self, context: Any, account: world.Account | None) -> Any:
        page = context.new_page()
        if account:
            page.goto(f"{self.at}/accounts/login/")
            page.fill("input[name=login]", account.email)
            page.fill("input[name=password]", account.password)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/login/" not in url)
        return page

    def found(self, browser: Any) -> Iterator[Shot]:
        """Each page once, as the first person to whom a link leads there."""
        seen: set[str] = set(NEVER)
        for account in (None, *world.accounts()):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = self.enter(context, account)
            waiting = deque(["/"] if account else [f"/accounts/{name}/" for name in ("login", "signup")])
            while waiting:
                page.goto(self.at + waiting.popleft())
                path = urlsplit(page.url).path
                name = named(path)
                if name and name not in seen:
                    seen.add(name)
                    yield Shot(name, path, account)
                known = seen | {named(each) for each in waiting}
                for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
                    target = urlsplit(link)
                    following = named(target.path)
                    if link.startswith(self.at) and "format=" not in target.query and following not in known:
                        known.add(following)
                        waiting.append(target.path)
            context.close()

    def take(self, page: Any, shot: Shot, target: Path) -> None:
        page.goto(self.at + shot.path)
        page.wait_for_timeout(SETTLE_MS)
        session = page.context.new_cdp_session(page)
        data = session.send("Page.captureScreenshot", {"format": "webp", "quality": 72})["data"]
        target.write_bytes(base64.b64decode(data))
        session.detach()


def named(path: str) -> str:
    """The name of the address, "" if it is none of ours."""
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def index(shots: list[Shot]) -> str:
    lines = ["# Every page", "", "Taken from the demo by `make shots`. All people and organisations are invented.", ""]
    for shot in shots:
        who = f"as {shot.account.name}, {shot.account.role}" if shot.account else "signed out"
        lines += [f"## {shot.name}", "", f"`{shot.path}`, {who}", ""]
        lines += [f"![{shot.name}, {theme}]({shot.name}-1440-{theme}.webp)" for theme in THEMES]
        lines += [f"![{shot.name}, phone, {theme}]({shot.name}-390-{theme}.webp)" for theme in THEMES]
        lines += [""]
    return "\n".join(lines)
