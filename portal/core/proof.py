"""How lately the person at the door showed their second factor, and the services that ask for it.

A password can be lent, guessed or left signed in; what decides over others needs more, and needs it now. The door
says what it knows (``shown``), the service insists (``deciding``), so no page and no endpoint can forget to ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.utils.translation import gettext_lazy as _

from portal.core.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")

FRESH_SECONDS = 300


@dataclass(frozen=True)
class Proof:
    """What a door knows of the person in front of it. ``at``: unix time of their second factor, None if never."""

    at: float | None

    @property
    def is_fresh(self) -> bool:
        return self.at is not None and time.time() - self.at <= FRESH_SECONDS


shown: ContextVar[Proof | None] = ContextVar("second_factor", default=None)
"""None where nobody stands at a door: a task, a command, the portal itself."""


class SecondFactorMissing(Forbidden):
    """The person's role asks for a second factor, and this session has none."""

    code = "portal.second_factor_missing"

    def __init__(self, **facts: Any) -> None:
        super().__init__(
            _(
                "Your role decides over others, so the portal asks for a second factor beside your password. "
                "Open the portal in a browser and follow the page that sets it up."
            ),
            **facts,
        )


class SecondFactorTooOld(Forbidden):
    """The act decides over others and the second factor was not shown within the last minutes."""

    code = "portal.second_factor_too_old"

    def __init__(self, **facts: Any) -> None:
        super().__init__(
            _(
                "This decides over others, so it needs your second factor from within the last five minutes. "
                "Nothing was done. Show it once more in the portal, then send this again."
            ),
            **facts,
        )


def deciding(service: Callable[P, R]) -> Callable[P, R]:
    """Mark ``service`` as one that decides: done by a person at a door only with a fresh second factor.

    ``acting_user`` None is the portal acting by rule; where nobody stands at a door, nobody is asked.
    """

    @wraps(service)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs.get("acting_user") is not None:
            insist()
        return service(*args, **kwargs)

    asked.decides = True  # type: ignore[attr-defined]  # read by the test that walks the services
    return asked


def insist() -> None:
    """Refuse unless the person at the door showed their second factor within the last minutes."""
    proof = shown.get()
    if proof is not None and not proof.is_fresh:
        raise SecondFactorTooOld(fresh_seconds=FRESH_SECONDS)
