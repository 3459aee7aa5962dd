"""What the record, open pages and people are told of a condition."""

from __future__ import annotations

from django.db import transaction

from portal.core import audit
from portal.core.access import live_now
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.notices import notify
from portal.models import User
from resources.models import GrantCondition, GrantConditionStep
from resources.queries.conditions import reach_of
from resources.services import topics
from tenants.models import Membership
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.notices import staff_ids

Act = GrantConditionStep.Act
TO_OFFICE = frozenset({Act.SAID_MET, Act.OVERDUE})
TO_TENANT = frozenset(
    {Act.REMINDED, Act.OVERDUE, Act.CONFIRMED, Act.SENT_BACK, Act.LIFTED, Act.SUSPENDED, Act.RESUMED, Act.SHORTENED}
)


@transaction.atomic
def tell(
    act: str, step: Act, condition: GrantCondition, by: User | None = None, absent: User | None = None, text: str = "",
    before: str = "",
) -> None:  # fmt: skip
    """Write the step, record it, announce it, and tell whom it concerns."""
    request = condition.request
    GrantConditionStep.objects.create(
        tenant_id=condition.tenant_id, authority_id=condition.authority_id, condition=condition, act=step, by=by,
        on_behalf_of=absent, text=text,
    )  # fmt: skip
    audit.record(
        act, acting_user=by, target=condition, tenant=request.tenant, authority=request.authority, reason=text,
        before={"state": before} if before else {},
        after={
            "state": condition.state, "due_at": condition.due_at, "request": request.reference,
            **({"on_behalf_of": absent.pk} if absent else {}),
        },
    )  # fmt: skip
    announce(act, topics=topics.of_request(request), request=str(request.public_id))
    notify(act, to=concerned(step, condition), target=condition, acting_user=by)


def concerned(step: Act, condition: GrantCondition) -> list[int]:
    """Ids of the people who are told: who answers for it at the tenant, the approvers of the authority that set it."""
    people: list[int] = []
    with as_worker():
        if step in TO_TENANT:
            rows = Membership.objects.filter(live_now(), tenant_id=condition.tenant_id)
            leads = rows.filter(role__in=(TenantRole.OWNER, TenantRole.PROJECT_MANAGER))
            people += (leads | rows.filter(user=condition.request.requested_by_id)).values_list("user_id", flat=True)
        if step in TO_OFFICE:
            office = condition.decision.deciding_authority_id
            people += staff_ids([office], AuthorityRole.QUOTA_APPROVER, reach_of(condition))
    return people
