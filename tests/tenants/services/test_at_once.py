"""Several hands at the same moment: one outcome, and nobody is left without an owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.core.access import live_now
from portal.core.errors import PortalError
from portal.models import User
from tenants.models import AuthorityMembership, CaseDecision, Membership, OnboardingCase, Tenant
from tenants.services.admission import approve_case, reject_case
from tenants.services.delegations import delegate_role
from tenants.services.memberships import end_role
from tenants.services.setup import issue_code, open_portal
from tests.factories.people import PASSWORD
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 8


def all_at_once(*acts) -> list[str]:
    """What became of each act: "done", or the code of its refusal."""

    def one(act):
        try:
            act()
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_officers_who_decide_one_case_at_once_make_one_decision():
    case = make_case("in_review")
    officers = [make_staff(case.authority) for _ in range(2 * HANDS)]

    def decide(number, officer):
        row = OnboardingCase.objects.get(pk=case.pk)
        service = approve_case if number % 2 else reject_case
        return lambda: service(acting_user=officer, case=row, reason="All at once.")

    outcomes = all_at_once(*(decide(number, officer) for number, officer in enumerate(officers)))
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "portal.moved_meanwhile"}
    assert CaseDecision.objects.count() == 1
    assert Tenant.objects.count() == OnboardingCase.objects.filter(state="approved").count()


def test_tenants_of_one_name_admitted_at_once_have_short_names_of_their_own():
    authority = make_authority()
    officer = make_staff(authority)
    cases = [make_case("in_review", authority=authority, organisation="Delta") for _ in range(HANDS)]
    outcomes = all_at_once(*((lambda row=row: approve_case(acting_user=officer, case=row)) for row in cases))
    assert outcomes == ["done"] * HANDS
    assert set(Tenant.objects.values_list("slug", flat=True)) == {"delta", *(f"delta-{n}" for n in range(2, HANDS + 1))}


def test_owners_who_leave_at_once_do_not_all_get_away():
    tenant = make_tenant()
    rows = [Membership.objects.get(user=make_member(tenant, "owner")) for _ in range(HANDS)]
    outcomes = all_at_once(*((lambda row=row: end_role(acting_user=row.user, membership=row)) for row in rows))
    assert outcomes.count("tenants.last_owner") == 1
    assert outcomes.count("done") == HANDS - 1


def test_officers_who_leave_at_once_do_not_all_get_away():
    authority = make_authority()
    rows = [AuthorityMembership.objects.get(user=make_staff(authority)) for _ in range(HANDS)]
    outcomes = all_at_once(*((lambda row=row: end_role(acting_user=row.user, membership=row)) for row in rows))
    assert outcomes.count("tenants.last_onboarding_officer") == 1
    assert outcomes.count("done") == HANDS - 1


def test_two_who_name_each_other_and_leave_at_once_end_in_order():
    """Each one's end ends what the other holds for them; taken in one order, nobody waits for ever."""
    authority = make_authority()
    make_staff(authority)
    one, two = make_staff(authority, "quota_approver"), make_staff(authority, "quota_approver")
    rows = [AuthorityMembership.objects.get(user=each) for each in (one, two)]
    until = timezone.now() + timedelta(days=2)
    for row, to in zip(rows, (two, one), strict=True):
        delegate_role(acting_user=row.user, membership=row, to=to, valid_until=until)
    outcomes = all_at_once(*((lambda row=row: end_role(acting_user=row.user, membership=row)) for row in rows))
    assert outcomes == ["done", "done"]
    assert not AuthorityMembership.objects.filter(live_now(), user__in=(one, two)).exists()


def test_the_code_opens_the_portal_for_one_of_several():
    code = issue_code()
    people = [{"email": f"a{n}@portal.test", "full_name": f"A {n}", "password": PASSWORD} for n in range(HANDS)]
    outcomes = all_at_once(*((lambda each=each: open_portal(code=code, **each)) for each in people))
    assert outcomes.count("done") == 1
    assert User.objects.count() == 1
