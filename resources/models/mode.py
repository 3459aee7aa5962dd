from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.access import EveryoneScope, Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel
from tenants.models import Authority
from tenants.questions.schema import Question, Questionnaire, Step, read_questions, said


class AccessModeQuerySet(ScopedQuerySet["AccessMode"]):
    scopes = (
        Scope("tenants.Authority", "authority", {"view": "view_authority", "edit": "approve_quotas"}),
        SiteScope({"view"}),
        EveryoneScope({"offer"}),
    )


class AccessMode(PublicModel):
    """A way to ask an authority for GPUs (playground, fast lane, large scale), in one version: what is asked, how much
    may be asked for at most, and how soon it is decided. Published versions are never edited; a request keeps its own.

    Without an authority it is the portal's own, which those authorities have that published none of that name.
    """

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="access_modes"
    )
    slug = models.SlugField(_("short name"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    name = models.JSONField(_("name"), default=dict)
    about = models.JSONField(_("for whom it is"), default=dict)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    max_gpus = models.PositiveIntegerField(_("GPUs at once, at most"), null=True, blank=True)
    max_gpu_hours = models.PositiveIntegerField(_("GPU hours, at most"), null=True, blank=True)
    max_months = models.PositiveSmallIntegerField(_("months, at most"), null=True, blank=True)
    service_days = models.PositiveSmallIntegerField(_("decided within days"))
    auto_decision = models.BooleanField(_("rules may decide by themselves"), default=False)
    offered = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=100)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    published_at = models.DateTimeField(null=True, editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AccessModeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authority", "slug", "version"], name="mode_version_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=(Q(max_gpus__isnull=True) | Q(max_gpus__gt=0))
                & (Q(max_gpu_hours__isnull=True) | Q(max_gpu_hours__gt=0))
                & (Q(max_months__isnull=True) | Q(max_months__gt=0))
                & Q(service_days__gt=0),
                name="mode_limits_leave_something",
            ),
        ]
        verbose_name = _("access mode")
        verbose_name_plural = _("access modes")

    def __str__(self) -> str:
        return said(self.name) or self.slug

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def asked(self) -> Sequence[Question]:
        """Its own questions, in order."""
        return read_questions(self.questions)

    @property
    def questionnaire(self) -> Questionnaire:
        """Its questions as one step, for what works on sets of questions."""
        return Questionnaire((Step("mode", self.name, self.about, tuple(self.asked)),))

    @property
    def told(self) -> str:
        """For whom it is, in the reader's language."""
        return said(self.about)
