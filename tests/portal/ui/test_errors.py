import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisAway

from tests.factories.tenants import make_authority

PART = {"HTTP_HX_REQUEST": "true"}


def raises(error):
    def act(*args: object, **kwargs: object):
        raise error

    return act


@pytest.mark.parametrize("error", [OperationalError("gone"), RedisAway("gone")])
@pytest.mark.parametrize("extra", [{}, PART])
def test_server_that_is_away_is_said_as_503_and_asked_again_later(site, monkeypatch, error, extra):
    monkeypatch.setattr("portal.ui.lists.cut", raises(error))
    answer = site.get("/things/", **extra)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "did not answer" in answer.content.decode()
    assert "gone" not in answer.content.decode()


def test_server_that_is_away_in_the_middleware_is_503_too(site, monkeypatch):
    site.raise_request_exception = False
    monkeypatch.setattr("portal.ui.middleware.Preferences.__call__", raises(OperationalError("gone")))
    assert site.get("/things/").status_code == 503


def test_503_and_500_need_no_query(site, monkeypatch, django_assert_num_queries):
    site.raise_request_exception = False
    with django_assert_num_queries(2):  # session and person
        answer = site.get("/broken/")
    assert answer.status_code == 500
    assert "The fault is the portal’s, not yours" in answer.content.decode()
    assert "ZeroDivision" not in answer.content.decode()


def test_error_as_a_part_goes_into_the_element_that_asked(site, monkeypatch):
    monkeypatch.setattr("portal.ui.lists.EXPORT_BOUND", 0)
    make_authority()
    answer = site.get("/things/?format=csv", **PART)
    assert (answer.status_code, answer["HX-Reswap"]) == (422, "innerHTML")
    assert "<html" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_unknown_address_is_a_page_of_ours(site):
    answer = site.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here that you can see" in answer.content.decode()
    assert ">Try again<" not in answer.content.decode()


def test_wrong_method_says_what_is_allowed(site):
    answer = site.post("/things/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "cannot be opened like that" in answer.content.decode()


@pytest.mark.parametrize(
    ("referer", "shown"), [("http://testserver/things/", True), ("http://evil.example/", False), ("", False)]
)
def test_way_back_leads_only_to_ourselves(site, referer, shown):
    answer = site.get("/nowhere/", HTTP_REFERER=referer)
    assert ("Go back" in answer.content.decode().replace("Go back, or begin", "")) is shown


def test_too_many_tries_at_signing_in_wait(client, db, settings, empty_redis):
    settings.ROOT_URLCONF = "tests.portal.ui.site"
    body = {"login": "a@example.test", "password": "wrong"}
    answers = [client.post("/accounts/login/", body) for _ in range(12)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429 or "Too many failed login attempts" in answers[-1].content.decode()
