"""Who did what to which object, old and new, why, from where: one row in the same transaction as the act.

If the row cannot be written the act does not happen. Personal data is referenced by id, not copied.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, models, transaction
from django.utils.translation import gettext as _

from portal.core.errors import Unavailable
from portal.core.isolation import as_worker
from portal.core.registry import followers
from portal.models import MARKS, AuditEvent, User

log = structlog.get_logger(__name__)

source: ContextVar[str] = ContextVar("audit_source", default="system")
"""Through which door the act came: "page", "api", "task", "command"; set where the door is."""
address: ContextVar[str | None] = ContextVar("audit_address", default=None)
"""The peer's address, where there is one."""


SITE = "portal.Site"
"""The target of what is done to no row: the portal itself."""
Row = models.Model | int | None


def record(
    act: str,
    *,
    acting_user: User | None,
    target: models.Model | None,
    tenant: Row = None,
    authority: Row = None,
    provider: Row = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    name: str | None = None,
) -> AuditEvent:
    """Write down ``act`` ("request.approved") on ``target``; belongs inside the transaction of the act itself.

    ``acting_user`` None is the portal acting by rule or timetable. ``before`` and ``after`` hold only what changed.
    ``provider``: on whose clusters it happens. ``name`` is what the target is called, where it is not its own text.
    Raises Unavailable when it cannot be written; then the act does not happen.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"audit {act!r} outside the transaction of its act")
    peer = address.get()
    try:
        # the trail is the portal's own: whoever acts, it is written, and shows them no more than before
        with as_worker():
            event = AuditEvent.objects.create(
                act=act,
                actor=acting_user,
                source=source.get(),
                address=peer,
                address_salt=uuid.uuid4() if peer else None,
                target_type=target._meta.label if target else SITE,
                target_id=target.pk if target else 0,
                target_public_id=getattr(target, "public_id", None),
                target_name=_name(target) if name is None else name,
                tenant_id=_id(tenant),
                authority_id=_id(authority) or getattr(tenant, "authority_id", None),
                provider_id=_id(provider),
                before=_plain(before),
                after=_plain(after),
                reason=reason,
            )
            for follow in followers:
                follow(event)
            return event
    except DatabaseError as error:
        raise not_written(error) from error


def not_written(error: DatabaseError) -> Unavailable:
    """What everybody is told when the trail does not take an event: the act goes back with it."""
    log.error("audit_not_written", error=repr(error))
    return Unavailable(
        _(
            "The audit record cannot be written at the moment, so nothing was done: nothing is decided without a trace. "
            "Try again in a minute; if it stays like this, tell the people who run the portal."
        ),
        code="portal.audit_away",
    )


def failed_at_commit(error: DatabaseError) -> bool:
    """Whether it was the trail's chain that refused a commit."""
    context = getattr(getattr(error.__cause__, "diag", None), "context", None) or ""
    return "portal_audit_chain" in context


def _name(target: models.Model | None) -> str:
    """As it is called, without the marks that only pages and mails need."""
    return "" if target is None or isinstance(target, User) else str(target).translate(MARKS)[:200]


def _id(row: Row) -> int | None:
    return row.pk if isinstance(row, models.Model) else row


def _plain(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(facts or {}), cls=DjangoJSONEncoder))
    return plain
