"""Three kinds of applicants, each asked what is asked of its kind: a start-up without an account, and a ministry."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.journeys.browser import fill, looks
from tests.tenants.files import PDF

MINISTRY = "theo.garnier@brumeval.example"
FOUNDER = "noor.haddad@tidewater.example"
GO_ON = re.compile("^(Save and go on|Go on to check and send)$")
PEOPLE = {
    "contact_name": "Noor Haddad", "signatory_name": "Noor Haddad", "signatory_role": "Head",
    "security_email": "soc@tidewater.example", "security_phone": "+46 8 123 456 78",
}  # fmt: skip
LAST = {
    "ai_role": "none", "no_prohibited": "yes", "end_use": "research", "end_user_region": "home", "dual_use": "no",
    "no_sanctions": "yes",
}  # fmt: skip


def answer(page: Page, **answers: object) -> None:
    """One after the other: some questions appear only after the answer before."""
    for name, value in answers.items():
        expect(page.locator(f"main [name='{name}']").first).to_be_visible()
        fill(page, **{name: value})


def go_on(page: Page, title: str) -> None:
    page.get_by_role("button", name=GO_ON).click()
    expect(page.locator("h1")).to_have_text(title)


def link_for(product, email: str) -> str:
    """The address in the mail, which a demo writes to its output."""
    for _each in range(240):
        for mail in product.said().split("To: ")[1:]:
            if mail.startswith(email) and (found := re.search(r"/apply/go/\S+", mail)):
                return found[0]
        time.sleep(0.5)
    raise AssertionError(f"no mail for {email}")


def test_a_start_up_applies_without_an_account_and_is_asked_what_start_ups_are(demo, visit):
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


def test_a_ministry_is_asked_for_the_law_that_set_it_up_and_for_nothing_of_companies(demo, visit):
    page = visit(demo).sign_in(MINISTRY).go("/apply/")
    fill(page, authority=re.compile("Lysvik"), kind="public_agency", organisation="Ministry of Tides")
    page.get_by_role("button", name="Begin the application").click()
    expect(page.locator("[name=founding_act]")).to_be_visible()
    expect(page.locator("[name=employees]")).to_have_count(0)
    answer(
        page, country="SE", legal_form="Body of the state", legal_id="2021000001", parent_body="The government",
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
    go_on(page, "Use")
    answer(page, purpose="Forecast floods for every harbour.", **LAST)
    go_on(page, "Check and send")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("status").filter(has_text="New")).to_be_visible()


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
