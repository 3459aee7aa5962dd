"""What a decider sees on a request's page: the effect on capacity, who decides what of it, the form of the decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.core.access import may
from portal.models import User
from portal.ui.pages import FormPage
from resources.forms.conditions import MORE
from resources.forms.decisions import DecisionForm, SecondForm
from resources.models import Decision, QuotaRequest
from resources.queries.capacity import Placement, effects_of
from resources.queries.causes import because_of_maintenance
from resources.queries.conditions import conditions_set_by
from resources.queries.deciders import (
    Payer,
    choose_payer,
    is_own_case,
    objection,
    payers,
    payers_of_step,
    right_to_decide,
    same_eyes,
    second_person_because,
    who_could_agree,
)
from resources.queries.engines import capability
from resources.queries.maintenance import ahead
from resources.queries.rulings import SoFar, as_watched, before_step, of_step, so_far, standing_steps, waiting_step
from tenants.errors import FourEyes
from tenants.models import Authority

State = QuotaRequest.State


def payer_of(row: QuotaRequest, user: User, lines: list[SoFar], first: Decision | None) -> Payer | None:
    """Who would pay if ``user`` decided; None when this person may not decide it."""
    if row.state not in QuotaRequest.DECIDABLE or objection(user, row):
        return None
    if first and same_eyes(user, first):
        return None
    found = payers_of_step(user, first) if first else payers(user, row, lines)
    payer = choose_payer(found, row, first.deciding_authority if first else None)
    return None if payer and _refusal(user, row, payer[0]) else payer


def _refusal(user: User, row: QuotaRequest, authority: Authority) -> str:
    """Why nobody's right suffices of those that the person holds at the authority; "" when one does."""
    try:
        right_to_decide(user, row, authority, ())
    except FourEyes as error:
        return str(error)
    return ""


def review_context(row: QuotaRequest, user: User) -> dict[str, Any]:
    """What the page shows to those who decide or watch over it; the tenant sees none of the others' sums."""
    first = waiting_step(row)
    if row.state not in QuotaRequest.OPEN or not _watches(row, user):
        return {"effects": [], "form": None, "first": first, "decides": False}
    lines = so_far(row)
    payer = payer_of(row, user, lines, first)
    form: Any = None
    if payer:
        form = SecondForm(user=user, row=row) if first else DecisionForm(user=user, row=row)
    placements = of_step(lines, first) if first else form.placements() if form else as_watched(lines)
    return {
        "form": form,
        "decides": bool(payer),
        "first": first,
        "first_conditions": conditions_set_by(first) if first else [],
        "rulings": lines if any(each.steps for each in lines) else [],
        "could_agree": ", ".join(map(str, who_could_agree(row, first))) if first else "",
        "waits_for_other": bool(first and first.decider_id == user.pk),
        "unplaced": bool(form and not first and form.is_unplaced()),
        "takes_back": may_take_back(row, user, first),
        "why_not": "" if payer else why_not(row, user, first, lines),
        **effect_context(row, lines, payer, placements, first),
    }


def may_take_back(row: QuotaRequest, user: User, first: Decision | None) -> bool:
    """Whether a step stands that this person may undo: their own that waits, or one of their authority's."""
    if objection(user, row):
        return False
    if first:
        return same_eyes(user, first) and bool(payers_of_step(user, first))
    return row.state == State.IN_REVIEW and any(payers_of_step(user, step) for step in standing_steps(row))


def why_not(row: QuotaRequest, user: User, first: Decision | None, lines: list[SoFar]) -> str:
    """Why somebody who may decide requests does not decide this one now; empty for those who only watch."""
    if row.state not in QuotaRequest.DECIDABLE or not may(user, "decide", row):
        return ""
    if is_own_case(user, row):
        return _("You belong to %(tenant)s, so others decide about it.") % {"tenant": row.tenant}
    if against := objection(user, row):
        return against
    if first and first.decider_id == user.pk:
        return ""
    if first and same_eyes(user, first):
        return _(
            "%(person)s approved it first, and one of you stands in for the other. A third person has to agree."
        ) % {"person": first.decider}
    found = payers_of_step(user, first) if first else payers(user, row, lines)
    payer = choose_payer(found, row, first.deciding_authority if first else None)
    if payer and (refusal := _refusal(user, row, payer[0])):
        return refusal
    if first:
        return _("The second person has to be an approver of %(authority)s, which pays.") % {
            "authority": first.deciding_authority
        }
    if any(each.steps for each in lines):
        return _("What your authority may pay is decided. Other authorities decide the lines that are still open.")
    return _("No authority that you approve for holds a share of a pool that is asked for.")


def _watches(row: QuotaRequest, user: User) -> bool:
    """Those who decide it, and the auditors of its authority."""
    return may(user, "decide", row) or Authority.objects.visible_to(user, "audit").filter(pk=row.authority_id).exists()


def effect_context(
    row: QuotaRequest,
    lines: list[SoFar],
    payer: Payer | None,
    placements: list[Placement],
    first: Decision | None = None,
) -> dict[str, Any]:
    """Capacity before and after, what the engine will do with it, and whether two people have to decide.

    What other authorities approved already counts as promised.
    """
    before = before_step(lines, first)
    effects = effects_of([*before, *placements])[len(before) :]
    over = any(effect.over_line for effect in effects)
    second = second_person_because(payer[0].pk if payer else row.authority_id, placements, before)
    return {
        "effects": [
            (effect, capability(effect.pool), because_of_maintenance(effect), each.budget)
            for effect, each in zip(effects, placements, strict=True)
        ],
        "maintenance": ahead(
            [each.pool for each in placements],
            min(each.starts_at for each in placements),
            max(each.ends_at for each in placements),
        )
        if placements
        else [],
        "over_line": over,
        "second_because": "line" if over else second,
        "payer": payer[0] if payer else None,
        "total": sum(each.give for each in placements),
    }


class Impact(FormPage):
    """The part that follows the decision as it is typed."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant")
    verb = "decide"

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        first, lines = waiting_step(self.row), so_far(self.row)
        typed = request.GET.copy()
        typed.pop(MORE, None)  # the button that asks for another condition is no part of what is weighed
        form = DecisionForm(typed, user=self.user, row=self.row)
        form.is_valid()
        payer = payer_of(self.row, self.user, lines, first) and form.paying
        placements = form.placements() if payer else as_watched(lines)
        context = effect_context(self.row, lines, payer, placements)
        context["unplaced"] = bool(payer) and form.is_unplaced()
        if wrong := form.wrong_amounts():
            context |= {"effects": [], "second_because": "", "wrong": wrong}
        return render(request, "resources/request.html#impact", {"row": self.row, "decides": bool(payer), **context})

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return self.http_method_not_allowed(request)
