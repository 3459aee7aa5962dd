"""A program with the token of an applicant writes, documents and sends an application; nothing it says gets lost."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tenants.models import CaseDocument, OnboardingCase, TokenScope
from tenants.services.tokens import create_token
from tests.factories.people import make_user
from tests.factories.tenants import case_answers, make_authority, make_case

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def applicant():
    return make_user()


@pytest.fixture
def authority(applicant):
    """To which the applicant has applied before: a token is valid for one place of its person."""
    authority = make_authority()
    make_case("withdrawn", applicant, authority=authority)
    return authority


def machine(applicant, authority, *scopes):
    _row, text = create_token(
        acting_user=applicant, name="forms", place=authority, scopes=list(scopes),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    client = Client(headers={"Authorization": f"Token {text}"})

    def call(method, path, body):
        kind = {} if method == "upload" else {"content_type": "application/json"}
        verb = "post" if method == "upload" else method
        return getattr(client, verb)(f"{ROOT}/{path}", body if kind == {} else json.dumps(body), **kind)

    return call


def test_a_token_writes_an_application_answer_by_answer_with_a_document_and_sends_it(applicant, authority):
    api = machine(applicant, authority, TokenScope.ONBOARDING)
    made = api("post", "applications/", {"authority": str(authority.public_id)})
    assert made.status_code == 201
    one = f"applications/{made.json()['public_id']}/"
    for key, value in case_answers().items():
        assert api("put", f"{one}questions/{key}/", {"value": value}).status_code == 200, key
    kept = api(
        "upload",
        f"{one}documents/",
        {"file": SimpleUploadedFile("extract.txt", b"Register extract"), "question": "register_extract"},
    )
    assert kept.status_code == 201
    spare = api("upload", f"{one}documents/", {"file": SimpleUploadedFile("spare.txt", b"Another one")})
    assert api("delete", f"documents/{spare.json()['public_id']}/", {}).status_code == 204
    sent = api("post", f"{one}submit/", {})
    assert (sent.status_code, sent.json()["state"]) == (200, "submitted")
    case = OnboardingCase.objects.get(public_id=made.json()["public_id"])
    assert list(CaseDocument.objects.filter(case=case).values_list("question", flat=True)) == ["register_extract"]


def test_a_token_without_the_scope_changes_no_answer(applicant, authority):
    case = make_case("draft", applicant, authority=authority)
    refused = machine(applicant, authority)("put", f"applications/{case.public_id}/questions/purpose/", {"value": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "token.scope")


def test_facts_beside_the_answers_are_refused_and_make_no_draft(applicant, authority):
    api = machine(applicant, authority, TokenScope.ONBOARDING)
    before = OnboardingCase.objects.count()
    refused = api(
        "post", "applications/", {"authority": str(authority.public_id), "organisation": "Rivers", "kind": "x"}
    )
    assert (refused.status_code, sorted(refused.json()["fields"])) == (422, ["kind", "organisation"])
    assert "“answers”" in refused.json()["fields"]["organisation"][0]
    assert OnboardingCase.objects.count() == before
