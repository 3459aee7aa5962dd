"""Every page that people can reach by following links: no barrier, no sideways scroll, in light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import PHONE, looks
from tests.journeys.itinerary import NO_WALK_COMES_THERE, PARTS, SELDOM, VISITORS
from tests.journeys.walk import Walk
from tests.matrix.doors import doors

PEOPLE = {who: visitor.email for who, visitor in VISITORS.items()}


@pytest.fixture(scope="module")
def walk(demo):
    return Walk(demo.address, frozenset(PARTS))


@pytest.mark.parametrize("who", VISITORS)
def test_pages_have_no_barrier_in_any_appearance(demo, visit, walk, who):
    person, visitor = visit(demo), VISITORS[who]
    if visitor.email:
        person.sign_in(visitor.email)
    if visitor.connects:
        person.go("/accounts/second-factor/")
        person.connect_app(visitor.email)
    walk.of(person, visitor.starts, only_new=visitor.only_new)
    for begun in visitor.begins:
        walk.begin(person, begun)
    trouble, walk.trouble = walk.trouble, {}
    assert trouble == {}


def test_every_page_was_seen(walk):
    if not walk.parts:
        pytest.skip("the pages were not looked at in this run")
    pages = {name for name, door in doors().items() if not door.is_api} - PARTS
    assert "nothing" not in walk.parts
    assert pages - set(walk.parts) - set(SELDOM) == set(NO_WALK_COMES_THERE)


def opened(page, what: str) -> None:
    """Bring the page into the state ``what``."""
    if what == "keyboard help":
        page.keyboard.press("?")
        expect(page.locator("dialog[open]")).to_be_visible()
    elif what == "details":
        page.eval_on_selector_all("details", "nodes => nodes.forEach(node => node.open = true)")
    elif what == "an empty form sent":
        page.locator("main form .btn-primary[type=submit]").first.click()
        expect(page.locator(".err, [role=alert]").first).to_be_visible()
    elif what == "an empty form sent by Enter":
        page.locator("main form input:not([type=hidden])").first.press("Enter")
        expect(page.locator(".err, [role=alert]").first).to_be_visible()


STATES = [
    ("owner", "/capacity/", "keyboard help"),
    ("approver", "/capacity/", "details"),
    ("approver", "/requests/", "details"),
    ("approver", "/requests/?q=zzzzzz", ""),
    ("officer", "/applications/", "details"),
    ("owner", "/requests/new/", "an empty form sent by Enter"),
    ("applicant", "/apply/", "an empty form sent"),
    ("admin", "/clusters/new/", "an empty form sent"),
    ("owner", "/tenants/00000000-0000-4000-8000-000000000000/", ""),
    ("owner", "/authorities/new/", ""),
    ("owner", "/nowhere/", ""),
]


@pytest.mark.parametrize(("who", "path", "what"), STATES)
def test_opened_states_have_no_barrier(demo, visit, who, path, what):
    person = visit(demo).sign_in(PEOPLE[who])
    page = person.go(path)
    opened(page, what)
    assert looks(page) == []


def test_the_keyboard_alone_signs_in_and_reaches_a_page(demo, visit):
    """Skip link, labels, focus that shows, and a navigation that opens with a key of its own."""
    person = visit(demo)
    page = person.go("/accounts/login/")
    page.locator("input[name=login]").focus()
    page.keyboard.type(PEOPLE["approver"])
    page.keyboard.press("Tab")
    for _ in range(4):  # links beside the password may come first
        if page.evaluate("document.activeElement.name") == "password":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("demo factory 2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/")
    page.locator("input[name=code]").focus()
    page.keyboard.type(PHONE.code(PEOPLE["approver"]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/capacity/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/requests/")


def test_the_description_of_the_api_can_be_read_by_everybody(demo, visit):
    page = visit(demo).sign_in(PEOPLE["owner"]).go("/api/v1/docs/")
    page.locator(".opblock-summary-control").first.wait_for()
    found = looks(page)
    for operation in ("applications_list", "applications_create"):
        page.locator(f"#operations-applications-{operation} .opblock-summary-control").click()
        page.locator(f"#operations-applications-{operation} .responses-table").first.wait_for()
    assert found + looks(page) == []
