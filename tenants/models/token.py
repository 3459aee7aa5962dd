from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import PersonScope, Scope, ScopedQuerySet
from portal.core.bounds import Bound
from portal.models import PublicModel, isolated
from tenants.models.authority import Authority
from tenants.models.tenant import Tenant


class TokenScope(models.TextChoices):
    """What a token may do; each at most as far as the person's own roles go. Decisions and roles are no scope."""

    READ = "read", _("Read")
    REQUESTS = "requests:write", _("Ask for GPUs")
    PROJECTS = "projects:write", _("Open and change projects")
    ONBOARDING = "onboarding:write", _("Write and send applications")
    MAINTENANCE = "maintenance:write", _("Put clusters into maintenance and back")


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    scopes = (
        PersonScope("user", {"view", "revoke"}),
        Scope("tenants.Tenant", "tenant", {"view": "manage_members", "revoke": "manage_members"}),
    )

    def in_force(self) -> ApiTokenQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ApiToken(PublicModel):
    """A machine's right to act as a person, on one tenant, authority or provider, within scopes, until a day.

    The token itself is shown once; kept are its hash (knox) and its first characters, by which it is found. A provider
    is known by label and number, since its table belongs to an upper floor.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Valid")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    anchor_label = models.CharField(max_length=60, blank=True, editable=False)
    anchor_id = models.BigIntegerField(null=True, editable=False)
    anchor_public_id = models.UUIDField(null=True, editable=False)
    anchor_name = models.CharField(max_length=200, blank=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=30, choices=TokenScope.choices), verbose_name=_("may"))
    networks = ArrayField(models.CharField(max_length=50), default=list, blank=True, verbose_name=_("networks"))
    token_key = models.CharField(max_length=25, db_index=True, editable=False)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_from = models.GenericIPAddressField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tenant__isnull=False, authority__isnull=True, anchor_id__isnull=True)
                | Q(tenant__isnull=True, authority__isnull=False, anchor_id__isnull=True)
                | Q(tenant__isnull=True, authority__isnull=True, anchor_id__isnull=False),
                name="token_is_bound_to_one_place",
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_may_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_ends_after_it_begins"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="token_user_newest"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="token_tenant_newest"),
        ]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return isolated(self.name)

    @property
    def place(self) -> Tenant | Authority | str:
        """Where it is valid; a provider by the name it had then."""
        return self.tenant or self.authority or isolated(self.anchor_name)

    @property
    def bound(self) -> Bound:
        if self.tenant_id is not None:
            return Bound("tenants.Tenant", self.tenant_id, "tenant")
        if self.authority_id is not None:
            return Bound("tenants.Authority", self.authority_id, "authority")
        assert self.anchor_id is not None, "a token is bound to one place"
        return Bound(self.anchor_label, self.anchor_id, self.anchor_label.rpartition(".")[2].lower())

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.ACTIVE if self.expires_at > timezone.now() else self.State.EXPIRED

    def get_state_display(self) -> str:
        return str(self.State(self.state).label)
