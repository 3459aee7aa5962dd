"""What an authority's policy says now, and said before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.core.registry import policy_effects
from portal.models import User
from tenants.models import Authority, OnboardingCase, PolicyRule
from tenants.models.authority import shown


@dataclass(frozen=True)
class Rule:
    """One rule of an authority: its value in force, and the version that set it (None: the portal's default)."""

    key: str
    label: str
    value: int
    current: PolicyRule | None
    past: tuple[PolicyRule, ...] = ()

    @property
    def shown(self) -> str:
        return shown(self.key, self.value)


def policy(authority: Authority | int, key: str) -> int:
    """The value in force of ``key``: the newest version, else the portal's default."""
    authority_id = authority if isinstance(authority, int) else authority.pk
    rows = PolicyRule.objects.filter(authority_id=authority_id, key=key).order_by("-version")
    value = rows.values_list("value", flat=True).first()
    return PolicyRule.DEFAULTS[key] if value is None else value


def policies_of(authorities: Iterable[int], keys: Iterable[str]) -> dict[tuple[int, str], int]:
    """The values in force of several rules of several authorities: (authority's id, key) → value. One query."""
    wanted, names = {*authorities}, [*keys]
    rows = PolicyRule.objects.filter(authority__in=wanted, key__in=names).order_by("authority", "key", "-version")
    found = rows.distinct("authority", "key").values_list("authority_id", "key", "value")
    said = {(authority, key): value for authority, key, value in found}
    return {(each, key): said.get((each, key), PolicyRule.DEFAULTS[key]) for each in wanted for key in names}


def values_of(authority_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The values in force of several rules of one authority, in one query."""
    return {key: value for (_authority, key), value in policies_of([authority_id], keys).items()}


def rules_of(authority: Authority) -> list[Rule]:
    """Every rule of the authority with all its versions, newest first."""
    versions: dict[str, list[PolicyRule]] = {}
    for row in PolicyRule.objects.filter(authority=authority).select_related("set_by").order_by("-version"):
        versions.setdefault(row.key, []).append(row)
    rules = []
    for key, label in PolicyRule.Key.choices:
        rows = versions.get(key, [])
        value = rows[0].value if rows else PolicyRule.DEFAULTS[key]
        rules.append(Rule(key, str(label), value, rows[0] if rows else None, tuple(rows[1:])))
    return rules


def who_is_hit(authority: Authority, key: str, value: int) -> list[str]:
    """One sentence for each kind of open work that a new value of ``key`` would change; empty: nothing."""
    return [sentence for effect in policy_effects for sentence in effect(authority, key, value)]


OPEN = (
    OnboardingCase.State.SUBMITTED,
    OnboardingCase.State.IN_REVIEW,
    OnboardingCase.State.INFO_REQUESTED,
    OnboardingCase.State.AWAITING_SECOND,
    OnboardingCase.State.APPEALED,
)
"""The states in which an application still waits for somebody."""


def undecided_cases(authority: Authority, officer: User | None = None) -> int:
    """How many applications have had no approval yet, so that a rule about approving still changes them; with
    ``officer`` those that wait in this person's hands.
    """
    rows = OnboardingCase.objects.filter(authority=authority, state__in=OPEN)
    if officer is not None:
        return rows.filter(officer=officer).count()
    return rows.exclude(state=OnboardingCase.State.AWAITING_SECOND).count()
