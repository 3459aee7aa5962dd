"""What a rule says, and whether it holds for what was asked: what of it does not, as codes with facts and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from resources.models import AutoRule, GPUKind, QuotaRequest, RequestLine
from resources.models.rule import AutoRuleQuerySet
from resources.quantities import Promise, peak
from resources.queries.modes import modes_in_force
from tenants.models import Authority, DataClass, OrganisationKind

CLASSES = DataClass.values
CHOICES = {"tenant_kind": OrganisationKind.choices, "data_class": DataClass.choices}
WHY: dict[str, Lazy] = {
    "no_mode": gettext_lazy("it was asked in no access mode"),
    "mode": gettext_lazy("it was asked in the access mode “%(asked)s”"),
    "change": gettext_lazy("it changes a grant that there is"),
    "tenant_kind": gettext_lazy("the tenant is of the kind “%(asked)s”"),
    "kind": gettext_lazy("it asks for %(asked)s"),
    "data_class": gettext_lazy("the project’s data is “%(asked)s”"),
    "gpus": gettext_lazy("it asks for %(asked)d GPUs at once; the rule gives at most %(most)d"),
    "hours": gettext_lazy("it asks for %(asked)d GPU hours; the rule gives at most %(most)d"),
    "days": gettext_lazy("it asks for %(asked)d days; the rule gives at most %(most)d"),
    "held": gettext_lazy("the tenant holds %(asked)d GPUs in that time; the rule holds up to %(most)d"),
    "capacity": gettext_lazy("%(pool)s has %(most)d GPUs left in that time"),
    "line": gettext_lazy("it would pass the policy line of %(pool)s"),
    "calm": gettext_lazy("%(pool)s is past its policy line at some time from then on"),
    "free": gettext_lazy("less than %(most)d %% of %(pool)s would stay free"),
    "second": gettext_lazy("the policy wants two people for it"),
    "share": gettext_lazy("the authority’s shares cannot pay all of it"),
    "right": gettext_lazy("%(person)s, who is responsible for the rule, may not decide it"),
    "author": gettext_lazy("who wrote the rule stands too near to the tenant"),
    "refused": gettext_lazy("the decision was refused: %(sentence)s"),
}
REFUSALS: dict[str, Lazy] = {
    "request.not_offered": gettext_lazy("a cluster of it may not host the project’s data, or takes nothing new"),
    "capacity.not_enough": gettext_lazy("a pool or a share cannot carry it over its whole period"),
    "capacity.over_line": gettext_lazy("it would pass the policy line"),
    "decision.over_limit": gettext_lazy("it is more than the role of who is responsible decides at once"),
    "decision.no_share": gettext_lazy("who is responsible reaches no share that could pay for it"),
    "decision.not_placed": gettext_lazy("a line of it lies on no cluster yet"),
    "decision.not_by_rule": gettext_lazy("it can only be given in part, or by two people"),
    "tenants.four_eyes": gettext_lazy("who is responsible stands too near to the tenant"),
    "tenants.not_active": gettext_lazy("the tenant is suspended or leaves"),
    "portal.moved_meanwhile": gettext_lazy("the request changed meanwhile"),
    "portal.constraint": gettext_lazy("the database holds that it would break a promise"),
}
"""Code of what refused a decision → the same in few words, in the language of whoever reads it."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Something of a rule that does not hold for a request."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In the reader's language; facts that stand for a choice are kept as the choice.

        A refusal is kept by its code; the sentence beside it is what the portal said then, for codes without words.
        """
        if self.code == "refused" and (known := REFUSALS.get(self.facts.get("code", ""))):
            return str(WHY[self.code]) % {"sentence": known}
        labels = dict(CHOICES.get(self.code, ()))
        return str(WHY[self.code]) % {name: labels.get(value, value) for name, value in self.facts.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a sent request does not change while it waits. ``days``: by the calendar of its authority."""

    mode: str
    mode_name: str
    new: bool
    tenant_kind: str
    kinds: tuple[tuple[UUID, str], ...]
    data_class: str
    gpus: int
    hours: int
    days: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """What giving a line does to its pool over its period. ``calm``: the pool is nowhere past its policy line."""

    pool: str
    give: int
    before: int
    promisable: int
    line: int
    share_left: int
    calm: bool = True


def asked_of(request: QuotaRequest, lines: Sequence[RequestLine]) -> Asked:
    """``request`` with mode, tenant, project and authority; ``lines``: those of its newest revision, with their kinds."""
    begins, ends = min(line.starts_at for line in lines), max(line.ends_at for line in lines)
    most, _at = peak([Promise(line.amount, line.starts_at, line.ends_at) for line in lines], begins, ends)
    zone = ZoneInfo(request.authority.time_zone)
    return Asked(
        request.mode.slug if request.mode else "", str(request.mode or ""),
        request.change == QuotaRequest.Change.NEW, request.tenant.kind,
        tuple({line.kind_id: (line.kind.public_id, str(line.kind)) for line in lines}.values()),
        request.project.data_class, most, sum(line.gpu_hours for line in lines),
        max(calendar_days(line.starts_at, line.ends_at, zone) for line in lines), begins, ends,
    )  # fmt: skip


