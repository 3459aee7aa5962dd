"""Documents of an application: what is kept, what is refused, who reads it, and what the virus scanner has to do with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.core import files, scanner
from portal.core.errors import Conflict, PortalError, Refused, UnlawfulMove
from portal.models import AuditEvent
from tenants import tasks
from tenants.models import CaseDocument, OnboardingCase
from tenants.services.documents import attach_document, content_of, remove_document
from tests.clamd import EICAR, Clamd
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff
from tests.tenants.files import HONEST, NAMES, PDF, REFUSED, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "files"
    settings.UPLOAD_LARGEST_MIB = 2
    settings.CLAMD = ""
    return settings.UPLOAD_DIR


@pytest.fixture
def applicant():
    return make_user()


@pytest.fixture
def case(applicant):
    return make_case("draft", applicant)


@pytest.fixture
def attach(applicant, case):
    def attach(name="statutes.pdf", content=PDF, to=None):
        return attach_document(acting_user=applicant, case=to or case, name=name, content=content)

    return attach


@pytest.fixture
def clamd(settings, tmp_path):
    settings.CLAMD = str(tmp_path / "clamd.sock")
    with Clamd(tmp_path / "clamd.sock") as running:
        yield running


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def kept(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_kept_under_a_random_name_for_nobody_else(attach, folder, name):
    row = attach(name, HONEST[name])
    (path,) = kept(folder)
    assert path.read_bytes() == HONEST[name] == content_of(row)
    assert re.fullmatch(r"[0-9a-f]{32}", path.name)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (row.state, row.size, len(row.sha256)) == ("unscanned", len(HONEST[name]), 64)
    event = AuditEvent.objects.get(act="case.document_added")
    # a draft stands in the site's record, where it has no name, and neither have its documents
    assert event.after == {"document": "", "sha256": row.sha256, "finding": ""}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_of_the_corpus_is_refused_with_the_way_out(attach, folder, what):
    name, content, sentence = REFUSED[what]
    with pytest.raises(Refused, match=sentence) as refused:
        attach(name, content)
    assert refused.value.field == "file"
    assert str(refused.value).startswith("“")
    assert kept(folder) == []
    assert not CaseDocument.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_cleaned(attach, name):
    row = attach(name, PDF)
    assert row.name == NAMES[name]
    answer = browser(row.added_by).get(reverse("document", args=[row.public_id]))
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")


@pytest.mark.parametrize("door", ["case-documents", "api-application-documents"])
def test_a_file_of_the_corpus_is_refused_at_both_doors(applicant, case, folder, door):
    client, path = browser(applicant), reverse(door, kwargs={"public_id": case.public_id})
    for name, content, sentence in REFUSED.values():
        answer = client.post(path, {"file": SimpleUploadedFile(name, content)})
        said = answer.json()["detail"] if "api" in door else answer.context["form"].errors["file"][0]
        assert answer.status_code == 422
        assert re.search(sentence, said), (name, said)
    assert kept(folder) == []


def test_both_doors_keep_the_same(applicant, case):
    client = browser(applicant)
    two = [SimpleUploadedFile("../a.pdf", PDF, "text/html"), SimpleUploadedFile("b.txt", TEXT)]
    page = client.post(reverse("case-documents", args=[case.public_id]), {"file": two})
    sent = client.post(
        reverse("api-application-documents", kwargs={"public_id": case.public_id}),
        {"file": SimpleUploadedFile("c.txt", TEXT + b"more")},
    )
    assert (page.status_code, sent.status_code) == (302, 201)
    assert list(CaseDocument.objects.order_by("pk").values_list("name", flat=True)) == ["a.pdf", "b.txt", "c.txt"]
    assert sent.json()["state"] == "unscanned"
    assert "key" not in sent.json()


@pytest.mark.parametrize("door", ["document", "api-document-content"])
def test_reading_gives_a_file_to_save_and_never_a_page(attach, applicant, door):
    row = attach("notes.txt", TEXT)
    answer = browser(applicant).get(reverse(door, kwargs={"public_id": row.public_id}))
    names = ("Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options",
             "Cross-Origin-Resource-Policy", "Cache-Control")  # fmt: skip
    assert answer.content == TEXT
    assert {name: answer.headers[name] for name in names} == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": 'attachment; filename="notes.txt"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_an_officer_reads_it_once_it_was_sent_and_a_stranger_never(attach, applicant, case):
    row = attach()
    officer, path = make_staff(case.authority), reverse("document", args=[row.public_id])
    assert browser(officer).get(path).status_code == 404
    OnboardingCase.objects.filter(pk=case.pk).update(state="submitted", submitted_at=case.created_at)
    assert browser(officer).get(path).content == PDF
    assert row.name in browser(officer).get(reverse("case", args=[case.public_id])).content.decode()
    assert browser(officer).post(reverse("document-remove", args=[row.public_id])).status_code == 403
    assert browser(make_staff(make_authority())).get(path).status_code == 404
    assert browser(make_user()).get(path).status_code == 404


def test_a_file_changed_on_disk_is_not_given_out(attach, folder):
    row = attach()
    kept(folder)[0].write_bytes(PDF + b" ")
    with pytest.raises(Conflict, match="is not as it was attached"):
        content_of(row)
    kept(folder)[0].unlink()
    with pytest.raises(Conflict):
        content_of(row)


def test_a_draft_loses_a_document_and_what_was_sent_keeps_it(attach, applicant, case, folder):
    first, second = attach(), attach("notes.txt", TEXT)
    remove_document(acting_user=applicant, document=first)
    tasks.sweep_file(first.key)
    tasks.sweep_file(second.key)
    assert [path.name for path in kept(folder)] == [second.key]
    OnboardingCase.objects.filter(pk=case.pk).update(state="submitted")
    with pytest.raises(UnlawfulMove, match="its documents stay with it"):
        remove_document(acting_user=applicant, document=second)


@pytest.mark.parametrize("state", ["approved", "rejected", "withdrawn", "lapsed", "awaiting_second"])
def test_nothing_is_added_to_what_is_decided(attach, applicant, folder, state):
    with pytest.raises(UnlawfulMove, match="nothing can be added"):
        attach(to=make_case(state, applicant))
    assert kept(folder) == []


def test_the_same_file_twice_and_too_many_files_are_refused(attach, folder):
    attach()
    with pytest.raises(Refused, match="is attached already"):
        attach("other.pdf")
    for number in range(39):
        attach(f"{number}.txt", f"{number}".encode())
    with pytest.raises(Refused, match="has 40 documents, which is the most"):
        attach("more.txt", b"more")
    assert len(kept(folder)) == 40


def test_a_file_without_a_row_is_swept_after_a_day(attach, folder):
    row, orphan = attach(), files.keep(b"nobody's")
    tasks.sweep_orphans()
    assert len(kept(folder)) == 2
    for path in kept(folder):
        os.utime(path, (time.time() - 90_000,) * 2)
    tasks.sweep_orphans()
    assert [path.name for path in kept(folder)] == [row.key]
    assert orphan != row.key


def test_a_file_is_in_quarantine_until_the_scanner_has_answered(clamd, attach, applicant):
    row = attach()
    page = browser(applicant).get(reverse("case", args=[row.case.public_id])).content.decode()
    assert "Being checked for viruses" in page
    assert f'"{reverse("document", args=[row.public_id])}"' not in page
    refused = browser(applicant).get(reverse("document", args=[row.public_id]))
    assert refused.status_code == 422
    assert "is not checked for viruses yet" in refused.content.decode()
    tasks.scan_document(row.pk)
    row.refresh_from_db()
    assert (row.state, row.scanned_at is not None, clamd.scanned) == ("clean", True, [len(PDF)])
    assert browser(applicant).get(reverse("document", args=[row.public_id])).content == PDF


def test_a_virus_is_found_said_and_thrown_away(clamd, attach, applicant, folder):
    row = attach("notes.txt", EICAR)
    tasks.scan_document(row.pk)
    row.refresh_from_db()
    assert (row.state, row.finding, kept(folder)) == ("infected", "Eicar-Test-Signature", [])
    page = browser(applicant).get(reverse("case", args=[row.case.public_id])).content.decode()
    assert "The scanner found Eicar-Test-Signature. The file was thrown away." in page
    answer = browser(applicant).get(reverse("api-document-content", kwargs={"public_id": row.public_id}))
    assert (answer.status_code, answer.json()["code"]) == (422, "tenants.document_quarantined")
    assert AuditEvent.objects.get(act="case.document_infected").actor is None


def test_while_the_scanner_is_away_files_wait_and_are_scanned_when_it_is_back(settings, tmp_path, attach):
    settings.CLAMD = str(tmp_path / "clamd.sock")
    row = attach()
    tasks.scan_document(row.pk)
    tasks.scan_documents()
    row.refresh_from_db()
    assert row.state == "waiting"
    with pytest.raises(PortalError, match="not checked for viruses yet"):
        content_of(row)
    with Clamd(tmp_path / "clamd.sock"):
        tasks.scan_documents()
    row.refresh_from_db()
    assert row.state == "clean"


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"nonsense\0", b"stream: OK but\0"])
def test_an_answer_that_is_no_verdict_leaves_the_file_in_quarantine(settings, tmp_path, attach, answer):
    settings.CLAMD = str(tmp_path / "clamd.sock")
    row = attach()
    with Clamd(tmp_path / "clamd.sock", answer=answer):
        tasks.scan_document(row.pk)
    row.refresh_from_db()
    assert row.state == "waiting"


def test_files_from_before_there_was_a_scanner_go_to_it(settings, tmp_path, attach):
    row = attach()
    assert row.state == "unscanned"
    settings.CLAMD = str(tmp_path / "clamd.sock")
    with Clamd(tmp_path / "clamd.sock"):
        tasks.scan_documents()
    row.refresh_from_db()
    assert row.state == "clean"


def test_a_file_of_several_pieces_reaches_the_scanner_whole(clamd):
    assert scanner.scan(b"x" * 200_000) == scanner.Verdict()
    assert scanner.scan(b"x" * 200_000 + EICAR) == scanner.Verdict("Eicar-Test-Signature")
    assert clamd.scanned == [200_000, 200_000 + len(EICAR)]


@pytest.mark.scanner
@pytest.mark.skipif(not shutil.which("clamd"), reason="clamd is not installed")
def test_a_real_clamd_gives_the_same_verdicts(settings, tmp_path):
    signature = tmp_path / "db" / "own.ndb"
    signature.parent.mkdir()
    signature.write_text(f"Eicar-Test-Signature:0:0:{EICAR.hex()}\n")
    settings.CLAMD = str(tmp_path / "real.sock")
    config = tmp_path / "clamd.conf"
    config.write_text(f"LocalSocket {settings.CLAMD}\nDatabaseDirectory {signature.parent}\nForeground yes\n")
    running = subprocess.Popen(["clamd", "-c", config])
    try:
        for _each in range(300):
            if (tmp_path / "real.sock").exists():
                break
            time.sleep(0.1)
        assert scanner.scan(PDF) == scanner.Verdict()
        assert scanner.scan(EICAR).finding.startswith("Eicar-Test-Signature")
    finally:
        running.terminate()
        running.wait(20)
