from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.core.access import PersonScope, Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel, isolated
from tenants import states
from tenants.models.authority import Authority
from tenants.models.questions import QuestionSet
from tenants.models.tenant import DataClass, OrganisationKind, Tenant

OFFICERS = {"view": ("decide_onboarding", "read_audit")}


class OnboardingCaseQuerySet(ScopedQuerySet["OnboardingCase"]):
    scopes = (
        PersonScope("members__user", {"view", "edit", "withdraw"}),
        Scope(
            "tenants.Authority",
            "authority",
            {**OFFICERS, "decide": "decide_onboarding"},
            only=models.Q(submitted_at__isnull=False),
        ),
    )


class OnboardingCase(PublicModel):
    """An organisation asks to become a tenant. What it submitted is never edited by an officer.

    ``question_set`` is the version it was asked (none: it was begun before there were sets); ``answers`` (question key →
    text or list of texts, as typed) is what the applicant writes; the columns beside it repeat those that lists, rules
    and placement read, as they were sent. ``marks`` say who changed which answer last while it is written.
    """

    moves: ClassVar[Moves] = states.CASE

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("New")
        IN_REVIEW = "in_review", _("In review")
        INFO_REQUESTED = "info_requested", _("Waiting for applicant")
        AWAITING_SECOND = "awaiting_second", _("Second approval")
        APPROVED = "approved", _("Approved")
        CONDITIONALLY_APPROVED = "conditionally_approved", _("Approved with conditions")
        REJECTED = "rejected", _("Refused")
        APPEALED = "appealed", _("Appealed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="cases", verbose_name=_("authority")
    )
    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, null=True, blank=True, related_name="case")
    question_set = models.ForeignKey(
        QuestionSet, on_delete=models.PROTECT, null=True, related_name="cases", editable=False
    )
    answers = models.JSONField(default=dict, editable=False)
    marks = models.JSONField(default=dict, editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    organisation = models.CharField(_("organisation"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind.choices)
    country = CountryField(_("country"))
    legal_id = models.CharField(_("register number, VAT or LEI"), max_length=60)
    data_class = models.CharField(_("most sensitive data"), max_length=20, choices=DataClass.choices)
    residency = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries its data may be in")
    )
    contact_email = models.EmailField(_("contact address"))
    purpose = models.TextField(_("what it will do here"), max_length=4000)
    state = models.CharField(_("state"), max_length=30, choices=State.choices, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    due_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    answer_by = models.DateTimeField(null=True, editable=False)
    reminded = models.PositiveSmallIntegerField(null=True, editable=False)

    objects = OnboardingCaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["authority", "-created_at", "-id"], name="case_authority_newest"),
            models.Index(fields=["authority", "state", "due_at", "id"], name="case_authority_due"),
            models.Index(
                fields=["due_at", "id"],
                name="case_not_escalated",
                condition=models.Q(
                    escalated_at__isnull=True,
                    due_at__isnull=False,
                    state__in=("submitted", "in_review", "awaiting_second", "appealed"),
                ),
            ),
            models.Index(
                fields=["answer_by", "id"], name="case_waits_for_answer", condition=models.Q(state="info_requested")
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=states.CASE.states), name="case_state_known")
        ]
        verbose_name = _("application")
        verbose_name_plural = _("applications")

    def __str__(self) -> str:
        return f"{isolated(self.organisation)} ({self.reference})"


class CaseMember(PublicModel):
    """A person who fills in and answers a case, before there is a tenant to be a member of."""

    case = models.ForeignKey(OnboardingCase, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_memberships")

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "user"], name="case_member_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.case}"


class CaseDecision(PublicModel):
    """One step by one officer. Never edited; two steps by two people where the authority's policy wants them.

    ``grounds`` of a refusal, each as language → text, as they stood on the authority's list. ``asked`` of a question to
    the applicant: key of an answer → what is wrong with it; ``answer_by``: until when they have time.
    """

    class Outcome(models.TextChoices):
        APPROVE = "approve", _("Approve")
        CONDITIONS = "conditions", _("Approve with conditions")
        REJECT = "reject", _("Refuse")
        ASK = "ask", _("Ask for information")
        SEND_BACK = "send_back", _("Send back to review")

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="decisions")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField()
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField(_("reason"), max_length=8000, blank=True)
    grounds = models.JSONField(default=list)
    asked = models.JSONField(default=dict)
    answer_by = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "step"], name="case_decision_step_once")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.case}"


class CaseAnswer(PublicModel):
    """What the applicant wrote when the authority asked. Never edited."""

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="replies")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=4000)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="case_answers_in_order")]

    def __str__(self) -> str:
        return f"{self.case}, {self.created_at:%Y-%m-%d}"
