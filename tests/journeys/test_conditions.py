"""What a grant hangs on: a condition set by two people and met with a paper, and one that is missed and suspends.

Both are of tenants of Auental, of which no other journey decides about GPUs of the same kind.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from resources.quantities import months_after
from tests.journeys.browser import fill
from tests.journeys.stage import prepare
from tests.journeys.test_quotas import IN_FORCE, asked, choose_mode, decided, of_api, on_engine, told
from tests.journeys.test_three_journeys import day

OWNER, MANAGER = "falk.meissner@tu-erlenfeld.example", "jule.arndt@tu-erlenfeld.example"
TURBINES = "uwe.hartung@gruenwerk.example"
FIRST, SECOND = "jonas.adler@auental.example", "mira.tauber@auental.example"
PAPER = "Hand in the agreement on the use of the electrolyte data"
MISSED = "Name somebody who answers for the simulations at night"
NOTE = "Signed by the chancellor on Monday; page 3 names the data."
AGREEMENT = {
    "name": "agreement.txt",
    "mimeType": "text/plain",
    "buffer": b"Agreement on the use of the electrolyte data.\n",
}
HELD, MORE = 144, 8
"""GPUs of Grünwerk on Eichwald before, and what was granted under the condition that it missed."""


def act(page: Page, link: str, button: str, **typed: object) -> None:
    """One act on a condition, from its page and back to it."""
    page.locator(".actions").get_by_role("link", name=link, exact=True).click()
    fill(page, **typed)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page).to_have_url(re.compile(r"/grant-conditions/[0-9a-f-]+/$"))


def state(page: Page, said: str) -> None:
    """The page says by itself how the condition stands."""
    expect(page.locator(".actions")).to_contain_text(said)


def test_a_condition_is_set_by_two_people_met_with_a_paper_and_found_met(demo, visit):
    owner = visit(demo).sign_in(OWNER)
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Battery materials"))
    choose_mode(page, "Large scale")
    year = (months_after(datetime.now(UTC), 12) - timedelta(days=1)).strftime("%Y-%m-%d")
    address = asked(
        page, "Electrolytes that keep in the cold.",
        {"needs": "72 GPUs since summer.", "outcome": "An open set of graphs.", "plan": "Two halves of a year."},
        pool=re.compile("H100.*Eichwald"), amount="8", since=day(0), until=year,
    )  # fmt: skip

    first = visit(demo).sign_in(FIRST)
    desk = first.go(address)
    desk.locator("#decision").get_by_text("Attach conditions").click()
    fill(desk, condition_text_1=PAPER, condition_due_1=day(20))
    decided(desk, "approve", "Approve 8 GPUs", reason="As soon as the paper is there all is well.")
    expect(desk.locator("main")).to_contain_text("Waits for a second person")
    expect(page.locator("#grant-conditions")).to_contain_text("Proposed")  # by itself
    second = visit(demo).sign_in(SECOND).go(address)
    expect(second.locator("#decision")).to_contain_text(PAPER)
    decided(second, "confirm", "Confirm 8 GPUs")
    expect(page.locator("#grant-conditions")).to_contain_text("Open")
    expect(page.locator("#quotas")).to_contain_text("In force", timeout=IN_FORCE)
    page.locator("#letters a").first.click(timeout=IN_FORCE)
    expect(page.locator("main")).to_contain_text(PAPER)

    manager = visit(demo).sign_in(MANAGER)
    theirs = manager.go("/grant-conditions/")
    theirs.get_by_role("link", name=PAPER).click()
    state(theirs, "Open")
    act(theirs, "It is met", "It is met", note=NOTE, file=AGREEMENT)
    state(theirs, "Met, says the tenant")
    told(first, "says that a condition is met")
    desk = first.go("/grant-conditions/?tab=approver")
    desk.get_by_role("link", name=PAPER).click()
    expect(desk.locator("main")).to_contain_text(NOTE)
    with desk.expect_download() as got:
        desk.get_by_role("link", name=AGREEMENT["name"]).click()
    assert got.value.path().read_bytes() == AGREEMENT["buffer"]
    act(desk, "Confirm that it is met", "Confirm that it is met", reason="Read and complete.")
    state(theirs, "Met")
    expect(theirs.locator(".timeline")).to_contain_text("Read and complete.")  # by itself
    steps = of_api(manager, theirs.url.removeprefix(demo.address))
    assert steps["state"] == "met"


def test_a_condition_past_its_day_suspends_its_grants_until_it_is_met(demo, visit):
    prepare(demo, "past_its_day", MISSED)
    prepare(demo, "wake", "resources.watch_conditions")
    owner = visit(demo).sign_in(TURBINES)
    page = owner.go("/grant-conditions/")
    page.get_by_role("link", name=MISSED).click()
    state(page, "Overdue")
    expect(page.locator("main")).to_contain_text("nothing is taken away by itself")

    first = visit(demo).sign_in(FIRST)
    told(first, "not met by its day")
    desk = first.go("/grant-conditions/?tab=overdue")
    desk.get_by_role("link", name=MISSED).click()
    act(desk, "Suspend the grants", "Suspend the grants", reason="Nobody answered twice this week.")
    expect(page.locator("main")).to_contain_text("The grants were suspended for it")  # by itself
    expect(page.locator(".timeline")).to_contain_text("Nobody answered twice this week.")
    grant = page.get_by_role("link", name=re.compile(f"^{MORE} H100")).first
    expect(grant).to_be_visible()
    address = page.url
    grant.click()
    expect(page.locator("h1")).to_contain_text(f"{MORE} H100")
    expect(page.locator("main")).to_contain_text("Suspended")
    expect(page.locator("main")).to_contain_text(f"cluster says {HELD} of {HELD}", timeout=IN_FORCE)
    assert on_engine(demo, "Eichwald", "gruenwerk-flow")["h100"] == HELD

    page.goto(address)
    act(page, "It is met", "It is met", note="Ilse Brandt, every night; the number is on our page.")
    state(desk, "Met, says the tenant")  # by itself
    act(desk, "Confirm that it is met", "Confirm that it is met", reason="")
    expect(page.locator(".timeline")).to_contain_text("gave the suspended grants back")  # by itself
    page.get_by_role("link", name=re.compile(f"^{MORE} H100")).first.click()
    expect(page.locator("main")).to_contain_text(f"cluster says {HELD + MORE} of {HELD + MORE}", timeout=IN_FORCE)
    assert on_engine(demo, "Eichwald", "gruenwerk-flow")["h100"] == HELD + MORE
