"""What becomes of grants: a renewal that is cut to what was used, and idle GPUs that are taken back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.browser import fill
from tests.journeys.stage import prepare
from tests.journeys.test_quotas import IN_FORCE, asked, choose_mode, decided, of_api, on_engine, told
from tests.journeys.test_three_journeys import day

FREIGHT, VALMERE = "marc.teyssier@meridien-fret.example", "bastien.roche@valmere.example"
UNIVERSITY, MONTELUME = "elena.bressan@selvalta.example", "paolo.ferri@montelume.example"
SECONDS = 45
"""The old grant ends so long after the journey has begun, whether it is prolonged by then or in its grace."""


def test_a_renewal_shows_the_measured_use_and_is_cut_to_it(demo, visit):
    prepare(demo, "nearly_over", SECONDS)
    owner = visit(demo).sign_in(FREIGHT)
    page = owner.go("/")
    renew = page.locator("#tenant-ends").get_by_role("link", name="Renew")
    expect(renew).to_be_visible(timeout=SECONDS * 1000 + IN_FORCE)  # by itself, when the timetable has come by
    renew.click()
    expect(page.locator("h1")).to_contain_text("Renew 16 A100")
    expect(page.locator("#id_amount")).to_have_value("16")
    expect(page.locator("#continues")).to_contain_text("40.0 %")
    expect(page.locator("#continues")).to_contain_text("speaks for 7 A100")
    choose_mode(page, "Fast lane")
    address = asked(page, "The winter timetable.", {"needs": "16 GPUs since autumn."}, until=day(90))

    desk = visit(demo).sign_in(VALMERE).go(address)
    expect(desk.locator("main")).to_contain_text("40.0 %")
    decided(desk, "part", "Approve 7 GPUs", gpus=7, reason="As many as were busy.")
    expect(page.locator("main")).to_contain_text("Approved in part")  # by itself
    expect(page.locator("#quotas")).to_contain_text("cluster says 7 of 7", timeout=SECONDS * 1000 + IN_FORCE)
    assert on_engine(demo, "Chantelune", "meridien-fret-routes")["a100"] == 7
    held = [each for each in of_api(owner, "/grants/")["results"] if each["state"] in {"active", "superseded"}]
    assert {(each["state"], each["amount"]) for each in held} >= {("superseded", 16), ("active", 7)}


def test_idle_gpus_are_taken_back_after_two_notices_without_an_answer(demo, visit):
    prepare(demo, "left_idle")
    owner = visit(demo).sign_in(UNIVERSITY)
    told(owner, "idle")
    page = owner.go("/")
    page.locator("#tenant-ends").get_by_role("link", name=re.compile("H200.*stand idle")).click()
    expect(page.locator("main")).to_contain_text("at most 1 of the 12 GPUs")
    expect(page.locator(".timeline li", has_text="told the tenant")).to_have_count(2)
    prepare(demo, "wake", "resources.find_idle")
    expect(page.locator("main")).to_contain_text("With the approver")  # by itself
    address = page.url.removeprefix(demo.address)

    approver = visit(demo).sign_in(MONTELUME)
    told(approver, "idle")
    desk = approver.go("/idle/?tab=approver")
    desk.get_by_role("link", name=re.compile("Selvalta")).first.click()
    expect(desk).to_have_url(re.compile(re.escape(address)))
    desk.get_by_role("link", name="Take back").click()
    fill(desk, gpus="10", reason="Two notices and no answer; two are left to go on with.")
    desk.get_by_role("button", name="Take them back").click()
    expect(desk.locator("main")).to_contain_text("10 GPUs, ")
    expect(page.locator("main")).to_contain_text("Two notices and no answer")  # by itself
    page.get_by_role("link", name=re.compile("GPUs until")).click()
    page.get_by_role("link", name="Open it").click()
    expect(page.locator("h1")).to_contain_text("2 H200")
    expect(page.locator("main")).to_contain_text("cluster says 2 of 2", timeout=IN_FORCE)
    assert on_engine(demo, "Chantelune", "selvalta-clima")["h200"] == 2
    told(owner, "taken back")
    saved = approver.go("/idle/savings/")
    expect(saved.locator("main")).to_contain_text("10")
