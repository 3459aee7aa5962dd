"""What an authority verifies: checks of applications and tenants, the catalogue they come from, the sanctions list."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.core.states import Moves
from portal.models import PublicModel
from tenants import states
from tenants.checks.catalogue import Catalogue, CheckRule, read, rule_of
from tenants.checks.findings import CLEARED, CONFIRMED, HIT, sentence
from tenants.models.authority import Authority
from tenants.models.document import CaseDocument
from tenants.models.onboarding import OFFICERS, OnboardingCase
from tenants.models.tenant import Tenant
from tenants.questions.texts import said


class CheckCatalogueQuerySet(ScopedQuerySet["CheckCatalogue"]):
    scopes = (Scope("tenants.Authority", "authority", {"view": "view_authority"}), SiteScope({"view", "edit"}))


class CheckCatalogue(PublicModel):
    """What an authority verifies, in one version; the newest is in force and older ones are kept. Authorities without
    one verify what the portal's standard says (tenants.checks.standard).
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="check_catalogues")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("checks"))
    reason = models.CharField(_("reason"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CheckCatalogueQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "version"], name="check_catalogue_version_once")
        ]
        verbose_name = _("catalogue of checks")
        verbose_name_plural = _("catalogues of checks")

    def __str__(self) -> str:
        return f"{self.authority}, {self.version}"

    @property
    def catalogue(self) -> Catalogue:
        return read(self.content)


class ComplianceCheckQuerySet(ScopedQuerySet["ComplianceCheck"]):
    scopes = (Scope("tenants.Authority", "authority", {**OFFICERS, "decide": "decide_onboarding"}),)


