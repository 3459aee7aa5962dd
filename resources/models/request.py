from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, Visitor
from portal.core.states import Moves
from resources import states
from resources.models.cluster import Cluster
from resources.models.mode import AccessMode
from resources.models.pool import CapacityPool, GPUKind
from resources.quantities import gpu_hours
from tenants.models import Project
from tenants.models.tenant import Stage, TenantOwned


class SentScope(Scope):
    """A scope that begins with sending: what a tenant only drafts is nobody else's business."""

    def rows(self, user: Visitor, verb: str) -> Q | None:
        rows = super().rows(user, verb)
        return None if rows is None else rows & Q(submitted_at__isnull=False)


class QuotaRequestQuerySet(ScopedQuerySet["QuotaRequest"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "edit": "request_quotas"}),
        SentScope("tenants.Authority", "authority", {"view": "view_authority", "read_rules": "view_authority"}),
        SentScope(
            "tenants.Authority",
            "lines__pool__shares__authority",
            {"view": "approve_quotas", "decide": "approve_quotas"},
        ),
        SentScope(
            "tenants.Authority",
            "lines__kind__pools__shares__authority",
            {"view": "approve_quotas", "decide": "approve_quotas"},
            only=Q(lines__pool__isnull=True),
        ),
    )

    def open(self) -> QuotaRequestQuerySet:
        """Those that wait for somebody."""
        return self.filter(state__in=QuotaRequest.OPEN)


class QuotaRequest(TenantOwned):
    """A project asks for GPUs, or for a change of a grant. What was submitted is never edited; a change is a new
    revision, and ``RequestSubmission`` keeps each as it was sent.
    """

    moves: ClassVar[Moves] = states.REQUEST
    OPEN: ClassVar[tuple[str, ...]] = ("submitted", "in_review", "info_requested", "awaiting_second", "appealed")
    DECIDABLE: ClassVar[tuple[str, ...]] = ("submitted", "in_review", "awaiting_second", "appealed")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("New")
        IN_REVIEW = "in_review", _("In review")
        INFO_REQUESTED = "info_requested", _("Waiting for tenant")
        AWAITING_SECOND = "awaiting_second", _("Second approval")
        APPROVED = "approved", _("Approved")
        PARTIALLY_APPROVED = "partially_approved", _("Approved in part")
        REJECTED = "rejected", _("Refused")
        APPEALED = "appealed", _("Appealed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")

    class Change(models.TextChoices):
        NEW = "new", _("New GPUs")
        EXTENSION = "extension", _("Extension")
        INCREASE = "increase", _("Increase")
        TRANSFER = "transfer", _("Transfer to another project")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="requests", verbose_name=_("project"))
    change = models.CharField(_("asks for"), max_length=20, choices=Change.choices, default=Change.NEW, editable=False)
    grant = models.ForeignKey(
        "resources.Grant", on_delete=models.PROTECT, null=True, editable=False, related_name="changes"
    )
    mode = models.ForeignKey(
        AccessMode, on_delete=models.PROTECT, null=True, related_name="requests", verbose_name=_("access mode")
    )
    stage = models.CharField(_("life-cycle stage"), max_length=30, choices=Stage.choices, blank=True)
    mode_answers = models.JSONField(default=dict, blank=True)
    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    purpose = models.TextField(_("what you will do with it"), max_length=4000)
    state = models.CharField(_("state"), max_length=30, choices=State.choices, default=State.DRAFT)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    appealed_after = models.BigIntegerField(default=0, editable=False)
    """Id of the last decision before the tenant's appeal; 0: nobody appealed. What was decided until then stands no more."""

    objects = QuotaRequestQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="request_of_tenant"),
            models.CheckConstraint(condition=Q(state__in=states.REQUEST.states), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(change="new", grant__isnull=True) | (~Q(change="new") & Q(grant__isnull=False)),
                name="request_changes_a_grant",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="request_tenant_newest"),
            models.Index(fields=["authority", "-created_at", "-id"], name="request_authority_newest"),
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
            models.Index(
                fields=["id"], name="request_decidable",
                condition=Q(state__in=["submitted", "in_review", "awaiting_second", "appealed"]),
            ),
        ]  # fmt: skip
        verbose_name = _("quota request")
        verbose_name_plural = _("quota requests")

    def __str__(self) -> str:
        return self.reference

    described_with = ("tenant", "project")

    @property
    def described(self) -> str:
        """Whose request it is and for what, beside its reference."""
        return f"{self.tenant}, {self.project.name} ({self.reference})"

    @property
    def current_lines(self) -> models.QuerySet[RequestLine]:
        """What it asks for now: the lines of its newest revision, with what they point at."""
        return (
            self.lines.filter(revision=self.revision).select_related("pool__cluster", "cluster", "kind").order_by("pk")
        )


