"""Rules of a policy that name choices (kinds of organisation, a class of data), for machines: names and not numbers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from tenants.models import PolicyRule
from tenants.models.authority import choices_of, kinds_in, kinds_number


def chosen_by(key: str, value: int) -> list[str] | None:
    """The choices that a rule's number stands for, as machines know them; None where it is simply a number."""
    if key == PolicyRule.Key.SECOND_KINDS:
        return kinds_in(value)
    if key == PolicyRule.Key.SECOND_CLASS:
        return [name for name, _label in choices_of("data_class")][value - 1 : value] if value else []
    return None


def value_of(key: str, choices: Sequence[str]) -> int:
    """The number that stands for ``choices``; ValueError, with a sentence, where the rule knows no such choice."""
    known = {PolicyRule.Key.SECOND_KINDS: "kind", PolicyRule.Key.SECOND_CLASS: "data_class"}.get(PolicyRule.Key(key))
    if known is None:
        raise ValueError(_("This rule is a number. Say its value."))
    order = [name for name, _label in choices_of(known)]
    if wrong := sorted(set(choices) - set(order)):
        said = {"wrong": ", ".join(wrong), "known": ", ".join(order)}
        raise ValueError(_("%(wrong)s is not known here. Choose from: %(known)s.") % said)
    if key == PolicyRule.Key.SECOND_KINDS:
        return kinds_number(choices)
    if len(set(choices)) > 1:
        raise ValueError(_("Name the lowest class from which it holds, and no other."))
    return order.index(choices[0]) + 1 if choices else 0
