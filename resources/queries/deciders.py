"""Who may decide a request, from whose share, and whether two people have to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.models import User
from resources.models import Decision, Grant, QuotaRequest, RequestLine, Share
from resources.quantities import lasts_months
from resources.queries.placement import place, placed_by, pools_for
from tenants.models import Authority, AuthorityMembership, PolicyRule
from tenants.queries.people import stands_in
from tenants.queries.policies import policy
from tenants.queries.standing import Standing, eyes, standing
from tenants.roles import AuthorityRole


def payers(user: User, lines: Sequence[RequestLine]) -> list[tuple[Authority, dict[int, Share]]]:
    """The authorities that ``user`` approves for and that hold a share of every pool of ``lines``, each with its
    shares by pool id; by name. Of a line that is not placed yet it is some pool on which it could be. A role that is
    limited to clusters has to include those of all lines. Empty: this person cannot decide these lines.
    """
    choices = [{line.pool_id} if line.pool_id else _anywhere(line) for line in lines]
    pools = set[int]().union(*choices)
    found: dict[Authority, dict[int, Share]] = {}
    reaching = AuthorityMembership.objects.filter(
        includes(lines), live_now(), user=user, role=AuthorityRole.QUOTA_APPROVER, authority=OuterRef("authority"),
    )  # fmt: skip
    rows = Share.objects.visible_to(user, "approve").filter(Exists(reaching), pool__in=pools)
    for share in rows.select_related("authority").order_by("authority__name"):
        found.setdefault(share.authority, {})[share.pool_id] = share
    return [pair for pair in found.items() if all(pair[1].keys() & some for some in choices)]


def includes(lines: Iterable[RequestLine]) -> Q:
    """Of approvers' roles: those that are not limited to clusters, or to ones that include those of all lines."""
    return reaches(clusters_of(lines))


def _anywhere(line: RequestLine) -> set[int]:
    return {*pools_for(line.request.project, line).values_list("pk", flat=True)}


def clusters_of(lines: Iterable[RequestLine]) -> frozenset[UUID]:
    """Public ids of the clusters that the lines name or are placed on."""
    return frozenset(line.cluster.public_id for line in lines if line.cluster)


def reaches(clusters: Iterable[UUID]) -> Q:
    """Of approvers' roles: those that are not limited to clusters, or to ones that include all of these."""
    return Q(only_clusters=[]) | Q(only_clusters__contains=[*clusters])


def in_reach(user: User) -> Exists:
    """Of requests: whether a role of ``user`` at an authority that could pay reaches the clusters they are about now."""
    now = {"request": OuterRef(OuterRef("pk")), "revision": OuterRef(OuterRef("revision"))}
    clusters = RequestLine.objects.filter(**now, cluster__isnull=False)
    asked = RequestLine.objects.filter(**{name: OuterRef(ref) for name, ref in now.items()})
    mine = Q(pool=OuterRef("pool")) | Q(pool__isnull=True, kind=OuterRef("pool__kind"))
    pays = Share.objects.filter(Exists(asked.filter(mine)), authority=OuterRef("authority"))
    reaches = Q(only_clusters=[]) | Q(only_clusters__contains=ArraySubquery(clusters.values("cluster__public_id")))
    roles = AuthorityMembership.objects.filter(live_now(), user=user, role=AuthorityRole.QUOTA_APPROVER)
    return Exists(roles.filter(reaches, Exists(pays)))


def who_could_pay(request: QuotaRequest) -> list[int]:
    """Ids of the authorities with a share in a pool of the request, or of the kind of a line that names no pool."""
    named = Q(pool__request_lines__request=request)
    anywhere = Q(pool__kind__request_lines__request=request, pool__kind__request_lines__pool__isnull=True)
    return [*Share.objects.filter(named | anywhere).values_list("authority_id", flat=True).distinct().order_by()]


def choose_payer(
    found: list[tuple[Authority, dict[int, Share]]], request: QuotaRequest, authority: Authority | None = None
) -> tuple[Authority, dict[int, Share]] | None:
    """The payer asked for, else the request's own authority, else the first one."""
    wanted = authority.pk if authority else request.authority_id
    exact = next((pair for pair in found if pair[0].pk == wanted), None)
    return exact or (None if authority else next(iter(found), None))


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
    if not is_own_case(user, request):
        return ""
    return _(
        "%(reference)s is from %(tenant)s, which you belong to or belonged to when it was asked. "
        "Somebody outside %(tenant)s has to decide it."
    ) % {
        "reference": request.reference,
        "tenant": request.tenant.name,
    }


def right_to_decide(user: User, request: QuotaRequest, authority: Authority) -> Standing:
    """In whose right ``user`` decides for ``authority``; raises FourEyes where nobody's right suffices."""

    def clusters() -> frozenset[UUID]:
        return clusters_of(request.placed_lines)

    return standing(user, authority, AuthorityRole.QUOTA_APPROVER, lambda who: objection(who, request), clusters)


def same_eyes(user: User, first: Decision) -> bool:
    """Whether ``user`` took the first step, or one of them stands in for the other: then they are no second person."""
    return bool(eyes(user, first.created_at) & {first.decider_id, first.on_behalf_of_id})


def who_could_agree(request: QuotaRequest, first: Decision) -> list[User]:
    """Those who may take the second step after ``first`` now: approvers of the authority that pays, by name."""
    rows = AuthorityMembership.objects.filter(
        includes(place(request, placed_by(first))), live_now(), authority=first.deciding_authority,
        role=AuthorityRole.QUOTA_APPROVER, user__is_active=True,
    )  # fmt: skip
    people = dict.fromkeys(row.user for row in rows.select_related("user").order_by("user__full_name", "user_id"))
    return [each for each in people if not is_own_case(each, request) and not same_eyes(each, first)]


def second_person_because(authority_id: int, given: Iterable[tuple[RequestLine, int]]) -> str | None:
    """Which rule of the paying authority wants a second person for these GPUs, as its key; None: one decides."""
    lines = [(line, gpus) for line, gpus in given if gpus]
    if sum(gpus for _line, gpus in lines) >= policy(authority_id, PolicyRule.Key.QUOTA_SECOND_GPUS):
        return PolicyRule.Key.QUOTA_SECOND_GPUS
    months = policy(authority_id, PolicyRule.Key.QUOTA_SECOND_MONTHS)
    if any(lasts_months(line.starts_at, line.ends_at, months) for line, _gpus in lines):
        return PolicyRule.Key.QUOTA_SECOND_MONTHS
    return None
