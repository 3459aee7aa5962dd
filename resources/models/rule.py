from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.models import PublicModel
from resources.models.request import QuotaRequest
from tenants.models import Authority, DataClass
from tenants.models.tenant import TenantOwned


class AutoRuleQuerySet(ScopedQuerySet["AutoRule"]):
    scopes = (Scope("tenants.Authority", "authority", {"view": "view_authority", "edit": "approve_quotas"}),)

    def in_force(self) -> AutoRuleQuerySet:
        """Those that decide now, in the order in which they are asked."""
        return self.filter(activated_at__isnull=False, ended_at__isnull=True).order_by("position", "slug")


class AutoRule(PublicModel):
    """What an authority lets the portal approve by itself, in one version: everything it says has to hold.

    It approves in full or leaves the request to people. One person writes a version, another puts it in force and is
    responsible for what it decides: it decides in their right, for as long as they have it. A version that was in force is
    never edited (the database holds that too); a decision keeps the version that took it.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="auto_rules")
    slug = models.SlugField(_("short name"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("place in the order"), default=100)
    modes = ArrayField(models.CharField(max_length=40), verbose_name=_("access modes"), default=list, blank=True)
    tenant_kinds = ArrayField(
        models.CharField(max_length=30), verbose_name=_("kinds of organisation"), default=list, blank=True
    )
    kinds = ArrayField(models.UUIDField(), verbose_name=_("GPU kinds"), default=list, blank=True)
    """Public ids; empty: GPUs of any kind."""
    max_data_class = models.CharField(
        _("most sensitive data, at most"), max_length=20, choices=DataClass.choices, default=DataClass.INTERNAL
    )
    max_gpus = models.PositiveIntegerField(_("GPUs at once, at most"), default=2)
    max_gpu_hours = models.PositiveIntegerField(_("GPU hours, at most"), null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(_("days, at most"), default=31)
    max_held = models.PositiveIntegerField(_("GPUs that the tenant holds already, at most"), null=True, blank=True)
    keep_free_percent = models.PositiveSmallIntegerField(_("of the pool stays free, in percent"), default=0)
    only_calm = models.BooleanField(_("only while the pool is nowhere past its policy line"), default=True)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    activated_at = models.DateTimeField(null=True, editable=False)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    ended_because = models.CharField(max_length=300, blank=True, editable=False)

    objects = AutoRuleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "slug", "version"], name="rule_version_once"),
            models.UniqueConstraint(
                fields=["authority", "slug"],
                condition=Q(activated_at__isnull=False, ended_at__isnull=True),
                name="rule_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["authority", "slug"], condition=Q(activated_at__isnull=True), name="rule_begun_once"
            ),
            models.CheckConstraint(
                condition=Q(max_gpus__gt=0, max_days__gt=0, keep_free_percent__lte=100)
                & (Q(max_gpu_hours__isnull=True) | Q(max_gpu_hours__gt=0)),
                name="rule_limits_leave_something",
            ),
            models.CheckConstraint(
                condition=Q(activated_at__isnull=True, activated_by__isnull=True, ended_at__isnull=True)
                | (Q(activated_at__isnull=False, activated_by__isnull=False) & ~Q(activated_by=F("set_by"))),
                name="rule_by_two_people",
            ),
        ]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name

    @property
    def is_begun(self) -> bool:
        """Whether it is only worked on."""
        return self.activated_at is None

    @property
    def is_in_force(self) -> bool:
        return self.activated_at is not None and self.ended_at is None

    @property
    def cited(self) -> str:
        """As a decision names it."""
        return gettext("rule “%(name)s”, version %(n)d") % {"name": self.name, "n": self.version}


class RuleLook(TenantOwned):
    """That the rules looked at a sent request, once: which one approved it, or what of each did not hold. Insert-only.

    ``said``: one entry for each rule that was asked, ``{"rule": public id, "name", "version", "why": [[code, facts], …]}``.
    """

    request = models.ForeignKey(QuotaRequest, on_delete=models.PROTECT, related_name="looks")
    revision = models.PositiveIntegerField()
    rule = models.ForeignKey(AutoRule, on_delete=models.PROTECT, null=True, related_name="looks")
    said = models.JSONField(default=list, blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision"], name="look_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="look_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"Rules, {self.request}"
