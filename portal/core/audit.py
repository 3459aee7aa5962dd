"""Who did what to which object, old and new, why, from where: one row in the same transaction as the act.

If the row cannot be written the act does not happen. Personal data is referenced by id, not copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from portal.models import AuditEvent, User

source: ContextVar[str] = ContextVar("audit_source", default="system")
"""Through which door the act came: "page", "api", "task", "command"; set where the door is."""
address: ContextVar[str | None] = ContextVar("audit_address", default=None)
"""The peer's address, where there is one."""


def record(
    act: str,
    *,
    acting_user: User | None,
    target: models.Model,
    tenant: models.Model | None = None,
    authority: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write down ``act`` ("request.approved") on ``target``; belongs inside the transaction of the act itself.

    ``acting_user`` None is the portal acting by rule or timetable. ``before`` and ``after`` hold only what changed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"audit {act!r} outside the transaction of its act")
    return AuditEvent.objects.create(
        act=act,
        actor=acting_user,
        source=source.get(),
        address=address.get(),
        target_type=target._meta.label,
        target_id=target.pk,
        target_public_id=getattr(target, "public_id", None),
        target_name="" if isinstance(target, User) else str(target)[:200],
        tenant_id=tenant.pk if tenant else None,
        authority_id=authority.pk if authority else None,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
    )


def _plain(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    plain: dict[str, Any] = {}
    for name, value in (facts or {}).items():
        plain[name] = (
            value if isinstance(value, str | int | float | bool | list | dict | None) else encoder.default(value)
        )
    return plain