class ComplianceCheck(PublicModel):
    """One question about an application or a tenant, and what came of it. Internal: applicants and tenants are told
    what concerns them by ``tenants.queries.checks`` alone.

    ``rule`` is the entry of the catalogue as it was when the check was planned. A verdict is never edited: whoever looks
    again makes the next ``round`` of the same ``key``, and the last round is the ``current`` one. ``seen`` is a digest
    of the facts it is about, so that a change of these is noticed. What the method found stands as ``finding`` with its
    ``facts``, and is put into words by who reads it.

    Waiving, and clearing a hit of the sanctions list, take two people: ``proposed_by`` with a ``reason``, then
    ``verified_by`` with a ``remark``; without ``verified_by`` it was the portal itself.
    """

    moves: ClassVar[Moves] = states.CHECK

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PASSED = "passed", _("In order")
        FAILED = "failed", _("Not in order")
        WAIVED = "waived", _("Waived")
        EXPIRING = "expiring", _("Expires soon")
        EXPIRED = "expired", _("Expired")

    class Proposal(models.TextChoices):
        NONE = "", _("None")
        WAIVE = "waive", _("To be waived")
        CLEAR = "clear", _("Hit to be cleared")

    GOOD: ClassVar[frozenset[str]] = frozenset({State.PASSED, State.WAIVED, State.EXPIRING})
    """The states in which a required check stands in nobody's way."""

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, null=True, related_name="checks")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="checks")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField(default=1)
    current = models.BooleanField(default=True)
    rule = models.JSONField()
    method = models.CharField(_("method"), max_length=20)
    required = models.BooleanField(_("required"), default=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    seen = models.CharField(max_length=64, blank=True)
    finding = models.CharField(_("finding"), max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    ran_at = models.DateTimeField(null=True)
    evidence = models.TextField(_("evidence"), max_length=4000, blank=True)
    document = models.ForeignKey(CaseDocument, on_delete=models.PROTECT, null=True, related_name="+")
    proposal = models.CharField(max_length=10, choices=Proposal.choices, default=Proposal.NONE, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    reason = models.TextField(_("reason"), max_length=4000, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(_("verified"), null=True)
    remark = models.TextField(_("remark"), max_length=4000, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)

    objects = ComplianceCheckQuerySet.as_manager()
    described_with: ClassVar[tuple[str, ...]] = ("case", "tenant")

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["case", "key", "round"], name="check_of_case"),
            models.Index(fields=["tenant", "key"], name="check_of_tenant", condition=Q(current=True)),
            models.Index(fields=["authority", "state", "valid_until", "id"], name="check_of_authority"),
            models.Index(
                fields=["next_attempt_at", "id"], name="check_due",
                condition=Q(state="open", current=True, next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["valid_until", "id"], name="check_expiring",
                condition=Q(current=True, state__in=("passed", "expiring"), valid_until__isnull=False),
            ),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=states.CHECK.states), name="check_state_known"),
            models.CheckConstraint(condition=Q(case__isnull=False) | Q(tenant__isnull=False), name="check_of_something"),
            models.UniqueConstraint(
                fields=["case", "tenant", "key"], condition=Q(current=True), name="check_current_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["case", "tenant", "key", "round"], name="check_round_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(verified_at__isnull=False), name="check_verdict_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="waived")
                | (Q(proposal="waive", proposed_by__isnull=False, verified_by__isnull=False)
                   & ~Q(reason="") & ~Q(remark="") & ~Q(proposed_by=F("verified_by"))),
                name="check_waived_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(method="sanctions", state__in=("passed", "expiring", "expired"))
                | (Q(verified_by__isnull=True) & ~Q(finding=HIT))
                | (Q(proposal="clear", proposed_by__isnull=False, verified_by__isnull=False)
                   & ~Q(reason="") & ~Q(remark="") & ~Q(proposed_by=F("verified_by"))),
                name="check_cleared_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(method="sanctions") | ~Q(state="waived"), name="check_sanctions_never_waived"
            ),
        ]  # fmt: skip
        verbose_name = _("check")
        verbose_name_plural = _("checks")

    def __str__(self) -> str:
        return f"{self.title}: {self.tenant or self.case}"

    @property
    def about(self) -> OnboardingCase | Tenant:
        """The tenant, once there is one."""
        found = self.tenant or self.case
        assert found is not None, "the table has a constraint"
        return found

    @property
    def as_planned(self) -> CheckRule:
        return rule_of(self.rule)

    @property
    def title(self) -> str:
        return said(self.rule.get("title", {})) or self.key

    @property
    def help(self) -> str:
        return said(self.rule.get("help", {}))

    @property
    def found(self) -> str:
        """The finding in the reader's language; of a hit also what people said of it."""
        said_of_it = HIT_SAID.get(self.state, HIT) if self.finding == HIT else self.finding
        return sentence(said_of_it, self.facts)

    @property
    def is_hit(self) -> bool:
        """Whether the sanctions list may know somebody, and nobody has cleared or confirmed that."""
        return self.state == self.State.OPEN and self.finding == HIT

    @property
    def waits(self) -> bool:
        """Whether the portal looks at it by itself, soon or again."""
        return self.state == self.State.OPEN and self.next_attempt_at is not None

    @property
    def is_lapsed(self) -> bool:
        """Whether its last day is over, swept or not."""
        return self.valid_until is not None and self.valid_until <= timezone.now()


HIT_SAID = {"passed": CLEARED, "expiring": CLEARED, "expired": CLEARED, "failed": CONFIRMED}


class SanctionsList(PublicModel):
    """A version of the Union's consolidated list that was loaded. Only the current one's names are kept."""

    version = models.CharField(_("version"), max_length=60)
    published = models.DateTimeField(_("published"))
    sha256 = models.CharField(max_length=64)
    entities = models.PositiveIntegerField(default=0)
    spellings = models.PositiveIntegerField(default=0)
    current = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="sanctions_list_current_once")
        ]
        verbose_name = _("sanctions list")
        verbose_name_plural = _("sanctions lists")

    def __str__(self) -> str:
        return f"{self.version}, {self.published:%Y-%m-%d}"


class SanctionsName(models.Model):
    """One spelling of a name on the current list."""

    list = models.ForeignKey(SanctionsList, on_delete=models.CASCADE, related_name="names")
    entity = models.CharField(max_length=40)
    reference = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=500)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


def facts_of(finding: Any) -> dict[str, Any]:
    """The columns in which a finding is kept."""
    return {"finding": finding.code, "facts": dict(finding.facts)}
