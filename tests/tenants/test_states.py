"""Every pair of states is lawful or refused, by table, and only one of two hands gets through."""

from __future__ import annotations

from itertools import product

import pytest

from portal.core.errors import MovedMeanwhile, UnlawfulMove
from portal.core.states import advance
from tenants.models import OnboardingCase, Tenant
from tenants.states import CASE, TENANT
from tests.factories.tenants import make_case, make_tenant

CASE_MOVES = {
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("submitted", "in_review"),
    ("submitted", "withdrawn"),
    ("in_review", "info_requested"),
    ("in_review", "awaiting_second"),
    ("in_review", "approved"),
    ("in_review", "conditionally_approved"),
    ("in_review", "rejected"),
    ("in_review", "withdrawn"),
    ("info_requested", "in_review"),
    ("info_requested", "lapsed"),
    ("info_requested", "withdrawn"),
    ("awaiting_second", "approved"),
    ("awaiting_second", "conditionally_approved"),
    ("awaiting_second", "rejected"),
    ("awaiting_second", "in_review"),
    ("conditionally_approved", "approved"),
    ("rejected", "appealed"),
    ("appealed", "in_review"),
}
TENANT_MOVES = {
    ("active", "suspended"),
    ("active", "offboarding"),
    ("suspended", "active"),
    ("suspended", "offboarding"),
    ("offboarding", "closed"),
}


def test_tables_are_what_the_domain_says():
    assert {(old, new) for old, news in CASE.table.items() for new in news} == CASE_MOVES
    assert {(old, new) for old, news in TENANT.table.items() for new in news} == TENANT_MOVES


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), list(product(CASE.states, CASE.states)))
def test_case_moves_only_as_the_table_says(old, new):
    case = make_case(old)
    if (old, new) in CASE_MOVES:
        advance(case, new)
        assert OnboardingCase.objects.get(pk=case.pk).state == new
    else:
        with pytest.raises(UnlawfulMove):
            advance(case, new)
        assert OnboardingCase.objects.get(pk=case.pk).state == old


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), list(product(TENANT.states, TENANT.states)))
def test_tenant_moves_only_as_the_table_says(old, new):
    tenant = make_tenant(state=old)
    if (old, new) in TENANT_MOVES:
        advance(tenant, new)
        assert Tenant.objects.get(pk=tenant.pk).state == new
    else:
        with pytest.raises(UnlawfulMove):
            advance(tenant, new)
        assert Tenant.objects.get(pk=tenant.pk).state == old


@pytest.mark.django_db
def test_the_second_of_two_hands_is_told():
    case = make_case("in_review")
    stale = OnboardingCase.objects.get(pk=case.pk)
    advance(case, "rejected")
    with pytest.raises(MovedMeanwhile):
        advance(stale, "approved")
    assert OnboardingCase.objects.get(pk=case.pk).state == "rejected"
