"""Checks as pages and services read them: for officers all of it, for applicants and tenants what concerns them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.isolation import as_worker
from portal.models import User
from tenants.checks import standard
from tenants.checks.catalogue import BY_ITSELF, Catalogue
from tenants.checks.findings import HIT
from tenants.checks.sanctions import Index, Spelling
from tenants.models import (
    Authority,
    CheckCatalogue,
    ComplianceCheck,
    OnboardingCase,
    SanctionsList,
    SanctionsName,
    Tenant,
)
from tenants.models.compliance import CheckCatalogueQuerySet, ComplianceCheckQuerySet
from tenants.queries.cases import near
from tenants.queries.people import stands_in
from tenants.queries.policies import OPEN
from tenants.queries.standing import eyes, objection_of
from tenants.roles import AuthorityRole

State = ComplianceCheck.State
DECIDED_AGAINST = frozenset(
    {OnboardingCase.State.REJECTED, OnboardingCase.State.WITHDRAWN, OnboardingCase.State.LAPSED}
)
Proposal = ComplianceCheck.Proposal
BESIDE = ("case__authority", "tenant__authority", "document", "proposed_by", "proposed_for", "verified_by", "on_behalf_of")  # fmt: skip
FAILING, UNDECIDED, ENDING = "failing", "open", "ending"
RUNS = Q(case__state__in=OPEN, tenant=None) | Q(tenant__state__in=(Tenant.State.ACTIVE, Tenant.State.SUSPENDED))
"""Checks that still matter: of applications that are not over, and of tenants that are here."""


def set_of(authority: Authority | int) -> CheckCatalogue | None:
    """The newest version of the authority's own; None: it verifies what the standard says."""
    return CheckCatalogue.objects.filter(authority=authority).order_by("-version").first()


def catalogue_of(authority: Authority | int) -> Catalogue:
    """What the authority verifies today."""
    found = set_of(authority)
    return found.catalogue if found else standard.catalogue()


def content_of(authority: Authority | int) -> dict[str, Any]:
    found = set_of(authority)
    content: dict[str, Any] = found.content if found else standard.content()
    return content


def versions(authority: Authority) -> CheckCatalogueQuerySet:
    return CheckCatalogue.objects.filter(authority=authority).select_related("set_by").order_by("-version")


def current_of(about: OnboardingCase | Tenant) -> list[ComplianceCheck]:
    """The last round of every check, what needs somebody first."""
    rows = ComplianceCheck.objects.filter(_of(about), current=True).select_related(*BESIDE)
    return sorted(rows, key=lambda check: (_rank(check), check.pk))


def rounds_of(check: ComplianceCheck) -> QuerySet[ComplianceCheck]:
    """The rounds before this one, the latest first."""
    rows = ComplianceCheck.objects.filter(_of(check.about), key=check.key, round__lt=check.round)
    return rows.select_related(*BESIDE).order_by("-round")


def _of(about: OnboardingCase | Tenant) -> Q:
    return Q(tenant=about) if isinstance(about, Tenant) else Q(case=about)


def _rank(check: ComplianceCheck) -> int:
    """Reds first: a hit, what failed or ended, what waits for a second person, for somebody, for the portal."""
    if check.is_hit:
        return 0
    if check.state in {State.FAILED, State.EXPIRED}:
        return 1 if check.required else 4
    if check.proposal and check.state == State.OPEN:
        return 2
    if check.state == State.OPEN:
        return 3 if check.required else 5
    return 6 if check.state == State.EXPIRING else 7


@dataclass(frozen=True)
class Summary:
    """How an application or a tenant stands: counts, and the sentences that say why it is not in order."""

    total: int
    good: int
    hits: int
    failed: int
    undecided: int
    running: int
    proposed: int
    ending: int
    why: list[str]

    @property
    def tone(self) -> str:
        if self.hits or self.failed:
            return "bad"
        return "warn" if self.undecided or self.ending else "good"


def summary(checks: Sequence[ComplianceCheck]) -> Summary:
    counts: Counter[str] = Counter()
    why = []
    for check in checks:
        good = check.state in ComplianceCheck.GOOD
        counts["good"] += good
        counts["hits"] += check.is_hit
        counts["failed"] += check.state in {State.FAILED, State.EXPIRED}
        counts["running"] += check.waits
        counts["undecided"] += check.state == State.OPEN and not check.is_hit
        counts["proposed"] += bool(check.proposal) and check.state == State.OPEN
        counts["ending"] += check.state == State.EXPIRING
        if check.required and not good:
            why.append(f"{check.title}: {check.found or check.get_state_display()}")
    return Summary(
        len(checks), counts["good"], counts["hits"], counts["failed"], counts["undecided"], counts["running"],
        counts["proposed"], counts["ending"], why,
    )  # fmt: skip


def in_the_way(checks: Sequence[ComplianceCheck]) -> list[ComplianceCheck]:
    """Required checks that are neither in order nor waived."""
    return [check for check in checks if check.required and check.state not in ComplianceCheck.GOOD]


@dataclass(frozen=True)
class Panel:
    """The checks on a page: whole for officers, else ``told`` alone."""

    rows: list[ComplianceCheck]
    summary: Summary | None
    told: list[Told]


