"""When one officer is not enough: what an authority's policy says about a case."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portal.models import User
from tenants.models import Authority, DataClass, OnboardingCase, PolicyRule
from tenants.models.authority import kinds_in
from tenants.queries.cases import conflict_of_interest
from tenants.queries.policies import OPEN, values_of
from tenants.queries.review import loads

Key = PolicyRule.Key
CLASSES = DataClass.values
RULES = (Key.ONBOARDING_SECOND, Key.SECOND_CLASS, Key.SECOND_KINDS)
"""The rules that say when two people decide: one of them is enough."""


def second_because(case: OnboardingCase) -> str:
    """Why the authority's policy wants two people to approve this case; "" when one is enough."""
    return because(case, values_of(case.authority_id, RULES))


def because(case: OnboardingCase, rules: dict[str, int]) -> str:
    """Likewise by the given values of the rules, so that a policy can say who it would hit."""
    if rules[Key.ONBOARDING_SECOND]:
        return _("The policy of the authority wants two officers for every approval.")
    least = rules[Key.SECOND_CLASS]
    rank = CLASSES.index(case.data_class) + 1 if case.data_class in CLASSES else len(CLASSES)
    if least and rank >= least:
        return _("The policy of the authority wants two officers from data of the class “%(name)s” on.") % {
            "name": DataClass(CLASSES[least - 1]).label
        }
    if case.kind in kinds_in(rules[Key.SECOND_KINDS]):
        return _("The policy of the authority wants two officers for organisations of the kind “%(name)s”.") % {
            "name": case.get_kind_display()
        }
    return ""


def who_could_decide(case: OnboardingCase, but: Iterable[int] = ()) -> list[User]:
    """The officers of today who stand far enough from the case to take the next step, by name."""
    left = set(but)
    people = [load.person for load in loads(case.authority_id) if load.person.pk not in left]
    return [person for person in people if not conflict_of_interest(case, person)]


def cases_hit(authority: Authority, key: str, value: int) -> tuple[int, int]:
    """How many open applications would newly need a second officer, and how many no longer, if ``key`` were ``value``."""
    if key not in RULES:
        return 0, 0
    now = values_of(authority.pk, RULES)
    then = {**now, key: value}
    waiting = [state for state in OPEN if state != OnboardingCase.State.AWAITING_SECOND]
    rows = OnboardingCase.objects.filter(authority=authority, state__in=waiting).only("data_class", "kind", "state")
    more = less = 0
    for case in rows.iterator(chunk_size=500):
        before, after = bool(because(case, now)), bool(because(case, then))
        more += after and not before
        less += before and not after
    return more, less
