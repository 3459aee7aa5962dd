from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.models.base import PublicModel


class Operation(PublicModel):
    """A long work that a person began and the portal does: how far it is, what it says, what came of it.

    ``tenant_id`` and ``authority_id`` are plain numbers because the apps that own these rows stand above this floor.
    ``cursor`` is where the next step begins; it is written together with the effects of the step before
    (portal.core.operations), so that a worker that dies in between loses nothing and does nothing twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to begin")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Stopped")

    moves: ClassVar[Any]
    """Set by portal.core.operations: state tables live a floor above."""
    FINAL: ClassVar[frozenset[str]] = frozenset({State.DONE, State.FAILED, State.CANCELLED})

    kind = models.CharField(_("kind"), max_length=60)
    user = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="operations", db_index=False)
    tenant_id = models.BigIntegerField(null=True)
    authority_id = models.BigIntegerField(null=True)
    about = models.CharField(_("about"), max_length=200, blank=True)
    target_type = models.CharField(max_length=80, blank=True)
    target_public_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, blank=True)
    params = models.JSONField(default=dict)

    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.WAITING)
    cursor = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    tally = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    trouble = models.TextField(blank=True)
    cancel_asked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("begun"), null=True)
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    file_name = models.CharField(max_length=150, blank=True)
    file_size = models.PositiveBigIntegerField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_until = models.DateTimeField(null=True)

    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant_id", "id"], name="operation_of_tenant"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                name="operation_state_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="operation_newest"),
            models.Index(fields=["id"], name="operation_open", condition=Q(state__in=["waiting", "running"])),
            models.Index(fields=["file_until"], name="operation_file", condition=Q(file_until__isnull=False)),
        ]
        verbose_name = _("operation")
        verbose_name_plural = _("operations")

    def __str__(self) -> str:
        return self.about or self.kind

    @property
    def is_open(self) -> bool:
        return self.state not in self.FINAL


class OperationLine(models.Model):
    """One line of an operation's log or report: about which row, in which tone, what."""

    class Tone(models.TextChoices):
        INFO = "info", _("Note")
        GOOD = "good", _("Done")
        SAME = "same", _("Unchanged")
        WARN = "warn", _("Look at this")
        BAD = "bad", _("Wrong")

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="lines", db_index=False)
    user = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    tenant_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    place = models.PositiveBigIntegerField(default=0)
    """The row of a file it is about; 0: the work as a whole."""
    tone = models.CharField(max_length=10, choices=Tone.choices, default=Tone.INFO)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["operation", "id"], name="operation_lines"),
            models.Index(fields=["operation", "tone", "id"], name="operation_lines_of_tone"),
            models.Index(fields=["tenant_id", "operation"], name="operation_lines_of_tenant"),
        ]

    def __str__(self) -> str:
        return self.text
