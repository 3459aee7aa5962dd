"""Whom an act on a request concerns, and telling them."""

from __future__ import annotations

from collections.abc import Iterable

from portal.core.access import live_now
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.models import User
from resources.models import QuotaRequest, Share
from resources.queries.deciders import includes
from tenants.models import AuthorityMembership, Membership
from tenants.roles import AuthorityRole, TenantRole

TO_OFFICE = frozenset({"request.submitted", "request.answered"})


def notify_of_request(act: str, request: QuotaRequest, by: User) -> None:
    """Whom it concerns: what is sent, the reviewer, or all approvers who could pay; what waits for a second person, the
    approvers of the authority that pays; the rest, who asked and the owners.
    """
    with as_worker():
        if act == "request.awaiting_second":
            payer = request.decisions.filter(revision=request.revision).latest("step").deciding_authority_id
            people = approver_ids(request, [payer])
        elif act not in TO_OFFICE:
            owners = Membership.objects.filter(live_now(), tenant_id=request.tenant_id, role=TenantRole.OWNER)
            people = [request.requested_by_id, *owners.values_list("user_id", flat=True)]
        elif request.reviewer_id:
            people = [request.reviewer_id]
        else:
            shares = Share.objects.filter(pool__request_lines__request=request).values_list("authority_id", flat=True)
            people = approver_ids(request, {request.authority_id, *shares})
    notify(act, to=people, target=request, acting_user=by)


def approver_ids(request: QuotaRequest, authorities: Iterable[int]) -> list[int]:
    """Approvers of these authorities today whose role reaches all clusters that the request is about."""
    rows = AuthorityMembership.objects.filter(
        includes(request.current_lines), live_now(), authority_id__in=authorities, role=AuthorityRole.QUOTA_APPROVER
    )
    return list(rows.values_list("user_id", flat=True).distinct())
