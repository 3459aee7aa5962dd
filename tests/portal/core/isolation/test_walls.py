"""Every table chooses: behind the wall, or open with a reason; and the database has what was chosen."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from portal.core import walls
from portal.core.isolation import behind, role

pytestmark = pytest.mark.django_db


def asked(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_table_is_behind_the_wall_or_open_with_a_reason():
    everything = set(walls.tables())
    assert everything - behind.keys() - walls.belongs_to_nobody.keys() == set()
    assert (behind.keys() | walls.belongs_to_nobody.keys()) - everything == set(), "named, and not there"
    assert behind.keys() & walls.belongs_to_nobody.keys() == set()
    assert all(reason.strip() for reason in walls.belongs_to_nobody.values())


def test_no_table_with_a_tenant_stands_open():
    open_tables = [apps.get_model(label) for label in walls.belongs_to_nobody]
    owned = [m._meta.label for m in open_tables if any(f.column == "tenant_id" for f in m._meta.concrete_fields)]
    assert set(owned) <= walls.tenants_but_open.keys()


@pytest.mark.parametrize("label", sorted(behind))
def test_table_behind_the_wall_has_forced_policies(label):
    table = apps.get_model(label)._meta.db_table
    assert asked("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    named = {name for (name,) in asked("SELECT policyname FROM pg_policies WHERE tablename = %s", table)}
    assert {"wall_tenant", "wall_officer_reads", "wall_worker", "wall_owner"} <= named
    assert ("wall_officer_writes" in named) == (label in walls.officers_write)


def test_policies_ask_for_the_lists_once_and_not_for_each_row():
    """A bare function in a policy runs for every row; wrapped in a sub-select it runs once."""
    conditions = asked("SELECT qual FROM pg_policies WHERE policyname = 'wall_tenant'")
    assert len(conditions) == len(behind)
    once = ("( SELECT app.", "( SELECT '{}'", "( SELECT ARRAY[app.me()]")
    assert [condition for (condition,) in conditions if not any(each in condition for each in once)] == []


def test_keys_between_tenants_tables_agree_on_the_tenant():
    wanted = {f"wall_{model._meta.model_name}_{column}"[:60] for model, column, _target in walls.composite_keys()}
    there = {name for (name,) in asked("SELECT conname FROM pg_constraint WHERE conname LIKE 'wall\\_%%'")}
    assert there == wanted
    assert len(wanted) >= 11


def test_tables_of_tenants_have_an_index_that_begins_with_the_tenant():
    without = []
    for label, (column, within) in behind.items():
        model = apps.get_model(label)
        if within != walls.TENANT or model._meta.label == "tenants.TenantUserPermission":
            continue
        first = asked(
            "SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = i.indkey[0] WHERE i.indrelid = %s::regclass",
            model._meta.db_table,
        )
        if (column,) not in first:
            without.append(label)
    assert without == []


def test_roles_are_neither_superusers_nor_exempt_and_sign_in_nowhere():
    names = [role(name) for name in ("owner", "tenant", "officer", "worker")]
    rows = asked("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY(%s)", names)
    assert rows == [(False, False, False)] * 4


def test_no_role_writes_what_the_database_writes_by_itself():
    for label in walls.read_only:
        table = apps.get_model(label)._meta.db_table
        for name in ("tenant", "officer", "worker"):
            rights = asked(
                "SELECT has_table_privilege(%s, %s, r) FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS r",
                role(name), table,
            )  # fmt: skip
            assert rights == [(False,)] * 3, (label, name)


def test_building_again_changes_nothing():
    before = asked("SELECT oid FROM pg_policy ORDER BY oid")
    walls.build()
    assert asked("SELECT oid FROM pg_policy ORDER BY oid") == before
