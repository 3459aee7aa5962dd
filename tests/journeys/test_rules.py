"""A start-up asks in the playground; the authority's rule approves it while its page is open, and it comes into force."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from resources.demo.ruling import NAME
from tests.journeys.browser import fill
from tests.journeys.test_three_journeys import APPROVER, day

STARTUP = "ante.labba@blekvatten.example"


def test_a_startups_playground_request_is_decided_by_a_rule(demo, visit):
    startup = visit(demo).sign_in(STARTUP)
    page = startup.go("/requests/new/")
    fill(page, project=re.compile("Small languages"))
    page.get_by_text("Playground", exact=True).click()
    expect(page.locator("[name=mode_first_time]").first).to_be_visible()
    fill(page, mode_first_time="no", purpose="Whether a smaller model is enough for two dialects.")
    fill(page, pool=re.compile("A100.*Norrsken"), amount="1", since=day(0), until=day(14))
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("h1")).to_contain_text("asks for 1")
    # nobody decides and nobody reloads: the page moves by itself
    expect(page.locator("main")).to_contain_text("Decided by a rule", timeout=60_000)
    expect(page.locator("main")).to_contain_text(f"Rule “{NAME}”, version 2")
    expect(page.locator("main")).to_contain_text("responsible: Sanna Ekholm")
    expect(page.locator("#quotas")).to_contain_text("In force", timeout=60_000)
    address = page.url.removeprefix(demo.address)

    desk = visit(demo).sign_in(APPROVER).go(address)
    desk.get_by_role("link", name=NAME).click()
    expect(desk.locator("h1")).to_contain_text(f"{NAME}, version 2")
    desk.get_by_role("link", name="Try it on the past").click()
    first = desk.locator("table tbody tr").first
    expect(first).to_contain_text("Otherwise")
    expect(first).to_contain_text("Refused")
