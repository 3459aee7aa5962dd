"""What comes after the admission: what an authority gives each kind of tenant, the look back every so many months,
people who were invited, and leaving.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel
from tenants import states
from tenants.models.authority import Authority
from tenants.models.tenant import DataClass, Membership, OrganisationKind, TenantOwned
from tenants.roles import TenantRole

OF_AUTHORITY = {"view": "view_authority", "edit": "decide_onboarding"}


class KindDefaultsQuerySet(ScopedQuerySet["KindDefaults"]):
    scopes = (Scope("tenants.Authority", "authority", OF_AUTHORITY),)


class KindDefaults(PublicModel):
    """What an authority gives a tenant of one kind when it is admitted; the newest version is in force."""

    STANDARD_MONTHS: ClassVar[int] = 24

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="kind_defaults")
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind.choices)
    recertify_months = models.PositiveSmallIntegerField(
        _("months until its facts are looked at again"), default=STANDARD_MONTHS,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )  # fmt: skip
    highest_class = models.CharField(
        _("most sensitive data, at most"), max_length=20, choices=DataClass.choices, default=DataClass.RESTRICTED
    )
    residency = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries, where the case names none")
    )
    writers_role = models.CharField(
        _("role of the others who wrote the application"), max_length=30, choices=TenantRole.choices, blank=True
    )
    projects = models.JSONField(_("projects it begins with"), default=list, blank=True)
    """[{"name", "stage"}, …]"""
    version = models.PositiveIntegerField(default=1, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = KindDefaultsQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "kind", "version"], name="kind_defaults_once"),
            models.CheckConstraint(
                condition=Q(recertify_months__gte=1, recertify_months__lte=120), name="kind_defaults_months"
            ),
        ]
        verbose_name = _("defaults of a kind")
        verbose_name_plural = _("defaults of kinds")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.authority}"


class RecertificationQuerySet(ScopedQuerySet["Recertification"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant", "answer": "manage_members"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority", "decide": "decide_onboarding"}),
    )

    def open(self) -> RecertificationQuerySet:
        return self.exclude(state=Recertification.State.CLOSED)


class Recertification(TenantOwned):
    """One look back at a tenant's facts: due on a day, confirmed or corrected by an owner, closed by an officer.

    ``proposed`` are corrections that the officer has not taken over yet: fact → value. Nothing closes by itself.
    """

    moves: ClassVar[Moves] = states.RECERTIFICATION
    REMINDERS: ClassVar[tuple[int, ...]] = (60, 30, 7)
    FACTS: ClassVar[tuple[str, ...]] = ("name", "country", "legal_id", "data_class", "residency", "contact_email")

    class State(models.TextChoices):
        OPEN = "open", _("To be confirmed")
        ANSWERED = "answered", _("To be closed")
        CLOSED = "closed", _("Closed")

    due_on = models.DateField(_("due"))
    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.OPEN)
    proposed = models.JSONField(default=dict)
    note = models.TextField(_("note"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)
    remark = models.TextField(max_length=4000, blank=True)
    """What the officer wrote back or closed it with."""
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    reminded = ArrayField(models.PositiveSmallIntegerField(), default=list)
    escalated_at = models.DateTimeField(null=True)

    objects = RecertificationQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="recertification_of_tenant"),
            models.UniqueConstraint(fields=["tenant"], condition=~Q(state="closed"), name="recertification_open_once"),
            models.CheckConstraint(condition=Q(state__in=states.RECERTIFICATION.states), name="recertification_state_known"),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="recertification_closed_by_somebody",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["authority", "due_on", "id"], name="recertification_due", condition=~Q(state="closed"))
        ]
        verbose_name = _("recertification")
        verbose_name_plural = _("recertifications")

    def __str__(self) -> str:
        return str(self.tenant)

    @property
    def is_overdue(self) -> bool:
        return self.state != self.State.CLOSED and self.due_on < timezone.localdate()


class DepartureQuerySet(ScopedQuerySet["Departure"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "view_tenant"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority", "decide": "decide_onboarding"}),
    )

    def going_on(self) -> DepartureQuerySet:
        return self.exclude(state__in=("dropped", "erased"))


class Departure(TenantOwned):
    """A tenant leaves: asked for or begun, agreed to by a second person where policy wants one, closed after a grace
    period, and its data erased after the retention period. ``said`` are the consequences that stood on the page.
    """

    moves: ClassVar[Moves] = states.DEPARTURE

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for by the tenant")
        AWAITING_SECOND = "awaiting_second", _("Second person wanted")
        BEGUN = "begun", _("Leaving")
        CLOSED = "closed", _("Closed, data kept")
        ERASED = "erased", _("Data erased")
        DROPPED = "dropped", _("Not carried out")

    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.ASKED)
    reason = models.TextField(_("reason"), max_length=4000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    said = models.JSONField(default=list)
    begun_at = models.DateTimeField(null=True)
    closes_on = models.DateField(_("closes on"), null=True)
    closed_at = models.DateTimeField(null=True)
    erase_on = models.DateField(_("data erased on"), null=True)
    erased_at = models.DateTimeField(null=True)
    erased = models.JSONField(default=dict)

    objects = DepartureQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="departure_of_tenant"),
            models.UniqueConstraint(fields=["tenant"], condition=~Q(state="dropped"), name="departure_once"),
            models.CheckConstraint(condition=Q(state__in=states.DEPARTURE.states), name="departure_state_known"),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=models.F("first")), name="departure_by_two"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["closes_on"], name="departure_closing", condition=Q(state="begun")),
            models.Index(fields=["erase_on"], name="departure_erasing", condition=Q(state="closed")),
        ]
        verbose_name = _("departure")
        verbose_name_plural = _("departures")

    def __str__(self) -> str:
        return str(self.tenant)


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    scopes = (
        Scope("tenants.Tenant", "tenant", {"view": "manage_members", "edit": "manage_members"}),
        Scope("tenants.Authority", "authority", {"view": "view_authority"}),
    )


class Invitation(TenantOwned):
    """The mail by which somebody without an account chooses a password for the role they were given. Its link works
    until ``expires_at``, and only the last one sent.
    """

    class State(models.TextChoices):
        UNSENT = "unsent", _("Not sent yet")
        OPEN = "open", _("Not opened yet")
        ACCEPTED = "accepted", _("Signed in")
        EXPIRED = "expired", _("Link expired")
        REVOKED = "revoked", _("Taken back")

    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="invitation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("link works until"))
    times = models.PositiveSmallIntegerField(_("times sent"), default=1)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="invitation_of_tenant"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("sent_at")), name="invitation_ends_after_it_begins"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "-sent_at", "-id"], name="invitation_newest")]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.membership}"

    @property
    def now(self) -> str:
        """How it stands: follows from what happened, so that nothing has to turn it."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.user.last_login is not None:
            return self.State.ACCEPTED
        if not self.times:
            return self.State.UNSENT
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.OPEN

    @property
    def now_label(self) -> str:
        return str(self.State(self.now).label)
