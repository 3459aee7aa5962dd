"""Whom an act on a request concerns, and telling them."""

from __future__ import annotations

from django.db.models import Q

from portal.core.access import live_now
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.models import User
from resources.models import QuotaRequest
from resources.queries.deciders import objection, touches, who_could_pay
from tenants.models import Membership
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids

TO_OFFICE = frozenset(
    {"request.submitted", "request.answered", "request.appealed", "request.assigned", "request.escalated"}
)
TO_OTHERS = frozenset({"request.lines_decided"})


def notify_of_request(act: str, request: QuotaRequest, by: User | None) -> None:
    """Whom it concerns: what is sent, the reviewer, or all approvers who could pay; what waits for a second person, the
    approvers of the authority that pays; an appeal, those who may decide it; the rest, who asked and the owners.
    """
    with as_worker():
        if act == "request.awaiting_second":
            payer = request.decisions.filter(revision=request.revision).latest("step").deciding_authority_id
            people = staff_ids([payer], AuthorityRole.QUOTA_APPROVER, _reach(request))
        elif act in TO_OTHERS:
            people = _office(request)
        elif act not in TO_OFFICE:
            owners = Membership.objects.filter(live_now(), tenant_id=request.tenant_id, role=TenantRole.OWNER)
            people = [request.requested_by_id, *owners.values_list("user_id", flat=True)]
        elif request.reviewer_id and act != "request.appealed":
            people = [request.reviewer_id]
        else:
            people = _office(request)
            if act == "request.appealed":
                people = _who_may_decide(request, people) or people
    notify(act, to=people, target=request, acting_user=by)


def _office(request: QuotaRequest) -> list[int]:
    """All approvers who could pay for a line of it."""
    payers = {request.authority_id, *who_could_pay(request)}
    return staff_ids(payers, AuthorityRole.QUOTA_APPROVER, _reach(request))


def _who_may_decide(request: QuotaRequest, people: list[int]) -> list[int]:
    """Without those who took part in what was appealed against: they could only read that it is not theirs."""
    return [user.pk for user in User.objects.filter(pk__in=people) if not objection(user, request)]


def _reach(request: QuotaRequest) -> Q:
    """Roles that reach a cluster of the request; a line that names none may be anywhere."""
    lines = [*request.current_lines]
    if any(line.cluster is None for line in lines):
        return Q()
    return touches(line.cluster.public_id for line in lines if line.cluster)
