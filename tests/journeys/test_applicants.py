"""Two kinds of applicants from the first question to the members of a tenant, each asked what is asked of its kind.

A start-up without an account is admitted under a condition; a ministry with confidential data by two people.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.applying import GO_ON, answer, decide, go_on, link_for, verify
from tests.journeys.browser import Person, fill, looks
from tests.tenants.files import PDF

MINISTRY = "theo.garnier@brumeval.example"
OFFICER = "maja.lindqvist@lysvik.example"
FIRST, SECOND = "karla.winter@auental.example", "bodo.reimann@auental.example"
FOUNDER = "noor.haddad@tidewater.example"
PEOPLE = {
    "contact_name": "Noor Haddad", "signatory_name": "Noor Haddad", "signatory_role": "Head",
    "security_email": "soc@tidewater.example", "security_phone": "+46 8 123 456 78",
}  # fmt: skip
LAST = {
    "ai_role": "none", "no_prohibited": "yes", "end_use": "research", "end_user_region": "home", "dual_use": "no",
    "no_sanctions": "yes",
}  # fmt: skip


def at_desk(officer: Person, organisation: str) -> Page:
    """The application among the newest, its checks looked at by hand."""
    page = officer.go("/applications/?sort=newest")
    page.get_by_role("link", name=organisation).click()
    verify(page)
    return page


def test_a_start_up_without_an_account_is_admitted_under_a_condition_and_meets_it(demo, visit):
    person = visit(demo)
    page = person.go("/apply/")
    assert looks(page) == []
    fill(page, authority=re.compile("Lysvik"), kind="startup", organisation="Tidewater Robotics", email=FOUNDER)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.locator("main")).to_contain_text(FOUNDER)
    page = person.go(link_for(demo, FOUNDER))
    expect(page.locator("main")).to_contain_text("Tidewater Robotics")
    assert looks(page) == []
    fill(page, full_name="Noor Haddad", password="a long and quiet river")
    page.get_by_role("button", name="Open the account and go on").click()
    expect(page.locator("[name=organisation]")).to_have_value("Tidewater Robotics")
    expect(page.locator("[name=parent_body]")).to_have_count(0)
    answer(
        page, country="SE", legal_form="Aktiebolag", legal_id="5560360793", employees="12", sme="yes",
        controlled_abroad="no", founded="2023-05-04", funding="Its two founders.", sector="transport", nis2="outside",
    )  # fmt: skip
    go_on(page, "People")
    answer(page, **PEOPLE, mandate="power_of_attorney")
    answer(page, mandate_until="2099-12-31")
    page.locator("input[type=file]").set_input_files(
        {"name": "mandate.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(page.locator("[data-files]")).to_contain_text("mandate.pdf")
    assert looks(page) == []
    go_on(page, "Data")
    answer(page, data_class="internal", personal_data="none", support_location="eea")
    go_on(page, "Use")
    answer(page, purpose="Train robots to weld hulls.", ai_role="provider")
    answer(page, high_risk="none", gpai="yes")
    answer(page, training_flop="2e25")
    page.keyboard.press("Tab")
    expect(page.locator(".advice")).to_contain_text("presumed to have systemic risk")
    answer(page, commission_told="yes", **{key: value for key, value in LAST.items() if key != "ai_role"})
    go_on(page, "Check and send")
    expect(page.locator("main")).to_contain_text("mandate.pdf")
    assert looks(page) == []
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("region", name="Where it stands")).to_contain_text("It is here now")
    assert looks(page) == []

    desk = at_desk(visit(demo).sign_in(OFFICER), "Tidewater Robotics")
    expect(desk.locator("#case-facts")).to_contain_text("Its two founders.")
    soon = f"{timezone.localdate() + timedelta(days=60)}"
    decide(desk, "conditions", "Approve with these conditions", text_1="Hand in the annual report.", due_1=soon)
    expect(desk.locator("#conditions")).to_contain_text("Hand in the annual report.")
    expect(page.locator("#case-facts")).to_contain_text("Approved with conditions")  # by itself
    expect(page.locator("#case-facts")).to_contain_text("Save as PDF")  # the letter
    page.get_by_role("link", name="Go to your tenant home").click()
    expect(page.locator("h1")).to_have_text("Tidewater Robotics")
    expect(page.locator("#conditions")).to_contain_text("Hand in the annual report.")
    assert looks(page) == []
    desk.get_by_role("link", name="It is met").click()
    assert looks(desk) == []
    fill(desk, evidence="The report of 2025, received today.")
    desk.get_by_role("button", name="The condition is met").click()
    expect(page.locator("#conditions")).to_have_count(0)  # by itself
    page.get_by_role("link", name="Add somebody").click()
    fill(page, email="lea.moreau@tidewater.example", full_name="Lea Moreau", role="member")
    page.get_by_role("button", name="Give the role").click()
    person.connect_app(FOUNDER)  # whoever gives roles has a second factor; what was typed waits meanwhile
    expect(page.get_by_role("region", name="People")).to_contain_text("Lea Moreau")


def test_a_ministry_is_asked_for_the_law_that_set_it_up_and_admitted_by_two_people(demo, visit):
    page = visit(demo).sign_in(MINISTRY).go("/apply/")
    fill(page, authority=re.compile("Auental"), kind="public_agency", organisation="Ministry of Tides")
    page.get_by_role("button", name="Begin the application").click()
    expect(page.locator("[name=founding_act]")).to_be_visible()
    expect(page.locator("[name=employees]")).to_have_count(0)
    answer(
        page, country="DE", legal_form="Body of the state", legal_id="DE136695976", parent_body="The government",
        founding_act="Tides Act of 12 March 2004", sector="administration", nis2="essential", nis2_registered="no",
    )  # fmt: skip
    expect(page.locator(".advice")).to_contain_text("register with their country")
    go_on(page, "People")
    answer(page, **PEOPLE, mandate="statute")
    go_on(page, "Data")
    answer(
        page,
        data_class="confidential",
        confidential_computing="gpu_cc",
        personal_data="personal",
        gdpr_role="controller",
    )
    answer(
        page,
        dpo_name="Ida Berg",
        dpo_email="dpo@tides.example",
        dpa_signed="yes",
        transfers="no",
        support_location="eea",
    )
    answer(page, dpa_version="2.1", dpa_date="2017-01-01")
    page.get_by_role("button", name=GO_ON).click()
    expect(page.locator("#id_dpa_date_error")).to_contain_text("may not be before 2018-05-25")
    expect(page.locator("[name=dpa_version]")).to_have_value("2.1")
    answer(page, dpa_date="2025-11-04")
    expect(page.locator("#kept")).to_contain_text("Kept at")  # the sentence goes as soon as the button is pressed
    go_on(page, "Use")
    answer(page, purpose="Forecast floods for every harbour.", **LAST)
    go_on(page, "Check and send")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("status").filter(has_text="New")).to_be_visible()

    desk = at_desk(visit(demo).sign_in(FIRST), "Ministry of Tides")
    expect(desk.locator("#case-facts")).to_contain_text("Tides Act of 12 March 2004")
    decide(desk, "approve", "Approve the application")
    expect(page.locator("#case-facts")).to_contain_text("Second approval")
    expect(desk.locator("#decision")).to_have_count(0)
    second = visit(demo).sign_in(SECOND).go("/applications/?sort=newest")
    second.get_by_role("link", name="Ministry of Tides").click()
    decide(second, "approve", "Approve the application")
    expect(page.locator("#case-facts")).to_contain_text("Approved")  # by itself
    page.get_by_role("link", name="Go to your tenant home").click()
    expect(page.get_by_label("Facts", exact=True)).to_contain_text("Confidential")
    assert looks(page) == []


def test_a_document_goes_on_by_itself_after_the_line_was_down(demo, visit):
    person = visit(demo).sign_in(MINISTRY)
    page = person.go("/apply/")
    fill(page, authority=re.compile("Lysvik"), kind="public_agency", organisation="Down and up")
    page.get_by_role("button", name="Begin the application").click()
    lost = []

    def lose(route):  # it arrives, and its answer does not
        if not lost:
            lost.append(route.fetch())
            return route.abort("connectionreset")
        return route.continue_()

    page.route("**/documents/", lose)
    page.locator("input[type=file]").set_input_files({"name": "act.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(page.locator(".sending")).to_contain_text("It goes on by itself")
    assert looks(page) == []
    expect(page.locator("[data-files] li")).to_have_count(1)
    expect(page.locator(".sending li")).to_have_count(0)
    assert [each.status for each in lost] == [201]
