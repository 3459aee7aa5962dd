"""Rules decide: a sent request is looked at once, and approved in full where everything that one of them says holds.

Nothing is passed that people could not pass either: the approval is the one that they take, in the right of the person who
put the rule in force, and never one that needs a second person. What no rule approves waits for people as it is.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from portal.core.errors import PortalError
from portal.core.events import announce
from portal.core.locks import hold
from resources.models import AutoRule, QuotaRequest, RuleLook
from resources.queries.rule_places import Places, consider
from resources.queries.rules import Asked, Miss, asked_of, misses
from resources.queries.rulings import so_far
from resources.services import topics
from resources.services.decisions import approve_request

State = QuotaRequest.State
AT_ONCE = 500
WITH = ("tenant", "project__tenant", "mode", "authority", "requested_by")


def look_at_requests() -> int:
    """Every sent request that the rules have not looked at; how many they approved."""
    waiting = _unseen().order_by("pk").values_list("pk", flat=True)
    return sum(look_at_request(number) for number in waiting[:AT_ONCE])


@transaction.atomic
def look_at_request(number: int) -> bool:
    """Whether a rule approves the request now. Late, twice or beside itself, it is looked at once."""
    rows = _unseen().select_for_update(skip_locked=True, of=("self",)).select_related(*WITH)
    request = rows.filter(pk=number).first()
    if request is None:
        return False
    hold(
        "auto-rules", request.authority_id
    )  # what is in force stays so until commit; one request of a tenant at a time
    said: list[dict[str, Any]] = []
    taken_by = next((rule for rule in _in_force(request) if _holds(rule, request, said)), None)
    RuleLook.objects.create(
        tenant_id=request.tenant_id, authority_id=request.authority_id, request=request, revision=request.revision,
        rule=taken_by, said=said,
    )  # fmt: skip
    if taken_by is None:
        announce("request.looked_at", topics=topics.of_request(request), request=str(request.public_id))
    return taken_by is not None


def _unseen() -> Any:
    seen = RuleLook.objects.filter(request=OuterRef("pk"), revision=OuterRef("revision"))
    return QuotaRequest.objects.filter(~Exists(seen), state=State.SUBMITTED, mode__auto_decision=True)


def _in_force(request: QuotaRequest) -> list[AutoRule]:
    """The rules under which the request was sent, in their order."""
    rows = AutoRule.objects.in_force().filter(authority=request.authority_id, activated_at__lte=request.submitted_at)
    return list(rows.select_related("activated_by", "set_by", "authority"))


def _holds(rule: AutoRule, request: QuotaRequest, said: list[dict[str, Any]]) -> bool:
    """Whether the rule approved the request; what did not hold is added to ``said``."""
    lines = so_far(request)
    asked: Asked = asked_of(request, [each.line for each in lines])
    missing, places = misses(rule, asked), Places()
    if not missing:
        missing, places = consider(rule, request, asked, lines)
    if not missing:
        missing = _approve(rule, request, places)
    said.append(
        {
            "rule": rule.public_id.hex, "name": rule.name, "version": rule.version,
            "why": [[miss.code, miss.facts] for miss in missing],
        }
    )  # fmt: skip
    return not missing


def _approve(rule: AutoRule, request: QuotaRequest, places: Places) -> list[Miss]:
    """Take the decision as people take it; what refuses it is a reason to leave it to them."""
    person = rule.activated_by
    if person is None:
        return [Miss("right", {"person": ""})]
    mine = QuotaRequest.objects.select_related(*WITH).get(
        pk=request.pk
    )  # what is refused leaves the caller's row alone
    try:
        with transaction.atomic():
            approve_request(acting_user=person, request=mine, placements=places, rule=rule)
    except (PortalError, IntegrityError) as error:
        if isinstance(error, PortalError):
            return [Miss("refused", {"code": error.code, "sentence": str(error.sentence)})]
        return [Miss("refused", {"code": "portal.constraint", "sentence": str(error).splitlines()[0]})]
    return []
