from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel
from tenants.models.authority import Authority
from tenants.questions.schema import Questionnaire, read


class QuestionSetQuerySet(ScopedQuerySet["QuestionSet"]):
    scopes = (
        Scope("tenants.Authority", "authority", {"view": "view_authority", "edit": "decide_onboarding"}),
        SiteScope({"view"}),
    )


class QuestionSet(PublicModel):
    """What an authority asks who applies to it, in one version. Published versions are never edited.

    Without an authority it is the portal's own standard, which those authorities ask that have published none.
    """

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="question_sets"
    )
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("questions"))
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authority", "version"], name="question_set_version_once", nulls_distinct=False
            ),
        ]
        verbose_name = _("question set")
        verbose_name_plural = _("question sets")

    def __str__(self) -> str:
        return f"{self.authority or _('Standard')}, {self.version}"

    @property
    def questionnaire(self) -> Questionnaire:
        """The questions; read once for this object."""
        found: Questionnaire | None = getattr(self, "_read", None)
        if found is None:
            found = read(self.content)
            self._read = found
        return found

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class CaseSubmission(PublicModel):
    """What was sent, as it was sent, each time it was sent. Insert-only: officers compare the last two."""

    case = models.ForeignKey("tenants.OnboardingCase", on_delete=models.PROTECT, related_name="submissions")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="case_submission_once")]

    def __str__(self) -> str:
        return f"{self.case}, {self.number}"
