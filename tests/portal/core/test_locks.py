from __future__ import annotations

import threading
import time

import pytest
from django.db import connections, transaction

from portal.core.locks import hold
from tests.portal.core.ground import at_once


def test_hold_outside_a_transaction_raises(monkeypatch):
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        hold("pool", 1)


@pytest.mark.django_db(transaction=True)
def test_hold_by_two_lets_the_second_wait_for_the_commit_of_the_first():
    inside, order = threading.Event(), []

    def first():
        with transaction.atomic():
            hold("pool", 1)
            inside.set()
            time.sleep(0.3)
            order.append("first is done")

    def second():
        inside.wait(5)
        with transaction.atomic():
            hold("pool", 1)
            order.append("second begins")

    assert at_once(lambda work: work(), [first, second]) == [None, None]
    assert order == ["first is done", "second begins"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", [("pool", 2), ("share", 1)])
def test_hold_of_something_else_waits_for_nobody(other):
    entered = threading.Event()

    def first():
        with transaction.atomic():
            hold("pool", 1)
            assert entered.wait(5)

    def second():
        with transaction.atomic():
            hold(*other)
            entered.set()

    assert at_once(lambda work: work(), [first, second]) == [None, None]


@pytest.mark.django_db(transaction=True)
def test_hold_of_the_same_things_in_any_order_never_deadlocks():
    def both(ids):
        for _ in range(10):
            with transaction.atomic():
                hold("pool", *ids)

    assert at_once(both, [(1, 2), (2, 1), (3, 1, 2), (2, 3)]) == [None] * 4


@pytest.mark.django_db
def test_hold_asks_once_for_each_thing(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(2):
        hold("pool", 7, 5, 7)
