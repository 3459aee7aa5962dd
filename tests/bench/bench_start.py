"""How much a first start computes for the demo world, in seconds of the process that seeds it."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from resources.demo import cast, world
from tests.bench.conftest import Score

GOAL = 15.0


@pytest.mark.django_db
def test_the_demo_world_is_made_quickly(score: Score) -> None:
    ports = {each.slug: 9400 + number for number, each in enumerate(cast.CLUSTERS)}
    with transaction.atomic():
        began = time.process_time()
        assert world.seed(ports)
        score("the demo world", time.process_time() - began, GOAL, "s CPU")
        transaction.set_rollback(True)
