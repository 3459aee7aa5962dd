"""From what a decider wants of each line to what would be given: where, when, from whose share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from portal.core.errors import Refused
from resources.errors import NotOffered, NotPlaced
from resources.models import CapacityPool, Decision, DecisionLine, QuotaRequest, Share
from resources.quantities import gpu_hours
from resources.queries.capacity import Placement
from resources.queries.deciders import Payer, payable
from resources.queries.rulings import SoFar


@dataclass(frozen=True, slots=True)
class Term:
    """What a decider wants of one line. ``pool``: id of another pool of the kind; periods: as asked when None;
    ``rest_open``: what is not given of it stays open to other authorities; ``budget_hours``: of a budget, None: in
    proportion to the GPUs and the time.
    """

    gpus: int
    pool: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    rest_open: bool = False
    budget_hours: int | None = None


def simple_terms(
    lines: Iterable[SoFar], amounts: Mapping[int, int] | None, places: Mapping[int, CapacityPool] | None
) -> dict[int, Term] | None:
    """The terms of ``amounts`` (line id → GPUs), and of ``places`` (line id → pool) for lines that name no pool.

    None: all that is open, as it was asked for.
    """
    if amounts is None and not places:
        return None
    at = {pk: pool.pk for pk, pool in (places or {}).items()}
    return {
        each.line.pk: Term(
            each.left if amounts is None else amounts[each.line.pk], None if each.line.pool_id else at.get(each.line.pk)
        )
        for each in lines
        if each.is_open and (amounts is None or each.line.pk in amounts)
    }


def wanted(lines: Iterable[SoFar], payer: Payer, terms: Mapping[int, Term] | None) -> list[Placement]:
    """The placements of a decision; ``terms`` None: all that is open and that the payer may pay.

    Of such a line that is not named nothing is given; lines that only others may pay stay open to them.
    """
    _authority, shares = payer
    mine = {each.line.pk for each in payable(lines, shares)}
    found: list[Placement] = []
    for each in lines:
        term = None if terms is None else terms.get(each.line.pk)
        if each.line.pk not in mine and (term is None or not term.gpus or not each.is_open):
            if term is not None and term.gpus:
                raise _closed(each)
            continue
        if term is None:
            term = Term(each.left if terms is None else 0)
        if term.gpus or not term.rest_open:
            found.append(_placement(each, payer, term))
    return found


def _placement(each: SoFar, payer: Payer, term: Term) -> Placement:
    authority, shares = payer
    line, share = each.line, _share(each, shares, term)
    if share is None and term.gpus:
        if term.pool is None and line.pool_id is None:
            raise NotPlaced(
                _("%(asked)d %(kind)s may run on any cluster that is cleared for them. Choose the one that gives them.")
                % {"asked": term.gpus, "kind": line.kind},
                field=f"pool_{line.pk}",
            )
        raise NotOffered(
            _("%(authority)s has no share there from which %(kind)s could be paid. Choose another cluster.")
            % {"authority": authority, "kind": line.kind},
            field=f"pool_{line.pk}",
        )
    pool = share.pool if share else line.pool
    if pool is None:
        raise NotPlaced(_("Choose the cluster that gives the %(kind)s.") % {"kind": line.kind}, field=f"pool_{line.pk}")
    begins, ends = term.starts_at or line.starts_at, term.ends_at or line.ends_at
    usual = each.budget_of(term.gpus, begins, ends)
    budget = usual if term.budget_hours is None or not term.gpus else _hours(each, term, begins, ends)
    fewer = budget is not None and usual is not None and budget < usual
    return Placement(line, pool, share, term.gpus, begins, ends, not term.rest_open, budget, fewer_hours=fewer)


def _hours(each: SoFar, term: Term, begins: datetime, ends: datetime) -> int:
    """The GPU-hours that the decider says; refuses more than are left or can be used, and none at all."""
    name = f"hours_{each.line.pk}"
    if each.budget_left is None or term.budget_hours is None:
        raise Refused(
            _("%(line)s asks for GPUs, not for GPU hours. Leave the GPU hours out.") % {"line": each.line}, field=name
        )
    usable = gpu_hours(term.gpus, begins, ends)
    most = min(each.budget_left, usable)
    if not 1 <= term.budget_hours <= most:
        facts = {"n": term.gpus, "most": intcomma(most), "left": intcomma(each.budget_left), "usable": intcomma(usable)}
        raise Refused(
            _(
                "%(left)s GPU hours are open, and %(n)d GPUs can use %(usable)s in this time. "
                "Give between 1 and %(most)s, or leave the field empty."
            )
            % facts,
            field=name,
        )
    return term.budget_hours


def _share(each: SoFar, shares: Mapping[int, Share], term: Term) -> Share | None:
    pool_id = term.pool or each.line.pool_id
    if pool_id:
        return shares.get(pool_id)
    if term.gpus:
        return None
    return next((share for share in shares.values() if share.pool.kind_id == each.line.kind_id), None)


def _closed(each: SoFar) -> Refused:
    return Refused(
        _("%(line)s is decided already. Reload the page to see what is left.") % {"line": each.line},
        field=f"line_{each.line.pk}",
    )


def write_lines(decision: Decision, placements: Iterable[Placement]) -> None:
    """Keep what a step gives of each line, as it was decided."""
    DecisionLine.objects.bulk_create(
        [
            DecisionLine(
                tenant_id=decision.tenant_id, authority_id=decision.authority_id, decision=decision, line=each.line,
                share=each.share, granted=each.give, budget_hours=each.budget, closes=each.closes,
                starts_at=each.starts_at if each.shortened else None, ends_at=each.ends_at if each.shortened else None,
            )
            for each in placements
        ]
    )  # fmt: skip


def refuse_lines(request: QuotaRequest, decision: Decision, lines: Iterable[SoFar], payer: Payer) -> None:
    """Close the lines with nothing: those the payer may pay, and those that no other authority could."""
    _authority, shares = payer
    DecisionLine.objects.bulk_create(
        [
            DecisionLine(
                tenant_id=request.tenant_id, authority_id=request.authority_id, decision=decision, line=each.line,
                share=shares.get(each.line.pool_id) if each.line.pool_id else None, granted=0,
                budget_hours=None if each.line.budget_hours is None else 0,
            )
            for each in lines
        ]
    )  # fmt: skip
