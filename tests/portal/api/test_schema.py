import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests.factories.people import make_user


@pytest.fixture
def api(client, db):
    client.force_login(make_user())
    return client


def test_schema_is_openapi_and_every_operation_names_the_problem(api):
    schema = api.get("/api/v1/schema/?format=json").json()
    assert schema["openapi"].startswith("3.")
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]
    assert operations
    for path, method, operation in operations:
        answer = operation["responses"]["default"]["content"]
        assert list(answer) == ["application/problem+json"], (path, method)


def test_schema_is_made_without_a_warning(api):
    GENERATOR_STATS.reset()
    SchemaGenerator().get_schema(request=None, public=True)
    assert dict(GENERATOR_STATS._warn_cache) | dict(GENERATOR_STATS._error_cache) == {}


def test_schema_and_its_page_are_for_people_who_signed_in(client, db):
    assert client.get("/api/v1/schema/").status_code in {401, 403}
    assert client.get("/api/v1/docs/").status_code == 302


def test_page_of_the_schema_alone_has_a_looser_policy(api):
    answer = api.get("/api/v1/docs/")
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["img-src"] == "'self' data:"
    assert "unsafe" not in api.get("/profile/")["Content-Security-Policy"]
