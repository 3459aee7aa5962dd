from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from resources import states
from resources.models.grant import Grant
from resources.models.step import Step
from tenants.models.tenant import TenantOwned


class IdleFindingQuerySet(ScopedQuerySet["IdleFinding"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "answer": "request_quotas"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        Scope("tenants.Authority", "grant__share__authority", {"view": "approve_quotas", "decide": "approve_quotas"}),
    )

    def open(self) -> IdleFindingQuerySet:
        """Those that wait for somebody."""
        return self.filter(state__in=IdleFinding.OPEN)


class IdleFinding(TenantOwned):
    """GPUs of a grant that hardly anything used for long, as measured; and what became of it.

    ``gpus``: so many of the grant stood idle in 95 of 100 measured hours from ``since`` to ``until``, in which at most
    ``busy`` GPUs of all the tenant's there were busy. ``notices``: how often its people were told. ``asked_gpus`` and
    ``first_by``: what the first person wants to take back where a second has to agree. ``given_back``: GPUs given up at
    ``closed_at``, which are ``saved_hours`` GPU-hours until the grant would have ended.
    """

    moves: ClassVar[Moves] = states.IDLE
    OPEN: ClassVar[tuple[str, ...]] = ("open", "notified", "justified", "escalated", "awaiting_second")

    DECIDABLE: ClassVar[tuple[str, ...]] = ("justified", "escalated", "awaiting_second")

    class State(models.TextChoices):
        OPEN = "open", _("Found")
        NOTIFIED = "notified", _("Tenant was told")
        JUSTIFIED = "justified", _("Tenant gave a reason")
        ESCALATED = "escalated", _("With the approver")
        AWAITING_SECOND = "awaiting_second", _("Second approval")
        RELEASED = "released", _("Given back")
        RECLAIMED = "reclaimed", _("Taken back")
        DISMISSED = "dismissed", _("Closed")

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="idle_findings")
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    gpus = models.PositiveIntegerField()
    busy = models.PositiveIntegerField()
    promised = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    hours = models.PositiveIntegerField()
    notices = models.PositiveSmallIntegerField(default=0)
    noticed_at = models.DateTimeField(null=True)
    reason = models.TextField(_("what they are kept for"), max_length=4000, blank=True)
    needed_until = models.DateTimeField(null=True)
    quiet_until = models.DateTimeField(null=True)
    asked_gpus = models.PositiveIntegerField(null=True)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    given_back = models.PositiveIntegerField(default=0)
    saved_hours = models.PositiveBigIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    objects = IdleFindingQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="idle_of_tenant"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(state__in=("open", "notified", "justified", "escalated", "awaiting_second")),
                name="idle_open_once",
            ),
            models.CheckConstraint(condition=Q(state__in=states.IDLE.states), name="idle_state_known"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="idle_measured_for_a_time"),
            models.CheckConstraint(condition=Q(gpus__gt=0), name="idle_is_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=("released", "reclaimed")) | Q(given_back=0, saved_hours=0),
                name="idle_gives_back_when_it_ends",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="idle_tenant_newest"),
            models.Index(fields=["authority", "-created_at", "-id"], name="idle_authority_newest"),
            models.Index(fields=["-created_at", "-id"], name="idle_newest"),
        ]
        verbose_name = _("idle finding")
        verbose_name_plural = _("idle findings")

    described_with = ("tenant", "grant__pool__kind", "grant__pool__cluster")

    def __str__(self) -> str:
        return gettext("%(n)d idle %(kind)s of %(tenant)s") % {
            "n": self.gpus, "kind": self.grant.pool.kind, "tenant": self.tenant,
        }  # fmt: skip

    @property
    def described(self) -> str:
        """Whose they are, how many and where: what a notification says."""
        said = ngettext(
            "%(n)d idle %(kind)s of %(tenant)s on %(cluster)s", "%(n)d idle %(kind)s of %(tenant)s on %(cluster)s",
            self.gpus,
        )  # fmt: skip
        return said % {
            "n": self.gpus, "kind": self.grant.pool.kind, "tenant": self.tenant, "cluster": self.grant.pool.cluster,
        }  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class IdleStep(Step):
    """One thing that happened to a finding; ``gpus``: of how many it speaks."""

    class Act(models.TextChoices):
        FOUND = "found", _("found them idle")
        TOLD = "told", _("told the tenant")
        JUSTIFIED = "justified", _("said what they are kept for")
        RELEASED = "released", _("gave GPUs back")
        ACCEPTED = "accepted", _("accepted the reason")
        ESCALATED = "escalated", _("passed it to the approvers")
        REFUSED = "refused", _("did not accept the reason")
        PROPOSED = "proposed", _("wants to take GPUs back")
        SENT_BACK = "sent_back", _("did not agree to taking them back")
        RECLAIMED = "reclaimed", _("took GPUs back")
        DISMISSED = "dismissed", _("closed it")
        USED = "used", _("saw them in use again and closed it")
        ENDED = "ended", _("closed it, because the grant is over")

    finding = models.ForeignKey(IdleFinding, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=20, choices=Act.choices)
    gpus = models.PositiveIntegerField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "id"], name="idle_step_of_tenant")]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.finding}"
