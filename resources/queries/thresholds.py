"""Thresholds of an authority: the newest version of each rule, or the default where there is none."""

from __future__ import annotations

from tenants.models import PolicyRule


def thresholds(authority_id: int) -> dict[str, int]:
    """Every rule's value in force, by key."""
    newest = (
        PolicyRule.objects.filter(authority=authority_id)
        .order_by("key", "-version")
        .distinct("key")
        .values_list("key", "value")
    )
    return {**{str(key): value for key, value in PolicyRule.DEFAULTS.items()}, **dict(newest)}
