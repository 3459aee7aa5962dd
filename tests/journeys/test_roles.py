"""A role that ends reaches the page that lies open, in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.browser import barriers

ADMIN, APPROVER = "admin@portal.example", "mira.tauber@auental.example"


def test_an_ended_role_is_said_on_an_open_page_within_three_seconds(demo, visit):
    admin, approver = visit(demo).sign_in(ADMIN), visit(demo).sign_in(APPROVER)
    page = approver.go("/people/?q=tauber")
    expect(page.get_by_role("link", name="Give up the role Mira Tauber, Quota approver")).to_be_visible()
    page.wait_for_function("() => window.portalLive && window.portalLive.connected")
    desk = admin.go("/people/?q=tauber")
    desk.get_by_role("link", name="End the role Mira Tauber, Quota approver").click()
    expect(desk.get_by_text("They can no longer decide requests for GPUs", exact=False)).to_be_visible()
    desk.get_by_role("button", name="End the role").click()
    page.locator("#outdated").wait_for(timeout=3_000)
    assert barriers(page) == []
    page.get_by_role("button", name="Reload the page").click()
    expect(page.locator("#outdated")).to_have_count(0)
    expect(page.get_by_role("link", name="Give up the role Mira Tauber, Quota approver")).to_have_count(0)
