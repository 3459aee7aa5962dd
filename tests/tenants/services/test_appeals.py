"""An appeal: once, in time, decided by people who had no part in the refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.errors import Refused, UnlawfulMove
from portal.models import AuditEvent, Notification
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, CaseAppeal, CaseLetter, OnboardingCase, Tenant
from tenants.queries.outcomes import appeal_until
from tenants.queries.thresholds import who_could_decide
from tenants.services.admission import approve_case, ask_applicant, reject_case, send_back_case, take_case
from tenants.services.appeals import appeal_case
from tenants.services.delegations import delegate_role
from tenants.services.onboarding import answer_case
from tests.factories.tenants import make_authority, make_case, make_policy, make_staff, settle_checks

pytestmark = pytest.mark.django_db


def refused(**fields):
    """A refused case and the officer who refused it."""
    case = make_case("in_review", **fields)
    officer = make_staff(case.authority)
    return reject_case(acting_user=officer, case=case, reason="No.", grounds=["identity"]), officer


def appealed(**fields):
    case, officer = refused(**fields)
    return appeal_case(acting_user=case.submitted_by, case=case, text="It is in the register."), officer


def test_an_appeal_waits_for_others_with_a_clock_of_its_own():
    case, officer = refused()
    OnboardingCase.objects.filter(pk=case.pk).update(officer=officer, escalated_at=timezone.now())
    colleague = make_staff(case.authority)
    case = appeal_case(
        acting_user=case.submitted_by, case=OnboardingCase.objects.get(pk=case.pk), text=" It is there. "
    )
    case.refresh_from_db()
    assert (case.state, case.officer, case.decided_at, case.escalated_at) == ("appealed", None, None, None)
    assert case.due_at > timezone.now() + timedelta(days=9)
    assert case.appeal.text == "It is there."
    assert list(Notification.objects.filter(act="case.appealed").values_list("user", flat=True)) == [colleague.pk]
    assert who_could_decide(case) == [colleague]


def test_who_refused_decides_no_appeal_nor_does_their_stand_in():
    case, officer = appealed()
    stand_in, colleague = make_staff(case.authority), make_staff(case.authority)
    delegate_role(
        acting_user=officer, membership=AuthorityMembership.objects.get(user=officer), to=stand_in,
        valid_until=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    for person in (officer, stand_in):
        for act in (take_case, approve_case):
            with pytest.raises(FourEyes):
                act(acting_user=person, case=OnboardingCase.objects.get(pk=case.pk))
    case = approve_case(acting_user=colleague, case=case, reason="The register was late.")
    assert (case.state, Tenant.objects.count()) == ("approved", 1)
    assert list(CaseLetter.objects.order_by("pk").values_list("kind", flat=True)) == ["case.rejected", "case.approved"]


def test_everybody_who_took_a_step_of_the_first_decision_is_out_and_who_only_asked_is_not():
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    asker, first, second, third = (make_staff(case.authority) for _ in range(4))
    case = ask_applicant(acting_user=asker, case=case, reason="Who signs?")
    case = answer_case(acting_user=case.submitted_by, case=case, text="I do.")
    settle_checks(case)
    case = approve_case(acting_user=first, case=case)
    case = send_back_case(acting_user=second, case=case, reason="Look again.")
    case = reject_case(acting_user=third, case=case, reason="No.")
    case = appeal_case(acting_user=case.submitted_by, case=case, text="Look again.")
    for person in (first, second, third):
        with pytest.raises(FourEyes):
            take_case(acting_user=person, case=case)
    assert take_case(acting_user=asker, case=case).state == "in_review"


def test_the_appeal_is_decided_with_two_people_where_the_policy_wants_two():
    case, _officer = appealed()
    make_policy(case.authority, "onboarding.second_person", 1)
    one, two = make_staff(case.authority), make_staff(case.authority)
    case = approve_case(acting_user=one, case=case)
    assert case.state == "awaiting_second"
    with pytest.raises(FourEyes):
        approve_case(acting_user=one, case=case)
    assert approve_case(acting_user=two, case=case).state == "approved"


def test_there_is_one_appeal():
    case, _officer = appealed()
    case = reject_case(acting_user=make_staff(case.authority), case=case, reason="Still no.")
    assert appeal_until(case) is None
    assert "may appeal" not in CaseLetter.objects.latest("pk").body
    with pytest.raises(Refused) as refusal:
        appeal_case(acting_user=case.submitted_by, case=case, text="Again.")
    assert refusal.value.code == "tenants.no_appeal"
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseAppeal.objects.create(
            case=case, authority=case.authority, author=case.submitted_by, text="x", after_step=1
        )  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "days", "allowed"), [(None, 29, True), (None, 31, False), (5, 4, True), (5, 6, False), (0, 0, False)]
)
def test_an_appeal_comes_within_the_authoritys_days(policy, days, allowed):
    authority = make_authority()
    if policy is not None:
        make_policy(authority, "onboarding.appeal_days", policy)
    case, _officer = refused(authority=authority)
    OnboardingCase.objects.filter(pk=case.pk).update(decided_at=timezone.now() - timedelta(days=days))
    case.refresh_from_db()
    assert (appeal_until(case) is not None) == allowed
    if allowed:
        assert appeal_case(acting_user=case.submitted_by, case=case, text="x").state == "appealed"
    else:
        with pytest.raises(Refused):
            appeal_case(acting_user=case.submitted_by, case=case, text="x")


def test_an_appeal_says_why_and_is_about_a_refusal():
    case, _officer = refused()
    with pytest.raises(Refused) as refusal:
        appeal_case(acting_user=case.submitted_by, case=case, text="  ")
    assert refusal.value.field == "text"
    open_case = make_case("in_review")
    with pytest.raises(UnlawfulMove):
        appeal_case(acting_user=open_case.submitted_by, case=open_case, text="x")


def test_grounds_are_kept_as_they_stood_and_said_in_the_letter():
    case, _officer = refused()
    step = case.decisions.get()
    assert step.grounds[0]["en"] == "The identity of the organisation could not be established."
    letter = CaseLetter.objects.get()
    assert "- The identity of the organisation could not be established." in letter.body
    assert "You may appeal in the portal until" in letter.body


def test_a_ground_that_is_not_on_the_list_is_refused():
    case = make_case("in_review")
    officer = make_staff(case.authority)
    row = case.authority.stock_texts.create(use="ground", texts={"en": "Ours", "de": "Unserer"}, set_by=officer)
    with pytest.raises(Refused) as refusal:
        reject_case(acting_user=officer, case=case, reason="No.", grounds=["identity"])
    assert refusal.value.field == "grounds"
    case = reject_case(
        acting_user=officer, case=OnboardingCase.objects.get(pk=case.pk), reason="No.", grounds=[str(row.public_id)]
    )
    assert case.decisions.get().grounds == [{"en": "Ours", "de": "Unserer"}]
    assert AuditEvent.objects.filter(act="case.rejected").count() == 1
