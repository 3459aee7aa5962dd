from __future__ import annotations

import logging

import pytest
from django.db import connection, transaction
from django.test import Client

from portal.models import User
from tests import world as cast


@pytest.fixture(scope="module", autouse=True)
def quiet():
    """Lines of log for fifty thousand answers would be a tenth of the time; faults are asserted, not logged."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The cast and a browser for each of it, once for a module; each test works in a savepoint above it."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = cast.build()
        connection.check_constraints()  # the audit trail is chained by what else waits for the commit
        browsers = {}
        for name, person in world.people.items():
            browsers[name] = Client(raise_request_exception=False)
            if isinstance(person, User):
                browsers[name].force_login(person)
        yield world, browsers
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db):
    return built[0]


@pytest.fixture
def browsers(built, db):
    """Person → client, signed in."""
    return built[1]
