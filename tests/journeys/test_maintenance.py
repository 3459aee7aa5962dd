"""A maintenance as everybody meets it: announced, weighed in a decision, moved, under way, and over before its end.

On Pietralba, where no other journey decides.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.journeys.browser import fill
from tests.journeys.stage import prepare
from tests.journeys.test_quotas import IN_FORCE, asked, choose_mode, decided, of_api
from tests.journeys.test_three_journeys import day

OPERATOR = "yann.colas@rocanova.example"
WATERS, MONTELUME = "dario.pozzi@agenzia-acque.example", "giulia.serra@montelume.example"
REASON = "The second cooling loop is flushed."
OUT = 48
SOON = 12
"""Seconds until it begins, once it is moved to today."""


def times(page: Page, button: str, **typed: str) -> None:
    """Both steps: what follows is looked at, then it holds."""
    fill(page, **typed)
    page.get_by_role("button", name="See what follows").click()
    expect(page.get_by_role("region", name="Who is affected")).to_contain_text(f"{OUT} GPUs out.")
    page.get_by_role("button", name=button).click()
    expect(page).to_have_url(re.compile(r"/maintenance/[0-9a-f-]+/$"))


def in_seconds(page: Page, seconds: int) -> str:
    """That moment by the clock that the page shows."""
    zone = ZoneInfo(page.locator("#clock").get_attribute("data-zone") or "")
    return (datetime.now(zone) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def test_a_maintenance_stands_in_a_decision_moves_away_comes_early_and_is_ended(demo, visit):
    owner = visit(demo).sign_in(WATERS)
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Flood warning"))
    choose_mode(page, "Fast lane")
    address = asked(
        page, "Warnings for the valleys of the south as well.", {"needs": "32 GPUs since summer."},
        pool=re.compile("A100.*Pietralba"), amount="8", since=day(0), until=day(20),
    )  # fmt: skip
    page = owner.go("/")
    approver = visit(demo).sign_in(MONTELUME)
    desk = approver.go(address)
    expect(desk.locator("#impact")).to_contain_text("left to the line")
    expect(desk.locator("#impact [data-maintenance]")).to_have_count(0)

    hall = visit(demo).sign_in(OPERATOR).go("/maintenance/new/")
    fill(hall, cluster=re.compile("Pietralba"), pool=re.compile("Pietralba.*A100"), gpus=str(OUT), effect="counts")
    times(hall, "Announce it", starts_at=f"{day(3)}T06:00", ends_at=f"{day(5)}T18:00", reason=REASON)
    assert "maintenance.announced" in [each["act"] for each in of_api(owner, "/notifications/")["results"]]
    expect(page.locator("#tenant-maintenance")).to_contain_text(REASON)  # by itself
    expect(desk.locator("#impact [data-maintenance]")).to_contain_text(REASON)
    expect(desk.locator("#impact")).to_contain_text(f"{OUT} GPUs fewer can be promised then because of maintenance")

    hall.get_by_role("link", name="Change", exact=True).click()
    times(hall, "Change it", starts_at=f"{day(30)}T06:00", ends_at=f"{day(32)}T18:00")
    expect(desk.locator("#impact [data-maintenance]")).to_have_count(0)  # by itself

    hall.get_by_role("link", name="Change", exact=True).click()
    times(hall, "Change it", starts_at=in_seconds(hall, SOON), ends_at=f"{day(2)}T18:00")
    expect(desk.locator("#impact [data-maintenance]")).to_contain_text(REASON)
    prepare(demo, "wake", "resources.turn_maintenance")
    expect(hall.locator(".actions")).to_contain_text("Running", timeout=IN_FORCE)  # by itself
    expect(page.locator("#tenant-maintenance")).to_contain_text("Running")
    hall.get_by_role("link", name="End it now").click()
    hall.get_by_role("button", name="End it now").click()
    expect(hall.locator(".actions")).to_contain_text("Done")
    expect(page.locator("#tenant-maintenance")).not_to_contain_text(REASON)
    expect(desk.locator("#impact [data-maintenance]")).to_have_count(0)
    decided(desk, "approve", "Approve 8 GPUs", reason="It fits, now that the loop is back.")
    page = owner.go(address)
    expect(page.locator("#quotas")).to_contain_text(re.compile(r"cluster says (\d+) of \1"), timeout=IN_FORCE)