def panel(about: OnboardingCase | Tenant, *, inside: bool) -> Panel:
    """``inside``: the reader works for the authority and stands on no side."""
    if not inside:
        return Panel([], None, told(about))
    rows = current_of(about)
    return Panel(rows, summary(rows), [])


def tile(tenant: Tenant, user: User) -> dict[str, Any]:
    """The checks of a tenant as its page shows them to this person."""
    works = ComplianceCheck.objects.visible_to(user).filter(tenant=tenant).exists()
    return {"checks": panel(tenant, inside=works and not stands_in(user, tenant))}


@dataclass(frozen=True)
class Told:
    """What an applicant or a tenant reads of one check: its name, how it stands, what to do, until when it is valid."""

    key: str
    title: str
    state: str
    state_text: str
    text: str
    valid_until: datetime | None


def told(about: OnboardingCase | Tenant) -> list[Told]:
    """The checks that concern the organisation itself: nothing internal, nothing of lists and of others.

    The table is shut to tenants and applicants; this is the one door through which something of it reaches them.
    """
    with as_worker():
        rows = list(ComplianceCheck.objects.filter(_of(about), current=True).order_by("pk"))
    over = isinstance(about, OnboardingCase) and about.state in DECIDED_AGAINST
    return [
        _cut(row, over=over)
        for row in rows
        if row.rule.get("told") and row.method not in {"sanctions", "duplicate", "register"}
    ]


def _cut(row: ComplianceCheck, *, over: bool) -> Told:
    state, label = row.state, row.get_state_display()
    if state == State.OPEN:
        label = _("Not settled") if over else _("Being looked at")
    text = row.help
    if state == State.FAILED:  # what the rule found; an officer's own words stay inside
        text = row.found if row.verified_by_id is None else row.help
    return Told(row.key, row.title, state, str(label), text, row.valid_until)


def conflict(check: ComplianceCheck, user: User) -> str:
    """Why this check is not for this person to decide; "" when nothing is in the way."""
    rule = second_too_near if check.state == State.OPEN and check.proposal else of_its_side
    return objection_of(user, check.authority_id, AuthorityRole.ONBOARDING_OFFICER, lambda who: rule(check, who))


def second_too_near(check: ComplianceCheck, user: User) -> str:
    """Likewise of the second of two people: neither the first, nor whoever stands in for them."""
    if why := of_its_side(check, user):
        return why
    if check.proposed_by_id == user.pk:
        return _("You proposed this. A second officer has to look at it now; nothing happens until then.")
    if check.proposed_at and eyes(user, check.proposed_at) & {check.proposed_by_id, check.proposed_for_id}:
        return _(
            "%(person)s proposed this, and one of you stands in for the other. A third officer has to look at it now."
        ) % {"person": check.proposed_by.get_full_name() if check.proposed_by else ""}
    return ""


def of_its_side(check: ComplianceCheck, user: User) -> str:
    """Why the person belongs to the organisation that is checked; "" when they do not."""
    if check.case is not None and (why := near(check.case, user)):
        return why
    if check.tenant is not None and stands_in(user, check.tenant):
        return _("You are a member of %(tenant)s, so another officer has to decide about it.") % {
            "tenant": check.tenant.name
        }
    return ""


def apart_from(rows: ComplianceCheckQuerySet, user: User) -> ComplianceCheckQuerySet:
    """Without checks of what the person wrote or belongs to: those are nothing for them to read, whatever their role."""
    mine = OnboardingCase.objects.filter(Q(submitted_by=user) | Q(members__user=user))
    return rows.exclude(case__in=mine.values("pk")).exclude(tenant__memberships__user=user)


def cases_with(rows: Any, what: Sequence[str], reader: User) -> Any:
    """Applications with a current required check that is not in order (``failing``) or undecided (``open``), and that
    the reader may see.
    """
    found = Q()
    if FAILING in what:
        found |= Q(state=State.FAILED) | Q(state=State.EXPIRED) | Q(state=State.OPEN, finding=HIT)
    if UNDECIDED in what:
        found |= Q(state=State.OPEN)
    checks = ComplianceCheck.objects.visible_to(reader).filter(found, case=OuterRef("pk"), current=True, required=True)
    return rows.filter(Exists(checks)) if found else rows


def due(now: datetime | None = None) -> QuerySet[ComplianceCheck]:
    """Checks that the portal does by itself and whose time has come."""
    rows = ComplianceCheck.objects.filter(RUNS, state=State.OPEN, current=True, method__in=BY_ITSELF)
    return rows.filter(next_attempt_at__lte=now or timezone.now())


def current_list() -> SanctionsList | None:
    return SanctionsList.objects.filter(current=True).first()


@lru_cache(maxsize=1)
def index_of(list_id: int) -> Index:
    """The names of a list, kept in this process until another list is asked."""
    rows = SanctionsName.objects.filter(list=list_id).values_list("entity", "reference", "kind", "name")
    return Index(Spelling(*row) for row in rows.iterator(chunk_size=5000))


def is_stale(found: SanctionsList, days: int) -> bool:
    return found.published < timezone.now() - timedelta(days=days)
