from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from guardian.models import UserObjectPermissionBase

from portal.core.access import EveryoneScope, PersonScope, Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel, isolated
from tenants.roles import AuthorityRole

VIEW = {"view": "view_authority"}


class AuthorityQuerySet(ScopedQuerySet["Authority"]):
    scopes = (
        Scope(
            "tenants.Authority",
            "",
            {
                "view": "view_authority",
                "decide": "decide_onboarding",
                "approve": "approve_quotas",
                "audit": "read_audit",
                "people": "view_authority",
            },
        ),
        Scope("tenants.Tenant", "tenants__id", {"view": "view_tenant"}),
        SiteScope({"view", "create", "edit", "people"}),
        EveryoneScope({"apply"}),
    )


class Authority(PublicModel):
    """A public body that admits tenants and promises GPUs from its shares."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    country = CountryField(_("country"))
    region = models.CharField(_("region"), max_length=100, blank=True)
    contact_email = models.EmailField(_("contact address"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Brussels")

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [
            ("view_authority", "sees the authority and its work"),
            ("decide_onboarding", "reviews and decides onboarding cases"),
            ("approve_quotas", "decides quota requests paid from the authority's shares"),
            ("read_audit", "reads everything of the authority, its audit trail included"),
        ]
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")

    def __str__(self) -> str:
        return isolated(self.name)


class AuthorityUserPermission(UserObjectPermissionBase):
    """Guardian's direct-foreign-key table of this anchor; written by portal.core.access alone."""

    content_object = models.ForeignKey(Authority, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class MembershipBase(PublicModel):
    """Who holds which role on which anchor, from when until when. The truth that grants are projected from."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss")
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="%(class)s_ends_after_it_begins",
            )
        ]


class StaffMembershipBase(MembershipBase):
    """A role at an authority or a provider. With ``delegated_from`` it is that colleague's role, held while they are
    away: it has an end, never later than theirs, and is not passed on (tenants.services.delegations).
    """

    delegated_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="delegations"
    )

    class Meta(MembershipBase.Meta):
        abstract = True
        constraints: ClassVar = [
            *MembershipBase.Meta.constraints,
            models.CheckConstraint(
                condition=Q(delegated_from__isnull=True) | Q(valid_until__isnull=False),
                name="%(class)s_delegation_ends",
            ),
        ]


class AuthorityMembershipQuerySet(ScopedQuerySet["AuthorityMembership"]):
    scopes = (
        Scope("tenants.Authority", "authority", VIEW),
        PersonScope("user", {"view", "end", "delegate"}),
        PersonScope("delegated_from__user", {"view", "end"}),
        SiteScope({"view", "create", "edit", "end"}),
    )


class AuthorityMembership(StaffMembershipBase):
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=30, choices=AuthorityRole.choices)
    gpu_limit = models.PositiveIntegerField(_("GPUs per decision, at most"), null=True, blank=True)
    only_clusters = ArrayField(models.UUIDField(), verbose_name=_("only on these clusters"), default=list, blank=True)
    """Public ids of the clusters on which an approver decides; empty: on all."""

    objects = AuthorityMembershipQuerySet.as_manager()

    class Meta(StaffMembershipBase.Meta):
        constraints: ClassVar = [
            *StaffMembershipBase.Meta.constraints,
            models.CheckConstraint(
                condition=Q(gpu_limit__isnull=True) | Q(role=AuthorityRole.QUOTA_APPROVER, gpu_limit__gt=0),
                name="only_approvers_have_a_limit",
            ),
            models.CheckConstraint(
                condition=Q(only_clusters=[]) | Q(role=AuthorityRole.QUOTA_APPROVER),
                name="only_approvers_have_clusters",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "authority"], name="authority_member_user")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.authority}"


class PolicyRuleQuerySet(ScopedQuerySet["PolicyRule"]):
    scopes = (Scope("tenants.Authority", "authority", VIEW), SiteScope({"view", "create", "edit"}))


class PolicyRule(PublicModel):
    """A threshold of an authority as readable data: the newest version of a key is in force, older ones are kept."""

    class Key(models.TextChoices):
        ONBOARDING_SECOND = "onboarding.second_person", _("Admitting a tenant needs a second person")
        SECOND_CLASS = "onboarding.second_person_class", _("A second person admits from this class of data")
        SECOND_KINDS = "onboarding.second_person_kinds", _("A second person admits organisations of these kinds")
        APPEAL_DAYS = "onboarding.appeal_days", _("Days in which a refused applicant may appeal (0: not at all)")
        ANSWER_DAYS = "onboarding.answer_days", _("Days in which an applicant answers before the application lapses")
        CONDITION_GRACE = "onboarding.grace_days", _("Days from a missed condition until the tenant is suspended")
        QUOTA_SECOND_GPUS = "quota.second_person_gpus", _("A second person decides from this many GPUs")
        QUOTA_SECOND_MONTHS = "quota.second_person_months", _("A second person decides from this many months")
        QUOTA_ANSWER_DAYS = "quota.answer_days", _("Days in which a tenant answers before a request for GPUs lapses")
        QUOTA_APPEAL_DAYS = (
            "quota.appeal_days",
            _("Days in which a refused request for GPUs may be appealed (0: not at all)"),
        )
        DECISION_DAYS = "decision.days", _("Days in which a case or request is to be decided")
        NOTICE_FIRST = "grant.notice_first_days", _("First notice so many days before a grant ends")
        NOTICE_SECOND = "grant.notice_second_days", _("Second notice so many days before a grant ends")
        NOTICE_THIRD = "grant.notice_third_days", _("Third notice so many days before a grant ends")
        NOTICE_LAST = "grant.notice_last_days", _("Last notice so many days before a grant ends")
        GRACE_DAYS = "grant.grace_days", _("Days for which GPUs stay after a grant has ended")
        BUDGET_LOWERS = "budget.lowers_at_end", _("A grant whose GPU-hours are used up is lowered to zero")
        BUDGET_DAYS = "budget.days_to_zero", _("Days between the notice that GPU-hours are used up and zero")
        IDLE_DAYS = "idle.days", _("A grant is idle after so many days of hardly any use; 0: nobody looks")
        IDLE_PERCENT = "idle.busy_percent", _("Hardly any use: at most so many percent of its GPUs busy")
        IDLE_NOTICES = "idle.notices", _("Notices before idle GPUs may be taken back")
        IDLE_NOTICE_DAYS = "idle.notice_days", _("Days between two notices of idle GPUs")
        IDLE_TELLS_ALL = "idle.tells_all_members", _("Notices of idle GPUs go to all members of the tenant")
        IDLE_SECOND_GPUS = "idle.second_person_gpus", _("A second person agrees to taking back this many GPUs")
        SANCTIONS_LIKENESS = (
            "sanctions.likeness",
            _("A name on the sanctions list counts as a hit from this likeness, in percent"),
        )
        SANCTIONS_DAYS = "sanctions.list_days", _("Days after which a sanctions list is too old to screen with")
        DOCUMENT_DAYS = "documents.days", _("Days after which a document is too old")
        CHECK_NOTICE_DAYS = "checks.notice_days", _("Days before a check expires in which somebody is told")
        LEAVING_SECOND = "leaving.second_person", _("That a tenant leaves needs a second person")
        LEAVING_DAYS = "leaving.days", _("Days between the beginning of leaving and closing")
        RETENTION_DAYS = "retention.days", _("Days after closing until the data is erased")

    DEFAULTS: ClassVar[dict[str, int]] = {
        Key.ONBOARDING_SECOND: 0,
        Key.SECOND_CLASS: 0,
        Key.SECOND_KINDS: 0,
        Key.APPEAL_DAYS: 30,
        Key.ANSWER_DAYS: 30,
        Key.CONDITION_GRACE: 7,
        Key.QUOTA_SECOND_GPUS: 128,
        Key.QUOTA_SECOND_MONTHS: 12,
        Key.QUOTA_ANSWER_DAYS: 30,
        Key.QUOTA_APPEAL_DAYS: 30,
        Key.DECISION_DAYS: 10,
        Key.NOTICE_FIRST: 30,
        Key.NOTICE_SECOND: 14,
        Key.NOTICE_THIRD: 7,
        Key.NOTICE_LAST: 1,
        Key.GRACE_DAYS: 0,
        Key.BUDGET_LOWERS: 0,
        Key.BUDGET_DAYS: 3,
        Key.IDLE_DAYS: 14,
        Key.IDLE_PERCENT: 20,
        Key.IDLE_NOTICES: 2,
        Key.IDLE_NOTICE_DAYS: 7,
        Key.IDLE_TELLS_ALL: 0,
        Key.IDLE_SECOND_GPUS: 64,
        Key.SANCTIONS_LIKENESS: 88,
        Key.SANCTIONS_DAYS: 14,
        Key.DOCUMENT_DAYS: 730,
        Key.CHECK_NOTICE_DAYS: 30,
        Key.LEAVING_SECOND: 1,
        Key.LEAVING_DAYS: 30,
        Key.RETENTION_DAYS: 365,
    }
    YES_OR_NO: ClassVar[frozenset[str]] = frozenset(
        {Key.ONBOARDING_SECOND, Key.BUDGET_LOWERS, Key.IDLE_TELLS_ALL, Key.LEAVING_SECOND}
    )
    AT_LEAST_ONE: ClassVar[frozenset[str]] = frozenset(
        {
            Key.DECISION_DAYS,
            Key.ANSWER_DAYS,
            Key.QUOTA_ANSWER_DAYS,
            Key.IDLE_NOTICES,
            Key.IDLE_NOTICE_DAYS,
            Key.SANCTIONS_DAYS,
            Key.DOCUMENT_DAYS,
            Key.LEAVING_DAYS,
        }
    )
    AT_MOST: ClassVar[dict[str, int]] = {
        **dict.fromkeys(YES_OR_NO, 1), Key.SECOND_CLASS: 4, Key.SECOND_KINDS: 2**9 - 1, Key.ANSWER_DAYS: 365,
        Key.QUOTA_ANSWER_DAYS: 365,
        Key.IDLE_PERCENT: 100, Key.SANCTIONS_LIKENESS: 100, Key.CHECK_NOTICE_DAYS: 366, Key.IDLE_NOTICES: 20,
        **dict.fromkeys(
            (Key.GRACE_DAYS, Key.NOTICE_FIRST, Key.NOTICE_SECOND, Key.NOTICE_THIRD, Key.NOTICE_LAST, Key.IDLE_DAYS,
             Key.IDLE_NOTICE_DAYS, Key.BUDGET_DAYS),
            366,
        ),
    }  # fmt: skip

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="policy_rules")
    key = models.CharField(_("rule"), max_length=60, choices=Key.choices)
    value = models.PositiveIntegerField(_("value"), validators=[MinValueValidator(0)])
    version = models.PositiveIntegerField(default=1, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PolicyRuleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "key", "version"], name="policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_key_display()}: {self.shown}"

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return shown(self.key, self.value)


def shown(key: str, value: int) -> str:
    """A rule's value as people read it: in words where it stands for a choice."""
    if key in PolicyRule.YES_OR_NO:
        return gettext("Yes") if value else gettext("No")
    if key == PolicyRule.Key.SECOND_CLASS:
        names = [str(label) for _class, label in choices_of("data_class")]
        return names[value - 1] if 0 < value <= len(names) else gettext("None")
    if key == PolicyRule.Key.SECOND_KINDS:
        chosen = set(kinds_in(value))
        return ", ".join(str(label) for kind, label in choices_of("kind") if kind in chosen) or gettext("None")
    return str(value)


def choices_of(field: str) -> list[tuple[str, str]]:
    """The choices of a field of tenants, which are declared above this room."""
    column: Any = apps.get_model("tenants.Tenant")._meta.get_field(field)
    return list(column.flatchoices)


def kinds_in(value: int) -> list[str]:
    """The kinds of organisation that a rule's number stands for: one bit each, the first kind the lowest."""
    return [kind for number, (kind, _label) in enumerate(choices_of("kind")) if value >> number & 1]


def kinds_number(kinds: Iterable[str]) -> int:
    """The number that stands for these kinds."""
    order = [kind for kind, _label in choices_of("kind")]
    return sum(1 << order.index(kind) for kind in set(kinds))
