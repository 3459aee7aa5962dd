from __future__ import annotations

import pytest

from resources.demo import calibration, cast, fleet
from resources.demo.engine import Engine
from resources.demo.source import Source


class World:
    """A demo cluster whose time we hold in our hands."""

    def __init__(self, slug="norrsken", quotas=None, real=None) -> None:
        self.now = 1_764_000_000.0
        self.fleet = fleet.build(cast.cluster(slug))
        self.engine = Engine(
            (each.slug for each in self.fleet.kinds), cast.quotas_on(slug) if quotas is None else quotas
        )
        self.source = Source(
            cast.cluster(slug), self.fleet, self.engine, real or calibration.builtin(), clock=lambda: self.now
        )
        self.generator, self.jobs = self.source.generator, self.source.generator.jobs

    def run(self, seconds, step=4.0):
        """Let time pass as if somebody asked every few seconds; the readings."""
        readings = []
        for _ in range(max(1, round(seconds / step))):
            self.now += step
            readings.append(self.generator.advance(self.now))
        return readings


@pytest.fixture
def begin():
    return World
