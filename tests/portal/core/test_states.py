from __future__ import annotations

from itertools import product

import pytest
from django.db import connection

from portal.core.errors import MovedMeanwhile, UnlawfulMove
from portal.core.states import Moves, advance
from resources.states import CLUSTER, GRANT, QUOTA, REQUEST
from tenants.models import Tenant
from tenants.states import CASE, TENANT
from tests.portal.core.ground import at_once, make_tenant

TABLES = {table.name: table for table in (CASE, TENANT, REQUEST, GRANT, QUOTA, CLUSTER)}


def test_moves_to_a_state_without_a_row_are_refused():
    with pytest.raises(ValueError, match="nowhere"):
        Moves("thing", {"here": {"nowhere"}})


def test_a_state_without_exits_is_final():
    moves = Moves("thing", {"open": {"closed"}, "closed": set()})
    assert (moves.final("open"), moves.final("closed")) == (False, True)
    assert moves.states == ("open", "closed")


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), list(product(TENANT.states, TENANT.states)))
def test_advance_along_every_pair_is_lawful_or_refused_by_the_table(old, new):
    tenant = make_tenant(state=old)
    if TENANT.lawful(old, new):
        assert advance(tenant, new).state == new
    else:
        with pytest.raises(UnlawfulMove) as refused:
            advance(tenant, new)
        assert refused.value.facts == {"state": old, "wanted": new}
        assert tenant.name in str(refused.value)
    tenant.refresh_from_db()
    assert tenant.state == (new if TENANT.lawful(old, new) else old)


@pytest.mark.django_db
def test_advance_sets_its_fields_with_the_state_in_one_statement(django_assert_num_queries):
    tenant = make_tenant()
    with django_assert_num_queries(1):
        advance(tenant, "suspended", legal_id="X1")
    assert (tenant.state, tenant.legal_id) == ("suspended", "X1")
    assert Tenant.objects.values_list("state", "legal_id").get() == ("suspended", "X1")


@pytest.mark.django_db
def test_advance_of_a_row_that_somebody_else_moved_changes_nothing():
    stale = make_tenant()
    advance(Tenant.objects.get(pk=stale.pk), "suspended")
    with pytest.raises(MovedMeanwhile):
        advance(stale, "offboarding", legal_id="X1")
    assert (stale.state, stale.legal_id) == ("active", "")
    assert Tenant.objects.values_list("state", "legal_id").get() == ("suspended", "")


@pytest.mark.django_db(transaction=True)
def test_advance_by_eight_at_once_moves_once():
    pk = make_tenant().pk
    rows = [Tenant.objects.get(pk=pk) for _ in range(8)]
    ends = at_once(lambda row: advance(row, "suspended").state, rows)
    assert ends.count("suspended") == 1
    assert sum(isinstance(end, MovedMeanwhile) for end in ends) == 7


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["tenants_tenant", "tenants_onboardingcase", "resources_quotarequest"])
def test_the_database_knows_the_states_too(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE '%%state_known'", [table]
        )
        assert cursor.fetchone() == (1,)


def test_every_table_ends_somewhere_or_says_that_it_never_does():
    endless = {name for name, table in TABLES.items() if not any(table.final(state) for state in table.states)}
    assert endless == {"quota"}  # an environment may be given GPUs again
