"""A role that ends reaches the page that lies open, in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.browser import barriers

OWNER, MEMBER = "astrid.norell@isfall-genomics.example", "viggo.dahl@isfall-genomics.example"


def test_an_ended_role_is_said_on_an_open_page_within_three_seconds(demo, visit):
    owner, member = visit(demo).sign_in(OWNER), visit(demo).sign_in(MEMBER)
    page = member.go("/projects/")
    expect(page.locator("#results a.name").first).to_be_visible()
    page.wait_for_function("() => window.portalLive && window.portalLive.connected")
    desk = owner.go("/")
    desk.get_by_role("link", name="Roles and history").click()
    desk.get_by_role("link", name="End Viggo Dahl, Project manager").click()
    expect(desk.get_by_text("They can no longer see the tenant’s projects, quotas and use.")).to_be_visible()
    desk.get_by_role("button", name="End the role").click()
    page.locator("#outdated").wait_for(timeout=3_000)
    assert barriers(page) == []
    page.get_by_role("button", name="Reload the page").click()
    page.wait_for_load_state()
    expect(page.locator("#results a.name")).to_have_count(0)
    expect(page.locator("#outdated")).to_have_count(0)
