"""No engine behind it: the portal counts what is promised and nothing on the cluster holds anybody to it."""

from __future__ import annotations

import time

from resources.drivers.base import Enforcement, Observation, Target, register


@register
class Counted:
    key = "counted"
    label = "None, quotas are counted only"

    def capability(self, kind: str) -> Enforcement:
        return Enforcement.COUNTED_ONLY

    def ensure_environment(self, target: Target) -> None:
        """There is no place to make."""

    def apply(self, target: Target, total: int) -> None:
        """There is nobody to tell."""

    def read_back(self, target: Target) -> Observation:
        return Observation(limit=None, used=None, at=time.time())
