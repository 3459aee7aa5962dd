"""A person at a browser: what they do, and everything that must not happen meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from resources.demo.second_factor import Phone

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PASSWORD = "demo factory 2026"
PHONE = Phone()
"""Of everybody in the demo who has a second factor."""
expect.set_options(timeout=20_000)  # as long as a step of a page has: a slow machine is no fault of the product
VENDOR = Path(__file__).parent / "vendor"
OF_COLOURS = ["color-contrast", "link-in-text-block"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
RESTARTS = re.compile(r"WebSocket|ERR_CONNECTION|status of 50[23]|status of 40[49]|status of 4(03|22)")
REFUSALS = """addEventListener("securitypolicyviolation", event =>
  console.error(`policy refused ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`))"""


@cache
def axe() -> str:
    return (VENDOR / "axe.min.js").read_text()


class Person:
    """Somebody at a page of the product at ``address``. ``trouble``: console errors, refusals of the policy, 500s."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        context.add_init_script(REFUSALS)
        self.context, self.address = context, address
        self.email = ""
        self.trouble: list[str] = []
        self.page = self.open_page()

    def open_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on("response", self._answered)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not RESTARTS.search(message.text):
            self.trouble.append(f"{message.location.get('url', '')}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status == 500:
            self.trouble.append(f"{response.request.method} {response.url}: 500")

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> Person:
        self.go("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("form:has(input[name=password]) button[type=submit]").click()
        expect(self.page).not_to_have_url(re.compile("/accounts/login/"))
        self.email = email
        if "/2fa/authenticate/" in self.page.url:
            self.show_factor()
        return self

    def connect_app(self, email: str, look: Callable[[], None] | None = None) -> Person:
        """From the guided set-up through app and codes to where the person wanted to go; ``look`` at the codes."""
        self.page.get_by_role("link", name="Authenticator app").click()
        self.page.get_by_text("type the key instead").click()
        PHONE.keys[email] = self.page.locator("#totp-secret").inner_text()
        self.email = email
        self.show_factor()
        if look:
            look()
        self.page.get_by_role("button", name="I have kept them").click()
        return self

    def show_factor(self) -> Person:
        """Write the code that the page in front of the person asks for."""
        self.page.locator("input[name=code]").fill(PHONE.code(self.email))
        self.page.locator("form:has(input[name=code]) button[type=submit]").click()
        expect(self.page).not_to_have_url(re.compile("/2fa/(re)?authenticate/|/activate/"))
        return self

    def close(self) -> None:
        self.context.close()


AXE_RUN = """async ([wanted, scheme]) => {
  const standsStill = () => !document.getAnimations().some(
    each => each.playState === "running" && each.effect.getTiming().iterations !== Infinity);
  const isIn = () => !scheme || matchMedia(`(prefers-color-scheme: ${scheme})`).matches;
  for (let frames = 0; frames === 0 || !standsStill() || !isIn(); frames++) {
    if (frames > 600) throw new Error("the page does not come to rest");
    await new Promise(done => requestAnimationFrame(done));
  }
  return axe.run(document, {runOnly: wanted, resultTypes: ["violations"]});
}"""
"""Looks once the page stands in its colours: no colour is on its way from one scheme to the other."""


def barriers(page: Page, *, colours_alone: bool = False, scheme: str = "") -> list[str]:
    """What axe finds on the page as it is now: rule, help, and the elements.

    ``colours_alone``: the page was looked at in other colours already, and its other rules cannot answer differently.
    ``scheme``: the colours that were asked for last, to be waited for.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    wanted = {"type": "rule", "values": OF_COLOURS} if colours_alone else {"type": "tag", "values": WCAG}
    found: dict[str, Any] = page.evaluate(AXE_RUN, [wanted, scheme])
    return [
        f"{rule['id']}: {rule['help']}: {[(node['target'][0], node['failureSummary'][-160:]) for node in rule['nodes']][:4]}"
        for rule in found["violations"]
    ]


WIDER = """() => [document.documentElement, ...document.querySelectorAll("*:has(> .tbl-cards)")].some(
  each => each.scrollWidth > each.clientWidth + 1 && (each === document.documentElement || innerWidth <= 700))"""
"""On a narrow page the rows of a table are cards, and nothing of a card may stand outside."""


def overflows(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    return bool(page.evaluate(WIDER))


ALL = "SOAK_STEPS" in os.environ
"""In `make soak` everything is looked at in every appearance."""
APPEARANCES = (("wide", "light"), ("wide", "dark"), ("narrow", "dark"), ("narrow", "light"))
"""From each to the next one thing changes, and the first of each size is looked at by every rule."""


def looks(page: Page, *, again: bool = False) -> list[str]:
    """What is wrong with the page as it stands, in its appearances: outside `make soak` wide in light and narrow in dark.

    ``again``: one like it was looked at before, so what is new on it is looked at narrow and dark alone.
    """
    found, before = [], ""
    for size, scheme in APPEARANCES if ALL else APPEARANCES[2:3] if again else APPEARANCES[:3:2]:
        if size != before:
            page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        said = barriers(page, colours_alone=size == before, scheme=scheme)
        found += [f"{size} {scheme}: {each}" for each in said]
        if size != before and overflows(page):
            found.append(f"{size}: scrolls sideways")
        before = size
    page.set_viewport_size(SIZES["wide"])
    return found


def fill(page: Page, **fields: Any) -> None:
    """Type, choose or tick by field name; a pattern chooses the option whose text matches."""
    for name, value in fields.items():
        found = page.locator(f"main [name='{name}']:not([type=hidden])")
        kind = found.first.evaluate("node => node.tagName + '.' + (node.type || '')")
        if kind.startswith("SELECT") and isinstance(value, re.Pattern):
            choice = found.locator("option", has_text=value).first
            found.select_option(choice.get_attribute("value", timeout=20_000))
        elif kind.startswith("SELECT"):
            found.select_option(value)
        elif kind == "INPUT.file":
            found.set_input_files(value)
        elif kind in {"INPUT.radio", "INPUT.checkbox"}:
            for each in [value] if isinstance(value, str) else value:
                page.locator(f"main [name='{name}'][value='{each}']").check(force=True)
        else:
            found.first.fill(value)
