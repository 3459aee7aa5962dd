"""An application that goes to and fro: asked for more twice, refused, appealed against, and admitted by somebody else."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.applying import answer, decide, go_on, verify
from tests.journeys.browser import fill, looks

RECTOR, OFFICER = "bruno.salvi@rivaforte.example", "maja.lindqvist@lysvik.example"
OTHER, ADMIN = "sanna.ekholm@lysvik.example", "admin@portal.example"
UNIVERSITY = "Fjordmark University"
REASON = "The mandate of the rector has run out."
APPEAL = "The senate has elected her again; the minutes are of yesterday."


def applied(page: Page) -> str:
    """A university applies, asked what universities are and nothing of companies or ministries; the case's address."""
    fill(page, authority=re.compile("Lysvik"), kind="academia", organisation=UNIVERSITY)
    page.get_by_role("button", name="Begin the application").click()
    expect(page.locator("[name=recognised_by]")).to_be_visible()
    expect(page.locator("[name=employees], [name=founding_act]")).to_have_count(0)
    answer(
        page, country="SE", legal_form="University", legal_id="2021002817", pic="999888777",
        recognised_by="The state, by the act of 1977", sector="research",
    )  # fmt: skip
    go_on(page, "People")
    answer(
        page, contact_name="Bruno Salvi", signatory_name="Bruno Salvi", signatory_role="Rector", mandate="statute",
        security_email="soc@fjordmark.example", security_phone="+46 8 123 456 79",
    )  # fmt: skip
    go_on(page, "Data")
    answer(page, data_class="internal", personal_data="none", support_location="eea")
    go_on(page, "Use")
    answer(
        page, purpose="Sea ice from radar.", ai_role="none", no_prohibited="yes", end_use="research",
        end_user_region="home", dual_use="no", no_sanctions="yes",
    )  # fmt: skip
    go_on(page, "Check and send")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("status").filter(has_text="New")).to_be_visible()
    return page.url


def answered(page: Page, question: str, text: str) -> None:
    """On the page of the application, which shows by itself what the authority asks."""
    expect(page.locator("#case-aside")).to_contain_text(question)
    page.get_by_role("link", name="Answer", exact=True).click()
    fill(page, text=text)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator("#case-facts")).to_contain_text(text)


def appoint(page: Page, email: str) -> None:
    page.get_by_role("link", name="Lysvik Compute Agency").first.click()
    page.get_by_role("link", name="Add staff").click()
    fill(page, email=email, role="onboarding_officer")
    page.get_by_role("button", name="Give the role").click()
    expect(page.locator("main")).to_contain_text("Done.")


def test_a_university_is_asked_twice_refused_and_on_appeal_admitted_by_another_officer(demo, visit):
    rector, officer = visit(demo).sign_in(RECTOR), visit(demo).sign_in(OFFICER)
    page = rector.go("/apply/")
    address = applied(page)

    desk = officer.go("/applications/?sort=newest")
    desk.get_by_role("link", name=UNIVERSITY).click()
    case = desk.url.removeprefix(demo.address)
    expect(desk.locator("#case-facts")).to_contain_text("The state, by the act of 1977")
    decide(
        desk,
        "ask",
        "Ask the applicant",
        reason="Who owns the radar data?",
        remark_purpose="Name the satellites, please.",
    )
    expect(desk.locator("main")).to_contain_text("The applicant was asked")
    expect(page.locator("#case-aside")).to_contain_text("Name the satellites, please.")
    page.get_by_role("link", name="What you will do here").click()
    expect(page.locator("main")).to_contain_text("Name the satellites, please.")
    answer(page, purpose="Sea ice from the radar of two satellites of the Union.")
    expect(page.locator("#kept")).to_contain_text("Kept at")
    page.goto(address)
    answered(page, "Who owns the radar data?", "The Union does, and it is open.")

    expect(desk.locator("#decision")).to_be_visible()  # by itself, with the answer
    desk.reload()
    expect(desk.locator("#case-facts")).to_contain_text("1 answer differs from what was sent before")
    expect(desk.locator("#case-facts")).to_contain_text("two satellites of the Union")
    decide(desk, "ask", "Ask the applicant", reason="Until when is the rector elected?")
    answered(page, "Until when is the rector elected?", "Until the end of last month.")

    desk = officer.go(case)
    expect(desk.locator(".timeline")).to_contain_text("Until the end of last month.")
    expect(desk.locator(".timeline li", has_text="The authority asked")).to_have_count(2)
    decide(desk, "reject", "Refuse the application", reason=REASON)
    expect(desk.locator("#case-facts")).to_contain_text("Refused")
    expect(page.locator("#case-facts")).to_contain_text(REASON)
    expect(page.locator("#case-facts")).to_contain_text("Save as PDF")  # the letter
    page.get_by_role("link", name="Appeal against the refusal").click()
    assert looks(page) == []
    fill(page, text=APPEAL)
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.locator("#case-facts")).to_contain_text("Appealed")

    desk = officer.go(case)
    expect(desk.locator("main")).to_contain_text("You decided this application the first time.")
    expect(desk.locator("#decision")).to_have_count(0)
    appoint(visit(demo).sign_in(ADMIN).go("/authorities/"), OTHER)
    second = visit(demo).sign_in(OTHER).go("/applications/?tab=appeals")
    second.get_by_role("link", name=UNIVERSITY).click()
    expect(second.locator("#case-facts")).to_contain_text(APPEAL)
    verify(second)
    decide(second, "approve", "Approve the application", reason="The minutes show it.")
    expect(second.locator("#case-facts")).to_contain_text("Approved")
    expect(page.locator("#case-facts")).to_contain_text("Approved")  # by itself
    page.get_by_role("link", name="Go to your tenant home").click()
    expect(page.locator("h1")).to_have_text(UNIVERSITY)
    assert looks(page) == []