def calendar_days(begins: datetime, ends: datetime, zone: ZoneInfo) -> int:
    """The days of a period by the clocks of the zone, a day that was begun counted whole; summer time makes none more."""
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    return (last.date() - first.date()).days + (last.time() > first.time())


def misses(rule: AutoRule, asked: Asked) -> list[Miss]:
    """What of the rule does not hold for what was asked, whatever the moment."""
    found: list[Miss] = []
    if asked.mode not in rule.modes:
        found.append(Miss("mode", {"asked": asked.mode_name}) if asked.mode else Miss("no_mode"))
    if not asked.new:
        found.append(Miss("change"))
    if rule.tenant_kinds and asked.tenant_kind not in rule.tenant_kinds:
        found.append(Miss("tenant_kind", {"asked": asked.tenant_kind}))
    strange = [name for public_id, name in asked.kinds if rule.kinds and public_id not in rule.kinds]
    if strange:
        found.append(Miss("kind", {"asked": ", ".join(strange)}))
    if CLASSES.index(asked.data_class) > CLASSES.index(rule.max_data_class):
        found.append(Miss("data_class", {"asked": asked.data_class}))
    for code, number, most in (
        ("gpus", asked.gpus, rule.max_gpus), ("hours", asked.hours, rule.max_gpu_hours), ("days", asked.days, rule.max_days),
    ):  # fmt: skip
        if most is not None and number > most:
            found.append(Miss(code, {"asked": number, "most": most}))
    return found


def misses_now(rule: AutoRule, held: int, rooms: Iterable[Room], *, second: bool) -> list[Miss]:
    """What of the rule does not hold at the moment: ``held`` GPUs of the tenant, and the pools as they are."""
    found: list[Miss] = []
    if rule.max_held is not None and held > rule.max_held:
        found.append(Miss("held", {"asked": held, "most": rule.max_held}))
    for room in rooms:
        after = room.before + room.give
        most = max(0, min(room.promisable - room.before, room.share_left))
        if room.give > most:
            found.append(Miss("capacity", {"pool": room.pool, "most": most}))
        elif after > room.line:
            found.append(Miss("line", {"pool": room.pool}))
        elif 100 * (room.promisable - after) < rule.keep_free_percent * room.promisable:
            found.append(Miss("free", {"pool": room.pool, "most": rule.keep_free_percent}))
        if rule.only_calm and not room.calm:
            found.append(Miss("calm", {"pool": room.pool}))
    if second:
        found.append(Miss("second"))
    return found


def rules_of(authority: Authority) -> AutoRuleQuerySet:
    """Every version of the authority's rules: by their order, the newest of each first."""
    rows = AutoRule.objects.filter(authority=authority).select_related(
        "set_by", "activated_by", "ended_by", "authority"
    )
    return rows.order_by("position", "slug", "-version")


def in_words(rule: AutoRule) -> list[str]:
    """Everything that has to hold, one sentence each, as people read it."""
    return words_of([rule])[rule.pk]


def words_of(rules: Sequence[AutoRule]) -> dict[int, list[str]]:
    """The same of several rules of one authority, by id; two queries."""
    if not rules:
        return {}
    names = {mode.slug: str(mode) for mode in modes_in_force(rules[0].authority_id)}
    rows = GPUKind.objects.filter(public_id__in={kind for rule in rules for kind in rule.kinds}).order_by("name")
    kinds = {kind.public_id: str(kind) for kind in rows}
    return {rule.pk: _words(rule, names, [name for pk, name in kinds.items() if pk in rule.kinds]) for rule in rules}


def _words(rule: AutoRule, names: dict[str, str], kinds: Sequence[str]) -> list[str]:
    organisations = [str(label) for kind, label in OrganisationKind.choices if kind in rule.tenant_kinds]
    most = ngettext("It asks for %(n)d GPU at once.", "It asks for at most %(n)d GPUs at once.", rule.max_gpus)
    days = ngettext("It lasts %(n)d day.", "It lasts at most %(n)d days.", rule.max_days)
    said = [
        _("It asks for new GPUs, in the access mode %(modes)s.") % {"modes": _one_of(names.get(each, each) for each in rule.modes)},
        _("The tenant is of the kind %(kinds)s.") % {"kinds": _one_of(organisations)} if organisations else "",
        _("It asks for %(kinds)s.") % {"kinds": _one_of(kinds)} if rule.kinds else "",
        _("The project’s data is “%(data)s” at most.") % {"data": rule.get_max_data_class_display()},
        most % {"n": rule.max_gpus},
        _("It asks for at most %(n)d GPU hours.") % {"n": rule.max_gpu_hours} if rule.max_gpu_hours else "",
        days % {"n": rule.max_days},
        _("The tenant holds at most %(n)d GPUs in that time already.") % {"n": rule.max_held} if rule.max_held is not None else "",
        _("At least %(n)d %% of the pool stay free over the whole time.") % {"n": rule.keep_free_percent} if rule.keep_free_percent else "",
        _("The pool is nowhere past its policy line from now on.") if rule.only_calm else "",
    ]  # fmt: skip
    return [each for each in said if each]


def _one_of(names: Iterable[str]) -> str:
    return _(" or ").join(_("“%(name)s”") % {"name": name} for name in names) or _("none")
