"""A tenant appeals against a refusal: once, within the days of the authority's policy, and other people decide."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import Refused
from portal.core.states import advance
from portal.models import User
from resources.models import QuotaRequest, RequestAppeal
from resources.services.telling import tell
from tenants.models import PolicyRule
from tenants.queries.policies import policy
from tenants.services.tenants import require_active

State = QuotaRequest.State


@transaction.atomic
def appeal_request(*, acting_user: User, request: QuotaRequest, text: str) -> QuotaRequest:
    """Have a refusal decided again by other people. What was decided before stands no more; its history does."""
    require_active(request.tenant)
    if RequestAppeal.objects.filter(request=request).exists():
        raise Refused(
            _("%(reference)s was appealed once and decided again. Send a new request if the facts have changed.")
            % {"reference": request.reference}
        )
    if not text.strip():
        raise Refused(_("Write why it should be decided again: other people read it."), field="text")
    if request.state == State.REJECTED and not appeal_days(request):
        raise Refused(
            _("%(authority)s takes no appeals against refusals. Send a new request if the facts have changed.")
            % {"authority": request.authority}
        )
    if request.state == State.REJECTED and (ends := appeal_ends(request)) and ends < timezone.now():
        raise Refused(
            _("The time in which %(reference)s could be appealed is over. Send a new request instead.")
            % {"reference": request.reference}
        )
    last = request.decisions.order_by("-pk").values_list("pk", flat=True).first()
    days = policy(request.authority_id, PolicyRule.Key.DECISION_DAYS)
    advance(
        request, State.APPEALED, appealed_after=last or 0, reviewer=None, decided_at=None, escalated_at=None,
        due_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    RequestAppeal.objects.create(
        tenant_id=request.tenant_id, authority_id=request.authority_id, request=request, text=text.strip(),
        appealed_by=acting_user,
    )  # fmt: skip
    tell("request.appealed", acting_user, request, text.strip())
    return request


def appeal_days(request: QuotaRequest) -> int:
    """For so many days its authority takes an appeal after a refusal; 0: not at all."""
    return policy(request.authority_id, PolicyRule.Key.QUOTA_APPEAL_DAYS)


def appeal_ends(request: QuotaRequest) -> datetime | None:
    """Until when a refusal may be appealed; None of what is not refused, or where no appeal is taken."""
    if request.state != State.REJECTED or request.decided_at is None:
        return None
    days = appeal_days(request)
    return request.decided_at + timedelta(days=days) if days else None
