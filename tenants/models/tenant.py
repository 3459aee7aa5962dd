from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from guardian.models import UserObjectPermissionBase

from portal.core.access import PersonScope, Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel, isolated
from tenants import states
from tenants.models.authority import Authority, MembershipBase
from tenants.roles import TenantRole


class OrganisationKind(models.TextChoices):
    PUBLIC_AGENCY = "public_agency", _("Public agency")
    REGIONAL_AUTHORITY = "regional_authority", _("Regional authority")
    INDUSTRY = "industry", _("Industry")
    STARTUP = "startup", _("Start-up or SME")
    ACADEMIA = "academia", _("University or research")
    EDUCATION = "education", _("School or training")
    HEALTH = "health", _("Hospital or health service")
    JUSTICE = "justice", _("Court, prosecution or police")
    NONPROFIT = "nonprofit", _("Association, foundation or other non-profit")


class DataClass(models.TextChoices):
    """How sensitive the data may be; a cluster is cleared for a set of these."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    RESTRICTED = "restricted", _("Restricted")


class Stage(models.TextChoices):
    DATA_PREPARATION = "data_preparation", _("Data preparation")
    TRAINING = "training", _("Training")
    FINE_TUNING = "fine_tuning", _("Fine-tuning")
    INFERENCE = "inference", _("Inference")
    EDGE = "edge", _("Edge")


class TenantQuerySet(ScopedQuerySet["Tenant"]):
    scopes = (
        Scope(
            "tenants.Tenant",
            "",
            {
                "view": "view_tenant",
                "manage_members": "manage_members",
                "manage_projects": "manage_projects",
                "request": "request_quotas",
                "audit": "read_audit",
            },
        ),
        Scope(
            "tenants.Authority",
            "authority",
            {"view": "view_authority", "decide": "decide_onboarding", "audit": "read_audit"},
        ),
    )


class Tenant(PublicModel):
    """An organisation that an authority admitted. Its data class and residency bind where its work may run."""

    moves: ClassVar[Moves] = states.TENANT

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        OFFBOARDING = "offboarding", _("Leaving")
        CLOSED = "closed", _("Closed")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="tenants")
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind.choices)
    country = CountryField(_("country"))
    legal_id = models.CharField(_("legal id"), max_length=60, blank=True)
    data_class = models.CharField(_("data class"), max_length=20, choices=DataClass.choices)
    residency = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries its data may be in")
    )
    contact_email = models.EmailField(_("contact address"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.ACTIVE)

    objects = TenantQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [
            ("view_tenant", "sees the tenant's projects, quotas and use"),
            ("manage_members", "invites people and gives roles"),
            ("manage_projects", "opens and changes projects"),
            ("request_quotas", "asks for GPUs"),
            ("read_audit", "reads the tenant's own audit trail"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "id"], name="tenant_of_authority"),
            models.CheckConstraint(condition=models.Q(state__in=states.TENANT.states), name="tenant_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["authority", "-created_at", "-id"], name="tenant_authority_newest"),
            models.Index(fields=["authority", "legal_id"], name="tenant_by_legal_id"),
        ]
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")

    def __str__(self) -> str:
        return isolated(self.name)


class TenantUserPermission(UserObjectPermissionBase):
    """Guardian's direct-foreign-key table of this anchor; written by portal.core.access alone."""

    content_object = models.ForeignKey(Tenant, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class TenantOwned(PublicModel):
    """A row of one tenant. It carries the authority too, so that every permission path is one join short."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="%(class)ss")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        default_permissions = ()


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "edit": "manage_members", "end": "manage_members"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
        PersonScope("user", {"view", "end"}),
    )


class Membership(MembershipBase):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="memberships")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=30, choices=TenantRole.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta(MembershipBase.Meta):
        constraints: ClassVar = [
            *MembershipBase.Meta.constraints,
            models.UniqueConstraint(fields=["tenant", "id"], name="membership_of_tenant"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "tenant"], name="membership_user"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="membership_tenant_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.tenant}"


class ProjectQuerySet(ScopedQuerySet["Project"]):
    scopes = (
        Scope(
            "tenants.Tenant",
            "tenant",
            {"view": "view_tenant", "edit": "manage_projects", "end": "manage_projects", "request": "request_quotas"},
        ),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
    )


class Project(TenantOwned):
    """A named purpose of a tenant; what GPUs are asked for."""

    name = models.CharField(_("name"), max_length=150)
    slug = models.SlugField(_("short name"), max_length=60)
    purpose = models.TextField(_("purpose"), max_length=4000, blank=True)
    stage = models.CharField(_("life-cycle stage"), max_length=30, choices=Stage.choices)
    data_class = models.CharField(_("data class"), max_length=20, choices=DataClass.choices)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="project_slug_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="project_of_tenant"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="project_tenant_newest"),
            models.Index(fields=["authority", "-created_at", "-id"], name="project_authority_newest"),
        ]
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    def __str__(self) -> str:
        return isolated(self.name)
