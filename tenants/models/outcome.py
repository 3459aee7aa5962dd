from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.core.access import PersonScope, Scope, ScopedQuerySet
from portal.core.states import Moves
from portal.models import PublicModel
from tenants import states
from tenants.models.authority import Authority
from tenants.models.document import CaseDocument
from tenants.models.onboarding import OFFICERS, CaseDecision, OnboardingCase
from tenants.models.tenant import Tenant


class CaseConditionQuerySet(ScopedQuerySet["CaseCondition"]):
    scopes = (
        PersonScope("case__members__user", {"view"}),
        Scope("tenants.Authority", "authority", {**OFFICERS, "decide": "decide_onboarding"}),
        Scope("tenants.Tenant", "tenant", {"view": "manage_members"}),
    )

    def standing(self) -> CaseConditionQuerySet:
        """Those that hold: not only proposed, and not dropped."""
        return self.exclude(state__in=[CaseCondition.State.PROPOSED, CaseCondition.State.DROPPED])


class CaseCondition(PublicModel):
    """Something a tenant has to do by a day, under which it was admitted. Its text and its day are never edited.

    Proposed by the first officer, it holds when the decision does. ``due_at``: the moment after its last day.
    ``reminded``: the fewest days before its day of which people were reminded; ``suspended_at``: when it cost the tenant
    its quotas.
    """

    moves: ClassVar[Moves] = states.CONDITION

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        OPEN = "open", _("Open")
        OVERDUE = "overdue", _("Overdue")
        MET = "met", _("Met")
        DROPPED = "dropped", _("Dropped")

    case = models.ForeignKey(OnboardingCase, on_delete=models.PROTECT, related_name="conditions")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="conditions")
    decision = models.ForeignKey(CaseDecision, on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("condition"), max_length=500)
    responsible = models.CharField(_("who has to meet it"), max_length=150)
    due_at = models.DateTimeField(_("by"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PROPOSED)
    evidence = models.TextField(_("evidence"), max_length=4000, blank=True)
    document = models.ForeignKey(CaseDocument, on_delete=models.PROTECT, null=True, related_name="+")
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    met_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(null=True)
    suspended_at = models.DateTimeField(null=True)

    objects = CaseConditionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "number"], name="case_condition_once"),
            models.CheckConstraint(condition=Q(state__in=states.CONDITION.states), name="casecondition_state_known"),
            models.CheckConstraint(
                condition=~Q(state="met") | Q(met_by__isnull=False, met_at__isnull=False) & ~Q(evidence=""),
                name="condition_met_with_evidence",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "id"], name="case_conditions_in_order"),
            models.Index(
                fields=["due_at", "id"], name="case_conditions_watched", condition=Q(state__in=("open", "overdue"))
            ),
        ]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    described_with = ("case",)

    def __str__(self) -> str:
        return f"{self.case.reference}, {self.number}: {self.text[:80]}"


class CaseAppeal(PublicModel):
    """The one appeal of an applicant against a refusal. ``after_step``: the last step of those who refused."""

    case = models.OneToOneField(OnboardingCase, on_delete=models.PROTECT, related_name="appeal")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("why the decision should be another"), max_length=8000)
    after_step = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.case}, {self.created_at:%Y-%m-%d}"


class StockTextQuerySet(ScopedQuerySet["StockText"]):
    scopes = (
        Scope(
            "tenants.Authority",
            "authority",
            {"view": ("decide_onboarding", "read_audit"), "edit": "decide_onboarding"},
            only=~Q(use__startswith="quota_"),
        ),
        Scope(
            "tenants.Authority",
            "authority",
            {"view": ("approve_quotas", "read_audit"), "edit": "approve_quotas"},
            only=Q(use__startswith="quota_"),
        ),
    )


class StockText(PublicModel):
    """A text that people of an authority use again and again: a ground of refusal, a reason, a question.

    ``texts``: language → text, English at least. A decision keeps the text as it stood, so that one may be changed here.
    """

    class Use(models.TextChoices):
        GROUND = "ground", _("Ground of a refusal")
        REASON = "reason", _("Reason of an approval")
        QUESTION = "question", _("Question to the applicant")
        QUOTA_REASON = "quota_reason", _("Reason of approving a request for GPUs")
        QUOTA_REFUSAL = "quota_refusal", _("Reason of refusing a request for GPUs")
        QUOTA_QUESTION = "quota_question", _("Question about a request for GPUs")
        QUOTA_CONDITION = "quota_condition", _("Condition of a grant of GPUs")

    OF_REQUESTS: ClassVar[tuple[str, ...]] = (
        Use.QUOTA_REASON, Use.QUOTA_REFUSAL, Use.QUOTA_QUESTION, Use.QUOTA_CONDITION,
    )  # fmt: skip
    """What approvers use; the others are officers'."""
    OF_CASES: ClassVar[tuple[str, ...]] = (Use.GROUND, Use.REASON, Use.QUESTION)

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="stock_texts")
    use = models.CharField(_("used as"), max_length=20, choices=Use.choices)
    texts = models.JSONField(default=dict)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    objects = StockTextQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["authority", "use", "id"], name="stock_texts_in_order")]
        verbose_name = _("stock text")
        verbose_name_plural = _("stock texts")

    def __str__(self) -> str:
        return said(self.texts)[:80]

    @property
    def is_of_requests(self) -> bool:
        """Whether approvers use it, about requests for GPUs."""
        return self.use in self.OF_REQUESTS


def said(texts: dict[str, str], language: str = "") -> str:
    """The text in ``language`` (the reader's), else in English."""
    return texts.get(language or get_language() or "en") or texts.get("en", "")
