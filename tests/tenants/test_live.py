"""Who hears of what, after it is really so."""

from __future__ import annotations

import pytest

from tenants.services import admission, memberships, onboarding, tenants
from tests.factories.tenants import make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    """(event, topic) of everything sent to open pages."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr("portal.core.events._send", lambda event, topic, _facts: told.append((event, topic)))
    return told


def test_a_case_tells_its_applicant_and_its_officers(monkeypatch, django_capture_on_commit_callbacks):
    sent: list[tuple[str, str, str | None]] = []
    monkeypatch.setattr(
        "portal.core.events._send", lambda event, topic, facts: sent.append((event, topic, facts.get("act")))
    )
    case = make_case("in_review")
    officer = make_staff(case.authority)
    with django_capture_on_commit_callbacks(execute=True):
        admission.ask_applicant(acting_user=officer, case=case, reason="Who signs?")
        onboarding.answer_case(acting_user=case.submitted_by, case=case, text="The director.")
    concerned = [f"case.{case.pk}", f"authority.{case.authority_id}", f"user.{case.submitted_by_id}"]

    def moved(act):
        return [("case.changed", topic, act) for topic in concerned]

    assert sent == [
        *moved("case.info_requested"),
        ("notification.new", f"user.{case.submitted_by_id}", None),
        *moved("check.planned"),  # what is sent has its checks before anybody hears that it was sent
        *moved("case.answered"),
        ("notification.new", f"user.{officer.pk}", None),
    ]


def test_an_act_that_is_undone_tells_nobody(heard, django_capture_on_commit_callbacks):
    case = make_case("in_review")
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Exception, match="reason"):
        admission.reject_case(acting_user=make_staff(case.authority), case=case, reason="")
    assert [event for event, _topic in heard if event == "case.changed"] == []


def test_a_role_tells_its_person_and_the_anchor(heard, django_capture_on_commit_callbacks):
    tenant = make_tenant()
    with django_capture_on_commit_callbacks(execute=True):
        user = make_member(tenant)
    assert heard == [("membership.changed", f"user.{user.pk}"), ("membership.changed", f"tenant.{tenant.pk}")]


def test_a_suspension_tells_the_tenant_and_the_authority(heard, django_capture_on_commit_callbacks):
    tenant = make_tenant()
    officer = make_staff(tenant.authority)
    with django_capture_on_commit_callbacks(execute=True):
        tenants.suspend_tenant(acting_user=officer, tenant=tenant, reason="No contact.")
    own = [(event, topic) for event, topic in heard if event == "tenant.changed"]
    assert own == [("tenant.changed", f"tenant.{tenant.pk}"), ("tenant.changed", f"authority.{tenant.authority_id}")]


def test_every_office_names_rows_that_exist():
    for label, office in memberships.OFFICES.items():
        assert office.anchor_model._meta.label == label


def test_what_becomes_of_a_condition_tells_the_tenant_and_names_no_application(
    monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        "portal.core.events._send",
        lambda event, topic, facts: sent.append((topic, facts)) if event == "admission.changed" else None,
    )
    case = make_case("in_review")
    with django_capture_on_commit_callbacks(execute=True):
        admission.approve_case(acting_user=make_staff(case.authority), case=case)
    case.refresh_from_db()
    assert set(map(str, sent)) == {str((f"tenant.{case.tenant_id}", {}))}
