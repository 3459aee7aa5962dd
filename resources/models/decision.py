from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from resources.models.pool import CapacityPool, Share
from resources.models.request import QuotaRequest, RequestLine
from resources.models.rule import AutoRule
from tenants.models import Authority
from tenants.models.tenant import TenantOwned


class Decision(TenantOwned):
    """One step by one decider about the lines that one authority pays; never edited.

    Several authorities may decide one request, each on lines of its own. ``answers``: the step that this one confirms,
    sends back, refuses or takes back.
    """

    class Outcome(models.TextChoices):
        APPROVE = "approve", _("Approve in full")
        APPROVE_PART = "approve_part", _("Approve in part")
        REJECT = "reject", _("Refuse")
        ASK = "ask", _("Ask for changes")
        SEND_BACK = "send_back", _("Send back to review")
        TAKE_BACK = "take_back", _("Take back")

    GIVES: ClassVar[tuple[str, ...]] = ("approve", "approve_part")
    UNDOES: ClassVar[tuple[str, ...]] = ("send_back", "take_back", "reject")

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="decisions")
    revision = models.PositiveIntegerField()
    step = models.PositiveSmallIntegerField()
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    deciding_authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField(_("reason"), max_length=4000, blank=True)
    over_line = models.BooleanField(default=False)
    second_because = models.CharField(max_length=40, blank=True, editable=False)
    """Which rule wants a second person for it ("line": it passes the policy line); blank: one person is enough."""
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, editable=False, related_name="answered_by")
    rule = models.ForeignKey(AutoRule, on_delete=models.PROTECT, null=True, editable=False, related_name="decisions")
    """The version of a rule that took it; the decider is then who put it in force, and did not look at the request."""

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision", "step"], name="decision_step_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="decision_of_tenant"),
            models.UniqueConstraint(fields=["answers"], name="decision_answered_once"),
            models.CheckConstraint(
                condition=Q(rule__isnull=True)
                | Q(outcome="approve", over_line=False, second_because="", answers__isnull=True),
                name="decision_by_rule_only_approves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.request}"

    @property
    def taken_by(self) -> str:
        """Who took it, as people read it: a rule in its version, or a person."""
        return self.rule.cited if self.rule else str(self.decider)


class DecisionLine(TenantOwned):
    """How much of one line this step grants, when, and from whose share; 0 refuses the line.

    The pool is the share's. ``budget_hours`` is what it gives of a line that asked for GPU-hours. Without a period of its own it is the line's. ``closes`` False: what is left of the line
    stays open to other authorities.
    """

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(RequestLine, on_delete=models.PROTECT, related_name="decisions")
    share = models.ForeignKey(Share, on_delete=models.PROTECT, null=True, related_name="+")
    granted = models.PositiveIntegerField()
    budget_hours = models.PositiveIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closes = models.BooleanField(default=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "line"], name="decision_line_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="decision_line_of_tenant"),
            models.CheckConstraint(
                condition=Q(granted=0) | Q(share__isnull=False), name="decision_line_is_paid_from_a_share"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="decision_line_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.granted} for {self.line}"

    @property
    def begins(self) -> datetime:
        return self.starts_at or self.line.starts_at

    @property
    def ends(self) -> datetime:
        return self.ends_at or self.line.ends_at

    @property
    def pool(self) -> CapacityPool | None:
        """Where it is granted; None of a line that is refused."""
        return self.share.pool if self.share else None
