"""A request of two lines, one of them wherever there is room: written, sent, placed by whoever decides, in force."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.browser import fill
from tests.journeys.test_quotas import of_api
from tests.journeys.test_three_journeys import APPROVER, OWNER, day

PURPOSE = "A night run beside the day's."
TWICE = "button => { const send = () => button.form.requestSubmit(button); send(); setTimeout(send, 60); }"
"""A button that is pressed again while its answer is on the way."""


def test_two_lines_one_of_them_anywhere_are_asked_for_placed_and_come_into_force(demo, visit):
    owner, approver = visit(demo).sign_in(OWNER), visit(demo).sign_in(APPROVER)
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Ensemble forecast"))
    page.get_by_text("Fast lane").click()
    expect(page.locator("#id_mode_needs")).to_be_visible()
    fill(page, mode_needs="Two nodes since spring.", purpose=PURPOSE)
    fill(page, pool=re.compile("A100.*Norrsken"), amount="2", since=day(0), until=day(20))
    expect(page.locator("#offer")).to_contain_text("Can be given over this period")
    page.get_by_role("button", name="Add a line").click()
    expect(page.locator("#id_amount_2")).to_be_visible()
    expect(page.locator("#id_amount")).to_have_value("2")  # nothing that was typed is lost
    expect(page.locator("#id_mode_needs")).to_have_value("Two nodes since spring.")
    fill(
        page,
        pool_2=re.compile("H200.*any cleared cluster"),
        unit_2="gpu_hours",
        amount_2="900",
        since_2=day(0),
        until_2=day(20),
    )
    expect(page.locator("#offer")).to_contain_text("most room is on")
    page.get_by_role("button", name="Send request").evaluate(TWICE)
    expect(page.locator("h1")).to_contain_text("900 GPU hours")
    sent = [each["reference"] for each in of_api(owner, "/requests/")["results"] if each["purpose"] == PURPOSE]
    assert len(sent) == 1
    address = page.url.removeprefix(demo.address)

    desk = approver.go(address)
    expect(desk.locator("#decision")).to_be_visible()
    fill(desk, decision="approve")
    where = desk.locator("select[name^=pool_]:visible")  # of the line that named no cluster, and of no other
    expect(where).to_have_count(1)
    where.select_option(index=1)
    expect(desk.locator("#impact")).to_contain_text("H200")
    desk.get_by_role("button", name="Review and confirm").click()
    desk.get_by_role("button", name=re.compile("^Approve")).click()
    expect(desk.locator("main")).to_contain_text("Approved")
    expect(page.locator("main")).to_contain_text("cluster says", timeout=60_000)  # without a reload
