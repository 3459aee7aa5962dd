"""Second factors in a real browser: an app, a passkey, the guided set-up, and the step before a decision."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from resources.demo import world
from tests.journeys.browser import PASSWORD, fill
from tests.journeys.test_pages import looks
from tests.product import PROJECT

OFFICER, OWNER = "chiara.donati@montelume.example", "nils.forsman@tallbacken.example"
MEMBER, APPROVER = "liv.sandell@norvik-weather.example", "jonas.adler@auental.example"
CASE = "Cantieri Rivaforte"
AGE = """
from django.contrib.sessions.models import Session
for row in Session.objects.all():
    data = row.get_decoded()
    for each in data.get("account_authentication_methods", []):
        each["at"] -= 360
    row.session_data = Session.objects.encode(data)
    row.save()
"""
"""Six minutes pass in every session."""


def six_minutes_pass(product):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", AGE]
    done = subprocess.run(
        command, cwd=PROJECT, env=product.env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def passkeys():
    """A virtual authenticator with fingerprint in the browser of a person; ``verified`` says whether the finger fits."""

    def plug_in(person):
        session = person.context.new_cdp_session(person.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        number = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

        def finger_fits(fits: bool) -> None:
            session.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": fits})

        return finger_fits

    return plug_in


def sign_out(page):
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_an_app_is_connected_by_the_guide_and_asked_for_from_then_on(demo, visit):
    person = visit(demo).sign_in(OWNER)
    page = person.go("/accounts/security/")
    found = {"security": looks(page)}
    page.get_by_role("link", name="Set one up").click()
    found["guide"] = looks(page)
    page.get_by_role("link", name="Authenticator app").click()
    found["app"] = looks(page)
    page.locator("form:has(input[name=code]) button").click()
    expect(page.locator(".err").first).to_be_visible()
    found["app, an empty code"] = looks(page)
    page.go_back()
    page.go_back()
    person.connect_app(OWNER, look=lambda: found.update(codes=looks(page)))
    expect(page).to_have_url(re.compile("/accounts/security/"))
    expect(page.locator("main")).to_contain_text("10 are left")
    found["security with an app"] = looks(page)
    sign_out(page)
    person.go("/accounts/login/")
    page.locator("input[name=login]").fill(OWNER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))
    found["second step"] = looks(page)
    page.locator("input[name=code]").fill("000000")
    page.locator("form:has(input[name=code]) button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("This code is not right")
    person.show_factor()
    expect(page.locator("h1")).to_contain_text("Tallbacken")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_passkey_is_added_signs_in_alone_and_counts_before_a_decision(demo, visit, passkeys):
    person = visit(demo)
    finger_fits = passkeys(person)
    person.sign_in(MEMBER)
    page = person.go("/accounts/security/")
    page.get_by_role("link", name="Set one up").click()
    page.get_by_role("link", name="Passkey").click()
    found = {"adding": looks(page)}
    finger_fits(False)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.locator("#passkey-trouble")).to_be_visible()
    found["finger refused"] = looks(page)
    finger_fits(True)
    fill(page, name="work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("work laptop")
    found["security with a passkey"] = looks(page)
    sign_out(page)
    found["sign in"] = looks(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("h1")).to_contain_text("Norvik")
    six_minutes_pass(demo)
    person.go("/accounts/2fa/webauthn/add/")
    expect(page).to_have_url(re.compile("/reauthenticate/"))
    found["is it you"] = looks(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(re.compile("/webauthn/add/"))
    person.go("/accounts/security/")
    page.get_by_role("link", name="Rename").click()
    found["rename"] = looks(page)
    fill(page, name="blue key")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove").click()
    found["remove"] = looks(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("main")).not_to_contain_text("blue key")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_decision_asks_for_the_factor_and_loses_nothing(demo, visit):
    officer = visit(demo).sign_in(OFFICER)
    page = officer.go("/applications/")
    page.get_by_role("link", name=CASE).click()
    fill(page, outcome="ask", reason="")
    six_minutes_pass(demo)
    fill(page, outcome="reject", reason="The register’s extract is older than three months: “please renew” & send.")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Refuse the application").click()
    expect(page).to_have_url(re.compile("/2fa/reauthenticate/"))
    wrong = looks(page)
    expect(page.locator("main")).to_contain_text("This is the demo")
    officer.show_factor()
    expect(page.locator("#case-facts")).to_contain_text("older than three months: “please renew” & send.")
    assert wrong == []


def test_sessions_are_listed_and_ended_from_elsewhere(demo, visit):
    here, there = visit(demo).sign_in(APPROVER), visit(demo, size="narrow").sign_in(APPROVER)
    open_page = there.go("/capacity/")
    page = here.go("/accounts/security/")
    sessions = page.locator("section[aria-labelledby=sessions] li")
    expect(sessions.nth(1)).to_be_visible()  # this one, the other, and whatever this approver left open before
    expect(page.locator("section[aria-labelledby=recent]")).to_contain_text("Chrome · Linux")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(sessions).to_have_count(1)
    open_page.goto(demo.address + "/requests/")
    expect(open_page).to_have_url(re.compile("/accounts/login/"))


def test_the_console_prints_a_code_of_the_demo(demo):
    command = [sys.executable, "manage.py", "demo_code", "maja"]
    said = subprocess.run(command, cwd=PROJECT, env=demo.env, check=True, capture_output=True, text=True, timeout=120)
    assert re.fullmatch(r"\d{6}\n", said.stdout)
    assert "manage.py demo_code NAME" in demo.said()
    assert world.PASSWORD in demo.said()
