"""The whole cast at every door with the first wall taken away: the database still shows tenants' people their own."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from portal.core import isolation, walls
from portal.core.access import ScopedQuerySet
from tests.matrix.asking import ask, leaks
from tests.matrix.doors import address, doors
from tests.matrix.people import APPLICANTS, TENANT_PEOPLE
from tests.matrix.rows import ROWS

BEHIND = sorted(TENANT_PEOPLE | APPLICANTS | {"stranger", "ended"})
"""Those whose role of the database is that of a tenant's person."""


def everything(queryset, _user, verb="view", *, few=False):
    """In the place of ``visible_to``."""
    assert verb or few
    return queryset.all()


@pytest.fixture
def no_first_wall(monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "visible_to", everything)


def found_by(world, browsers, people, names):
    """What each of ``people`` finds of others' at these doors, with every id there is in the address."""
    found = []
    for name in names:
        for thing in ROWS[name].things:
            path = address(doors()[name], thing.kwargs(world)) + thing.query(world)
            for person in people:
                found += leaks(world, person, path, ask(browsers[person], "GET", path))
    return found


@pytest.mark.parametrize("name", sorted(ROWS))
def test_without_the_first_wall_tenants_people_find_nothing_foreign(world, browsers, no_first_wall, name):
    assert found_by(world, browsers, BEHIND, [name]) == []


def test_without_both_walls_they_would(world, browsers, no_first_wall, monkeypatch):
    """So the test above can fail."""
    monkeypatch.setattr(isolation, "derive", lambda _user, _face=None: isolation.OWNER)
    leaked = found_by(world, browsers, ["two owner", "stranger"], ["projects", "tenant", "requests", "case"])
    assert any("of one at" in leak for leak in leaked)
    assert any("of asking at" in leak for leak in leaked)


def changes(table: str) -> dict[str, str]:
    label = next(name for name, model in walls.tables().items() if model._meta.db_table == table)
    column = isolation.behind[label][0] if "audit" not in table else "seq"
    return {
        "INSERT": f'INSERT INTO "{table}" DEFAULT VALUES',
        "UPDATE": f'UPDATE "{table}" SET "{column}" = "{column}"',
        "DELETE": f'DELETE FROM "{table}"',
    }


@pytest.mark.parametrize("label", sorted(isolation.behind.keys() - walls.officers_write))
def test_officers_and_operators_write_nothing_where_they_do_not_decide(world, label):
    table = walls.tables()[label]._meta.db_table
    for statement in changes(table).values():
        with isolation.entered(isolation.Scope(isolation.Face.OFFICER)), connection.cursor() as cursor:  # noqa: SIM117 - order
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)
