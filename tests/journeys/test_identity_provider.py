"""Signing in through a real identity provider in a real browser: its pages, its consent, and the way back."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import looks
from tests.journeys.conftest import started

SECRET, PASSWORD = "a secret of the journey", "correct horse battery staple"
CLIENT = str(uuid.uuid4())


@pytest.fixture(scope="module")
def portal(chromium, iam_server):
    """The product with DEMO=0, and an organisation's sign-in."""
    yield from started(
        DEMO="0", OIDC_PROVIDERS="work", OIDC_WORK_NAME="Ministry", OIDC_WORK_ISSUER=iam_server.url,
        OIDC_WORK_CLIENT_ID=CLIENT, OIDC_WORK_CLIENT_SECRET=SECRET, OIDC_WORK_DOMAINS="ministry.example",
    )  # fmt: skip


@pytest.fixture
def employee(iam_server, portal):
    """Somebody the provider knows, and the portal as its client."""
    client = iam_server.models.Client(
        client_id=CLIENT, client_secret=SECRET, client_name="Portal", grant_types=["authorization_code"],
        redirect_uris=[f"{portal.address}/accounts/oidc/work/login/callback/"], response_types=["code"],
        token_endpoint_auth_method="client_secret_post", scope=["openid", "profile", "email"],
    )  # fmt: skip
    iam_server.backend.save(client)
    client.audience = [client]
    iam_server.backend.save(client)
    return iam_server.random_user(
        emails=["ada@ministry.example"], formatted_name="Ada Employee", given_name="Ada", family_name="Employee",
        user_name="ada", password=PASSWORD,
    )  # fmt: skip


def test_the_ministrys_sign_in_opens_the_portal(portal, visit, employee):
    person = visit(portal)
    page = person.go("/accounts/login/")
    assert looks(page) == []
    page.get_by_role("button", name="Sign in with Ministry").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/login"))
    page.locator("input[name=login]").fill("ada")
    page.locator("form:has(input[name=login]) [type=submit]").first.click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) [type=submit]").first.click()
    page.locator("[name=answer][value=accept]").click()
    expect(page).to_have_url(re.compile(re.escape(portal.address)))
    person.go("/profile/")
    expect(page.locator("input[name=full_name]")).to_have_value("Ada Employee")
    person.go("/accounts/email/")
    expect(page.locator("main")).to_contain_text("ada@ministry.example")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
