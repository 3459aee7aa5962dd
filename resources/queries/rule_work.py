"""What rules did: what one decided, whether it rests, and what the rules said of one request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from portal.core.access import live_now, may
from portal.models import User
from resources.models import AutoRule, Decision, Grant, QuotaRequest, RuleLook
from resources.queries.rules import Miss, in_words
from tenants.models import AuthorityMembership
from tenants.roles import AuthorityRole


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule said of a request. ``missing`` empty: it approved it."""

    name: str
    version: int
    missing: tuple[Miss, ...]

    @property
    def why(self) -> tuple[str, ...]:
        return tuple(each.sentence for each in self.missing)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rules said of a request when they looked at it. ``decision``: the one that a rule took."""

    look: RuleLook
    said: tuple[Said, ...]
    decision: Decision | None
    words: tuple[str, ...] = ()


def looked_at(request: QuotaRequest, user: User) -> Looked | None:
    """What the rules said of the newest revision that they looked at; None: they did not look.

    Everybody who sees the request reads which rule approved it; what the others said only who sees the authority's rules
    (verb "read_rules").
    """
    if not (request.mode and request.mode.auto_decision):
        return None
    look = RuleLook.objects.filter(request=request).select_related("rule").order_by("-revision").first()
    if look is None:
        return None
    taken = request.decisions.filter(rule__isnull=False).select_related("rule", "decider").first()
    said = tuple(
        Said(each["name"], each["version"], tuple(Miss(code, facts) for code, facts in each["why"]))
        for each in (look.said if may(user, "read_rules", request) else ())
    )
    return Looked(look, said, taken, tuple(in_words(taken.rule)) if taken and taken.rule else ())


def decided_by(rule: AutoRule, user: User) -> QuerySet[Decision]:
    """The decisions that this version took on requests that the person may see, newest first."""
    seen = QuotaRequest.objects.visible_to(user)
    rows = Decision.objects.filter(rule=rule, request__in=seen).select_related("request__tenant", "request__project")
    return rows.prefetch_related("lines__line__kind").order_by("-pk")


def ruled(grant: Grant) -> Decision | None:
    """The decision of a rule that gave a grant; None: people gave it."""
    return (
        Decision.objects.filter(lines__line=grant.line_id, rule__isnull=False).select_related("rule", "decider").first()
    )


def counts(rules: list[AutoRule]) -> dict[int, int]:
    """How many requests each version approved, by its id; those that approved none are not in it. One query."""
    rows = Decision.objects.filter(rule__in=rules).values("rule").annotate(n=Count("pk"))
    return dict(rows.values_list("rule", "n"))


def why_it_rests(rule: AutoRule) -> str:
    """Why a rule in force decides nothing now; "" when nothing is in the way."""
    return resting([rule]).get(rule.pk, "")


def resting(rules: Iterable[AutoRule]) -> dict[int, str]:
    """The same of several rules, by id; those that nothing stops are not in it. One query."""
    deciding = [rule for rule in rules if rule.is_in_force]
    roles = AuthorityMembership.objects.filter(
        live_now(), user__in={rule.activated_by_id for rule in deciding}, role=AuthorityRole.QUOTA_APPROVER,
        user__is_active=True,
    )  # fmt: skip
    may = set(roles.values_list("user_id", "authority_id"))
    said = _(
        "It decides nothing now: %(person)s, who is responsible for it, is no longer an approver of %(authority)s. "
        "Another approver can put its next version in force."
    )
    return {
        rule.pk: said % {"person": rule.activated_by, "authority": rule.authority}
        for rule in deciding
        if (rule.activated_by_id, rule.authority_id) not in may
    }
