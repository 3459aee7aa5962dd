"""Refused attempts are events, written after what was refused has been taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from portal.core import refusals
from portal.core.errors import Conflict, Forbidden, NotFound, Refused
from portal.core.isolation import role
from portal.core.refusals import MOST, MOST_OF_NOBODY, at_door, noted, refuse_recorded
from portal.models import AuditEvent
from tenants.models import OnboardingCase
from tests.factories.people import PASSWORD, make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def written():
    return list(AuditEvent.objects.filter(act__startswith=refusals.PREFIX).order_by("pk"))


@pytest.fixture
def person():
    return make_user()


def attempt(person, error, changes=True):
    with noted():
        at_door(person, "case-decide")
        refusals.note_error(error, changes=changes)


@pytest.mark.parametrize(
    ("error", "changes", "acts"),
    [
        (Forbidden(), False, ["refused.attempt"]),
        (Forbidden(), True, ["refused.attempt"]),
        (Conflict("Too late."), True, ["refused.conflict"]),
        (Conflict("Too late."), False, []),
        (Refused("Give the reason."), True, []),
        (NotFound(), True, []),
    ],
)
def test_which_errors_are_attempts(person, error, changes, acts):
    attempt(person, error, changes)
    assert [event.act for event in written()] == acts


def test_a_refusal_is_written_after_what_was_refused_is_taken_back(person):
    tenant = make_tenant()
    with noted():
        at_door(person, "tenant-suspend")
        refusals.dealing_with(tenant)
        with pytest.raises(Forbidden), transaction.atomic():
            tenant.name = "Taken back"
            tenant.save()
            error = Forbidden("Not you.")
            refusals.note_error(error, changes=True)
            raise error
        assert written() == []
    tenant.refresh_from_db()
    (event,) = written()
    assert tenant.name != "Taken back"
    assert (event.actor, event.target_id, event.tenant_id, event.authority_id) == (
        person, tenant.pk, tenant.pk, tenant.authority_id,
    )  # fmt: skip
    assert (event.reason, event.after) == ("Not you.", {"code": "portal.forbidden", "door": "tenant-suspend"})


def test_one_person_cannot_fill_the_trail(person):
    for _ in range(MOST + 10):
        attempt(person, Forbidden())
    attempt(make_user(), Forbidden())
    events = written()
    assert len(events) == MOST + 1
    assert [event.after.get("more") for event in events[-3:]] == [None, "not recorded for a while", None]


def test_after_a_while_refusals_are_written_again(person, monkeypatch):
    monkeypatch.setattr(refusals, "MOST", 1)
    attempt(person, Forbidden())
    attempt(person, Forbidden())
    assert len(written()) == 1
    later = timezone.now() + refusals.WINDOW + timedelta(seconds=1)
    monkeypatch.setattr(refusals.timezone, "now", lambda: later)
    attempt(person, Forbidden())
    assert len(written()) == 2


def test_outside_a_request_a_refusal_is_written_at_once_but_never_within_what_is_taken_back(person, monkeypatch):
    with pytest.raises(RuntimeError, match="taken back"):
        refuse_recorded("second_factor", acting_user=person)
    monkeypatch.setattr(refusals, "connection", type("Outside", (), {"in_atomic_block": False}))
    refuse_recorded("second_factor", acting_user=person, target=person, method="totp")
    (event,) = written()
    assert (event.act, event.target_id, event.target_name, event.after) == (
        "refused.second_factor", person.pk, "", {"method": "totp"},
    )  # fmt: skip


def browser_of(user):
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


@pytest.fixture
def case():
    authority = make_authority()
    applicant = make_user()
    return make_case("submitted", applicant, authority=authority)


def decide(browser, case, api):
    if api:
        return browser.post(f"/api/v1/applications/{case.public_id}/approve/", {}, content_type="application/json")
    return browser.post(
        f"/applications/{case.public_id}/decide/", {"confirmed": "1", "outcome": "approve", "reason": "x"}
    )


@pytest.mark.parametrize("api", [False, True])
def test_an_attempt_without_the_role_is_an_event_of_the_case(case, api):
    auditor = make_staff(case.authority, "auditor")
    assert decide(browser_of(auditor), case, api).status_code == 403
    (event,) = written()
    assert (event.act, event.actor, event.target_type, event.target_id) == (
        "refused.attempt", auditor, "tenants.OnboardingCase", case.pk,
    )  # fmt: skip
    assert (event.authority_id, event.source, event.address) == (
        case.authority_id, "api" if api else "page", "127.0.0.1",
    )  # fmt: skip
    assert OnboardingCase.objects.get().state == "submitted"


@pytest.mark.parametrize("api", [False, True])
def test_a_decision_about_ones_own_case_is_refused_and_an_event(case, api):
    officer = make_staff(case.authority, "onboarding_officer", case.submitted_by)
    assert decide(browser_of(officer), case, api).status_code == 403
    (event,) = written()
    assert (event.act, event.actor, event.after["code"]) == ("refused.attempt", officer, "tenants.four_eyes")
    assert OnboardingCase.objects.get().state == "submitted"


@pytest.mark.parametrize("api", [False, True])
def test_a_form_sent_again_is_refused_and_an_event(case, api):
    officer = make_staff(case.authority, "onboarding_officer")
    browser = browser_of(officer)
    assert decide(browser, case, api).status_code in {200, 302}
    assert decide(browser, case, api).status_code in {403, 409}
    assert [event.act for event in written()] in (["refused.conflict"], ["refused.attempt"])


@pytest.mark.parametrize(
    "path", ["/applications/{}/", "/api/v1/applications/{}/", "/tenants/{}/", "/api/v1/tenants/{}/"]
)
def test_asking_for_something_of_others_by_its_id_is_an_event_of_the_site(case, path):
    stranger = make_user()
    thing = case if "applications" in path else make_tenant()
    assert browser_of(stranger).get(path.format(thing.public_id)).status_code == 404
    (event,) = written()
    assert (event.act, event.actor, event.target_public_id, event.target_name) == (
        "refused.unseen", stranger, thing.public_id, "",
    )  # fmt: skip
    assert (event.tenant_id, event.authority_id, event.provider_id, event.reason) == (None, None, None, "")


@pytest.mark.parametrize("path", ["/applications/{}/", "/api/v1/applications/{}/"])
def test_asking_for_what_is_not_there_is_none(path):
    missing = "00000000-0000-4000-8000-000000000000"
    assert browser_of(make_user()).get(path.format(missing)).status_code == 404
    assert written() == []


def test_the_answer_to_a_foreign_id_and_to_none_is_the_same(case):
    browser = browser_of(make_user())
    foreign = browser.get(f"/api/v1/applications/{case.public_id}/")
    nothing = browser.get("/api/v1/applications/00000000-0000-4000-8000-000000000000/")
    assert foreign.content == nothing.content
    assert dict(foreign.headers) == dict(nothing.headers)


def test_a_forged_form_of_somebody_who_is_signed_in_is_an_event(case):
    officer = make_staff(case.authority, "onboarding_officer")
    for path, kind in (
        (f"/applications/{case.public_id}/decide/", "application/x-www-form-urlencoded"),
        (f"/api/v1/applications/{case.public_id}/approve/", "application/json"),
    ):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(officer)
        assert browser.post(path, "{}", content_type=kind).status_code == 403
    assert [event.act for event in written()] == ["refused.form", "refused.attempt"]
    assert {event.actor for event in written()} == {officer}


def sign_in(email, password):
    return Client().post("/accounts/login/", {"login": email, "password": password})


def test_a_failed_sign_in_is_an_event_that_keeps_no_address(person):
    sign_in(person.email, "wrong")
    sign_in("nobody@nowhere.test", "wrong")
    known, unknown = written()
    assert (known.act, known.actor, known.target_id, known.after) == (
        "refused.sign_in", None, person.pk, {"known": True},
    )  # fmt: skip
    assert (unknown.target_type, unknown.target_id, unknown.after) == ("portal.Site", 0, {"known": False})
    assert "nobody@" not in repr([vars(event) for event in written()])


def test_nobody_cannot_fill_the_trail_either(monkeypatch):
    monkeypatch.setattr(refusals, "MOST_OF_NOBODY", 2)
    for _ in range(4):
        with noted():
            refuse_recorded("sign_in", acting_user=None)
    assert len(written()) == 2
    assert MOST_OF_NOBODY > MOST


def test_a_sign_in_is_an_event(person):
    assert sign_in(person.email, PASSWORD).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.act, event.actor, event.address) == ("session.opened", person, "127.0.0.1")


def test_a_refusal_that_cannot_be_written_still_refuses(case):
    auditor = make_staff(case.authority, "auditor")
    browser = browser_of(auditor)
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE INSERT ON portal_auditevent FROM CURRENT_USER, {role('worker')}")
    assert decide(browser, case, api=False).status_code == 403
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT INSERT ON portal_auditevent TO CURRENT_USER, {role('worker')}")
    assert written() == []


def test_an_owner_reads_who_tried_what_on_their_tenant(person):
    tenant = make_tenant()
    member = make_member(tenant, "member")
    assert browser_of(member).post(f"/tenants/{tenant.public_id}/members/new/", {}).status_code == 403
    owner = browser_of(make_member(tenant, "owner", person))
    page = owner.get("/audit/?tab=refused").content.decode()
    assert member.full_name in page
    assert "Refused: not this person’s to do" in page
