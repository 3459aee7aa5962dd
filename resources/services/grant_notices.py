"""Telling people that a grant ends, a step at a time and each step once, and what happened to it afterwards."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.core import audit
from portal.core.access import live_now
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.notices import notify
from portal.models import User
from resources.models import Grant, GrantNotice
from resources.queries.continuations import followed
from resources.queries.deciders import reaches
from resources.queries.terms import Terms, terms_of
from tenants.models import Membership
from tenants.roles import AuthorityRole
from tenants.services.notices import staff_ids

State = Grant.State
FIRST, LAST = "grant.expiring", "grant.last_reminder"
BETWEEN = ("grant.reminded", "grant.reminded_again")
"""What the notices after the first and before the last are called, in their order."""
TO_APPROVERS = frozenset({LAST, "grant.grace", "grant.expired", "grant.exhausted", "grant.released"})
"""At the end, and when GPUs are given back early, those hear of it too who decide about what comes next."""


def notify_of_grant(act: str, grant: Grant, by: User | None = None) -> None:
    """The people of the tenant, and of an end or a return the approvers of the authority whose share pays."""
    with as_worker():
        people = list(
            Membership.objects.filter(live_now(), tenant_id=grant.tenant_id).values_list("user_id", flat=True)
        )
        if act in TO_APPROVERS:
            people += staff_ids(
                [grant.share.authority_id], AuthorityRole.QUOTA_APPROVER, reaches([grant.pool.cluster.public_id])
            )
    notify(act, to=people, target=grant, acting_user=by)


def remind(now: datetime | None = None) -> int:
    """Send the notices of grants that end whose day has come; how many. Late, only the last of several due is sent."""
    moment = now or timezone.now()
    rows = list(Grant.objects.filter(state=State.EXPIRING, ends_at__gt=moment).select_related("share").order_by("pk"))
    said = terms_of(grant.share.authority_id for grant in rows)
    replaced = followed(rows)
    told = _told(rows)
    due = [
        grant.pk
        for grant in rows
        if grant.pk not in replaced
        if {days for days, at in said[grant.share.authority_id].moments(grant) if at <= moment} - told[grant.pk]
    ]
    return sum(_remind(pk, said, moment) for pk in due)


@transaction.atomic
def _remind(grant_id: int, said: dict[int, Terms], now: datetime) -> bool:
    grant = (
        Grant.objects.select_related("pool__cluster", "share", "tenant", "authority", "environment").get(pk=grant_id)
    )  # fmt: skip
    hold("pool", grant.pool_id)
    grant.refresh_from_db(fields=["state"])
    if grant.state != State.EXPIRING:
        return False
    act = say_end(grant, said[grant.share.authority_id], now)
    if not act:
        return False
    audit.record(
        act, acting_user=None, target=grant, tenant=grant.tenant, authority=grant.authority,
        after={"state": grant.state, "until": grant.ends_at},
    )  # fmt: skip
    announce("grant.changed", topics=grant_topics(grant), grant=str(grant.public_id))
    return True


def say_end(grant: Grant, terms: Terms, now: datetime) -> str:
    """Tell of the last step that is due and was not told of, and note all that are; which act that was, "" for none.

    The caller holds the pool, so nobody tells the same beside it.
    """
    moments = terms.moments(grant)
    due = [days for days, at in moments if at <= now]
    fresh = [days for days in due if days not in _told([grant])[grant.pk]]
    if not fresh:
        return ""
    with as_worker():
        GrantNotice.objects.bulk_create(
            GrantNotice(
                tenant_id=grant.tenant_id, authority_id=grant.authority_id, grant=grant, about=GrantNotice.About.END,
                step=days, told=days == fresh[-1],
            )
            for days in fresh
        )  # fmt: skip
    act = act_of([days for days, _at in moments], fresh[-1])
    notify_of_grant(act, grant)
    return act


def act_of(steps: list[int], step: int) -> str:
    """What the notice at ``step`` days is called; ``steps``: all of them, the earliest first."""
    place = steps.index(step)
    if place == 0:
        return FIRST
    if place == len(steps) - 1:
        return LAST
    return BETWEEN[min(place, len(BETWEEN)) - 1]


def grant_topics(grant: Grant) -> list[str]:
    """The tenant, its authority and the one that pays, and the provider of the cluster."""
    offices = sorted({grant.authority_id, grant.share.authority_id})
    return [f"tenant.{grant.tenant_id}", *(f"authority.{pk}" for pk in offices)]


def _told(grants: list[Grant]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {grant.pk: set() for grant in grants}
    rows = GrantNotice.objects.filter(grant__in=grants, about=GrantNotice.About.END)
    for grant_id, step in rows.values_list("grant_id", "step"):
        found[grant_id].add(step)
    return found
