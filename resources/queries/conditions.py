"""Conditions of grants: which stand, which hold a grant back, whose they are to decide about."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.models import User
from resources.models import Decision, DecisionLine, Grant, GrantCondition, GrantConditionStep, QuotaRequest
from resources.models.condition import GrantConditionQuerySet
from resources.models.grant import GrantQuerySet
from resources.queries.deciders import is_own_case, reaches
from resources.queries.rulings import standing_steps
from tenants.models import Authority
from tenants.queries.standing import Standing, standing
from tenants.roles import AuthorityRole

WITH_NAMES = (
    "tenant",
    "request__project",
    "request__requested_by",
    "decision__deciding_authority",
    "decision__decider",
)
State = GrantCondition.State
SEEN = "conditions_seen"


def end_of(day: date, office: Authority) -> datetime:
    """The moment at which a day is over by the clocks of an authority."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(office.time_zone))


def last_day_at(ends: datetime, office: Authority) -> date:
    """The last day of a period that ends at a moment, by the clocks of an authority."""
    return timezone.localtime(ends - timedelta(microseconds=1), ZoneInfo(office.time_zone)).date()


def conditions_of(request: QuotaRequest) -> list[GrantCondition]:
    """The conditions of a request that hold, held, or would hold, in their order; those of steps undone are left out."""
    rows = GrantCondition.objects.filter(request=request).exclude(state=State.DROPPED)
    proposed = Q(state=State.PROPOSED) & ~Q(decision__in=standing_steps(request).values("pk"))
    rows = rows.exclude(proposed).select_related(*WITH_NAMES, "said_by", "closed_by", "document")
    return list(rows.order_by("due_at", "decision", "number"))


def conditions_set_by(step: Decision) -> list[GrantCondition]:
    """The conditions that are part of a step, in their order."""
    rows = GrantCondition.objects.filter(decision=step)
    return list(rows.select_related("decision__deciding_authority").order_by("number"))


def conditions_of_grant(grant: Grant, user: User) -> list[GrantCondition]:
    """The conditions under which a grant was given that the person may see: those of the authority that pays for it."""
    rows = GrantCondition.objects.visible_to(user).filter(
        request=grant.line.request_id, decision__deciding_authority=grant.share.authority_id
    )
    rows = rows.exclude(state__in=(State.PROPOSED, State.DROPPED))
    return list(rows.select_related(*WITH_NAMES, "said_by", "closed_by", "document").order_by("due_at", "number"))


def with_conditions() -> Prefetch[str]:
    """The conditions of requests in their order, for machines."""
    rows = GrantCondition.objects.select_related(
        "decision__deciding_authority", "request", "tenant", "document", "said_by", "closed_by"
    )
    return Prefetch("conditions", queryset=rows.order_by("decision", "number"))


def seen_with_grants(user: Any) -> Prefetch[str]:
    """With grants: the conditions of their requests that hold or held, as far as the person may see them (``SEEN``)."""
    rows = GrantCondition.objects.visible_to(user).exclude(state__in=(State.PROPOSED, State.DROPPED))
    beside = rows.select_related(
        "decision__deciding_authority", "request", "tenant", "document", "said_by", "closed_by"
    )
    return Prefetch("line__request__conditions", queryset=beside.order_by("decision", "number"), to_attr=SEEN)


def grants_under(condition: GrantCondition) -> GrantQuerySet:
    """The grants that were given under a condition and still take capacity."""
    rows = Grant.objects.counting().filter(
        line__request=condition.request_id, share__authority=condition.decision.deciding_authority_id
    )
    return rows.select_related("environment__project", "pool__cluster", "pool__kind", "share", "tenant", "authority")


def is_left(condition: GrantCondition) -> bool:
    """Whether anything of what was granted under it is left, or goes on in another grant."""
    of_request = Q(line__request=condition.request_id) | Q(supersedes__line__request=condition.request_id)
    office = condition.decision.deciding_authority_id
    return Grant.objects.counting().filter(of_request, share__authority=office).exists()


def held_back() -> Exists:
    """Of grants: whether an approver suspended them for a condition that is still not met."""
    return Exists(
        GrantCondition.objects.filter(
            request=OuterRef("line__request"), decision__deciding_authority=OuterRef("share__authority"),
            suspended_at__isnull=False, state__in=GrantCondition.WATCHED,
        )
    )  # fmt: skip


def clusters_of(condition: GrantCondition) -> frozenset[UUID]:
    """Public ids of the clusters on which the step gives GPUs that set it."""
    rows = DecisionLine.objects.filter(decision=condition.decision_id, granted__gt=0)
    return frozenset(rows.values_list("share__pool__cluster__public_id", flat=True))


def reach_of(condition: GrantCondition) -> Q:
    """Of approvers' roles: those that decide about the condition."""
    return reaches(clusters_of(condition))


def objection_to(user: User, condition: GrantCondition) -> str:
    """Why whether it is met is not this one person's to say; "" when nothing is in the way."""
    if not is_own_case(user, condition.request):
        return ""
    return _(
        "This is a condition of %(tenant)s’s, which you belong to or belonged to since it asked. "
        "Somebody outside %(tenant)s has to decide about it."
    ) % {"tenant": condition.tenant.name}


def right_over_condition(user: User, condition: GrantCondition) -> Standing:
    """In whose right ``user`` decides for the authority that set it; raises FourEyes where nobody's suffices."""
    return standing(
        user, condition.decision.deciding_authority_id, AuthorityRole.QUOTA_APPROVER,
        lambda who: objection_to(who, condition), lambda: clusters_of(condition),
    )  # fmt: skip


def steps_of(condition: GrantCondition) -> list[GrantConditionStep]:
    """What happened to it, oldest first."""
    return list(condition.steps.select_related("by", "on_behalf_of").order_by("pk"))


def due_for(user: User) -> GrantConditionQuerySet:
    """What an approver has to look at: said to be met, or past its day."""
    rows = GrantCondition.objects.visible_to(user, "decide").filter(state__in=GrantCondition.WITH_APPROVER)
    return rows.select_related("tenant", "request")
