"""Documents as answers to questions: what is asked, what counts, what is kept with what was sent."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.core.errors import Refused
from tenants.models import CaseDocument, CaseSubmission, OnboardingCase
from tenants.queries.questions import answers_of, as_read, open_questions
from tenants.services.answers import keep_answer
from tenants.services.documents import attach_document
from tenants.services.onboarding import draft_case, submit_case
from tests.factories.people import make_user
from tests.factories.tenants import case_answers, make_authority
from tests.tenants.files import PDF, TEXT

pytestmark = pytest.mark.django_db
MANDATE = {"mandate": "power_of_attorney", "mandate_until": "2099-01-01"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR, settings.CLAMD = tmp_path / "files", ""
    return settings.UPLOAD_DIR


@pytest.fixture
def applicant():
    return make_user()


@pytest.fixture
def case(applicant):
    return draft_case(acting_user=applicant, authority=make_authority(), facts=case_answers(**MANDATE))


@pytest.fixture
def upload(applicant, case):
    def upload(question="mandate_file", name="mandate.pdf", content=PDF):
        return attach_document(acting_user=applicant, case=case, name=name, content=content, question=question)

    return upload


def open_keys(case) -> list[str]:
    return [gap.question.key for gap in open_questions(case)]


def test_a_needed_document_keeps_the_application_from_being_sent_until_it_is_there(case, applicant, upload):
    assert open_keys(case) == ["mandate_file"]
    with pytest.raises(Refused, match="The power of attorney"):
        submit_case(acting_user=applicant, case=case)
    upload()
    assert open_keys(case) == []


def test_what_was_sent_names_the_documents_and_reviewers_read_them(case, applicant, upload):
    upload()
    upload(name="annex.txt", content=TEXT)
    submit_case(acting_user=applicant, case=case)
    assert CaseSubmission.objects.get(case=case).answers["mandate_file"] == ["mandate.pdf", "annex.txt"]
    read = {each.question.key: each.text for chapter in as_read(case, for_applicant=False) for each in chapter.answers}
    assert read["mandate_file"] == "mandate.pdf, annex.txt"


def test_a_document_with_a_virus_answers_nothing(case, upload):
    document = upload()
    CaseDocument.objects.filter(pk=document.pk).update(state="infected", finding="Eicar")
    assert (answers_of(case)["mandate_file"], open_keys(case)) == ([], ["mandate_file"])
    upload(name="clean.txt", content=TEXT)
    assert open_keys(case) == []


def test_one_file_may_answer_two_questions_and_none_twice(case, upload):
    upload()
    upload("register_extract")
    with pytest.raises(Refused, match="is attached already") as refused:
        upload(name="again.pdf")
    assert (refused.value.code, refused.value.field) == ("tenants.document_there", "mandate_file")


def test_a_question_takes_as_many_documents_as_its_set_says(case, upload):
    for number in range(3):
        upload(name=f"{number}.txt", content=f"{number}".encode())
    with pytest.raises(Refused, match="takes 3 documents, which is the most"):
        upload(name="4.txt", content=b"four")


@pytest.mark.parametrize("question", ["purpose", "nothing_like_it"])
def test_a_question_that_wants_no_documents_takes_none(upload, question):
    with pytest.raises(Refused, match="asks for no documents there"):
        upload(question)


def test_documents_are_not_typed(case, applicant):
    with pytest.raises(Refused, match="upload them"):
        keep_answer(acting_user=applicant, case=case, key="mandate_file", value=["forged.pdf"])


def test_a_form_without_scripts_brings_its_files_along(case, applicant, signed_in):
    page = reverse("case-write", args=[case.public_id, "people"])
    body = {**case_answers(**MANDATE), "mandate_file": SimpleUploadedFile("mandate.pdf", PDF)}
    answer = signed_in(applicant).post(page, body)
    assert answer["Location"] == reverse("case-write", args=[case.public_id, "data"])
    assert list(CaseDocument.objects.values_list("question", "name")) == [("mandate_file", "mandate.pdf")]


def test_a_file_that_is_refused_is_told_at_its_question_and_the_rest_is_kept(case, applicant, signed_in):
    page = reverse("case-write", args=[case.public_id, "people"])
    body = {**case_answers(contact_name="Ida Åberg", **MANDATE), "mandate_file": SimpleUploadedFile("m.pdf", b"<html>")}
    answer = signed_in(applicant).post(page, body)
    text = answer.content.decode()
    assert (answer.status_code, "id_mandate_file_error" in text) == (422, True)
    assert OnboardingCase.objects.get().answers["contact_name"] == "Ida Åberg"


def test_the_part_of_a_question_shows_its_documents_in_plain_words(case, applicant, upload, signed_in):
    document = upload()
    part = reverse("case-files", args=[case.public_id, "mandate_file"])
    assert "mandate.pdf" in signed_in(applicant).get(part).content.decode()
    CaseDocument.objects.filter(pk=document.pk).update(state="waiting")
    assert "you can go on meanwhile" in signed_in(applicant).get(part).content.decode()
    other = reverse("case-files", args=[case.public_id, "purpose"])
    assert signed_in(applicant).get(other).status_code == 404


def test_an_upload_through_the_api_names_its_question(case, applicant, signed_in):
    address = reverse("api-application-documents", args=[case.public_id])
    body = {"question": "mandate_file", "file": SimpleUploadedFile("mandate.pdf", PDF)}
    answer = signed_in(applicant).post(address, body)
    assert (answer.status_code, answer.json()["question"]) == (201, "mandate_file")
    again = signed_in(applicant).post(address, {**body, "file": SimpleUploadedFile("mandate.pdf", PDF)})
    assert (again.status_code, again.json()["code"]) == (422, "tenants.document_there")


def test_removing_a_question_s_document_leads_back_to_its_step(case, applicant, upload, signed_in):
    document = upload()
    answer = signed_in(applicant).post(reverse("document-remove", args=[document.public_id]))
    assert answer["Location"] == reverse("case-write", args=[case.public_id, "people"])
