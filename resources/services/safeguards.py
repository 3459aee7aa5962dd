"""What no decision about a quota request may pass, whoever takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.errors import Refused
from portal.models import User
from resources.errors import NoShare, NotEnough, NotOffered, Outdated, OverLimit, OverLine
from resources.models import AutoRule, Decision, DecisionLine, QuotaRequest
from resources.queries.capacity import Placement, Preview
from resources.queries.causes import because_of_maintenance, with_cause
from resources.queries.deciders import (
    Payer,
    choose_payer,
    objection,
    payers,
    payers_of_step,
    reaches,
    right_to_decide,
)
from resources.queries.offers import cleared
from resources.queries.rulings import SoFar
from tenants.errors import FourEyes
from tenants.models import Authority, AuthorityMembership
from tenants.queries.standing import Standing
from tenants.roles import AuthorityRole
from tenants.services.tenants import require_active

INSTANT = timedelta(microseconds=1)


def who_pays(user: User, request: QuotaRequest, lines: list[SoFar], authority: Authority | None = None) -> Payer:
    """The authority that pays for open lines, and its shares by pool id; refuses people too near, and strangers."""
    if against := objection(user, request):
        raise FourEyes(against)
    chosen = choose_payer(payers(user, request, lines), request, authority)
    if chosen is None:
        raise _no_share(request)
    return chosen


def who_agrees(user: User, request: QuotaRequest, first: Decision) -> Payer:
    """The same for a step that waits: an approver of the authority that pays, who reaches all clusters of the step."""
    if against := objection(user, request):
        raise FourEyes(against)
    for payer in payers_of_step(user, first):
        return payer
    raise _no_share(request)


def right_of(user: User, request: QuotaRequest, authority: Authority, clusters: Iterable[UUID]) -> Standing:
    """In whose right the person decides on the clusters; one role has to include them all."""
    wanted = [*clusters]
    roles = AuthorityMembership.objects.filter(
        reaches(wanted), live_now(), user=user, authority=authority, role=AuthorityRole.QUOTA_APPROVER
    )
    if not roles.exists():
        raise _no_share(request)
    return right_to_decide(user, request, authority, wanted)


def _no_share(request: QuotaRequest) -> NoShare:
    return NoShare(
        _(
            "Deciding %(reference)s takes an approver of an authority with a share of a pool it asks for, "
            "whose role includes its clusters. You are not one at the moment."
        )
        % {"reference": request.reference}
    )


def check_limit(right: Standing, given: Iterable[int]) -> None:
    """Refuses more GPUs in one decision than the deciding role allows."""
    total = sum(given)
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


def check_placements(placements: list[Placement], left: Mapping[int, int], reason: str) -> bool:
    """Whether less is given than is open, or for a shorter time; refuses more than that, and nothing at all.

    ``left``: line id → GPUs of it that are open.
    """
    for each in placements:
        line = each.line
        if not 0 <= each.give <= left[line.pk]:
            raise Refused(
                _("%(asked)d %(kind)s were asked for. Approve between 0 and %(asked)d.")
                % {"asked": left[line.pk], "kind": line.kind},
                field=f"line_{line.pk}",
            )
        if not (line.starts_at <= each.starts_at < each.ends_at <= line.ends_at):
            raise Refused(
                _("%(kind)s were asked for from %(since)s until %(until)s. Choose a period within that.")
                % {"kind": line.kind, "since": _day(line.starts_at), "until": _day(line.ends_at - INSTANT)},
                field=f"until_{line.pk}",
            )
        if each.pool.kind_id != line.kind_id:
            raise Refused(
                _("%(kind)s were asked for; %(pool)s holds others. Choose a pool of that kind.")
                % {"kind": line.kind, "pool": each.pool},
                field=f"pool_{line.pk}",
            )
    if not any(each.give for each in placements):
        raise Refused(_("Approving needs at least one GPU. To give none, refuse the request with a reason."))
    less = any(
        each.give < left[each.line.pk] or (each.give and (each.shortened or each.fewer_hours)) for each in placements
    )
    if less or any(each.elsewhere for each in placements if each.give):
        need_reason(reason)
    return less


def refuse_what_does_not_fit(effects: list[Preview], reason: str) -> bool:
    """Whether the policy line is passed, which takes a reason; past the pool or the share nothing helps."""
    for effect in effects:
        facts: dict[str, Any] = {
            "pool": str(effect.pool), "give": effect.give, "most": effect.most, "fits": effect.fits,
            "percent": effect.pool.policy_line_percent,
        }  # fmt: skip
        if effect.over_pool or effect.over_share:
            raise NotEnough(
                _too_little(effect) % facts,
                field=f"line_{effect.line.pk}" if effect.line else None,
                **facts,
            )
        if effect.over_line and not reason.strip():
            raise OverLine(
                with_cause(
                    _(
                        "%(give)d GPUs pass the policy line of %(percent)d %% of %(pool)s; %(fits)d fit below it. "
                        "Approve %(fits)d, or write down the reason; a second person then has to agree."
                    )
                    % facts,
                    effect,
                ),
                field="reason",
                **facts,
            )
    return any(effect.over_line for effect in effects)


def _too_little(effect: Preview) -> str:
    """What to say where not even the pool or the share has enough; what maintenance takes is named where it is why."""
    cause = because_of_maintenance(effect).replace("%", "%%")
    if not cause:
        return _(
            "%(pool)s can promise %(most)d more GPUs over this period; this decision needs %(give)d. "
            "Approve up to %(most)d, or ask for a later start."
        )
    first = _("%(pool)s can promise %(most)d more GPUs over this period; this decision needs %(give)d.")
    return f"{first} {cause} {_('Approve up to %(most)d, or choose a time without it.')}"


def check_rule(
    rule: AutoRule, payer: Authority, lines: Iterable[SoFar], given: Iterable[Placement], *, alone: bool
) -> None:
    """A rule in force gives all of a request of its own authority at once, without a second person, or nothing."""
    whole = {each.line.pk for each in given if each.give} == {each.line.pk for each in lines}
    if not (rule.is_in_force and payer.pk == rule.authority_id and whole and alone):
        raise Refused(
            _("The %(rule)s may only approve in full and alone. Leave this request to people.") % {"rule": rule.cited},
            code="decision.not_by_rule",
        )


def need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Write the reason: the tenant reads it, and it is kept."), field="reason")


def refuse_what_is_outdated(request: QuotaRequest, others: list[tuple[DecisionLine, Preview]]) -> None:
    """What other authorities approved before has to fit still, when the last one makes all of it count."""
    for step, effect in others:
        over = effect.over_line and not step.decision.over_line
        if effect.over_pool or effect.over_share or over:
            said = _(
                "%(give)d %(kind)s that %(person)s approved before no longer fit on %(cluster)s: %(most)d do now. "
                "An approver of the same authority has to take that step back and decide it again."
            ) % {
                "give": effect.give, "kind": step.line.kind, "person": step.decision.decider,
                "cluster": effect.pool.cluster, "most": effect.fits if over else effect.most,
            }  # fmt: skip
            raise Outdated(with_cause(said, effect), reference=request.reference)


def refuse_where_it_may_not_run(request: QuotaRequest, placements: Iterable[Placement]) -> None:
    """Facts may have changed since the request was sent: its tenant, its project's data, the cluster's clearance."""
    require_active(request.tenant)
    for each in placements:
        if each.give and not cleared(request.project, each.pool):
            raise NotOffered(
                _(
                    "%(cluster)s may not host %(project)s any more: its clearance, its place, or the project’s data "
                    "changed since the request was sent. Ask for changes, or refuse it with that reason."
                )
                % {"cluster": each.pool.cluster, "project": request.project.name},
                field=f"line_{each.line.pk}",
            )


def _day(moment: datetime) -> str:
    return str(date_format(timezone.localtime(moment), "j M Y"))
