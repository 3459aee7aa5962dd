"""Documents of a request: kept, refused, scanned, read by those who decide and nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.core import files
from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent
from resources.models import RequestDocument
from resources.services.request_documents import (
    attach_document,
    content_of,
    remove_document,
    scan_document,
    waiting_documents,
)
from resources.services.requests import submit_request
from tenants import tasks
from tests.clamd import EICAR, Clamd
from tests.factories.people import make_user
from tests.factories.resources import make_draft
from tests.resources.conftest import make_house
from tests.tenants.files import PDF, REFUSED, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR, settings.UPLOAD_LARGEST_MIB, settings.CLAMD = tmp_path / "files", 2, ""
    return settings.UPLOAD_DIR


@pytest.fixture
def draft(house):
    return make_draft(house.project, house.pool, house.owner)


def attach(house, request, name="plan.pdf", content=PDF):
    return attach_document(acting_user=house.owner, request=request, name=name, content=content)


def test_a_file_is_kept_and_recorded_once(house, draft):
    row = attach(house, draft)
    assert (row.state, row.revision, content_of(row)) == ("unscanned", 1, PDF)
    assert AuditEvent.objects.get(act="request.document_added").after["sha256"] == row.sha256
    with pytest.raises(Refused, match="attached already"):
        attach(house, draft)
    assert len(list(files.all_kept())) == 1


@pytest.mark.parametrize("name", sorted(REFUSED)[:4])
def test_what_is_not_what_it_seems_is_refused(house, draft, name):
    with pytest.raises(Refused):
        attach(house, draft, name=REFUSED[name][0], content=REFUSED[name][1])
    assert not RequestDocument.objects.exists()


def test_a_draft_loses_a_document_and_what_was_sent_keeps_it(house, draft):
    remove_document(acting_user=house.owner, document=attach(house, draft))
    kept = attach(house, draft, name="notes.txt", content=TEXT)
    submit_request(acting_user=house.owner, request=draft)
    with pytest.raises(UnlawfulMove, match="stay with it"):
        remove_document(acting_user=house.owner, document=kept)
    late = attach(house, draft)
    assert {row.pk for row in draft.documents.all()} == {kept.pk, late.pk}


def test_those_who_decide_read_it_once_the_request_is_sent(client, house, draft):
    row = attach(house, draft)
    address, other = reverse("request-document", args=[row.public_id]), make_house()

    def read(user):
        client.force_login(user)
        return client.get(address).status_code

    people = (house.owner, house.member, house.approver, house.auditor, house.operator, other.owner, other.approver)
    assert [read(person) for person in (*people, make_user())] == [200, 200, 404, 404, 404, 404, 404, 404]
    submit_request(acting_user=house.owner, request=draft)
    assert [read(person) for person in (*people, make_user())] == [200, 200, 200, 200, 404, 404, 404, 404]
    answer = client.get(reverse("request-document", args=[row.public_id]))
    assert answer.status_code == 404
    client.force_login(house.approver)
    answer = client.get(address)
    assert (answer.content, answer["Content-Disposition"].split(";")[0]) == (PDF, "attachment")


@pytest.mark.parametrize("door", ["request-documents", "api-request-documents"])
def test_files_come_in_by_the_page_and_by_the_api(client, house, draft, door):
    client.force_login(house.owner)
    client.post(reverse(door, args=[draft.public_id]), {"file": SimpleUploadedFile("plan.pdf", PDF)})
    row = RequestDocument.objects.get()
    page = client.get(reverse("request", args=[draft.public_id])).content.decode()
    assert reverse("request-document", args=[row.public_id]) in page
    assert client.get(reverse("api-request-document-content", args=[row.public_id])).content == PDF
    assert client.get(reverse("api-request-document-list")).json()["results"][0]["name"] == "plan.pdf"


def test_the_scanner_frees_the_clean_and_throws_away_the_infected(house, draft, settings, tmp_path):
    with Clamd(tmp_path / "clamd.sock") as daemon:
        settings.CLAMD = str(daemon.path)
        clean, bad = attach(house, draft), attach(house, draft, name="x.txt", content=EICAR)
        with pytest.raises(Refused, match="not checked for viruses yet"):
            content_of(clean)
        assert set(waiting_documents()) == {clean.pk, bad.pk}
        for each in (clean, bad):
            scan_document(each.pk)
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (clean.state, bad.state) == ("clean", "infected")
    assert content_of(clean) == PDF
    with pytest.raises(Refused, match="A virus was found"):
        content_of(bad)


def test_a_kept_file_of_a_request_is_not_swept_away(house, draft):
    row = attach(house, draft)
    tasks.sweep_file(row.key)
    assert content_of(row) == PDF