class RequestLine(TenantOwned):
    """So many GPUs of one kind, from–until (until is exclusive): of one pool, or where the decider places it, of any that
    is cleared for the project. A new revision has lines of its own.

    With ``budget_hours`` it asks for that many GPU-hours; ``amount`` is then the most GPUs at once, as the tenant wrote it
    (``capped``) or as an even pace needs them.
    """

    request = models.ForeignKey(QuotaRequest, on_delete=models.CASCADE, related_name="lines")
    revision = models.PositiveIntegerField(default=1, editable=False)
    cluster = models.ForeignKey(
        Cluster, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cluster")
    )
    kind = models.ForeignKey(
        GPUKind, on_delete=models.PROTECT, related_name="request_lines", verbose_name=_("GPU kind")
    )
    pool = models.ForeignKey(
        CapacityPool, on_delete=models.PROTECT, null=True, blank=True, related_name="request_lines"
    )
    amount = models.PositiveIntegerField(_("GPUs"), validators=[MinValueValidator(1)])
    budget_hours = models.PositiveIntegerField(_("GPU hours"), null=True, blank=True)
    capped = models.BooleanField(default=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="line_of_tenant"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="line_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="line_asks_for_something"),
            models.CheckConstraint(
                condition=Q(pool__isnull=True, cluster__isnull=True) | Q(pool__isnull=False, cluster__isnull=False),
                name="line_cluster_of_its_pool",
            ),
            models.CheckConstraint(
                condition=Q(budget_hours__isnull=True, capped=False)
                | Q(budget_hours__isnull=False, budget_hours__gt=0),
                name="line_budget_of_something",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind"], condition=Q(pool__isnull=True), name="line_anywhere")]

    def __str__(self) -> str:
        return f"{self.amount} {self.kind} on {self.cluster}" if self.cluster else f"{self.amount} {self.kind}"

    @property
    def asked(self) -> str:
        """What it asks for, without where and when: "48 H100 SXM", "900 GPU hours of A100"."""
        if self.budget_hours is None:
            return f"{self.amount} {self.kind}"
        return gettext("%(n)s GPU hours of %(kind)s") % {"n": f"{self.budget_hours:,}", "kind": self.kind}

    @property
    def unit(self) -> str:
        """What is asked for: "gpus" at once, or "gpu_hours" of a budget."""
        return "gpus" if self.budget_hours is None else "gpu_hours"

    @property
    def gpu_hours(self) -> int:
        """The budget, or what the GPUs are over the whole period."""
        return self.budget_hours or gpu_hours(self.amount, self.starts_at, self.ends_at)


class RequestSubmission(TenantOwned):
    """What was sent with one revision beside its lines, as it was sent. Insert-only; two of them are compared."""

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="submissions")
    revision = models.PositiveIntegerField()
    purpose = models.TextField(max_length=4000)
    stage = models.CharField(max_length=30, choices=Stage.choices, blank=True)
    mode_answers = models.JSONField(default=dict, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision"], name="submission_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="submission_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, revision {self.revision}"


class RequestAnswer(TenantOwned):
    """What the tenant said when it was asked for changes; ``revision`` is the one that the answer made."""

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="answers")
    revision = models.PositiveIntegerField()
    text = models.TextField(_("answer"), max_length=4000)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision"], name="answer_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="answer_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, revision {self.revision}"
