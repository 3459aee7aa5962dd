"""What the portal writes to people about their accounts: in its own words, and back to where they wanted to go."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.passwords import OneVoice
from portal.models import User
from tests.factories.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db
BODY = {"full_name": "Mara Voss", "email": "mara@example.test", "password1": PASSWORD, "password2": PASSWORD}


def confirmation():
    (message,) = mail.outbox
    return urlsplit(re.search(r"http://testserver(/accounts/confirm-email/\S+)", message.body)[1])


def test_confirmation_is_the_portal_s_own_letter(client, settings):
    settings.PORTAL_NAME = "Factory of the North"
    client.post("/accounts/signup/", BODY)
    (message,) = mail.outbox
    assert message.subject == "Confirm your address for Factory of the North"
    assert message.body.startswith("Hello Mara Voss,\n\nthis address was given for an account at Factory of the North.")
    assert message.body.rstrip().endswith("Factory of the North\nhttp://testserver/")
    for word in ("Hello from", "Thank you for using", "localhost"):
        assert word not in message.body


@pytest.mark.parametrize("name", ["password/reset", "signup"])
def test_other_letters_name_the_portal_and_nothing_else(client, settings, name):
    user = make_user("mara@example.test")
    settings.PORTAL_NAME = "Factory of the North"
    client.post(f"/accounts/{name}/", BODY | {"email": user.email})
    (message,) = mail.outbox
    assert "Factory of the North" in message.subject
    assert "Factory of the North" in message.body
    assert "example.com" not in message.body


def test_whoever_confirms_in_the_same_browser_goes_on_signed_in_to_where_they_wanted(client):
    client.post("/accounts/signup/?next=/apply/", BODY | {"next": "/apply/"})
    link = confirmation()
    assert parse_qs(link.query) == {"next": ["/apply/"]}
    page = client.get(f"{link.path}?{link.query}").content.decode()
    assert '<input type="hidden" name="next" value="/apply/">' in page
    answer = client.post(link.path, {"next": "/apply/"})
    assert (answer.status_code, answer["Location"]) == (302, "/apply/")
    assert client.get("/apply/").status_code == 200


def test_whoever_confirms_elsewhere_signs_in_and_then_goes_on(client):
    client.post("/accounts/signup/", BODY | {"next": "/apply/"})
    elsewhere = Client()
    answer = elsewhere.post(confirmation().path, {"next": "/apply/"})
    assert answer["Location"] == "/apply/"
    sign_in = "/accounts/login/?next=/apply/"
    assert f'href="{sign_in}"' in elsewhere.get("/apply/").content.decode()  # open to strangers, who may sign in
    assert SESSION_KEY not in elsewhere.session
    answer = elsewhere.post(sign_in, {"login": BODY["email"], "password": PASSWORD, "next": "/apply/"})
    assert (answer.status_code, answer["Location"]) == (302, "/apply/")
    assert elsewhere.session[SESSION_KEY] == str(User.objects.get(email=BODY["email"]).pk)
    assert sign_in not in elsewhere.get("/apply/").content.decode()


def test_whoever_confirms_elsewhere_is_asked_to_sign_in_where_strangers_may_not_go(client):
    client.post("/accounts/signup/", BODY | {"next": "/tenants/"})
    elsewhere = Client()
    answer = elsewhere.post(confirmation().path, {"next": "/tenants/"})
    assert answer["Location"] == "/tenants/"
    assert elsewhere.get("/tenants/")["Location"] == "/accounts/login/?next=/tenants/"


def test_link_leads_to_no_other_site(client):
    client.post("/accounts/signup/", BODY | {"next": "https://evil.example/"})
    assert confirmation().query == ""


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("short", {"password_too_short"}),
        ("password", {"password_too_common"}),
        ("mara.voss1", {"password_too_similar"}),
        (PASSWORD, set()),
    ],
)
def test_password_is_judged_by_three_rules_in_one_voice(password, codes):
    person = User(full_name="Mara Voss", email="mara.voss@example.test")
    try:
        OneVoice().validate(password, person)
        found = []
    except ValidationError as error:
        found = error.error_list
    assert {each.code for each in found} == codes


def test_what_a_password_must_be_is_one_sentence(client):
    page = client.get("/accounts/signup/").content.decode()
    assert page.count("<li>At least 8 characters, not one of the common ones") == 1
    assert "can’t" not in page
