"""Refusals of this app that machines tell apart by their code."""

from __future__ import annotations

from portal.core.errors import Forbidden, Refused


class NotEnough(Refused):
    """The pool or the share cannot carry the promise over its whole period."""

    code = "capacity.not_enough"


class OverLine(Refused):
    """The promise would pass the policy line without a reason."""

    code = "capacity.over_line"


class OverLimit(Refused):
    """The deciding role allows fewer GPUs in one decision."""

    code = "decision.over_limit"


class Outdated(Refused):
    """What another authority approved before no longer fits, so nothing can be granted on top of it."""

    code = "decision.outdated"


class NotOffered(Refused):
    """The cluster may not host this project's data, or is outside the tenant's countries, or takes nothing new."""

    code = "request.not_offered"


class OverMode(Refused):
    """The access mode gives less than is asked for."""

    code = "request.over_mode"


class NotPlaced(Refused):
    """A line that left its cluster to the decider has none yet."""

    code = "decision.not_placed"


class NoShare(Forbidden):
    """The decider acts for no authority that holds a share of every pool the request needs."""

    code = "decision.no_share"


class TooSoon(Refused):
    """The tenant was not told often enough before something is taken from it."""

    code = "idle.too_soon"
