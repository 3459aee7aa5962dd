"""What this app puts into the registries of the ground: navigation, home pages, tiles, steps of setting up, effects."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.core.access import powers
from portal.core.registry import (
    HomePage,
    NavEntry,
    SetupStep,
    Tile,
    admission_effects,
    application_notes,
    deciding_powers,
    demo_codes,
    end_effects,
    home_pages,
    kept_files,
    leave_effects,
    limit_places,
    nav_entries,
    policy_effects,
    project_ends,
    project_tiles,
    role_effects,
    setup_steps,
    suspend_effects,
    tenant_erasers,
    tenant_files,
    tenant_letters,
    tenant_tiles,
)
from resources.demo import second_factor
from resources.isolation import TENANTS
from resources.models import (
    CapacityPool,
    Cluster,
    GPUKind,
    Grant,
    Provider,
    QuotaRequest,
    RequestDocument,
    RequestLetter,
    Share,
)
from resources.queries.badges import CONDITIONS, IDLE, WAITING, beside
from resources.queries.ends import tile_of_ends
from resources.queries.maintenance import tile_of_maintenance
from resources.queries.offers import where_it_could_run
from resources.queries.quotas import tile_of_project, tile_of_tenant
from resources.services import departures
from resources.views.blocks import tenant_live
from tenants import archive_tables
from tenants.models import AuthorityMembership, DataClass, PolicyRule
from tenants.roles import AuthorityRole

SECOND = _("Administration")


def clusters_by_name() -> list[tuple[str, str]]:
    """The clusters in service: to single ones of them an approver's role may be limited."""
    rows = Cluster.objects.exclude(state=Cluster.State.RETIRED).order_by("name")
    return [(str(public_id), name) for public_id, name in rows.values_list("public_id", "name")]


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    _navigation()
    deciding_powers.add("operator", "operate_clusters")
    limit_places.add("clusters", clusters_by_name)
    demo_codes.add("cast", second_factor.code_of)
    home_pages.add("capacity", HomePage(_capacity_page), weight=20)
    tenant_tiles.add("ends", Tile("resources/_tenant_ends.html", tile_of_ends), weight=5)
    tenant_tiles.add("maintenance", Tile("resources/_tenant_maintenance.html", tile_of_maintenance), weight=7)
    tenant_tiles.add("quotas", Tile("resources/_tenant_tile.html", tile_of_tenant), weight=10)
    tenant_tiles.add("use", Tile("resources/_tenant_live.html", tenant_live), weight=20)
    project_tiles.add("quotas", Tile("resources/_tenant_tile.html", tile_of_project), weight=10)
    policy_effects.add("requests", _requests_hit)
    application_notes.add("clearance", _no_cluster_cleared, weight=20)
    role_effects.add("requests", _requests_left)
    admission_effects.add("clusters", where_it_could_run)
    suspend_effects.add("grants", _grants_stopped)
    leave_effects.add("resources", departures.effects_of, weight=20)
    end_effects.add("resources", departures.effects_of)
    project_ends.add("resources", lambda project, by: departures.end_everything(acting_user=by, of=project))
    tenant_erasers.add("resources", departures.erase_texts, weight=20)
    archive_tables.add(dict.fromkeys(TENANTS, "tenant"), {"resources.RequestDocument": frozenset({"key"})}, weight=20)
    tenant_files.add("requests", lambda tenant: RequestDocument.objects.filter(tenant=tenant).order_by("pk"), weight=20)
    tenant_letters.add("requests", lambda tenant: RequestLetter.objects.filter(tenant=tenant).order_by("pk"), weight=20)
    kept_files.add("requests", lambda key: RequestDocument.objects.filter(key=key).exists())
    steps = (
        ("provider", _("A provider"), _("Who runs clusters."), "providers", _("Add a provider"), Provider, ()),
        ("kind", _("A GPU kind"), _("Pools are counted by kind."), "kinds", _("Add a GPU kind"), GPUKind, ()),
        ("cluster", _("A cluster"), _("Where GPUs are, and where their numbers come from."), "clusters",
         _("Add a cluster"), Cluster, ("provider",)),
        ("pool", _("A pool"), _("How many GPUs of a kind the cluster has."), "pools", _("Add a pool"), CapacityPool,
         ("cluster", "kind")),
        ("share", _("A share"), _("How many of them an authority may promise."), "shares", _("Add a share"), Share,
         ("authority", "pool")),
    )  # fmt: skip
    for weight, (name, label, why, url_name, action, model, needs) in enumerate(steps, start=30):
        there = model._default_manager.exists
        step = SetupStep(label, why, url_name, action, there, form=f"{name}-new", needs=needs)
        setup_steps.add(name, step, weight=weight)


