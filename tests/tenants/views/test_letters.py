"""Letters in the browser: read, saved, worded with a preview."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.models import CaseLetter, LetterTemplate
from tenants.services.admission import approve_case
from tests.factories.tenants import make_authority, make_case, make_staff
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
TYPED = {"subject": "Welcome, {organisation}", "body": "As {reference}.\n\n- {decided_on}", "note": "Ours"}


@pytest.fixture
def office(signed_in):
    authority = make_authority()
    officer = make_staff(authority)
    return authority, signed_in(officer), officer


def at(authority, name="letter-wording", kind="case.approved", language="en"):
    return reverse(name, args=[authority.public_id, kind, language])


def test_the_letter_is_on_the_case_as_a_page_and_as_a_file(office, signed_in):
    authority, client, officer = office
    case = make_case("in_review", authority=authority, organisation="River House")
    approve_case(acting_user=officer, case=case)
    letter = CaseLetter.objects.get()
    page, file = (reverse(name, args=[letter.public_id]) for name in ("letter", "letter-file"))
    for reader in (client, signed_in(case.submitted_by)):
        text = reader.get(reverse("case", args=[case.public_id])).content.decode()
        assert page in text
        assert file in text
        assert "Admission of River House" in reader.get(page).content.decode()
        answer = reader.get(file)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="{case.reference}-{letter.decision_id}.pdf"'
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Admission of River House" in text_of(answer.content)


def test_all_wordings_stand_on_one_page(office):
    authority, client, _officer = office
    text = client.get(reverse("letters", args=[authority.public_id])).content.decode()
    for kind in ("case.approved", "case.conditionally_approved", "case.rejected", "request.rejected"):
        for language in ("en", "fr", "de"):
            assert at(authority, kind=kind, language=language) in text
    assert text.count("The portal’s own wording") == 18


def test_a_wording_is_put_in_force_and_stands_with_its_version(office):
    authority, client, officer = office
    assert client.post(at(authority), TYPED).status_code == 302
    row = LetterTemplate.objects.get()
    assert (row.subject, row.version, row.set_by) == (TYPED["subject"], 1, officer)
    text = client.get(at(authority)).content.decode()
    assert "Version 1" in text
    assert "Welcome, Observatory of Rivers" in text


def test_the_preview_shows_what_is_typed_and_keeps_nothing(office):
    authority, client, _officer = office
    part = client.post(at(authority, "letter-preview"), TYPED, headers={"HX-Request": "true"}).content.decode()
    assert "Welcome, Observatory of Rivers" in part
    assert "<html" not in part
    whole = client.post(at(authority), {**TYPED, "note": "", "then": "preview"})
    assert whole.status_code == 200
    assert '<li dir="auto">12 November 2026</li>' in whole.content.decode()
    assert LetterTemplate.objects.count() == 0


def test_the_preview_says_what_is_wrong_with_a_placeholder(office):
    authority, client, _officer = office
    typed = {**TYPED, "body": "As {refrence}."}
    assert "{refrence}" in client.post(at(authority, "letter-preview"), typed).content.decode()
    answer = client.post(at(authority), typed)
    assert (answer.status_code, LetterTemplate.objects.count()) == (422, 0)
    assert "As {refrence}." in answer.content.decode()
    assert client.post(at(authority), {**typed, "then": "preview"}).status_code == 422


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("onboarding_officer", "case.approved", 302), ("onboarding_officer", "request.approved", 403),
        ("quota_approver", "request.approved", 302), ("quota_approver", "case.approved", 403), ("auditor", "case.approved", 403),
    ],
)  # fmt: skip
def test_letters_are_worded_by_those_who_decide_what_they_are_about(signed_in, role, kind, status):
    authority = make_authority()
    client = signed_in(make_staff(authority, role))
    typed = {**TYPED, "body": "{reference} {granted}", "subject": "x"} if kind.startswith("request") else TYPED
    assert client.get(at(authority, kind=kind)).status_code == 200
    assert client.post(at(authority, kind=kind), typed).status_code == status
    assert LetterTemplate.objects.count() == (status == 302)


def test_a_sample_is_the_wording_in_force_as_a_file(office):
    authority, client, _officer = office
    answer = client.get(at(authority, "letter-sample", "request.rejected", "de"))
    assert answer["Content-Type"] == "application/pdf"
    assert "Widerspruch" in text_of(answer.content)


@pytest.mark.parametrize(("kind", "language"), [("case.nothing", "en"), ("case.approved", "xx")])
def test_what_is_no_kind_of_letter_is_not_there(office, kind, language):
    authority, client, _officer = office
    assert client.get(at(authority, kind=kind, language=language)).status_code == 404
    assert client.post(at(authority, kind=kind, language=language), TYPED).status_code == 404


def test_the_interface_for_machines_words_and_gives_out_letters(office):
    authority, client, officer = office
    facts = {"authority": str(authority.public_id), "kind": "case.approved", "language": "en", **TYPED}
    made = client.post(reverse("api-letter-template-list"), facts, content_type="application/json")
    assert (made.status_code, made.json()["version"]) == (201, 1)
    wrong = client.post(reverse("api-letter-template-list"), {**facts, "kind": "x"}, content_type="application/json")
    assert wrong.status_code == 422
    kinds = client.get(reverse("api-letter-template-kinds")).json()
    assert kinds[0]["kind"] == "case.approved"
    assert "reference" in kinds[0]["placeholders"]
    approve_case(acting_user=officer, case=make_case("in_review", authority=authority))
    row = client.get(reverse("api-letter-list")).json()["results"][0]
    assert row["version"] == 1
    assert client.get(reverse("api-letter-content", args=[row["public_id"]])).content.startswith(b"%PDF-")
