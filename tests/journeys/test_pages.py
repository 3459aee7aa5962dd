"""Every page that people can reach by following links: no barrier, no sideways scroll, in light and dark, wide and narrow."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import expect

from tests.journeys.browser import PHONE, looks
from tests.matrix.doors import doors

PEOPLE = {
    "applicant": "stina.hagg@sjohagen.example",
    "owner": "freja.holm@norvik-weather.example",
    "officer": "maja.lindqvist@lysvik.example",
    "approver": "olof.backman@lysvik.example",
    "auditor": "henrik.stahl@lysvik.example",
    "operator": "aksel.nyberg@isgrund.example",
    "admin": "admin@portal.example",
}
NOT_PAGES = {
    "healthz", "schema", "account_logout", "live-ticket", "live-snapshot", "request-offer", "request-quotas",
    "request-impact", "request-moved", "tenant-quotas", "case-facts", "case-aside", "case-keep",
    "case-writer-remove", "question-move", "policy-effect", "document", "request-document", "mode-question-move", "mfa_download_recovery_codes",
}  # fmt: skip
"""Parts, data, and what answers with another page."""
NO_LINK_LEADS_THERE = {
    "first-run": "only while nobody has an account",
    "account_inactive": "for people who were switched off",
    "account_confirm_email": "from a mail",
    "account_email_verification_sent": "after signing up",
    "account_confirm_login_code": "not in use",
    "account_set_password": "for people without a password",
    "account_reset_password_done": "after asking for a mail",
    "account_reset_password_from_key": "from a mail",
    "account_reset_password_from_key_done": "after a mail",
    "account_reauthenticate": "before a change of the address",
    "held-form": "after the second factor, when something was typed before",
    "mfa_authenticate": "after the password",
    "mfa_reauthenticate": "before a decision",
    "mfa_reauthenticate_webauthn": "before a decision of people who have a passkey only",
    "mfa_index": "leads on to another page",
    "mfa_list_webauthn": "leads on to another page",
    "mfa_login_webauthn": "a form leads there",
    "mfa_remove_webauthn": "for people with a passkey",
    "mfa_edit_webauthn": "for people with a passkey",
    "socialaccount_connections": "where identity providers are configured",
    "socialaccount_signup": "after an identity provider that says too little",
    "socialaccount_login_cancelled": "after an identity provider",
    "socialaccount_login_error": "after an identity provider",
    "claims": "where identity providers are configured",
    "claim-new": "where identity providers are configured",
    "claim-end": "where identity providers are configured",
    "claims-dry-run": "where identity providers are configured",
    "tenant-claims": "where an identity provider knows the tenant's people",
    "tenant-claim-new": "where an identity provider knows the tenant's people",
    "tenant-claim-end": "where an identity provider knows the tenant's people",
    "tenant-claims-dry-run": "where an identity provider knows the tenant's people",
    "openid_connect_login": "where identity providers are configured",
    "openid_connect_callback": "where identity providers are configured",
    "welcome": "for people who belong to nothing yet",
    "home": "leads on to another page",
    "request-decide": "a form leads there",
    "case-decide": "a form leads there",
    "case-effect": "a part of the page",
    "letter-preview": "a part of the page",
    "letter-file": "a file",
    "letter-sample": "a file",
    "stock-copy": "a form leads there",
    "api-docs": "for programmers, from the README; looked at below",
}
NEEDS_A_STATE = {
    "case-edit", "case-write", "case-send", "case-writers", "question-set",
    "question-preview", "question-new", "question-edit", "question-set-publish", "question-set-drop", "case-answer", "case-withdraw", "case-take", "case-assign", "case-note", "request-edit", "request-submit",
    "request-withdraw", "request-answer", "request-review", "request-take-back", "request-assign", "request-appeal", "requests-bulk", "tenant-reactivate", "member-new", "membership-end",
    "case-appeal", "condition-met", "stock-text-edit", "stock-text-retire",
    "request-copy", "request-documents", "request-document-remove",
    "mode", "mode-edit", "mode-question", "mode-question-new", "mode-publish", "mode-drop", "grant-give-back", "grant-transfer",
    "mfa_generate_recovery_codes", "cluster-credential-remove", "kind-alias", "notification-read", "case-documents", "document-remove", "token-revoke",
}  # fmt: skip
"""Linked only while a row is in a certain state; journeys and the matrix open them."""


def links(page, address: str) -> list[tuple[str, str]]:
    """(name of the page, path with query) of every link to a page of ours."""
    found = []
    for target in page.eval_on_selector_all("a[href]", "nodes => nodes.map(node => node.href)"):
        parts = urlsplit(target)
        if not target.startswith(address) or "format=" in parts.query or parts.path.startswith("/static/"):
            continue
        try:
            found.append((resolve(parts.path).url_name or "", parts.path + (f"?{parts.query}" if parts.query else "")))
        except Resolver404:
            found.append(("nothing", parts.path))
    return found


def explore(person, address: str, start: str, seen: set[str], trouble: dict[str, list[str]]) -> None:
    """Follow links from ``start`` to one page of every kind, and look at those that nobody has seen yet."""
    waiting, visited = [("", start)], set()
    while waiting:
        name, path = waiting.pop(0)
        if name in visited or name in NOT_PAGES:
            continue
        page = person.go(path)
        here = resolve(urlsplit(page.url).path).url_name or ""
        visited |= {name, here}
        page.locator("h1, main").first.wait_for()
        if here not in seen and (wrong := looks(page)):
            trouble[f"{here} ({path})"] = wrong
        seen |= {name, here}
        waiting += links(page, address)


@pytest.fixture(scope="module")
def seen():
    return set()


@pytest.mark.parametrize("who", [None, *PEOPLE])
def test_pages_have_no_barrier_in_any_appearance(demo, visit, seen, who):
    person, trouble = visit(demo), {}
    if who is None:
        for start in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/"):
            explore(person, demo.address, start, seen, trouble)
    else:
        person.sign_in(PEOPLE[who])
        explore(person, demo.address, "/", seen, trouble)
    assert trouble == {}


def test_every_page_was_seen(seen):
    if not seen:
        pytest.skip("the pages were not looked at in this run")
    pages = {name for name, door in doors().items() if not door.is_api} - NOT_PAGES - set(NO_LINK_LEADS_THERE)
    assert "nothing" not in seen
    assert pages - seen <= NEEDS_A_STATE


def opened(page, what: str) -> None:
    """Bring the page into the state ``what``."""
    if what == "keyboard help":
        page.keyboard.press("?")
        expect(page.locator("dialog[open]")).to_be_visible()
    elif what == "details":
        page.eval_on_selector_all("details", "nodes => nodes.forEach(node => node.open = true)")
    elif what == "an empty form sent":
        page.locator("main form button[type=submit]").first.click()
        expect(page.locator(".err, [role=alert]").first).to_be_visible()


STATES = [
    ("owner", "/capacity/", "keyboard help"),
    ("approver", "/capacity/", "details"),
    ("approver", "/requests/", "details"),
    ("approver", "/requests/?q=zzzzzz", ""),
    ("officer", "/applications/", "details"),
    ("owner", "/requests/new/", "an empty form sent"),
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
