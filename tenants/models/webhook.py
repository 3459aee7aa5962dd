from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel, isolated
from tenants import states
from tenants.models.authority import Authority
from tenants.models.tenant import Tenant

DECIDERS = ("decide_onboarding", "approve_quotas")


class WebhookQuerySet(ScopedQuerySet["Webhook"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "manage_members", "edit": "manage_members"}),
        Scope(
            "tenants.Authority",
            "authority",
            {"view": (*DECIDERS, "read_audit"), "edit": DECIDERS},
        ),
    )


class Webhook(PublicModel):
    """An address of a tenant's or an authority's that is told what happens there: ids, never contents.

    ``secret`` is sealed (portal.core.sealing) and signs each message; it is shown once. ``acts`` empty: all of them.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=2000)
    acts = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    secret = models.BinaryField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    failing_since = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tenant__isnull=False, authority__isnull=True)
                | Q(tenant__isnull=True, authority__isnull=False),
                name="webhook_of_one_place",
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="webhook_of_tenant"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="webhook_tenant_newest"),
            models.Index(fields=["authority", "-created_at", "-id"], name="webhook_authority_newest"),
        ]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        FAILING = "failing", _("Failing")
        PAUSED = "paused", _("Paused")

    def __str__(self) -> str:
        return isolated(self.name)

    @property
    def place(self) -> Tenant | Authority:
        found = self.tenant or self.authority
        assert found is not None, "a webhook belongs to one place"
        return found

    @property
    def state(self) -> str:
        if self.paused_at is not None:
            return self.State.PAUSED
        return self.State.FAILING if self.failing_since is not None else self.State.ACTIVE

    def get_state_display(self) -> str:
        return str(self.State(self.state).label)


class WebhookDeliveryQuerySet(ScopedQuerySet["WebhookDelivery"]):
    scopes = (
        Scope("tenants.Tenant", "webhook__tenant", {"view": "manage_members", "edit": "manage_members"}),
        Scope(
            "tenants.Authority",
            "webhook__authority",
            {"view": (*DECIDERS, "read_audit"), "edit": DECIDERS},
        ),
    )


class WebhookDelivery(PublicModel):
    """One message to one webhook: what was sent, how often it was tried, what was answered.

    ``body`` is kept as it is signed and sent. ``error``: a sentence's template and facts, said in the reader's
    language; ``lease_until`` and ``fence`` as in portal.core.outbox.
    """

    moves: ClassVar[Moves] = states.DELIVERY

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    act = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=states.DELIVERY.states), name="delivery_state_known"),
            models.UniqueConstraint(fields=["tenant", "id"], name="delivery_of_tenant"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["next_at"], name="delivery_due", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.act} to {self.webhook_id}"
