"""What no decision about a quota request may pass, whoever takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import Refused
from portal.models import User
from resources.errors import NoShare, NotEnough, NotOffered, NotPlaced, OverLimit, OverLine
from resources.models import QuotaRequest, RequestLine, Share
from resources.queries.capacity import Preview
from resources.queries.deciders import choose_payer, objection, payers, right_to_decide
from resources.queries.offers import cleared
from tenants.errors import FourEyes
from tenants.models import Authority
from tenants.queries.standing import Standing
from tenants.services.tenants import require_active


def who_pays(
    user: User, request: QuotaRequest, authority: Authority | None = None
) -> tuple[Authority, dict[int, Share]]:
    """The paying authority and its shares by pool id; refuses people too near to the request, and strangers."""
    if against := objection(user, request):
        raise FourEyes(against)
    chosen = choose_payer(payers(user, request.placed_lines), request, authority)
    if chosen is None:
        raise NoShare(
            _(
                "Deciding %(reference)s takes an approver of an authority with a share of every pool it asks for, "
                "whose role includes its clusters. You are not one at the moment."
            )
            % {"reference": request.reference}
        )
    right_to_decide(user, request, chosen[0])
    return chosen


def check_limit(right: Standing, given: Mapping[int, int]) -> None:
    """Refuses more GPUs in one decision than the deciding role allows."""
    total = sum(given.values())
    if right.gpu_limit is not None and total > right.gpu_limit:
        raise OverLimit(
            _(
                "Your role lets you approve up to %(limit)d GPUs in one decision; this one gives %(give)d. "
                "Approve up to %(limit)d, or leave it to an approver with a wider limit."
            )
            % {"limit": right.gpu_limit, "give": total},
            limit=right.gpu_limit,
            give=total,
        )


def check_amounts(lines: list[RequestLine], given: Mapping[int, int], reason: str) -> bool:
    """Whether less is given than asked; refuses more than asked, and nothing at all."""
    for line in lines:
        if not 0 <= given[line.pk] <= line.amount:
            raise Refused(
                _("%(asked)d %(kind)s were asked for. Approve between 0 and %(asked)d.")
                % {"asked": line.amount, "kind": line.kind},
                field=f"line_{line.pk}",
            )
    total, asked = sum(given.values()), sum(line.amount for line in lines)
    if not total:
        raise Refused(_("Approving needs at least one GPU. To give none, refuse the request with a reason."))
    if total < asked:
        need_reason(reason)
    return total < asked


def refuse_what_does_not_fit(effects: list[Preview], reason: str) -> bool:
    """Whether the policy line is passed, which takes a reason; past the pool or the share nothing helps."""
    for effect in effects:
        facts: dict[str, Any] = {
            "pool": str(effect.pool), "give": effect.give, "most": effect.most, "fits": effect.fits,
            "percent": effect.pool.policy_line_percent,
        }  # fmt: skip
        if effect.over_pool or effect.over_share:
            raise NotEnough(
                _(
                    "%(pool)s can promise %(most)d more GPUs over this period; this decision needs %(give)d. "
                    "Approve up to %(most)d, or ask for a later start."
                )
                % facts,
                field=f"line_{effect.line.pk}" if effect.line else None,
                **facts,
            )
        if effect.over_line and not reason.strip():
            raise OverLine(
                _(
                    "%(give)d GPUs pass the policy line of %(percent)d %% of %(pool)s; %(fits)d fit below it. "
                    "Approve %(fits)d, or write down the reason; a second person then has to agree."
                )
                % facts,
                field="reason",
                **facts,
            )
    return any(effect.over_line for effect in effects)


def need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Write the reason: the tenant reads it, and it is kept."), field="reason")


def need_places(request: QuotaRequest, lines: list[RequestLine], given: Mapping[int, int]) -> None:
    """Refuses a line that is given something and lies nowhere yet, or somewhere it may not be."""
    named = {line.pk: line.pool_id for line in request.current_lines}
    for line in lines:
        if not given[line.pk] or named.get(line.pk):
            continue
        if line.pool is None:
            raise NotPlaced(
                _("%(asked)d %(kind)s may run on any cluster that is cleared for them. Choose the one that gives them.")
                % {"asked": line.amount, "kind": line.kind},
                field=f"pool_{line.pk}",
            )
        if line.pool.kind_id != line.kind_id:
            raise NotOffered(
                _("%(pool)s has no %(kind)s, which were asked for. Choose a pool of that kind.")
                % {"pool": line.pool, "kind": line.kind},
                field=f"pool_{line.pk}",
            )


def refuse_where_it_may_not_run(request: QuotaRequest, lines: list[RequestLine]) -> None:
    """Facts may have changed since the request was sent: its tenant, its project's data, the cluster's clearance."""
    require_active(request.tenant)
    for line in lines:
        if line.pool is None or not cleared(request.project, line.pool):
            raise NotOffered(
                _(
                    "%(cluster)s may not host %(project)s any more: its clearance, its place, or the project’s data "
                    "changed since the request was sent. Ask for changes, or refuse it with that reason."
                )
                % {"cluster": line.cluster, "project": request.project.name},
                field=f"line_{line.pk}",
            )
