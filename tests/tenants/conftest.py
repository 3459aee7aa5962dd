from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def signed_in():
    """A browser in which this person is signed in."""

    def open_browser(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return open_browser
