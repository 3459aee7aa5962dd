import re

import pytest
from django.core import mail

from portal.models import AuditEvent, User
from tests.factories.people import PASSWORD, make_user


@pytest.mark.parametrize("path", ["/profile/", "/welcome/", "/keyboard/", "/accessibility/", "/accounts/email/", "/accounts/logout/",
                                  "/accounts/password/change/", "/accounts/reauthenticate/"])  # fmt: skip
def test_pages_of_the_portal_itself_open(site, path):
    answer = site.get(path)
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accessibility/",
                                  "/accounts/password/reset/done/", "/accounts/inactive/", "/accounts/confirm-email/",
                                  "/accounts/password/reset/key/done/", "/accounts/password/reset/key/1-bad/"])  # fmt: skip
def test_pages_before_signing_in_open(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


def test_health_is_told_to_anybody(client, db):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_profile_changes_name_language_and_zone_and_is_recorded(site, admin):
    answer = site.post("/profile/", {"full_name": "Ada L.", "language": "fr", "time_zone": "Europe/Paris"})
    assert answer["Location"] == "/profile/"
    admin.refresh_from_db()
    assert (admin.full_name, admin.language, admin.time_zone) == ("Ada L.", "fr", "Europe/Paris")
    assert AuditEvent.objects.get().act == "profile.changed"
    assert 'lang="fr"' in site.get("/profile/").content.decode()


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("language", "tlh"), ("full_name", "")])
def test_profile_refuses_what_does_not_exist(site, field, value):
    good = {"full_name": "Ada", "language": "en", "time_zone": "Europe/Paris"}
    assert site.post("/profile/", good | {field: value}).status_code == 422


def test_zone_that_is_no_longer_known_does_not_break_the_page(site):
    User.objects.update(time_zone="Europe/Atlantis")
    assert "Times" in site.get("/profile/").content.decode()


def test_account_is_opened_confirmed_by_mail_and_signed_in(client, db, empty_redis):
    body = {"full_name": "Mara Voss", "email": "mara@example.test", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", body)["Location"] == "/accounts/confirm-email/"
    assert User.objects.get().full_name == "Mara Voss"
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[0].body)[1]
    assert "mara@example.test" in client.get(link).content.decode()
    assert client.post(link).status_code == 302
    answer = client.post("/accounts/login/", {"login": "MARA@example.test", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_password_is_reset_by_mail(client, db, empty_redis):
    user = make_user("mara@example.test")
    assert client.post("/accounts/password/reset/", {"email": user.email}).status_code == 302
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD + "!", "password2": PASSWORD + "!"})
    user.refresh_from_db()
    assert user.check_password(PASSWORD + "!")


def test_reset_for_an_unknown_address_says_the_same_and_sends_nothing(client, db, empty_redis):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.test"})
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []


def test_signing_out_needs_a_post(site):
    assert site.get("/accounts/logout/").status_code == 200
    assert site.get("/profile/").status_code == 200
    assert site.post("/accounts/logout/").status_code == 302
    assert site.get("/profile/").status_code == 302


def test_person_of_nothing_is_welcomed(client, db):
    client.force_login(make_user())
    assert client.get("/")["Location"] == "/welcome/"
