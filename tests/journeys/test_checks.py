"""A hit on the sanctions list is cleared by two people, and nobody's application goes on before."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.applying import verify
from tests.journeys.browser import fill, looks

FIRST, SECOND = "karla.winter@auental.example", "bodo.reimann@auental.example"


def test_a_hit_on_the_sanctions_list_is_cleared_by_two_people(demo, visit):
    first, second = visit(demo).sign_in(FIRST), visit(demo).sign_in(SECOND)
    page = first.go("/applications/?checks=failing")
    page.get_by_role("link", name="Hochschule Buchenried").click()
    case = page.url.removeprefix(first.address)
    hit = page.locator("#checks li", has_text="Sanctions list")
    expect(hit).to_contain_text("Possible hit")
    assert looks(page) == []
    fill(page, outcome="approve")
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Approve the application").click()
    expect(page.locator("main")).to_contain_text("cannot be approved while required checks are not in order")
    page = first.go(case)
    hit.get_by_role("link", name="Sanctions list").click()
    assert looks(page) == []
    page.get_by_role("link", name="Propose to clear it").click()
    assert looks(page) == []
    fill(page, reason="Another person: the one on the list was born in 1951.")
    page.get_by_role("button", name="Propose it").click()
    hit.get_by_role("link", name="Sanctions list").click()
    expect(page.locator("main")).to_contain_text("A second officer has to look at it now")
    desk = second.go(case)
    mine = desk.locator("#checks li", has_text="Sanctions list")
    expect(mine).to_contain_text("born in 1951")
    mine.get_by_role("link", name="Sanctions list").click()
    desk.get_by_role("link", name="Decide as the second officer").click()
    assert looks(desk) == []
    fill(desk, outcome="confirm", reason="Seen the identity card; the years of birth differ.")
    desk.get_by_role("button", name="Send the decision").click()
    expect(mine).to_contain_text("In order")
    expect(mine).not_to_contain_text("Possible hit")
    page = first.go(case)  # what else is open is looked at by hand
    verify(page)
    fill(page, outcome="approve")
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Approve the application").click()
    expect(page.locator("main")).to_contain_text("second officer")
