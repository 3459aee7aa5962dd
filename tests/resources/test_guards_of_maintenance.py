"""What the database refuses of grants and of maintenance itself when nobody asks a service."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from portal.core.errors import PortalError
from resources.models import CapacityPool, Grant, MaintenanceWindow, QuotaRequest
from resources.services.decisions import approve_request
from resources.services.grants import environment_of, lower_grant
from tests.factories.resources import make_draft, make_pool, make_request, make_window, period
from tests.resources.conftest import make_house
from tests.resources.test_guards import force, refused

THREADS = 16


@pytest.mark.parametrize(
    ("start", "days", "amount", "fits"),
    [
        (0, 10, 100, True),
        (0, 11, 60, True),
        (0, 11, 61, False),
        (10, 5, 61, False),
        (14, 1, 61, False),
        (15, 9, 100, True),
    ],
)
def test_a_grant_stays_within_what_a_window_leaves_at_every_instant(house, start, days, amount, fits):
    make_window(house.pool, gpus=40, start_days=10, days=5)
    if fits:
        force(house, amount, start=start, days=days)
        return
    with refused(f"{amount} GPUs would be promised of the 60"), transaction.atomic():
        force(house, amount, start=start, days=days)


def test_the_moment_that_counts_is_not_the_one_of_most_promises(house):
    make_window(house.pool, gpus=70, start_days=2, days=2)
    force(house, 80, start=10, days=5)
    with refused("31 GPUs would be promised of the 30"), transaction.atomic():
        force(house, 31, start=0, days=5)
    force(house, 20, start=0, days=20)


def test_windows_add_up_and_take_no_more_than_there_is(house):
    make_window(house.pool, gpus=30, start_days=0, days=5)
    make_window(cluster=house.cluster, start_days=4, days=5)
    CapacityPool.objects.filter(pk=house.pool.pk).update(overcommit="1.50", reserved=10)
    with refused("96 GPUs would be promised of the 95"), transaction.atomic():  # 1.5 x 70 - 10
        force(house, 96, start=0, days=1)
    with refused("1 GPUs would be promised of the 0"), transaction.atomic():
        force(house, 1, start=3, days=2)


@pytest.mark.parametrize("facts", [{"effect": "interrupts"}, {"state": "cancelled", "cancelled_because": "x"}])
def test_what_only_interrupts_and_what_was_cancelled_take_nothing(house, facts):
    make_window(cluster=house.cluster, start_days=0, days=30, **facts)
    force(house, 100)


def test_maintenance_of_another_pool_takes_nothing(house):
    make_window(make_pool(8, cluster=house.cluster), gpus=8, start_days=0, days=30)
    force(house, 100)


def test_a_window_after_the_promise_takes_nothing_away_and_lets_it_be_lowered(house):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner, 80))
    make_window(house.pool, gpus=90, start_days=5, days=5)
    grant = Grant.objects.get()
    assert (grant.state, grant.amount) == ("active", 80)
    with refused("81 GPUs would be promised of the 10"), transaction.atomic():
        force(house, 1, start=5, days=1)
    lowered = lower_grant(acting_user=house.approver, grant=grant, gpus=40, reason="The cooling is replaced")
    assert lowered.amount == 40


@pytest.mark.django_db(transaction=True)
def test_sixteen_approvers_at_once_stay_within_what_a_window_leaves():
    house = make_house(gpus=100)
    make_window(house.pool, gpus=60, start_days=20, days=3)
    requests = [make_request(house.project, house.pool, house.owner, amount=9) for _each in range(THREADS)]

    def approve(pk):
        try:
            approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=pk), reason="All at once")
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(approve, [request.pk for request in requests]))
    # four of nine fill the policy line of the forty that are left; everything else would pass even the forty
    assert Grant.objects.aggregate(gpus=Sum("amount"))["gpus"] == 36
    assert (outcomes.count("approved"), outcomes.count("capacity.not_enough")) == (4, 12)


@pytest.mark.django_db(transaction=True)
def test_sixteen_hands_that_ask_no_service_stay_within_what_a_window_leaves():
    house = make_house(gpus=100)
    make_window(house.pool, gpus=60, start_days=20, days=3)
    with transaction.atomic():
        environment = environment_of(house.project, house.cluster)
    lines = [make_draft(house.project, house.pool, house.owner, amount=9).lines.get() for _each in range(THREADS)]
    begins, ends = period(0, 30)

    def grab(line):
        try:
            Grant.objects.create(
                tenant=house.tenant, authority=house.authority, environment=environment, pool=house.pool,
                share=house.share, line=line, amount=9, starts_at=begins, ends_at=ends, state="active",
            )  # fmt: skip
        except IntegrityError as error:
            return "full" if "45 GPUs would be promised of the 40" in str(error) else str(error)
        finally:
            connection.close()
        return "granted"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(grab, lines))
    assert (outcomes.count("granted"), outcomes.count("full")) == (4, 12)


@pytest.mark.parametrize("days", [0, -1])
def test_a_window_lasts(house, days):
    begins, _ends = period(5, 1)
    with refused("maintenance_ends_after_it_starts"), transaction.atomic():
        make_window(house.pool, gpus=1, starts_at=begins, ends_at=begins + timedelta(days=days))


def test_a_window_is_of_something(house):
    with refused("maintenance_number_of_a_pool"), transaction.atomic():
        make_window(house.pool, gpus=0)
    with refused("maintenance_number_of_a_pool"), transaction.atomic():
        make_window(cluster=house.cluster, gpus=4)
    with refused("of another cluster"), transaction.atomic():
        make_window(make_pool(8), gpus=4, cluster=house.cluster, by=house.operator)


def test_what_began_keeps_what_it_takes_and_what_is_over_stays(house):
    window = make_window(house.pool, gpus=4, state="running")
    rows = MaintenanceWindow.objects.filter(pk=window.pk)
    for change in (
        {"gpus": 5},
        {"effect": "interrupts"},
        {"starts_at": window.starts_at - timedelta(1)},
        {"pool": None},
    ):
        with refused("stays as it was"), transaction.atomic():
            rows.update(**change)
    rows.update(ends_at=window.ends_at + timedelta(hours=1))
    rows.update(state="done")
    with refused("stays as it was"), transaction.atomic():
        rows.update(reason="Something nicer")
    with refused("cancel it instead"), transaction.atomic():
        rows.delete()


def test_maintenance_that_is_over_takes_nothing_from_what_is_promised_now(house):
    """Of a period that began before it: the part of the period in which it was out has passed."""
    now = timezone.now()
    window = make_window(house.pool, starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=1))
    request = make_request(house.project, house.pool, house.owner, amount=80, start_days=-1)
    with pytest.raises(PortalError, match="takes 100 away"), transaction.atomic():
        approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=request.pk))
    MaintenanceWindow.objects.filter(pk=window.pk).update(ends_at=now - timedelta(hours=1))
    approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=request.pk))
    assert Grant.objects.get().amount == 80
