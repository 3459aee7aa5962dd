"""The application wizard in a browser: nothing typed is lost, whatever happens between two keystrokes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import fill, looks

WRITER, COLLEAGUE = "anke.sommer@hs-buchenried.example", "theo.garnier@brumeval.example"


def begin(person, organisation: str):
    page = person.go("/apply/")
    fill(page, authority=re.compile("Lysvik"), kind="academia", organisation=organisation)
    page.get_by_role("button", name="Begin the application").click()
    expect(page.locator("#questions")).to_be_visible()
    return page


def to_step(page, name: str) -> None:
    page.get_by_role("navigation", name="Steps of the application").get_by_role("link", name=name).click()
    expect(page.locator("h1")).to_have_text(name)


def test_an_answer_is_kept_while_it_is_typed_and_comes_back(demo, visit):
    page = begin(visit(demo).sign_in(WRITER), "Kept as typed")
    fill(page, legal_form="Körperschaft")
    expect(page.locator("#kept")).to_contain_text("Kept at")
    page.reload()
    expect(page.locator("[name=legal_form]")).to_have_value("Körperschaft")


def test_what_is_typed_while_the_page_still_loads_is_kept(demo, visit):
    page = begin(visit(demo).sign_in(WRITER), "Quick fingers")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/wizard*.js", hold)
    page.goto(page.url, wait_until="commit")
    page.locator("[name=legal_form]").fill("Stiftung")
    held[0].continue_()
    page.unroute("**/wizard*.js")
    expect(page.locator("#kept")).to_contain_text("Kept at")
    page.reload()
    expect(page.locator("[name=legal_form]")).to_have_value("Stiftung")


def test_what_the_server_did_not_take_waits_in_the_browser_and_survives_a_crash(demo, visit):
    page = begin(visit(demo).sign_in(WRITER), "Away and back")
    page.route("**/keep/", lambda route: route.fulfill(status=503, body=""))
    fill(page, legal_form="Stiftung", kind="startup")
    expect(page.locator("#kept")).to_contain_text("Not kept yet")
    page.reload()
    expect(page.locator("[name=legal_form]")).to_have_value("Stiftung")
    page.unroute("**/keep/")
    expect(page.locator("#kept")).to_contain_text("Kept at", timeout=15_000)
    expect(page.locator("[name=employees]")).to_be_visible()  # the kind arrived, and with it its questions
    page.reload()
    expect(page.locator("[name=legal_form]")).to_have_value("Stiftung")
    expect(page.locator("[name=kind]")).to_have_value("startup")


def test_a_wrong_answer_is_told_beside_its_field_once_one_has_left_it(demo, visit):
    page = begin(visit(demo).sign_in(WRITER), "Wrong number")
    field = page.locator("[name=legal_id]")
    field.fill("LU12345614")
    expect(page.locator("#kept")).to_contain_text("Kept at")
    expect(page.locator("#id_legal_id_error")).to_have_count(0)
    field.press("Tab")
    expect(page.locator("#id_legal_id_error")).to_contain_text("VAT number of LU")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert looks(page) == []
    field.fill("LU12345613")
    field.press("Tab")
    expect(page.locator("#id_legal_id_error")).to_have_count(0)


def test_two_people_write_one_application(demo, visit):
    page = begin(visit(demo).sign_in(WRITER), "Written by two")
    address = page.url.removeprefix(demo.address)
    page.get_by_role("link", name="Who writes this application").click()
    fill(page, email=COLLEAGUE)
    page.get_by_role("button", name="Ask this person to write too").click()
    expect(page.locator("main")).to_contain_text(f"{COLLEAGUE} gets a mail")
    assert looks(page) == []
    other = visit(demo).sign_in(COLLEAGUE).go("/apply/")
    assert looks(other) == []
    other.get_by_role("listitem").filter(has_text="Written by two").get_by_role("button", name="Write it too").click()
    expect(other.locator("#questions")).to_be_visible()
    other.goto(demo.address + address)
    mine = page.context.new_page()
    mine.goto(demo.address + address)
    fill(other, legal_form="Foundation")
    expect(other.locator("#kept")).to_contain_text("Kept at")
    expect(mine.locator("[name=legal_form]")).to_have_value("Foundation", timeout=25_000)  # by itself
    expect(mine.locator("#others")).to_contain_text("Théo Garnier wrote here")


@pytest.mark.parametrize("step", ["Organisation", "People", "Data", "Use", "Check and send"])
def test_no_step_has_a_barrier(demo, visit, step):
    page = begin(visit(demo).sign_in(WRITER), f"Looked at, {step}")
    fill(page, kind="startup")
    expect(page.locator("[name=employees]")).to_be_visible()
    to_step(page, step)
    assert looks(page) == []


def test_the_keyboard_alone_writes_a_step_on_a_narrow_screen(demo, visit):
    page = begin(visit(demo, size="narrow").sign_in(WRITER), "By keyboard")
    to_step(page, "People")
    page.locator("[name=contact_name]").focus()
    for text in ("Anke Sommer", "anke@buchenried.example", "+49 30 1234567", "Anke Sommer", "Rector"):
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first way to hold a mandate
    page.keyboard.press("Tab")
    page.keyboard.type("soc@buchenried.example")
    page.keyboard.press("Tab")
    page.keyboard.type("+49 30 7654321")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Save and go on")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Data")


def test_who_was_signed_out_signs_in_in_another_tab_and_nothing_typed_is_lost(demo, visit):
    person = visit(demo).sign_in(WRITER)
    page = begin(person, "Signed out meanwhile")
    person.context.clear_cookies()
    fill(page, legal_form="Stiftung")
    expect(page.locator("#kept")).to_contain_text("Sign in again in another tab")
    person.page = person.context.new_page()
    person.sign_in(WRITER)
    expect(page.locator("#kept")).to_contain_text("Kept at", timeout=40_000)
    page.reload()
    expect(page.locator("[name=legal_form]")).to_have_value("Stiftung")
