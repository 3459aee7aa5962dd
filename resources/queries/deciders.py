"""Who may decide a request, from whose share, and whether two people have to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.models import User
from resources.models import CapacityPool, Decision, Grant, QuotaRequest, RequestLine, Share
from resources.quantities import lasts_months
from resources.queries.capacity import Placement
from resources.queries.offers import offered_pools
from resources.queries.rulings import SoFar
from tenants.models import Authority, AuthorityMembership, PolicyRule
from tenants.queries.people import stands_in
from tenants.queries.policies import policy
from tenants.queries.standing import Standing, eyes, standing
from tenants.roles import AuthorityRole

Payer = tuple[Authority, dict[int, Share]]
"""An authority, and its shares by pool id from which the person at hand may promise."""


def payers(user: User, request: QuotaRequest, lines: Sequence[SoFar]) -> list[Payer]:
    """The authorities for which ``user`` may decide at least one of the open ``lines``, by name, each with its shares
    in every pool in which such a line could run. Empty: this person cannot decide any of them.
    """
    wanted = [each.line for each in lines if each.is_open]
    pools = possible_pools(request, wanted)
    found: dict[Authority, dict[int, Share]] = {}
    for share in _shares_in_reach(user, {pool.pk for pool in pools}):
        found.setdefault(share.authority, {})[share.pool_id] = share
    return [pair for pair in found.items() if any(pays_for(line, pair[1]) for line in wanted)]


def payers_of_step(user: User, first: Decision) -> list[Payer]:
    """The authority of a first step with the shares that it pays from, if ``user`` reaches all of them."""
    wanted = {step.share.pool_id for step in first.lines.select_related("share") if step.share and step.granted}
    shares = {
        share.pool_id: share
        for share in _shares_in_reach(user, wanted)
        if share.authority_id == first.deciding_authority_id
    }
    return [(first.deciding_authority, shares)] if shares.keys() == wanted else []


def possible_pools(request: QuotaRequest, lines: Iterable[RequestLine]) -> list[CapacityPool]:
    """Where the lines could run: the pools asked for, and all others of the same kinds that the project may use."""
    wanted = [*lines]
    kinds, asked = {line.kind_id for line in wanted}, {line.pool_id for line in wanted if line.pool_id}
    if not wanted:
        return []
    offered = {pool.pk: pool for pool in offered_pools(request.project).filter(kind__in=kinds)}
    missing = asked - offered.keys()
    if missing:
        offered |= CapacityPool.objects.select_related("cluster", "kind").in_bulk(missing)
    return [*offered.values()]


def pays_for(line: RequestLine, shares: dict[int, Share]) -> bool:
    """Whether the line is one of those that the shares may pay: its own pool, or any of its kind where it names none."""
    if line.pool_id:
        return line.pool_id in shares
    return any(share.pool.kind_id == line.kind_id for share in shares.values())


def _shares_in_reach(user: User, pool_ids: set[int]) -> list[Share]:
    """Shares from which the person may promise: a role that is limited to clusters has to include the share's."""
    rows = Share.objects.visible_to(user, "approve").filter(pool__in=pool_ids)
    roles = AuthorityMembership.objects.filter(live_now(), user=user, role=AuthorityRole.QUOTA_APPROVER)
    reach: dict[int, list[set[UUID]]] = {}
    for row in roles:
        reach.setdefault(row.authority_id, []).append(set(row.only_clusters))
    beside = rows.select_related("authority", "pool__cluster", "pool__kind").order_by("authority__name", "pk")
    return [
        share
        for share in beside
        if any(not only or share.pool.cluster.public_id in only for only in reach.get(share.authority_id, ()))
    ]


def touches(clusters: Iterable[UUID]) -> Q:
    """Of approvers' roles: those that are not limited to clusters, or to ones of which one is among these."""
    return Q(only_clusters=[]) | Q(only_clusters__overlap=[*set(clusters)])


