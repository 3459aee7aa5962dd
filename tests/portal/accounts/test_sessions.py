"""How long a session lives, what it is bound to, what ends it, and how often one may try."""

from __future__ import annotations

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from portal.accounts.devices import family
from portal.models import AuditEvent
from tests.factories.people import PASSWORD, code_now, make_factor, make_user
from tests.portal.accounts.conftest import FIREFOX

pytestmark = pytest.mark.django_db
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
def phone():
    return Client(headers={"User-Agent": CHROME})


def is_in(client) -> bool:
    return client.get("/profile/").status_code == 200


def age(client, **seconds):
    """Let time have passed in the session: began_at=3600 means that it began an hour ago."""
    session = client.session
    for name, by in seconds.items():
        session[name] = time.time() - by
    session.save()


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox · Linux"),
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(user_agent, words):
    assert family(user_agent) == words


def test_signing_in_gives_the_session_a_new_key(laptop, sign_in):
    laptop.get(reverse("account_login"))
    session = laptop.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(laptop, make_user())
    assert laptop.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_session_ends_after_a_working_day_however_busy(laptop, sign_in, settings):
    sign_in(laptop, make_user())
    age(laptop, began_at=settings.SESSION_LONGEST_SECONDS - 60)
    assert is_in(laptop)
    age(laptop, began_at=settings.SESSION_LONGEST_SECONDS + 1)
    assert not is_in(laptop)


def test_an_idle_session_ends_and_a_used_one_lives_on(laptop, sign_in, settings):
    sign_in(laptop, make_user())
    key = laptop.session.session_key
    begun = Session.objects.get(session_key=key).expire_date
    assert laptop.session.get_expiry_age() == settings.SESSION_IDLE_SECONDS
    age(laptop, seen_at=600)
    laptop.get("/live/ticket/?topic=events")  # asked by a script: nobody need be there
    assert time.time() - laptop.session["seen_at"] > 500
    assert is_in(laptop)
    assert time.time() - laptop.session["seen_at"] < 60
    assert Session.objects.get(session_key=key).expire_date > begun
    age(laptop, seen_at=600, began_at=settings.SESSION_LONGEST_SECONDS - 300)
    assert is_in(laptop)
    assert laptop.session.get_expiry_age() <= 300  # never beyond the working day


def test_a_cookie_that_moves_to_another_kind_of_browser_is_worth_nothing(laptop, phone, sign_in):
    sign_in(laptop, make_user())
    phone.cookies = laptop.cookies
    assert not is_in(phone)
    assert not is_in(laptop)  # and the session has ended for both


def test_an_update_of_the_browser_changes_nothing(laptop, sign_in):
    sign_in(laptop, make_user())
    laptop.defaults["HTTP_USER_AGENT"] = FIREFOX.replace("140.0", "141.0")
    assert is_in(laptop)


def test_changing_the_password_signs_out_elsewhere_and_stays_here(laptop, phone, sign_in):
    user = make_user()
    sign_in(laptop, user)
    sign_in(phone, user)
    new = "another long enough password"
    laptop.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(laptop), is_in(phone)) == (True, False)
    assert UserSession.objects.filter(user=user).count() == 1


def test_showing_the_factor_again_makes_the_old_key_worthless(laptop, sign_in):
    user = make_user()
    secret = make_factor(user)
    sign_in(laptop, user, secret)
    stolen = laptop.session.session_key
    laptop.post(reverse("mfa_reauthenticate"), {"code": code_now(secret, step=1)})
    assert laptop.session.session_key != stolen
    thief = Client(headers={"User-Agent": FIREFOX})
    thief.cookies["sessionid"] = stolen
    assert (is_in(laptop), is_in(thief)) == (True, False)
    assert UserSession.objects.get(user=user).session_key == laptop.session.session_key


def test_the_security_page_lists_sessions_and_ends_one_or_all_others(laptop, phone, sign_in):
    user, other = make_user(), make_user()
    tablet = Client(headers={"User-Agent": CHROME})
    for client, person in ((laptop, user), (phone, user), (tablet, other)):
        sign_in(client, person)
    page = laptop.get(reverse("security")).content.decode()
    assert "Firefox · Linux" in page
    assert "Chrome · Windows" in page
    assert page.count("Sign out there") == 1
    foreign = UserSession.objects.get(user=other)
    assert laptop.post(reverse("security"), {"session": foreign.pk}).status_code == 404
    assert laptop.post(reverse("security"), {"session": "x"}).status_code == 404
    assert is_in(tablet)
    laptop.post(reverse("security"), {"session": UserSession.objects.exclude(user=other).latest("pk").pk})
    assert (is_in(laptop), is_in(phone)) == (True, False)
    sign_in(phone, user)
    laptop.post(reverse("security"), {"session": "others"})
    assert (is_in(laptop), is_in(phone), is_in(tablet)) == (True, False, True)
    assert AuditEvent.objects.filter(act="session.ended", actor=user).count() == 2


def test_wrong_passwords_are_stopped_per_account_and_the_right_one_with_them(laptop):
    user = make_user()
    page = reverse("account_login")
    for _each in range(5):
        laptop.post(page, {"login": user.email, "password": "wrong"})
    answer = laptop.post(page, {"login": user.email, "password": PASSWORD})
    assert "Too many failed login attempts" in answer.content.decode()
    assert not is_in(laptop)
    other = make_user()
    assert laptop.post(page, {"login": other.email, "password": PASSWORD}).status_code == 302


def test_wrong_codes_are_stopped_per_person(laptop):
    user = make_user()
    secret = make_factor(user)
    laptop.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    for _each in range(5):
        laptop.post(reverse("mfa_authenticate"), {"code": "000000"})
    answer = laptop.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert "Too many failed login attempts" in answer.content.decode()
    assert AuditEvent.objects.filter(act="refused.second_factor").count() == 5


def test_asking_for_a_new_password_too_often_is_a_page_with_the_way_out(laptop):
    user = make_user()
    answers = [laptop.post(reverse("account_reset_password"), {"email": user.email}) for _each in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Wait a few minutes" in answers[-1].content.decode()
    assert len(mail.outbox) == 5
