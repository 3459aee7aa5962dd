"""Documents that come later: the portal looks at them by itself, once the virus scanner is done with them."""

from __future__ import annotations

import pytest

from tenants import tasks
from tenants.models import ComplianceCheck
from tenants.services import admission, checks, onboarding
from tenants.services.documents import attach_document
from tests.clamd import EICAR, Clamd
from tests.factories.people import make_user
from tests.factories.tenants import case_answers, make_authority, make_staff
from tests.tenants.files import PDF, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "files"
    settings.CLAMD = ""


@pytest.fixture
def case():
    """Sent without a document; the portal has looked at what it can."""
    applicant = make_user()
    case = onboarding.draft_case(acting_user=applicant, authority=make_authority(), facts=case_answers())
    case = onboarding.submit_case(acting_user=applicant, case=case)
    checks.check_case(case.pk)
    return case


def attach(case, name="notes.txt", content=TEXT):
    return attach_document(acting_user=case.submitted_by, case=case, name=name, content=content)


def rounds(case, key="documents"):
    rows = ComplianceCheck.objects.filter(case=case, key=key).order_by("round")
    return [(row.state, row.finding) for row in rows]


NONE, ONE = ("passed", "documents.none"), ("passed", "documents.fresh")
OPEN, WAITS = ("open", ""), ("open", "documents.waiting")


def test_a_document_added_after_sending_is_looked_at_by_itself_and_nothing_else_is(case):
    before = ComplianceCheck.objects.count()
    attach(case)
    assert rounds(case) == [NONE, OPEN]
    assert ComplianceCheck.objects.count() == before + 1
    checks.check_case(case.pk)
    assert rounds(case) == [NONE, ONE]
    assert checks.plan_checks(case=case) == []


def test_a_document_added_to_an_answer_is_looked_at_when_it_is_sent(case):
    admission.ask_applicant(acting_user=make_staff(case.authority), case=case, reason="By what mandate?")
    attach(case)
    assert rounds(case) == [NONE]
    onboarding.answer_case(acting_user=case.submitted_by, case=case, text="This one.")
    checks.check_case(case.pk)
    assert rounds(case) == [NONE, ONE]


def test_a_document_in_quarantine_keeps_the_check_open_and_is_looked_at_as_soon_as_it_is_out(case, settings, tmp_path):
    settings.CLAMD = str(tmp_path / "clamd.sock")
    row = attach(case, "statutes.pdf", PDF)
    checks.check_case(case.pk)
    assert rounds(case) == [NONE, WAITS]
    assert checks.check_case(case.pk) == 0  # not its turn yet
    with Clamd(tmp_path / "clamd.sock"):
        tasks.scan_document(row.pk)
    assert checks.check_case(case.pk) == 1
    assert rounds(case) == [NONE, ONE]


def test_a_document_with_a_virus_is_none(case, settings, tmp_path):
    settings.CLAMD = str(tmp_path / "clamd.sock")
    row = attach(case, "notes.txt", EICAR)
    with Clamd(tmp_path / "clamd.sock"):
        tasks.scan_document(row.pk)
    checks.check_case(case.pk)
    assert rounds(case) == [NONE, NONE]
