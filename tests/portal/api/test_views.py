import pytest

from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_staff

THINGS = "/api/v1/things/"


@pytest.fixture
def api(client, db, settings):
    settings.ROOT_URLCONF = "tests.portal.api.site"
    client.force_login(make_admin())
    return client


@pytest.fixture
def officer(api):
    """The client of an officer of one thing; and the thing."""
    thing, person = make_authority(), make_user()
    make_staff(thing, "onboarding_officer", person)
    api.force_login(person)
    return api, f"{THINGS}{thing.public_id}/", thing


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:portal:{body['code']}"
    return body


def test_list_gives_what_one_may_see_newest_first(api):
    made = [make_authority() for _ in range(3)]
    assert [row["name"] for row in api.get(THINGS).json()["results"]] == [row.name for row in reversed(made)]
    api.force_login(make_user())
    assert api.get(THINGS).json()["results"] == []


def test_list_is_paged_by_cursor_without_gap_or_repeat(api):
    made = [make_authority().name for _ in range(7)]
    seen, address = [], f"{THINGS}?size=3"
    while address:
        body = api.get(address).json()
        seen += [row["name"] for row in body["results"]]
        address = body["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_queries_whatever_its_length(api, rows, django_assert_num_queries):
    for _ in range(rows):
        make_authority()
    with django_assert_num_queries(3):
        api.get(THINGS)


def test_list_is_searched_as_the_page_is(api):
    make_authority(name="Sought")
    make_authority(name="Other")
    assert [row["name"] for row in api.get(f"{THINGS}?q=sou").json()["results"]] == ["Sought"]


def test_nobody_is_asked_to_sign_in(api):
    api.logout()
    answer = api.get(THINGS)
    assert answer.status_code in {401, 403}
    assert problem(answer)["code"] == "portal.not_authenticated"


def test_unseen_row_is_not_found_and_seen_without_the_right_forbidden(api):
    address = f"{THINGS}{make_authority().public_id}/"
    assert api.get(address).status_code == 200
    assert problem(api.post(f"{address}rename/", {}, content_type="application/json"))["code"] == "portal.forbidden"
    api.force_login(make_user())
    assert problem(api.get(address))["code"] == "portal.not_found"
    assert problem(api.post(f"{address}rename/", {}, content_type="application/json"))["code"] == "portal.not_found"


def test_key_that_is_no_key_is_not_found(api):
    assert api.get(f"{THINGS}{'0' * 36}/").status_code == 404
    assert api.get(f"{THINGS}{'-' * 36}/").status_code == 404


def test_fields_that_are_wrong_are_named(officer):
    api, address, _thing = officer
    body = problem(api.post(f"{address}rename/", {"name": "too long"}, content_type="application/json"))
    assert (body["status"], body["code"]) == (422, "portal.fields")
    assert body["fields"] == {"name": ["Ensure this field has no more than 5 characters."]}


def test_refusal_carries_code_sentence_field_and_facts(officer):
    api, address, _thing = officer
    assert problem(api.post(f"{address}rename/", {"name": "taken"}, content_type="application/json")) == {
        "type": "urn:portal:thing.taken",
        "title": "This name is taken. Choose another.",
        "status": 422,
        "code": "thing.taken",
        "detail": "This name is taken. Choose another.",
        "facts": {"other": 7},
        "fields": {"name": ["This name is taken. Choose another."]},
    }


def test_act_answers_with_the_row(officer):
    api, address, thing = officer
    answer = api.post(f"{address}rename/", {"name": "new"}, content_type="application/json")
    assert answer.json() == {"public_id": str(thing.public_id), "name": thing.name}


def test_database_that_is_away_is_503(officer):
    api, address, _thing = officer
    body = problem(api.post(f"{address}rename/", {"name": "away"}, content_type="application/json"))
    assert (body["status"], body["code"]) == (503, "portal.unavailable")


@pytest.mark.parametrize(
    ("method", "body", "kind", "status"),
    [("put", "{}", "application/json", 405), ("post", "{", "application/json", 400), ("post", "a=1", "text/csv", 415)],
)
def test_what_cannot_be_read_is_a_problem_too(officer, method, body, kind, status):
    api, address, _thing = officer
    assert problem(getattr(api, method)(f"{address}rename/", body, content_type=kind))["status"] == status


def test_act_with_a_session_needs_the_token(officer):
    api, address, _thing = officer
    api.handler.enforce_csrf_checks = True
    assert api.post(f"{address}rename/", {"name": "new"}, content_type="application/json").status_code == 403


def test_address_that_does_not_exist_is_a_problem(api):
    assert problem(api.get("/api/v1/nothing/"))["status"] == 404
