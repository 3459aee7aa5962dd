"""Standing in for somebody who is away: who may, for how long, and that two people stay two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.access import may
from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent, User
from tenants.errors import FourEyes, NotEligible, OwnRights
from tenants.models import AuthorityMembership, CaseDecision, CaseMember, OnboardingCase
from tenants.queries.cases import conflict_of_interest, history
from tenants.services.admission import approve_case
from tenants.services.delegations import colleagues, delegate_role
from tenants.services.memberships import change_role, end_role, give_role
from tenants.services.tenants import suspend_tenant
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_authority, make_case, make_member, make_policy, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


class Office:
    """An authority with two officers, an approver, an auditor."""

    def __init__(self) -> None:
        self.authority = make_authority()
        self.officer, self.second = make_staff(self.authority), make_staff(self.authority)
        self.approver = make_staff(self.authority, "quota_approver")
        self.auditor = make_staff(self.authority, "auditor")

    def role(self, user: User) -> AuthorityMembership:
        return AuthorityMembership.objects.get(user=user, authority=self.authority, delegated_from=None)

    def delegate(self, absent: User, to: User, days: float = 10, **facts) -> AuthorityMembership:
        return delegate_role(
            acting_user=absent, membership=self.role(absent), to=to, valid_until=timezone.now() + timedelta(days=days),
            **facts,
        )  # fmt: skip


def test_a_colleague_may_what_the_absent_one_may_and_only_that_long(office):
    case = make_case(authority=office.authority)
    assert not may(office.approver, "decide", case)
    row = office.delegate(office.officer, office.approver)
    assert may(office.approver, "decide", case)
    end_role(acting_user=office.officer, membership=row)
    assert not may(office.approver, "decide", case)


def test_a_delegation_for_later_gives_nothing_yet(office):
    office.delegate(office.officer, office.approver, valid_from=timezone.now() + timedelta(days=2))
    assert not may(office.approver, "decide", make_case(authority=office.authority))


def test_a_decision_in_delegation_says_for_whom(office):
    office.delegate(office.officer, office.approver)
    case = make_case("in_review", authority=office.authority)
    approve_case(acting_user=office.approver, case=case)
    decision = CaseDecision.objects.get(case=case)
    assert (decision.decider, decision.on_behalf_of) == (office.approver, office.officer)
    event = AuditEvent.objects.get(act="case.approved")
    assert (event.actor, event.after["on_behalf_of"]) == (office.approver, office.officer.pk)
    assert history(case, for_applicant=False)[-1].on_behalf_of == office.officer.get_full_name()


def test_who_holds_the_role_themselves_decides_in_their_own_right(office):
    office.delegate(office.officer, office.second)
    case = make_case("in_review", authority=office.authority)
    approve_case(acting_user=office.second, case=case)
    assert CaseDecision.objects.get(case=case).on_behalf_of is None


def test_a_delegate_does_not_decide_what_the_absent_one_could_not(office):
    case = make_case("in_review", authority=office.authority)
    CaseMember.objects.create(case=case, user=office.officer)
    office.delegate(office.officer, office.approver)
    assert "stand in for" in conflict_of_interest(case, office.approver)
    with pytest.raises(FourEyes):
        approve_case(acting_user=office.approver, case=case)
    tenant = make_tenant(authority=office.authority)
    make_member(tenant, "member", office.officer)
    with pytest.raises(FourEyes):
        suspend_tenant(acting_user=office.approver, tenant=tenant, reason="Unpaid")


@pytest.mark.parametrize("absent_goes_first", [True, False])
def test_the_absent_one_and_who_stands_in_are_one_pair_of_eyes(office, absent_goes_first):
    make_policy(office.authority, "onboarding.second_person", 1)
    row = office.delegate(office.officer, office.approver)
    case = make_case("in_review", authority=office.authority)
    pair = (office.officer, office.approver) if absent_goes_first else (office.approver, office.officer)
    approve_case(acting_user=pair[0], case=case)
    with pytest.raises(FourEyes), transaction.atomic():
        approve_case(acting_user=pair[1], case=case)
    end_role(acting_user=office.officer, membership=row)  # ended since: the first step was taken while it lasted
    with pytest.raises(FourEyes), transaction.atomic():
        approve_case(acting_user=pair[1], case=case)
    approve_case(acting_user=office.second, case=case)
    assert OnboardingCase.objects.get(pk=case.pk).state == "approved"


def test_only_the_holder_names_who_stands_in(office):
    admin = make_admin()
    with pytest.raises(OwnRights):
        delegate_role(
            acting_user=admin, membership=office.role(office.officer), to=office.approver,
            valid_until=timezone.now() + timedelta(days=2),
        )  # fmt: skip


def test_what_was_delegated_is_not_passed_on(office):
    row = office.delegate(office.officer, office.approver)
    with pytest.raises(OwnRights):
        delegate_role(
            acting_user=office.approver, membership=row, to=office.second,
            valid_until=timezone.now() + timedelta(days=2),
        )  # fmt: skip


def test_an_auditor_delegates_nothing_and_stands_in_for_nobody(office):
    with pytest.raises(Refused):
        office.delegate(office.auditor, office.officer)
    with pytest.raises(NotEligible):
        office.delegate(office.officer, office.auditor)


def test_only_colleagues_can_be_named(office):
    stranger, elsewhere = make_user(), make_staff(make_authority())
    admin = make_admin()
    make_staff(office.authority, "quota_approver", admin)
    closed = make_staff(office.authority, "quota_approver")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    assert set(colleagues(office.role(office.officer))) == {office.second, office.approver}
    for person in (stranger, elsewhere, admin, closed, office.officer):
        with pytest.raises(NotEligible):
            office.delegate(office.officer, person)


def test_a_delegation_never_outlasts_the_role(office):
    change_role(
        acting_user=make_admin(), membership=office.role(office.officer), valid_until=timezone.now() + timedelta(days=5)
    )
    with pytest.raises(OwnRights):
        office.delegate(office.officer, office.approver, days=6)
    row = office.delegate(office.officer, office.approver, days=4)
    sooner = timezone.now() + timedelta(days=1)
    change_role(acting_user=make_admin(), membership=office.role(office.officer), valid_until=sooner)
    row.refresh_from_db()
    assert row.valid_until == sooner
    end_role(acting_user=make_admin(), membership=office.role(office.officer))
    row.refresh_from_db()
    assert row.valid_until <= timezone.now()
    assert not may(office.approver, "decide", make_case(authority=office.authority))
    assert AuditEvent.objects.filter(act="delegation.ended", target_id=row.pk).count() == 2


def test_a_closed_account_is_stood_in_for_by_nobody(office):
    office.delegate(office.officer, office.approver)
    case = make_case("in_review", authority=office.authority)
    User.objects.filter(pk=office.officer.pk).update(is_active=False)
    with pytest.raises(FourEyes):
        approve_case(acting_user=office.approver, case=case)


def test_one_person_at_a_time_stands_in(office):
    office.delegate(office.officer, office.approver)
    with pytest.raises(Conflict):
        office.delegate(office.officer, office.second)


def test_an_absence_is_not_for_ever(office):
    with pytest.raises(Refused):
        office.delegate(office.officer, office.approver, days=181)


def test_the_database_refuses_a_delegation_without_an_end(office):
    row = office.delegate(office.officer, office.approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorityMembership.objects.filter(pk=row.pk).update(valid_until=None)


def test_a_delegation_is_no_obstacle_to_the_role_itself(office):
    office.delegate(office.officer, office.approver)
    give_role(acting_user=make_admin(), anchor=office.authority, user=office.approver, role="onboarding_officer")
    assert AuthorityMembership.objects.filter(user=office.approver, role="onboarding_officer").count() == 2


def test_who_stands_in_makes_it_last_no_longer(office):
    row = office.delegate(office.officer, office.approver)
    for person in (office.approver, office.officer, make_admin()):
        with pytest.raises(OwnRights):
            change_role(acting_user=person, membership=row, valid_until=timezone.now() + timedelta(days=90))
