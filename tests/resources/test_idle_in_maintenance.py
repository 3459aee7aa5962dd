"""Idle GPUs and the health of a pool while GPUs are out as announced: nobody is blamed for what was taken out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from resources.models import IdleFinding
from resources.services.idle_finding import find, sweep
from tests.factories.resources import make_pool, make_window
from tests.resources.services.test_idle import granted, unused

DAY = timedelta(days=1)


@pytest.fixture
def grant(house):
    return granted(house)


def last_days(pool, days, gpus=None, **facts):
    now = timezone.now()
    times = {"starts_at": now - days * DAY, "ends_at": now - timedelta(hours=4)}
    return make_window(pool, gpus=gpus, **{"state": "done", **times, **facts})


@pytest.mark.parametrize("effect", ["counts", "interrupts"])
def test_days_in_which_all_gpus_were_out_are_no_idle_days(house, grant, effect):
    unused(grant, busy=0)
    last_days(house.pool, 5, effect=effect)
    assert find(timezone.now()) == 0


def test_a_window_of_hours_does_not_hide_what_stood_idle_for_weeks(house, grant):
    unused(grant, busy=0)
    last_days(house.pool, 0.5)
    assert find(timezone.now()) == 1


def test_a_cancelled_window_and_one_of_another_pool_excuse_nobody(house, grant):
    unused(grant, busy=0)
    last_days(house.pool, 5, state="cancelled", cancelled_because="x")
    last_days(make_pool(8, cluster=house.cluster), 5)
    assert find(timezone.now()) == 1


def test_a_few_gpus_out_are_taken_from_what_counts_as_idle_and_hide_no_more(house, grant):
    unused(grant, busy=1)
    last_days(house.pool, 5, gpus=3)
    assert find(timezone.now()) == 1
    assert IdleFinding.objects.get().gpus == 16  # twenty promised, one busy, three perhaps out


def test_as_many_gpus_out_as_stood_idle_may_have_been_those(house, grant):
    unused(grant, busy=1)
    last_days(house.pool, 5, gpus=19)
    assert find(timezone.now()) == 0


def test_while_all_is_out_nobody_is_told_again_and_nothing_goes_on(house, grant):
    unused(grant, busy=0)
    sweep()
    (finding,) = IdleFinding.objects.all()
    IdleFinding.objects.update(noticed_at=timezone.now() - 30 * DAY)
    now = timezone.now()
    window = make_window(house.pool, starts_at=now - 3 * DAY, ends_at=now + DAY, state="running", effect="interrupts")
    sweep()
    finding.refresh_from_db()
    assert (finding.state, finding.notices) == ("notified", 1)
    type(window).objects.filter(pk=window.pk).update(ends_at=now - 2 * DAY - timedelta(hours=12))
    sweep()
    finding.refresh_from_db()
    assert finding.notices == 2
