"""What the capacity page shows at first paint: the newest readings and the promises, cut to the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.models import User
from portal.ui.times import clock_text, moment_text
from resources.live import store
from resources.live.readings import PoolSums, Reading, Sums
from resources.live.snapshot import is_silent
from resources.live.topics import Cut, shown_tenants
from resources.models import CapacityPool, Cluster, Quota
from resources.queries.capacity import promised_now
from resources.queries.outages import promisable_at
from tenants.models import Tenant

AT_QUOTA_PERCENT = 97
IDLE_PERCENT = 25


def added(parts: Iterable[Sums]) -> PoolSums:
    """The sum of sums; fields a part does not have count nothing."""
    found = PoolSums()
    for part in parts:
        for name in part.__struct_fields__:
            if name == "temperature":
                found.temperature = max(found.temperature, part.temperature)
            else:
                setattr(found, name, getattr(found, name) + getattr(part, name))
    return found


@dataclass
class KindLine:
    """One GPU kind over all clusters the person sees whole."""

    slug: str
    name: str
    memory_gib: int
    slot: int
    installed: int = 0
    promisable: int = 0
    promised: int = 0
    line_percent: int = 90
    now: PoolSums = field(default_factory=PoolSums)

    @property
    def promised_percent(self) -> float:
        """Of what can be promised, like every share of a promise, so that the policy line stands in its place."""
        return round(100 * self.promised / self.promisable, 1) if self.promisable else 0.0

    @property
    def allocated_percent(self) -> float:
        return round(100 * self.now.allocated / self.promisable, 1) if self.promisable else 0.0

    @property
    def slot_text(self) -> str:
        return str(self.slot)

    @property
    def past_line(self) -> bool:
        return bool(self.promisable) and 100 * self.promised >= self.line_percent * self.promisable


@dataclass
class ClusterCard:
    cluster: Cluster
    now: PoolSums
    heard: bool
    silent: bool
    known: bool = True
    """Whether there are numbers, old or new; without them a card shows dashes, never zeros."""
    never: bool = False
    """Whether it was asked and has never answered."""

    @property
    def off(self) -> int:
        return self.now.drained + self.now.down

    @property
    def power_kw(self) -> int:
        return round(self.now.power_w / 1000)

    @property
    def load_text(self) -> str:
        """For the bar's attribute: with a point, whatever the language."""
        return f"{self.load_percent:.2f}"

    @property
    def load_percent(self) -> float:
        return round(100 * self.now.load / self.now.allocated, 1) if self.now.allocated else 0.0


@dataclass
class TenantLine:
    """A tenant against its quota, over the clusters the person may see it on."""

    tenant: Tenant
    quota: int
    now: PoolSums
    linked: bool = True
    """Whether the person may open the tenant's page; an operator knows its name and no more."""

    @property
    def at_quota(self) -> bool:
        return bool(self.quota) and 100 * self.now.allocated >= AT_QUOTA_PERCENT * self.quota

    @property
    def over_quota(self) -> int:
        return max(0, self.now.allocated - self.quota)

    @property
    def much_idle(self) -> bool:
        return bool(self.now.allocated) and 100 * self.now.idle >= IDLE_PERCENT * self.now.allocated


@dataclass
class CapacityNow:
    whole: bool
    total: PoolSums
    promised: int
    promisable: int
    quota: int
    kinds: list[KindLine]
    clusters: list[ClusterCard]
    tenants: list[TenantLine]
    incidents: list[tuple[str, str, str, str]]
    """(tone, icon, headline, line beneath), the worst first."""
    oldest: datetime | None
    unmatched: list[tuple[Cluster, str, int]]
    """(cluster, model, GPUs) that were read and are of no known kind: they are in no number of the page."""

    @property
    def elsewhere(self) -> int:
        """GPUs promised here to tenants that the person does not see."""
        return max(0, self.promised - sum(line.quota for line in self.tenants)) if self.whole else 0

    @property
    def known(self) -> bool:
        return any(each.known for each in self.clusters)

    @property
    def text(self) -> dict[str, str]:
        """The totals as they are shown; a dash where nothing was read, never a zero."""
        now = self.total
        if not self.known:
            return dict.fromkeys(("allocated", "busy", "idle", "free", "off", "installed", "load", "power"), "–")
        numbers = {"busy": now.busy, "idle": now.idle, "free": now.free, "off": now.drained + now.down}
        numbers |= {"allocated": now.allocated, "installed": now.installed}
        load = f"{number_format(round(100 * now.load / now.allocated, 1), 1)} %" if now.allocated else "–"
        return {name: intcomma(value) for name, value in numbers.items()} | {
            "load": load,
            "power": f"{intcomma(round(now.power_w / 1000))} kW",
        }

    @property
    def silent_names(self) -> str:
        """The clusters whose old numbers are in the totals, and since when."""
        return ", ".join(
            f"{each.cluster.name} ({clock_text(each.cluster.last_success_at)})"
            for each in self.clusters
            if each.silent and each.known and each.cluster.last_success_at
        )


