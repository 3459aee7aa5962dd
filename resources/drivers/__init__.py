"""Engines that hold quotas: one contract (base), one room per member."""

from resources.drivers import counted, fake
from resources.drivers.base import driver, drivers

__all__ = ["counted", "driver", "drivers", "fake"]
