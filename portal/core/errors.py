"""One family of refusals with two faces: a page (portal.ui) and problem+json (portal.api).

Every error carries a stable dotted ``code``, an HTTP ``status``, ``facts`` for machines and one sentence for
people that names the thing, the cause and the way out.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class PortalError(Exception):
    """Something the portal declines, said so that the reader knows what to do next."""

    code = "portal.error"
    status = 500

    def __init__(
        self,
        sentence: Sentence,
        *,
        code: str | None = None,
        field: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return str(self.sentence)


class NotFound(PortalError):
    """The row does not exist for this person: unseen and absent are the same answer."""

    code = "portal.not_found"
    status = 404

    sought: tuple[type[models.Model], dict[str, Any]] | None = None
    """Which row was asked for by its key; for the audit trail alone, and never part of an answer."""

    def __init__(self, sentence: Sentence | None = None, **facts: Any) -> None:
        super().__init__(
            sentence
            or _(
                "There is nothing here that you can see. "
                "It may have moved, or it belongs to somebody else. Go back, or begin at the start page."
            ),
            **facts,
        )


class Forbidden(PortalError):
    """The row is visible, but this act on it is not this person's."""

    code = "portal.forbidden"
    status = 403

    def __init__(self, sentence: Sentence | None = None, **facts: Any) -> None:
        super().__init__(
            sentence
            or _(
                "You can see this, but your roles do not let you do that. "
                "Ask somebody who holds the role, or an administrator to give it to you."
            ),
            **facts,
        )


class Refused(PortalError):
    """A rule says no. ``field`` names the form field the sentence belongs to, if it belongs to one."""

    code = "portal.refused"
    status = 422


class Conflict(PortalError):
    """The request was sound, but the world has moved since the page was made."""

    code = "portal.conflict"
    status = 409


class UnlawfulMove(Conflict):
    """The state table knows no such move."""

    code = "portal.unlawful_move"


class MovedMeanwhile(Conflict):
    """Somebody else moved the row first; the compare-and-set found another state than the page had."""

    code = "portal.moved_meanwhile"


class Unavailable(PortalError):
    """A part the answer needs is not there at the moment; trying again later is sensible."""

    code = "portal.unavailable"
    status = 503