def reaches(clusters: Iterable[UUID]) -> Q:
    """Of approvers' roles: those that are not limited to clusters, or to ones that include all of these."""
    return Q(only_clusters=[]) | Q(only_clusters__contains=[*clusters])


def in_reach(user: User, now: datetime | None = None) -> Exists:
    """Of requests: whether a role of ``user`` at an authority that could pay reaches a cluster they are about now."""
    outer = {"request": OuterRef(OuterRef("pk")), "revision": OuterRef(OuterRef("revision"))}
    anywhere = RequestLine.objects.filter(pool__isnull=True, **outer).values("kind")
    here = RequestLine.objects.filter(**outer).values("pool")
    cluster = Q(only_clusters__contains=[OuterRef("pool__cluster__public_id")])
    roles = AuthorityMembership.objects.filter(
        Q(only_clusters=[]) | cluster, live_now(now), user_id=user.pk, role=AuthorityRole.QUOTA_APPROVER,
        authority=OuterRef("authority"),
    )  # fmt: skip
    return Exists(Share.objects.filter(Q(pool__in=here) | Q(pool__kind__in=anywhere)).filter(Exists(roles)))


def who_could_pay(request: QuotaRequest) -> list[int]:
    """Ids of the authorities with a share in a pool of the request, or of the kind of a line that names no pool."""
    named = Q(pool__request_lines__request=request)
    anywhere = Q(pool__kind__request_lines__request=request, pool__kind__request_lines__pool__isnull=True)
    return [*Share.objects.filter(named | anywhere).values_list("authority_id", flat=True).distinct().order_by()]


def choose_payer(found: list[Payer], request: QuotaRequest, authority: Authority | None = None) -> Payer | None:
    """The payer asked for, else the request's own authority, else the first one."""
    wanted = authority.pk if authority else request.authority_id
    exact = next((pair for pair in found if pair[0].pk == wanted), None)
    return exact or (None if authority else next(iter(found), None))


def payable(lines: Iterable[SoFar], shares: dict[int, Share]) -> list[SoFar]:
    """Of the lines those that are open and that the shares may pay."""
    return [each for each in lines if each.is_open and pays_for(each.line, shares)]


def closable(lines: Iterable[SoFar], payer: Payer) -> list[SoFar]:
    """The open lines that a refusal of ``payer`` closes: its own, and those that no other authority could pay."""
    every = [*lines]
    left_over = others_pay([each.line for each in every], payer[0])
    mine = {each.line.pk for each in payable(every, payer[1])}
    return [each for each in every if each.is_open and (each.line.pk in mine or not left_over[each.line.pk])]


def others_pay(lines: Iterable[RequestLine], authority: Authority) -> dict[int, bool]:
    """Line id → whether another authority than this one holds a share in its pool, so that a rest may be left to it."""
    wanted = [*lines]
    rows = Share.objects.exclude(authority=authority).filter(
        gpus__gt=0, pool__kind__in={line.kind_id for line in wanted}
    )
    held = set(rows.values_list("pool_id", "pool__kind_id"))
    pools, kinds = {pool for pool, _kind in held}, {kind for _pool, kind in held}
    return {line.pk: line.pool_id in pools if line.pool_id else line.kind_id in kinds for line in wanted}


def is_own_case(user: User, request: QuotaRequest) -> bool:
    """Whether ``user`` asked for it or belongs to the tenant that did, today or at any time since it was asked; then it
    is not theirs to decide.
    """
    return request.requested_by_id == user.pk or stands_in(user, request.tenant, request.created_at)


def stands_too_near(user: User, grant: Grant) -> bool:
    """Whether ``user`` belongs to the tenant that holds the grant, today or at any time since it was made."""
    return stands_in(user, grant.tenant, grant.created_at)


def objection_of_grant(user: User, grant: Grant) -> str:
    """Why what becomes of a grant is not this one person's to decide; "" when nothing is in the way."""
    if not stands_too_near(user, grant):
        return ""
    return _(
        "This grant is %(tenant)s’s, which you belong to or belonged to while it ran. "
        "Somebody outside %(tenant)s has to decide about it."
    ) % {"tenant": grant.tenant.name}


