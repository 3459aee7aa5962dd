"""What this app puts into the registries of the ground: navigation, home pages, steps of setting up, effects."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_countries import countries

from portal.core.access import powers
from portal.core.registry import (
    HomePage,
    NavEntry,
    SetupStep,
    Tile,
    application_notes,
    circles,
    claim_readers,
    deciding_powers,
    front_doors,
    home_pages,
    nav_entries,
    policy_effects,
    role_effects,
    setup_steps,
    tenant_tiles,
)
from tenants.models import Authority, AuthorityMembership, PolicyRule, Tenant
from tenants.queries import admitted, cases, checks, people, policies, thresholds
from tenants.roles import AuthorityRole
from tenants.services.claims import apply_claims
from tenants.services.setup import is_empty

SECOND = _("Administration")


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    _navigation()
    circles.add("authorities", people.authorities_of)
    circles.add("tenants", people.tenants_of)
    claim_readers.add("memberships", apply_claims)
    deciding_powers.add("officer", "decide_onboarding")
    deciding_powers.add("approver", "approve_quotas")
    front_doors.add("first-run", lambda: reverse("first-run") if is_empty() else None)
    home_pages.add("setup", HomePage(_setup_page), weight=5)
    home_pages.add("applications", HomePage(_officers_queue), weight=30)
    home_pages.add("tenant", HomePage(_own_tenant), weight=40)
    home_pages.add("case", HomePage(_own_case), weight=50)
    home_pages.add("authorities", HomePage(_administration), weight=60)
    policy_effects.add("cases", _cases_hit)
    tenant_tiles.add("admission", Tile("tenants/_tenant_admission.html", admitted.tile), weight=70)
    tenant_tiles.add("checks", Tile("tenants/_tenant_checks.html", checks.tile), weight=80)
    application_notes.add("country", _another_country, weight=10)
    role_effects.add("cases", _cases_left)
    setup_steps.add(
        "authority",
        SetupStep(
            _("An authority"), _("A public body that admits tenants and promises GPUs. Nobody can apply before."),
            "authorities", _("Register an authority"), Authority.objects.exists, form="authority-new",
        ),
        weight=10,
    )  # fmt: skip
    setup_steps.add(
        "staff",
        SetupStep(
            _("Staff"), _("An onboarding officer and a quota approver at an authority: administrators decide nothing."),
            "authorities", _("Add staff"), _has_staff, needs=("authority",),
        ),
        weight=20,
    )  # fmt: skip
    setup_steps.add(
        "policy",
        SetupStep(
            _("A policy"), _("Who decides alone, from how many GPUs a second person is asked, within how many days."),
            "policies", _("Read and set the policy"), PolicyRule.objects.exists, needs=("authority",),
        ),
        weight=80,
    )  # fmt: skip


def _navigation() -> None:
    officer = "decide_onboarding"
    nav_entries.add(
        "cases",
        NavEntry(
            "cases", _("Applications"), "file-check", _sees_cases,
            count=lambda user: cases.waiting_for_decision(user) if officer in powers(user) else 0, key="a", nav="cases",
        ),
        weight=30,
    )  # fmt: skip
    nav_entries.add(
        "tenants",
        NavEntry("tenants", _("Tenants"), "building-community", _works, key="t", nav="tenants"),
        weight=40,
    )
    nav_entries.add(
        "own",
        NavEntry("tenants", _("Your organisation"), "building-community", _only_belongs, key="t", nav="tenants"),
        weight=40,
    )
    nav_entries.add(
        "projects", NavEntry("projects", _("Projects"), "folder", _sees_tenants, key="p", nav="projects"), weight=45
    )
    nav_entries.add("apply", NavEntry("case-apply", _("Apply"), "plus", _may_want_to_apply, nav="apply"), weight=48)
    for name, label, icon, visible, weight in (
        ("setup", _("Setting up"), "list-check", _is_admin, 60),
        ("authorities", _("Authorities"), "building-bank", _is_admin, 62),
        ("people", _("People and roles"), "users", _is_admin_or_works, 74),
        ("claims", _("Roles by sign-in"), "key", _maps_claims, 75),
        ("policies", _("Policies"), "adjustments", _is_admin_or_works, 76),
        ("audit", _("Audit record"), "history", _reads_audit, 78),
        ("recertifications", _("Recertification"), "calendar", _works, 77),
        ("operations", _("Operations"), "list-check", _has_long_works, 79),
    ):
        nav_entries.add(name, NavEntry(name, label, icon, visible, group=SECOND, nav=name), weight=weight)


def _is_admin(user: Any) -> bool:
    return bool(user.is_platform_admin)


def _maps_claims(user: Any) -> bool:
    """Only where there is an identity provider whose claims could be mapped."""
    return bool(settings.OIDC_PROVIDERS) and _is_admin_or_works(user)


def _works(user: Any) -> bool:
    """Whether the person works for an authority."""
    return "view_authority" in powers(user)


def _only_belongs(user: Any) -> bool:
    """Whether the person is a tenant's and works for no authority: the list is short and theirs."""
    return "view_tenant" in powers(user) and not _works(user)