def _navigation() -> None:
    nav_entries.add(
        "capacity",
        NavEntry("capacity", _("Capacity"), "layout-dashboard", _sees_numbers, key="c", nav="capacity"),
        weight=10,
    )
    nav_entries.add(
        "requests",
        NavEntry("requests", _("Quota requests"), "scale", _sees_requests, count=_waiting, key="r", nav="requests"),
        weight=20,
    )
    nav_entries.add(
        "grants", NavEntry("grants", _("Grants"), "circle-check", _sees_grants, key="q", nav="grants"), weight=22
    )
    nav_entries.add(
        "grant-conditions",
        NavEntry(
            "grant-conditions",
            _("Conditions"),
            "list-check",
            _sees_requests,
            count=_conditions_waiting,
            nav="grant-conditions",
        ),
        weight=23,
    )
    nav_entries.add(
        "idle",
        NavEntry(
            "idle-findings", _("Idle GPUs"), "player-pause", _sees_requests, count=_idle_waiting, key="i", nav="idle"
        ),
        weight=24,
    )
    nav_entries.add(
        "clusters", NavEntry("clusters", _("Clusters"), "server-2", _sees_numbers, key="l", nav="clusters"), weight=50
    )
    nav_entries.add(
        "maintenance",
        NavEntry("maintenance", _("Maintenance"), "settings", _sees_numbers, nav="maintenance"),
        weight=52,
    )
    for name, label, icon, visible, weight in (
        ("pools", _("Pools"), "stack-2", _sees_inventory, 64),
        ("shares", _("Shares"), "chart-pie", _sees_inventory, 66),
        ("kinds", _("GPU kinds"), "cpu", _keeps_inventory, 68),
        ("providers", _("Providers"), "building", _keeps_inventory, 70),
    ):
        nav_entries.add(name, NavEntry(name, label, icon, visible, group=SECOND, nav=name), weight=weight)


def _sees_numbers(user: Any) -> bool:
    return bool(user.is_platform_admin or powers(user) & {"view_authority", "view_provider", "view_tenant"})


def _sees_requests(user: Any) -> bool:
    return bool(powers(user) & {"view_authority", "view_tenant"})


def _sees_grants(user: Any) -> bool:
    return bool(powers(user) & {"view_authority", "view_tenant", "view_provider"})


def _sees_inventory(user: Any) -> bool:
    return bool(user.is_platform_admin or powers(user) & {"view_provider", "approve_quotas"} or _audits(user))


def _audits(user: Any) -> bool:
    """Whether the person is an authority's auditor; a tenant's owner reads a record too, but only their own."""
    return powers(user) >= {"view_authority", "read_audit"}


def _keeps_inventory(user: Any) -> bool:
    return bool(user.is_platform_admin or "view_provider" in powers(user))


def _waiting(user: Any) -> int:
    return len(WAITING.rows(user)) if "approve_quotas" in powers(user) else 0


def _idle_waiting(user: Any) -> int:
    return beside(user, IDLE) if "approve_quotas" in powers(user) else 0


def _conditions_waiting(user: Any) -> int:
    return beside(user, CONDITIONS) if "approve_quotas" in powers(user) else 0


def _capacity_page(user: Any) -> str | None:
    looks = powers(user) & {"approve_quotas", "view_provider"} or _audits(user)
    return reverse("capacity") if looks or user.is_platform_admin else None


def _requests_hit(authority: Any, key: str, value: int) -> list[str]:
    if key == PolicyRule.Key.QUOTA_ANSWER_DAYS:
        return _questions_hit(authority)
    if key not in {PolicyRule.Key.QUOTA_SECOND_GPUS, PolicyRule.Key.QUOTA_SECOND_MONTHS}:
        return []
    waiting = QuotaRequest.objects.filter(authority=authority, state__in=("submitted", "in_review"))
    count = waiting.count()
    if not count:
        return []
    text = ngettext(
        "%(n)d quota request that is not decided yet will be decided under the new value.",
        "%(n)d quota requests that are not decided yet will be decided under the new value.",
        count,
    )
    return [text % {"n": count}]


def _questions_hit(authority: Any) -> list[str]:
    count = QuotaRequest.objects.filter(authority=authority, state=QuotaRequest.State.INFO_REQUESTED).count()
    text = ngettext(
        "%(n)d quota request waits for an answer; its time is counted by the new value from the day of the question.",
        "%(n)d quota requests wait for an answer; their time is counted by the new value from the day of the question.",
        count,
    )
    return [text % {"n": count}] if count else []


def _grants_stopped(tenant: Any) -> list[str]:
    gpus = sum(
        Grant.objects.filter(tenant=tenant, state__in=("active", "expiring", "grace")).values_list("amount", flat=True)
    )
    if not gpus:
        return []
    text = ngettext(
        "Its quotas become zero: %(n)d GPU it may use now. Its grants are kept.",
        "Its quotas become zero: %(n)d GPUs it may use now. Its grants are kept.",
        gpus,
    )
    return [text % {"n": gpus}]


def _no_cluster_cleared(case: Any) -> list[str]:
    """Whether any cluster may hold data as sensitive as the application says."""
    known = dict(DataClass.choices)
    wanted = case.answers.get("data_class")
    asked = wanted if wanted in known else DataClass.PUBLIC
    cleared = Cluster.objects.filter(data_classes__contains=[asked], state=Cluster.State.ACTIVE).exists()
    if cleared or wanted not in known:
        return []
    text = _(
        "No cluster of this portal is cleared for data of the class “%(data)s” now, so nothing could run here with such "
        "data. You may apply all the same; the authority can tell you when one will be."
    )
    return [text % {"data": known[wanted]}]


def _requests_left(membership: Any) -> list[str]:
    """The requests that an approver took into review and that nobody has decided."""
    if not isinstance(membership, AuthorityMembership) or membership.role != AuthorityRole.QUOTA_APPROVER:
        return []
    shares = Share.objects.filter(authority=membership.authority).values("pool")
    rows = QuotaRequest.objects.filter(reviewer=membership.user, state__in=QuotaRequest.DECIDABLE)
    count = rows.filter(lines__pool__in=shares).distinct().count()
    if not count:
        return []
    text = ngettext(
        "%(n)d open request is in their review; another approver has to decide it.",
        "%(n)d open requests are in their review; another approver has to decide them.",
        count,
    )
    return [text % {"n": count}]
