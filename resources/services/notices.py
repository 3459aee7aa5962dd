"""Whom an act on a request concerns, and telling them."""

from __future__ import annotations

from portal.core.access import live_now
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.models import User
from resources.models import QuotaRequest
from resources.queries.deciders import includes, who_could_pay
from tenants.models import Membership
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids

TO_OFFICE = frozenset({"request.submitted", "request.answered"})


def notify_of_request(act: str, request: QuotaRequest, by: User) -> None:
    """Whom it concerns: what is sent, the reviewer, or all approvers who could pay; what waits for a second person, the
    approvers of the authority that pays; the rest, who asked and the owners.
    """
    with as_worker():
        if act == "request.awaiting_second":
            payer = request.decisions.filter(revision=request.revision).latest("step").deciding_authority_id
            people = staff_ids([payer], AuthorityRole.QUOTA_APPROVER, includes(request.placed_lines))
        elif act not in TO_OFFICE:
            owners = Membership.objects.filter(live_now(), tenant_id=request.tenant_id, role=TenantRole.OWNER)
            people = [request.requested_by_id, *owners.values_list("user_id", flat=True)]
        elif request.reviewer_id:
            people = [request.reviewer_id]
        else:
            payers = {request.authority_id, *who_could_pay(request)}
            people = staff_ids(payers, AuthorityRole.QUOTA_APPROVER, includes(request.current_lines))
    notify(act, to=people, target=request, acting_user=by)
