"""An application in a browser, step by step: what applicants write and what officers do about it."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.journeys.browser import fill

GO_ON = re.compile("^(Save and go on|Go on to check and send)$")


def answer(page: Page, **answers: object) -> None:
    """One after the other: some questions appear only after the answer before."""
    for name, value in answers.items():
        expect(page.locator(f"main [name='{name}']").first).to_be_visible()
        fill(page, **{name: value})


def go_on(page: Page, title: str) -> None:
    page.get_by_role("button", name=GO_ON).click()
    expect(page.locator("h1")).to_have_text(title)


def link_for(product, email: str) -> str:
    """The address in the mail, which a demo writes to its output."""
    for _each in range(240):
        for mail in product.said().split("To: ")[1:]:
            if mail.startswith(email) and (found := re.search(r"/apply/go/\S+", mail)):
                return found[0]
        time.sleep(0.5)
    raise AssertionError(f"no mail for {email}")


def decide(page: Page, outcome: str, button: str, *, reason: str = "", **more: str) -> None:
    """Both steps of a decision: the way, then what belongs to it."""
    expect(page.locator("#decision")).to_be_visible()
    fill(page, outcome=outcome, reason=reason)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page).to_have_url(re.compile("/decide/"))
    for summary in page.locator("details.disclose summary").all():
        summary.click()
    fill(page, **more)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)


def verify(page: Page) -> None:
    """On the page of an application: look at each check that is still open, by hand, as its officer.

    The portal looks at some of them at the same time; what it was quicker with needs no second verdict.
    """
    case = page.url
    for _round in range(40):
        listed = page.locator("#checks")
        expect(listed).to_be_visible()
        left = listed.locator("li", has=page.get_by_text("Open", exact=True)).first
        if not left.is_visible():
            break
        left.get_by_role("link").first.click()
        page.wait_for_load_state()
        record = page.get_by_role("link", name="Record a result")
        if record.is_visible():
            record.click()
            page.wait_for_load_state()
            if page.locator("main [name=outcome][value=passed]").count():  # else the portal was quicker meanwhile
                fill(page, outcome="passed", evidence="Looked up on the register's own page.")
                page.get_by_role("button", name="Record the result").click()
                page.wait_for_load_state()
        page.goto(case)
    expect(page.locator("#checks")).to_contain_text("All in order")