def right_over_grant(user: User, grant: Grant) -> Standing:
    """In whose right ``user`` decides about a grant for the authority that pays; raises FourEyes where nobody's suffices."""
    return standing(
        user, grant.share.authority_id, AuthorityRole.QUOTA_APPROVER, lambda who: objection_of_grant(who, grant),
        lambda: frozenset({grant.pool.cluster.public_id}),
    )  # fmt: skip


def objection(user: User, request: QuotaRequest) -> str:
    """Why the request is not this one person's to decide, in whatever right; "" when nothing is in the way."""
    facts = {"reference": request.reference, "tenant": request.tenant.name}
    if is_own_case(user, request):
        return (
            _(
                "%(reference)s is from %(tenant)s, which you belong to or belonged to when it was asked. "
                "Somebody outside %(tenant)s has to decide it."
            )
            % facts
        )
    if request.appealed_after and decided_before_appeal(user, request):
        return (
            _(
                "%(tenant)s appealed against a decision that you took, or that somebody took for whom you stand in or "
                "who stands in for you. Other people have to decide %(reference)s."
            )
            % facts
        )
    return ""


def decided_before_appeal(user: User, request: QuotaRequest) -> bool:
    """Whether ``user``, or somebody who counts as one pair of eyes with them, took part in what was appealed against."""
    steps = request.decisions.filter(pk__lte=request.appealed_after)
    people = {each for pair in steps.values_list("decider", "on_behalf_of") for each in pair if each}
    return bool(people & eyes(user, request.created_at))


def right_to_decide(user: User, request: QuotaRequest, authority: Authority, clusters: Iterable[UUID]) -> Standing:
    """In whose right ``user`` decides for ``authority`` on the clusters; raises FourEyes where nobody's suffices."""
    about = frozenset(clusters)
    return standing(user, authority, AuthorityRole.QUOTA_APPROVER, lambda who: objection(who, request), lambda: about)


def same_eyes(user: User, first: Decision) -> bool:
    """Whether ``user`` took the first step, or one of them stands in for the other: then they are no second person."""
    return bool(eyes(user, first.created_at) & {first.decider_id, first.on_behalf_of_id})


def who_could_agree(request: QuotaRequest, first: Decision) -> list[User]:
    """Those who may take the second step after ``first`` now: approvers of the authority that pays, by name."""
    clusters = first.lines.filter(granted__gt=0).values_list("share__pool__cluster__public_id", flat=True)
    rows = AuthorityMembership.objects.filter(
        reaches(clusters), live_now(), authority=first.deciding_authority,
        role=AuthorityRole.QUOTA_APPROVER, user__is_active=True,
    )  # fmt: skip
    people = dict.fromkeys(row.user for row in rows.select_related("user").order_by("user__full_name", "user_id"))
    return [each for each in people if not objection(each, request) and not same_eyes(each, first)]


def second_person_because(authority_id: int, given: Iterable[Placement], before: Iterable[Placement]) -> str:
    """Which rule of the paying authority wants a second person for these GPUs, as its key; "": one decides.

    ``before``: what stands of the request. What the authority itself gave of it counts along: many small steps are one
    large decision.
    """
    giving = [each for each in given if each.give]
    own = [each for each in before if each.share and each.share.authority_id == authority_id]
    if giving and sum(each.give for each in (*own, *giving)) >= policy(authority_id, PolicyRule.Key.QUOTA_SECOND_GPUS):
        return PolicyRule.Key.QUOTA_SECOND_GPUS
    months = policy(authority_id, PolicyRule.Key.QUOTA_SECOND_MONTHS)
    if any(lasts_months(each.starts_at, each.ends_at, months) for each in giving):
        return PolicyRule.Key.QUOTA_SECOND_MONTHS
    return ""
