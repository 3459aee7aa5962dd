"""Letters: worded by the authority, written with the decision, never changed."""

from __future__ import annotations

import hashlib

import pytest
from django.db import ProgrammingError, connection, transaction

from portal.core import isolation
from portal.core.access import may
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, User
from tenants.models import CaseLetter, LetterTemplate
from tenants.queries.letters import wording_in_force
from tenants.services.admission import approve_case, reject_case
from tenants.services.letters import file_of, set_template
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_policy, make_staff
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
WORDS = {
    "kind": "case.approved",
    "language": "en",
    "subject": "Welcome, {organisation}",
    "body": "As {reference}.\n\n{reason}",
}


def worded(officer, authority, **facts):
    return set_template(acting_user=officer, authority=authority, **{**WORDS, "note": "Shorter", **facts})


def test_approving_writes_the_letter_in_the_applicants_language():
    case = make_case("in_review", make_user(language="de", full_name="Ida Berg"), organisation="Flussinstitut")
    officer = make_staff(case.authority, user=make_user(full_name="Jonas Weber"))
    approve_case(acting_user=officer, case=case, reason="Alles klar.")
    letter = CaseLetter.objects.get()
    assert (letter.kind, letter.language, letter.template_version) == ("case.approved", "de", None)
    assert (letter.subject, letter.tenant_id) == ("Aufnahme von Flussinstitut", case.tenant_id)
    said = text_of(bytes(letter.pdf)).replace("\n", " ")
    for words in ("Guten Tag Ida Berg", case.reference, "Luxemburg", "Alles klar.", "Jonas Weber"):
        assert words in said
    assert letter.sha256 == hashlib.sha256(file_of(letter)).hexdigest()


def test_two_people_who_decide_are_both_named():
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = (make_staff(case.authority, user=make_user(full_name=name)) for name in ("Ada One", "Bo Two"))
    approve_case(acting_user=first, case=case)
    assert CaseLetter.objects.count() == 0
    approve_case(acting_user=second, case=case)
    assert "by Ada One, Bo Two." in CaseLetter.objects.get().body


def test_a_refusal_says_why_and_no_conditions_of_admission():
    case = make_case("in_review")
    reject_case(acting_user=make_staff(case.authority), case=case, reason="The register knows no such house.")
    letter = CaseLetter.objects.get()
    assert letter.kind == "case.rejected"
    assert "The register knows no such house." in letter.body
    assert letter.tenant_id is None


def test_a_wording_of_the_authority_is_used_from_then_on_and_what_was_written_stays():
    authority = make_authority()
    officer = make_staff(authority)
    first, second = (make_case("in_review", authority=authority) for _ in range(2))
    approve_case(acting_user=officer, case=first)
    before = CaseLetter.objects.get()
    worded(officer, authority)
    approve_case(acting_user=officer, case=second, reason="Fine.")
    after = CaseLetter.objects.exclude(pk=before.pk).get()
    assert (after.subject, after.body) == (f"Welcome, {second.organisation}", f"As {second.reference}.\n\nFine.")
    assert after.template_version == 1
    kept = CaseLetter.objects.get(pk=before.pk)
    assert (kept.body, kept.sha256, kept.template_version) == (before.body, before.sha256, None)


def test_wordings_are_versions_and_the_newest_is_in_force():
    authority = make_authority()
    officer = make_staff(authority)
    worded(officer, authority)
    worded(officer, authority, subject="Hello, {organisation}")
    assert list(LetterTemplate.objects.order_by("version").values_list("version", "subject")) == [
        (1, "Welcome, {organisation}"), (2, "Hello, {organisation}"),
    ]  # fmt: skip
    assert wording_in_force(authority, "case.approved", "en").subject == "Hello, {organisation}"
    assert wording_in_force(authority, "case.approved", "fr").version is None
    assert wording_in_force(make_authority(), "case.approved", "en").version is None
    event = AuditEvent.objects.filter(act="letter.worded").latest("pk")
    assert (event.actor, event.before, event.after["version"]) == (officer, {"version": 1}, 2)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "case.nonsense"}, "kind"),
        ({"language": "xx"}, "language"),
        ({"note": " "}, "note"),
        ({"body": "Nothing of it"}, "body"),
        ({"body": "{reference} {unheard_of}"}, "body"),
    ],
)
def test_a_wording_that_cannot_be_written_is_refused(facts, field):
    authority = make_authority()
    with pytest.raises(Refused) as refusal:
        worded(make_staff(authority), authority, **facts)
    assert refusal.value.field == field
    assert LetterTemplate.objects.count() == 0


def test_the_same_wording_again_is_no_version():
    authority = make_authority()
    officer = make_staff(authority)
    worded(officer, authority)
    with pytest.raises(Conflict):
        worded(officer, authority)


def test_a_letter_is_read_by_its_people_its_office_and_the_tenants_owners():
    case = make_case("in_review")
    officer = make_staff(case.authority)
    approve_case(acting_user=officer, case=case)
    letter = CaseLetter.objects.get()
    readers = [case.submitted_by, officer, make_staff(case.authority, "auditor"), make_member(case.tenant, "owner")]
    others = [
        make_user(), make_admin(), make_staff(make_authority()), make_staff(case.authority, "quota_approver"),
        make_member(case.tenant, "member"),
    ]  # fmt: skip
    assert [may(person, "view", letter) for person in readers] == [True] * 4
    assert [may(person, "view", letter) for person in others] == [False] * 5


def test_the_database_shows_a_later_owner_the_letter_and_lets_nobody_change_it():
    case = make_case("in_review")
    officer = make_staff(case.authority)
    approve_case(acting_user=officer, case=case)
    owner, stranger = make_member(case.tenant, "owner"), make_user()
    for person, seen in ((owner, 1), (officer, 1), (stranger, 0)):
        with isolation.scope(User.objects.get(pk=person.pk)):
            assert CaseLetter.objects.count() == seen
            for statement in ("UPDATE tenants_caseletter SET subject = 'x'", "DELETE FROM tenants_caseletter"):
                with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)


def test_a_file_that_is_not_what_was_written_is_not_given_out():
    case = make_case("in_review")
    approve_case(acting_user=make_staff(case.authority), case=case)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_caseletter SET pdf = %s", [b"%PDF-1.4 something else"])
    with pytest.raises(Conflict):
        file_of(CaseLetter.objects.get())
