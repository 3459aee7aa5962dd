"""Signing in through a real identity provider: code flow with PKCE, and no way to take an account over."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.urls import reverse

from portal.models import AuditEvent, User
from portal.settings.env import Provider
from tests.factories.people import code_now, make_factor, make_user
from tests.factories.tenants import make_authority, make_staff

pytestmark = pytest.mark.django_db
ASKED = ["openid", "profile", "email", "groups"]


@pytest.fixture
def iam(iam_server, settings):
    """The provider, with this portal as its client; ``iam.vouches`` lists mail domains it may speak for."""
    models, backend = iam_server.models, iam_server.backend
    callback = "http://testserver" + reverse("openid_connect_callback", args=["work"])
    client = models.Client(
        client_id=str(uuid.uuid4()), client_secret="a secret of the test", client_name="Portal",
        redirect_uris=[callback], grant_types=["authorization_code"], response_types=["code"],
        token_endpoint_auth_method="client_secret_post", scope=ASKED,
    )  # fmt: skip
    backend.save(client)
    client.audience = [client]
    backend.save(client)

    def configure(*domains):
        provider = Provider(
            key="work", name="Ministry", issuer=iam_server.url.rstrip("/"), client_id=client.client_id,
            client_secret="a secret of the test", domains=domains, origin=iam_server.url.rstrip("/"),
        )  # fmt: skip
        app = provider.as_app()
        app["settings"]["scope"] = ASKED
        settings.OIDC_PROVIDERS = [provider]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}

    configure()
    iam_server.configure = configure
    iam_server.client = client
    yield iam_server
    iam_server.logout()


def employee(iam, email="ada@ministry.example", groups=()):
    """Somebody the provider knows."""
    user = iam.random_user(
        emails=[email], formatted_name="Ada Employee", given_name="Ada", family_name="Employee",
        user_name=f"ada-{uuid.uuid4().hex[:8]}",
    )  # fmt: skip
    for name in groups:
        iam.random_group(display_name=name, members=[user])
    return user


def at_the_provider(iam, laptop, user, process="login"):
    """From our button through the provider and back; what our callback answers."""
    page = reverse("openid_connect_login", args=["work"])
    away = laptop.post(f"{page}?process={process}")
    assert away.status_code == 302
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["nonce"][0]) >= 32
    iam.login(user)
    iam.consent(user, iam.client)
    back = iam.test_client.get(away["Location"])
    assert back.status_code == 302, back.data
    return laptop.get(back.location.removeprefix("http://testserver"))


def test_the_button_is_on_the_page_and_the_policy_lets_it_go(laptop, iam):
    page = laptop.get(reverse("account_login"))
    assert "Sign in with Ministry" in page.content.decode()


def test_a_new_person_of_a_domain_it_speaks_for_is_signed_in(laptop, iam):
    iam.configure("ministry.example")
    assert at_the_provider(iam, laptop, employee(iam)).status_code == 302
    user = User.objects.get(email="ada@ministry.example")
    assert (user.full_name, user.has_usable_password()) == ("Ada Employee", False)
    assert laptop.get("/profile/").status_code == 200


def test_a_new_person_of_another_domain_confirms_the_address_first(laptop, iam):
    answer = at_the_provider(iam, laptop, employee(iam))
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert laptop.get("/profile/").status_code == 302


def test_who_is_known_comes_back_to_the_same_account_whatever_the_address_now(laptop, iam):
    who = employee(iam)
    at_the_provider(iam, laptop, who)
    EmailAddress.objects.update(verified=True)
    with iam.app.app_context():
        iam.backend.update(who, emails=["other@ministry.example"])
        iam.backend.save(who)
    assert at_the_provider(iam, laptop, who)["Location"] == "/"
    assert User.objects.get().email == "ada@ministry.example"


def test_an_account_that_is_here_is_not_opened_by_its_address(laptop, iam):
    """Whoever runs the provider could write any address into it."""
    owner = make_user("ada@ministry.example")
    answer = at_the_provider(iam, laptop, employee(iam))
    assert laptop.get("/profile/").status_code == 302
    assert not SocialAccount.objects.filter(user=owner).exists()
    assert User.objects.count() == 1
    assert answer.status_code == 302


def test_a_provider_opens_accounts_of_the_domains_it_vouches_for_and_no_others(laptop, iam):
    iam.configure("ministry.example")
    ours, theirs = make_user("ada@ministry.example"), make_user("bob@elsewhere.example")
    at_the_provider(iam, laptop, employee(iam))
    linked = SocialAccount.objects.filter(user=ours).exists()
    laptop.post(reverse("account_logout"))
    at_the_provider(iam, laptop, employee(iam, "bob@elsewhere.example"))
    assert (linked, SocialAccount.objects.filter(user=theirs).exists()) == (True, False)


def test_the_second_factor_is_asked_for_after_the_provider_too(laptop, iam):
    iam.configure("ministry.example")
    officer = make_staff(make_authority(), "onboarding_officer", make_user("ada@ministry.example"))
    secret = make_factor(officer)
    who = employee(iam)
    answer = at_the_provider(iam, laptop, who)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert laptop.get("/applications/").status_code == 302
    laptop.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert laptop.get("/applications/").status_code == 200
    assert AuditEvent.objects.get(act="session.opened").after["how"] == ["socialaccount", "totp"]


def test_a_code_or_state_that_was_used_opens_nothing(laptop, iam, client):
    """Somebody else's browser with our callback address, as a thief would have it from a log."""
    page = reverse("openid_connect_login", args=["work"])
    away = laptop.post(page)
    iam.login(who := employee(iam))
    iam.consent(who, iam.client)
    back = iam.test_client.get(away["Location"]).location.removeprefix("http://testserver")
    assert client.get(back).status_code == 401
    laptop.get(back)
    laptop.post(reverse("account_logout"))
    assert laptop.get(back).status_code == 401


def waiting(iam, laptop, query=""):
    """The way back from the provider, not gone yet, and what was asked there."""
    away = laptop.post(reverse("openid_connect_login", args=["work"]) + query)
    iam.login(who := employee(iam))
    iam.consent(who, iam.client)
    back = iam.test_client.get(away["Location"]).location.removeprefix("http://testserver")
    return back, parse_qs(urlsplit(away["Location"]).query)


@pytest.mark.parametrize("nonce", ["another", "", None])
def test_a_token_that_answers_another_question_opens_nothing(laptop, iam, nonce):
    iam.configure("ministry.example")
    back, asked = waiting(iam, laptop)
    session = laptop.session
    ((kept, *_rest),) = session["socialaccount_states"].values()
    assert [kept["nonce"]] == asked["nonce"]
    kept["nonce"] = nonce
    session.save()
    assert laptop.get(back).status_code == 401
    assert laptop.get("/profile/").status_code == 302
    assert User.objects.count() == 0


def test_facts_about_somebody_else_than_the_token_names_open_nothing(laptop, iam, monkeypatch):
    iam.configure("ministry.example")
    victim = {"sub": "the-director", "email": "director@ministry.example", "name": "The Director"}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_fetch_user_info", lambda *_args: victim)
    back, _asked = waiting(iam, laptop)
    assert laptop.get(back).status_code == 401
    assert User.objects.count() == 0


def test_an_address_chooses_nothing_of_what_is_asked(laptop, iam):
    """The library takes parameters and scopes from the address of the button."""
    _back, asked = waiting(iam, laptop, "?scope=offline_access&auth_params=nonce%3Dknown%26prompt%3Dnone")
    assert set(asked["scope"][0].split()) == set(ASKED)
    assert "prompt" not in asked
    assert asked["nonce"] != ["known"]
