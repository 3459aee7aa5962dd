"""Who may decide a request, from whose share, and whether two people have to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.models import User
from resources.models import QuotaRequest, RequestLine, Share
from resources.quantities import lasts_months
from tenants.models import Authority, PolicyRule
from tenants.queries.people import stands_in
from tenants.queries.policies import policy


def payers(user: User, lines: Sequence[RequestLine]) -> list[tuple[Authority, dict[int, Share]]]:
    """The authorities that ``user`` approves for and that hold a share of every pool of ``lines``, each with its
    shares by pool id; by name. Empty: this person cannot decide these lines.
    """
    pools = {line.pool_id for line in lines}
    found: dict[Authority, dict[int, Share]] = {}
    rows = Share.objects.visible_to(user, "approve").filter(pool__in=pools).select_related("authority")
    for share in rows.order_by("authority__name"):
        found.setdefault(share.authority, {})[share.pool_id] = share
    return [(authority, shares) for authority, shares in found.items() if shares.keys() == pools]


def choose_payer(
    found: list[tuple[Authority, dict[int, Share]]], request: QuotaRequest, authority: Authority | None = None
) -> tuple[Authority, dict[int, Share]] | None:
    """The payer asked for, else the request's own authority, else the first one."""
    wanted = authority.pk if authority else request.authority_id
    exact = next((pair for pair in found if pair[0].pk == wanted), None)
    return exact or (None if authority else next(iter(found), None))


def is_own_case(user: User, request: QuotaRequest) -> bool:
    """Whether ``user`` asked for it or belongs to the tenant that did; then it is not theirs to decide."""
    return request.requested_by_id == user.pk or stands_in(user, request.tenant)


def second_person_because(authority_id: int, given: Iterable[tuple[RequestLine, int]]) -> str | None:
    """Which rule of the paying authority wants a second person for these GPUs, as its key; None: one decides."""
    lines = [(line, gpus) for line, gpus in given if gpus]
    if sum(gpus for _line, gpus in lines) >= policy(authority_id, PolicyRule.Key.QUOTA_SECOND_GPUS):
        return PolicyRule.Key.QUOTA_SECOND_GPUS
    months = policy(authority_id, PolicyRule.Key.QUOTA_SECOND_MONTHS)
    if any(lasts_months(line.starts_at, line.ends_at, months) for line, _gpus in lines):
        return PolicyRule.Key.QUOTA_SECOND_MONTHS
    return None
