from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from resources import states
from resources.models.decision import Decision
from resources.models.request import QuotaRequest
from resources.models.request_document import RequestDocument
from resources.models.step import Step
from tenants.models.tenant import TenantOwned


class GrantConditionQuerySet(ScopedQuerySet["GrantCondition"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "answer": "request_quotas"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope(
            "tenants.Authority",
            "decision__deciding_authority",
            {"view": "approve_quotas", "decide": "approve_quotas"},
        ),
    )

    def watched(self) -> GrantConditionQuerySet:
        """Those that hold and are not settled yet."""
        return self.filter(state__in=GrantCondition.WATCHED)


class GrantCondition(TenantOwned):
    """Something that a tenant has to do by a day, under which it was granted GPUs. Its text and its day never change.

    Part of the step ``decision``; it holds when what the step gives is granted. ``due_at``: the moment after its last
    day, by the clocks of the authority that set it. ``note``, ``document``: what the tenant said last of how it is met.
    ``closed_by``: who found it met, or lifted it. ``reminded``: the fewest days before its day of which people were
    reminded; ``suspended_at``: when an approver suspended the grants for it.
    """

    moves: ClassVar[Moves] = states.CONDITION
    WATCHED: ClassVar[tuple[str, ...]] = ("open", "said_met", "overdue")
    TO_MEET: ClassVar[tuple[str, ...]] = ("open", "overdue")
    WITH_APPROVER: ClassVar[tuple[str, ...]] = ("said_met", "overdue")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        OPEN = "open", _("Open")
        SAID_MET = "said_met", _("Met, says the tenant")
        OVERDUE = "overdue", _("Overdue")
        MET = "met", _("Met")
        LIFTED = "lifted", _("Lifted")
        DROPPED = "dropped", _("Dropped")
        ENDED = "ended", _("Over with the grant")

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="conditions")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("condition"), max_length=500)
    due_at = models.DateTimeField(_("by"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PROPOSED)
    note = models.TextField(_("how it is met"), max_length=4000, blank=True)
    document = models.ForeignKey(RequestDocument, on_delete=models.PROTECT, null=True, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    said_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(null=True)
    suspended_at = models.DateTimeField(null=True)

    objects = GrantConditionQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="grant_condition_of_tenant"),
            models.UniqueConstraint(fields=["decision", "number"], name="grant_condition_once"),
            models.CheckConstraint(condition=Q(state__in=states.CONDITION.states), name="grantcondition_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=("met", "lifted"), closed_by__isnull=False, closed_at__isnull=False)
                | ~Q(state__in=("met", "lifted")),
                name="grant_condition_closed_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="condition_tenant_newest"),
            models.Index(fields=["-created_at", "-id"], name="condition_newest"),
            models.Index(fields=["due_at", "id"], name="condition_next", condition=Q(state__in=("open", "overdue"))),
        ]
        verbose_name = _("condition of a grant")
        verbose_name_plural = _("conditions of grants")

    described_with = ("request", "tenant")

    def __str__(self) -> str:
        return Truncator(self.text).chars(80)

    @property
    def described(self) -> str:
        """Whose it is and of which request, beside its text."""
        return gettext("%(text)s (%(tenant)s, %(reference)s)") % {
            "text": self, "tenant": self.tenant, "reference": self.request.reference,
        }  # fmt: skip

    @property
    def last_day(self) -> date:
        """The last day on which it can be met in time, by the clocks of the authority that set it."""
        zone = ZoneInfo(self.decision.deciding_authority.time_zone)
        return timezone.localtime(self.due_at - timedelta(microseconds=1), zone).date()

    @property
    def is_watched(self) -> bool:
        return self.state in self.WATCHED


class GrantConditionStep(Step):
    """One thing that happened to a condition."""

    class Act(models.TextChoices):
        SET = "set", _("set it")
        HOLDS = "holds", _("granted the GPUs, and it holds from then on")
        DROPPED = "dropped", _("dropped it with the step that it was part of")
        REMINDED = "reminded", _("reminded the tenant")
        OVERDUE = "overdue", _("found its day passed and told both sides")
        SAID_MET = "said_met", _("said that it is met")
        CONFIRMED = "confirmed", _("found it met")
        SENT_BACK = "sent_back", _("did not find it met")
        LIFTED = "lifted", _("lifted it")
        SUSPENDED = "suspended", _("suspended the grants for it")
        RESUMED = "resumed", _("gave the suspended grants back")
        SHORTENED = "shortened", _("let the grants end earlier for it")
        ENDED = "ended", _("closed it, because nothing of the grant is left")

    condition = models.ForeignKey(GrantCondition, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=20, choices=Act.choices)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="grant_condition_step_of_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.condition}"
