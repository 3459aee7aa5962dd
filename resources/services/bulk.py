"""Several small requests decided in one go: each counted again and taken by itself, in order, and each may fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.errors import PortalError, Refused
from portal.core.proof import deciding
from portal.core.refusals import note_error
from portal.models import User
from resources.models import QuotaRequest
from resources.queries.capacity import Placement, Preview, effects_of
from resources.queries.causes import with_cause
from resources.queries.deciders import choose_payer, objection, payers, second_person_because
from resources.queries.maintenance import Span
from resources.queries.rulings import before_step, so_far, waiting_step
from resources.services.decisions import approve_request
from resources.services.placing import wanted

AT_ONCE = 50


@dataclass(slots=True)
class Plan:
    """What approving one of the requests in full would do, after those before it; ``why_not``: what stands in its way."""

    request: QuotaRequest
    effects: list[Preview] = field(default_factory=list)
    why_not: str = ""
    second: bool = False

    @property
    def gpus(self) -> int:
        return sum(effect.give for effect in self.effects)

    @property
    def spans(self) -> list[Span]:
        """Where and when it would hold GPUs."""
        return [(each.pool, each.line.starts_at, each.line.ends_at) for each in self.effects if each.line]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them."""

    request: QuotaRequest
    done: bool
    said: str


def plan(user: User, requests: Sequence[QuotaRequest]) -> list[Plan]:
    """Each request as it would be decided in its turn; nothing is decided. Those that cannot go take no capacity."""
    found: list[Plan] = []
    taken: list[Placement] = []
    for request in requests:
        each = Plan(request)
        try:
            placements, before, payer_id = _placements(user, request)
        except PortalError as error:
            each.why_not = str(error.sentence)
        else:
            each.effects = effects_of([*taken, *placements])[len(taken) :]
            each.why_not = _obstacle(each.effects)
            each.second = bool(second_person_because(payer_id, placements, before))
            taken += [] if each.why_not else placements
        found.append(each)
    return found


@deciding
def approve_requests(*, acting_user: User, requests: Sequence[QuotaRequest], reason: str = "") -> list[Outcome]:
    """Approve each in full, in order, in a transaction of its own; what cannot go is left as it was, with the cause.

    Never past the policy line: that takes a look at the single request.
    """
    return [_one(acting_user, request, reason) for request in requests[:AT_ONCE]]


def _one(acting_user: User, request: QuotaRequest, reason: str) -> Outcome:
    try:
        with transaction.atomic():
            if why_not := plan(acting_user, [request])[0].why_not:
                return Outcome(request, done=False, said=why_not)
            approve_request(acting_user=acting_user, request=request, reason=reason)
    except PortalError as error:
        note_error(error, changes=True)
        return Outcome(request, done=False, said=str(error.sentence))
    return Outcome(request, done=True, said=str(request.get_state_display()))


def _placements(user: User, request: QuotaRequest) -> tuple[list[Placement], list[Placement], int]:
    """What approving in full would give, what stands before it, and who pays; raises the refusal that the decision would meet."""
    if against := objection(user, request):
        raise Refused(against)
    if request.state not in QuotaRequest.DECIDABLE or waiting_step(request):
        raise Refused(_("It is “%(state)s”, so it is not approved like this.") % {"state": request.get_state_display()})
    lines = so_far(request)
    payer = choose_payer(payers(user, request, lines), request)
    if payer is None:
        raise Refused(_("No authority that you approve for holds a share of a pool that is asked for."))
    return wanted(lines, payer, None), before_step(lines), payer[0].pk


def _obstacle(effects: Sequence[Preview]) -> str:
    for effect in effects:
        facts = {"pool": effect.pool, "give": effect.give, "most": effect.most, "fits": effect.fits}
        if effect.over_pool or effect.over_share:
            said = _("%(pool)s can promise %(most)d more over this period; it asks for %(give)d.") % facts
            return with_cause(said, effect)
        if effect.over_line:
            said = _("It would pass the policy line of %(pool)s; %(fits)d fit. Decide it on its own page.") % facts
            return with_cause(said, effect)
    return ""
