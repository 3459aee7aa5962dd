"""What the record, open pages and people are told of a step on a request."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from portal.core import audit
from portal.core.events import announce
from portal.models import User
from resources.models import Decision, QuotaRequest
from resources.queries.capacity import Preview
from resources.services import topics
from resources.services.notices import notify_of_request


def summary(effects: Iterable[Preview]) -> list[dict[str, object]]:
    """What a step gives, pool by pool, for the record."""
    return [
        {
            "pool": str(effect.pool), "asked": effect.asked, "granted": effect.give,
            "promised_before": effect.before, "promised_after": effect.after, "over_line": effect.over_line,
        }
        for effect in effects
    ]  # fmt: skip


@transaction.atomic
def tell(
    act: str,
    by: User | None,
    request: QuotaRequest,
    reason: str = "",
    lines: list[dict[str, object]] | None = None,
    decision: Decision | None = None,
) -> None:
    absent: dict[str, object] = {}
    if decision and decision.on_behalf_of_id:
        absent = {"on_behalf_of": decision.on_behalf_of_id}
    if decision and decision.rule:
        by, absent = None, {"rule": decision.rule.cited, "on_behalf_of": decision.decider_id}
    audit.record(
        act,
        acting_user=by,
        target=request,
        tenant=request.tenant,
        authority=request.authority,
        after={"state": request.state, **absent, **({"lines": lines} if lines else {})},
        reason=reason,
    )
    announce(act, topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request(act, request, by)
