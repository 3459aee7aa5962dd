"""What an approver may do about a condition that was not met by its day: suspend its grants, or let them end earlier.

Nothing of this happens by itself. Grants that are suspended go on taking capacity, so they can run again at any time.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, Refused
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from resources.models import Grant, GrantCondition, GrantConditionStep
from resources.queries.conditions import end_of, grants_under, held_back, right_over_condition
from resources.services.condition_notices import tell
from resources.services.grant_changes import end_early
from resources.services.grant_notices import notify_of_grant
from resources.services.grants import tell as tell_of_grant
from resources.services.quotas import set_wanted
from resources.services.safeguards import need_reason
from tenants.models import Tenant

Act = GrantConditionStep.Act


@deciding
@transaction.atomic
def suspend_for_condition(*, acting_user: User, condition: GrantCondition, reason: str) -> GrantCondition:
    """Suspend what runs of the grants until it is met or lifted: their quota is lowered, what runs is not evicted."""
    right = right_over_condition(acting_user, condition)
    need_reason(reason)
    _need_overdue(condition)
    running = _held(condition, Grant.State.ACTIVE)
    if not running:
        raise Refused(_("Nothing of what was granted runs now. Let it end earlier, or take a grant back on its page."))
    marked = GrantCondition.objects.filter(pk=condition.pk, state=condition.state, suspended_at__isnull=True)
    condition.suspended_at = timezone.now()
    if not marked.update(suspended_at=condition.suspended_at):
        raise MovedMeanwhile(_("The grants are suspended for it already. Reload the page to see who did it."))
    for grant in running:
        advance(grant, Grant.State.SUSPENDED)
        set_wanted(grant.environment, grant.pool)
        tell_of_grant("grant.suspended", grant, Grant.State.ACTIVE, acting_user, reason, **right.facts)
    tell("request.condition_suspended", Act.SUSPENDED, condition, acting_user, right.on_behalf_of, reason)
    return condition


@deciding
@transaction.atomic
def shorten_for_condition(
    *, acting_user: User, condition: GrantCondition, last_day: date, reason: str, keep_hours: bool = False
) -> GrantCondition:
    """Let the grants end with ``last_day`` by the clocks of the authority; others come in their place, nothing is edited.

    ``keep_hours``: budgets of GPU-hours keep all that is left and can be used; else as large a part as of the time.
    """
    right = right_over_condition(acting_user, condition)
    need_reason(reason)
    _need_overdue(condition)
    at = end_of(last_day, condition.decision.deciding_authority)
    longer = [grant for grant in _held(condition, *Grant.COUNTING) if grant.ends_at > at]
    if at <= timezone.now():
        raise Refused(
            _("Choose today or a later day. To end a grant at once, take it back on its page."), field="last_day"
        )
    if not longer:
        raise Refused(_("All of it ends by then by itself. Choose an earlier day."), field="last_day")
    for grant in longer:
        end_early(acting_user, grant, at, reason, keep_hours=keep_hours)
        notify_of_grant("grant.shortened", grant, acting_user)
    tell("request.condition_shortened", Act.SHORTENED, condition, acting_user, right.on_behalf_of, reason)
    return condition


@transaction.atomic
def resume(by: User, condition: GrantCondition) -> None:
    """It is settled: what was suspended for it runs again, unless another condition or its tenant's state stands in the way.

    The caller holds the pools (``hold_pools``), so nobody suspends it beside this.
    """
    condition.refresh_from_db(fields=["suspended_at"])
    if condition.suspended_at is None or condition.tenant.state != Tenant.State.ACTIVE:
        return
    kept = set(grants_under(condition).filter(held_back()).values_list("pk", flat=True))
    now = timezone.now()
    back = [each for each in _held(condition, Grant.State.SUSPENDED) if each.pk not in kept and each.held_until > now]
    for grant in back:
        advance(grant, Grant.State.ACTIVE)
        set_wanted(grant.environment, grant.pool)
        tell_of_grant("grant.active", grant, Grant.State.SUSPENDED, by)
    if back:
        tell("request.condition_resumed", Act.RESUMED, condition, by)


def hold_pools(condition: GrantCondition) -> None:
    """The pools of its grants, before anything of it is moved: whoever suspends and whoever settles it take turns."""
    hold("pool", *sorted(set(grants_under(condition).values_list("pool_id", flat=True))))


def _held(condition: GrantCondition, *states: str) -> list[Grant]:
    """Its grants in these states, under the lock of their pools."""
    hold_pools(condition)
    return list(grants_under(condition).filter(state__in=states).order_by("pk"))


def _need_overdue(condition: GrantCondition) -> None:
    if condition.state != GrantCondition.State.OVERDUE:
        raise MovedMeanwhile(
            _("This condition is “%(state)s”. Grants are suspended or shortened only while one is overdue.")
            % {"state": condition.get_state_display()}
        )