def capacity_now(user: User, cut: Cut) -> CapacityNow:
    ids = sorted(cut.clusters)
    readings = store.newest(ids)
    rows = list(Cluster.objects.filter(pk__in=ids).order_by("name"))
    whole_ids = [pk for pk, part in cut.clusters.items() if part.whole]
    pools = list(
        CapacityPool.objects.filter(cluster__in=whole_ids).select_related("cluster", "kind").order_by("kind__name")
    )
    promised = promised_now([pool.pk for pool in pools], timezone.now())
    most = promisable_at(pools, timezone.now())
    kinds = kind_lines(pools, promised, most, readings)
    tenants = tenant_lines(user, cut, readings)
    whole = bool(whole_ids)
    total = added(line.now for line in kinds) if whole else added(line.now for line in tenants)
    if whole:
        total.installed = total.installed or sum(pool.installed for pool in pools)
    cards = [card(row, cut, readings.get(row.pk)) for row in rows]
    heard = [row.last_success_at for row in rows if row.last_success_at]
    return CapacityNow(
        whole=whole,
        total=total,
        promised=sum(promised.values()),
        promisable=sum(most.values()),
        quota=sum(line.quota for line in tenants),
        kinds=kinds,
        clusters=cards,
        tenants=tenants,
        incidents=incidents(cards, kinds),
        oldest=min(heard) if heard else None,
        unmatched=[
            (row, model, gpus)
            for row in rows
            if cut.clusters[row.pk].whole and row.pk in readings
            for model, gpus in sorted(readings[row.pk].unmatched.items())
        ],
    )


def kind_lines(
    pools: list[CapacityPool], promised: dict[int, int], most: dict[int, int], readings: dict[int, Reading]
) -> list[KindLine]:
    lines: dict[str, KindLine] = {}
    for pool in pools:
        kind = pool.kind
        line = lines.setdefault(kind.slug, KindLine(kind.slug, kind.name, kind.memory_gib, len(lines) % 4 + 1))
        line.installed += pool.installed
        line.promisable += most[pool.pk]
        line.promised += promised.get(pool.pk, 0)
        line.line_percent = min(line.line_percent, pool.policy_line_percent)
        reading = readings.get(pool.cluster_id)
        if reading and kind.slug in reading.pools:
            line.now = added([line.now, reading.pools[kind.slug]])
    return list(lines.values())


def tenant_lines(user: User, cut: Cut, readings: dict[int, Reading]) -> list[TenantLine]:
    named = {name for part in cut.clusters.values() for name in part.tenants}
    tenants = [tenant for tenant in shown_tenants(user) if tenant.public_id.hex in named]
    quotas = dict(
        Quota.objects.visible_to(user)
        .filter(tenant__in=[tenant.pk for tenant in tenants], environment__cluster__in=list(cut.clusters))
        .values("tenant")
        .annotate(total=Sum("wanted"))
        .values_list("tenant", "total")
    )
    opened = set(
        Tenant.objects.visible_to(user).filter(pk__in=[tenant.pk for tenant in tenants]).values_list("pk", flat=True)
    )
    lines = []
    for tenant in tenants:
        name = tenant.public_id.hex
        parts = [
            sums
            for pk, part in cut.clusters.items()
            if name in part.tenants and pk in readings
            for sums in readings[pk].tenants.get(name, {}).values()
        ]
        lines.append(TenantLine(tenant, quotas.get(tenant.pk, 0), added(parts), tenant.pk in opened))
    return lines


def card(row: Cluster, cut: Cut, reading: Reading | None) -> ClusterCard:
    part = cut.clusters[row.pk]
    parts: list[Any] = []
    if reading and part.whole:
        parts = list(reading.pools.values())
    elif reading:
        parts = [sums for name in part.tenants for sums in reading.tenants.get(name, {}).values()]
    heard, failing = row.last_success_at is not None, is_silent(row)
    return ClusterCard(row, added(parts), heard, heard and failing, reading is not None, failing and not heard)


def incidents(cards: list[ClusterCard], kinds: list[KindLine]) -> list[tuple[str, str, str, str]]:
    """What somebody should know of before anything else, the worst first."""
    found: list[tuple[str, str, str, str]] = []
    for each in cards:
        name, now = each.cluster.name, each.now
        if each.silent and each.cluster.last_success_at:
            said = _("since %(t)s; its numbers are old") % {"t": moment_text(each.cluster.last_success_at)}
            found.append(("bad", "plug-connected-x", _("%(c)s is silent") % {"c": name}, said))
        if each.never:
            said = _("it was never read, so there is no number of it")
            found.append(("bad", "plug-connected-x", _("%(c)s does not answer") % {"c": name}, said))
        if now.down:
            text = ngettext("%(n)d GPU down", "%(n)d GPUs down", now.down) % {"n": now.down}
            found.append(("bad", "alert-octagon", f"{name}: {text}", _("they report errors or no longer answer")))
        if now.drained:
            text = ngettext("%(n)d GPU drained", "%(n)d GPUs drained", now.drained) % {"n": now.drained}
            found.append(("", "settings", f"{name}: {text}", _("taken out of service by the operator")))
    for line in kinds:
        if line.promised > line.promisable:
            over = line.promised - line.promisable
            found.append(
                (
                    "warn",
                    "alert-triangle",
                    _("%(k)s is over-promised by %(n)d") % {"k": line.name, "n": over},
                    _("more is granted than is healthy now"),
                )
            )
    return sorted(found, key=lambda each: {"bad": 0, "warn": 1}.get(each[0], 2))