def _is_admin_or_works(user: Any) -> bool:
    return _is_admin(user) or _works(user)


def _sees_cases(user: Any) -> bool:
    """Officers and auditors; and whoever belongs nowhere yet and has applied."""
    if powers(user):
        return _works(user) and bool(powers(user) & {"decide_onboarding", "read_audit"})
    return not _is_admin(user) and cases.own_cases(user).exists()


def _sees_tenants(user: Any) -> bool:
    return bool(powers(user) & {"view_tenant", "view_authority"})


def _reads_audit(user: Any) -> bool:
    return _is_admin(user) or bool(powers(user) & {"read_audit", "operate_clusters"})


def _has_long_works(user: Any) -> bool:
    """Whoever may begin one: staff, and who looks after a tenant's people."""
    return _is_admin_or_works(user) or bool(powers(user) & {"manage_members", "operate_clusters"})


def _may_want_to_apply(user: Any) -> bool:
    return not powers(user) and not _is_admin(user)


def _setup_page(user: Any) -> str | None:
    """A platform admin begins with what is missing, until nothing is."""
    if not _is_admin(user) or all(step.done() for step in setup_steps):
        return None
    return reverse("setup")


def _officers_queue(user: Any) -> str | None:
    return reverse("cases") if "decide_onboarding" in powers(user) else None


def _own_tenant(user: Any) -> str | None:
    if "view_tenant" not in powers(user):
        return None
    own = Tenant.objects.visible_to(user).filter(memberships__user=user).order_by("name").first()
    return reverse("tenant", args=[own.public_id]) if own else None


def _own_case(user: Any) -> str | None:
    case = cases.own_cases(user).first()
    return reverse("case", args=[case.public_id]) if case else None


def _administration(user: Any) -> str | None:
    return reverse("authorities") if _is_admin(user) else None


def _another_country(case: Any) -> list[str]:
    """An organisation of one country that applies to the authority of another may have chosen the wrong one."""
    country = case.answers.get("country")
    if not country or country == case.authority.country.code:
        return []
    facts = {
        "authority": case.authority, "theirs": case.authority.country.name,
        "yours": countries.name(country), "organisation": case.organisation,
    }  # fmt: skip
    text = _(
        "%(authority)s is an authority of %(theirs)s, and the seat of %(organisation)s is in %(yours)s. "
        "If another authority decides about you, begin a new application there and withdraw this one."
    )
    return [text % facts]


def _has_staff() -> bool:
    roles = set(AuthorityMembership.objects.values_list("role", flat=True).distinct())
    return {"onboarding_officer", "quota_approver"} <= roles


def _cases_hit(authority: Any, key: str, value: int) -> list[str]:
    more, less = thresholds.cases_hit(authority, key, value)
    said = []
    if more:
        text = ngettext(
            "%(n)d open application will need a second officer before it is approved.",
            "%(n)d open applications will need a second officer before they are approved.",
            more,
        )
        said.append(text % {"n": more})
    if less:
        text = ngettext(
            "%(n)d open application can be approved by one officer alone.",
            "%(n)d open applications can be approved by one officer alone.",
            less,
        )
        said.append(text % {"n": less})
    return said


def _cases_left(membership: Any) -> list[str]:
    """The applications that an officer looks after."""
    if not isinstance(membership, AuthorityMembership) or membership.role != AuthorityRole.ONBOARDING_OFFICER:
        return []
    count = policies.undecided_cases(membership.authority, officer=membership.user)
    if not count:
        return []
    text = ngettext(
        "%(n)d open application is in their hands; another officer has to take it over.",
        "%(n)d open applications are in their hands; another officer has to take them over.",
        count,
    )
    return [text % {"n": count}]
