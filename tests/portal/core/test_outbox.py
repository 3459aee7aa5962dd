from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.outbox import claim, settle
from resources.models import Quota
from tests.portal.core.ground import at_once, make_quota

LEASE = {"lease_seconds": 30, "limit": 10}


@pytest.fixture
def quotas(db):
    return [make_quota() for _ in range(3)]


def expire(*quotas: Quota) -> None:
    Quota.objects.filter(pk__in=[q.pk for q in quotas]).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_claim_takes_the_rows_once(quotas):
    first = claim(Quota.objects.all(), **LEASE)
    assert first == quotas
    assert claim(Quota.objects.all(), **LEASE) == []
    assert all(quota.lease_until > timezone.now() and quota.fence == 1 for quota in first)


def test_claim_takes_no_more_than_asked_and_the_oldest_first(quotas):
    assert claim(Quota.objects.all(), lease_seconds=30, limit=2) == quotas[:2]
    assert claim(Quota.objects.all(), lease_seconds=30, limit=2) == quotas[2:]


def test_claim_stays_within_its_queryset(quotas):
    assert claim(Quota.objects.filter(pk=quotas[1].pk), **LEASE) == [quotas[1]]


def test_claim_after_the_lease_ended_takes_over(quotas):
    dead = claim(Quota.objects.all(), **LEASE)
    expire(*quotas)
    heir = claim(Quota.objects.all(), **LEASE)
    assert [quota.fence for quota in heir] == [2, 2, 2]
    assert [settle(quota, observed=1) for quota in dead] == [False] * 3
    assert [settle(quota, observed=2) for quota in heir] == [True] * 3
    assert set(Quota.objects.values_list("observed", "lease_until")) == {(2, None)}


def test_settle_gives_the_lease_back_and_changes_the_row_in_memory(quotas):
    quota = claim(Quota.objects.all(), **LEASE)[0]
    assert settle(quota, observed=5, reason="") is True
    assert (quota.observed, quota.lease_until) == (5, None)
    assert claim(Quota.objects.all(), **LEASE) == [quota]


def test_settle_too_late_changes_nothing_in_memory_either(quotas):
    late = claim(Quota.objects.all(), **LEASE)[0]
    expire(late)
    claim(Quota.objects.all(), **LEASE)
    assert settle(late, observed=9) is False
    assert late.observed is None


@pytest.mark.django_db(transaction=True)
def test_claim_by_eight_at_once_gives_each_row_to_one():
    expected = {make_quota().pk for _ in range(24)}
    taken = at_once(lambda _: claim(Quota.objects.all(), lease_seconds=30, limit=5), range(8))
    keys = [quota.pk for rows in taken for quota in rows]
    assert len(keys) == len(set(keys))
    assert set(keys) <= expected
    rest = claim(Quota.objects.all(), lease_seconds=30, limit=24)
    assert {*keys, *(quota.pk for quota in rest)} == expected
