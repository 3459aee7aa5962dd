from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories.people import PASSWORD, code_now, make_factor, make_user
from tests.factories.tenants import make_authority, make_case, make_staff

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def fresh_limits():
    """Limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def laptop():
    """A laptop that nobody is signed in to."""
    return Client(headers={"User-Agent": FIREFOX})


@pytest.fixture
def desk():
    """An officer with an authenticator app, and an application on their desk."""
    authority = make_authority()
    officer = make_staff(authority, "onboarding_officer", make_user())
    case = make_case("submitted", authority=authority)
    return SimpleNamespace(
        authority=authority, officer=officer, secret=make_factor(officer), case=case,
        decide=reverse("case-decide", args=[case.public_id]),
    )  # fmt: skip


@pytest.fixture
def sign_in():
    """sign_in(laptop, user, secret): through the pages, password and code."""

    def sign_in(client, user, secret="", step=0):
        answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        if secret:
            assert answer["Location"] == reverse("mfa_authenticate")
            answer = client.post(answer["Location"], {"code": code_now(secret, step)})
        assert answer.status_code == 302
        return client

    return sign_in
