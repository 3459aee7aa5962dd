"""Question sets through the API: the whole document, the same rules."""

from __future__ import annotations

import pytest

from tenants.models import QuestionSet
from tests.factories.tenants import make_authority, make_staff

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/question-sets/"


@pytest.fixture
def call(signed_in):
    authority = make_authority()
    client = signed_in(make_staff(authority))

    def send(method, path="", body=None):
        return getattr(client, method)(f"{ROOT}{path}", body, content_type="application/json")

    send.authority = authority
    return send


def test_a_version_is_begun_changed_and_published(call):
    begun = call("post", "", {"authority": str(call.authority.public_id)})
    assert (begun.status_code, begun.json()["published_at"]) == (201, None)
    one, content = f"{begun.json()['public_id']}/", begun.json()["content"]
    content["steps"][3]["questions"].append({"key": "green", "kind": "yes_no", "label": {"en": "Green power?"}})
    assert call("put", one, {"content": content}).json()["content"] == content
    assert call("post", f"{one}publish/", {"note": "Green"}).json()["published_at"]
    refused = call("put", one, {"content": content})
    assert (refused.status_code, refused.json()["code"]) == (409, "tenants.question_set_published")
    assert [row["version"] for row in call("get").json()["results"]] == [1]


@pytest.mark.parametrize(
    "content",
    [{}, {"steps": [{"key": "a_b", "title": {"en": "A"}, "questions": [{"key": "x1", "kind": "circus", "label": {"en": "X"}}]}]},
     {"steps": "many"}],
)  # fmt: skip
def test_a_set_that_cannot_be_asked_is_refused_with_every_reason(call, content):
    one = f"{call('post', '', {'authority': str(call.authority.public_id)}).json()['public_id']}/"
    refused = call("put", one, {"content": content})
    assert (refused.status_code, refused.json()["code"]) == (422, "tenants.question_set")
    assert all(refused.json()["facts"]["sentences"])


def test_a_version_is_given_up(call):
    one = f"{call('post', '', {'authority': str(call.authority.public_id)}).json()['public_id']}/"
    assert call("delete", one).status_code == 204
    assert not QuestionSet.objects.filter(authority=call.authority).exists()


def test_another_authoritys_questions_are_not_there(call, signed_in):
    one = f"{call('post', '', {'authority': str(call.authority.public_id)}).json()['public_id']}/"
    stranger = signed_in(make_staff(make_authority()))
    assert stranger.get(f"{ROOT}{one}").status_code == 404
    assert (
        stranger.post(ROOT, {"authority": str(call.authority.public_id)}, content_type="application/json").status_code
        == 404
    )
