from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.base import PublicModel


class MailRhythm(models.TextChoices):
    """How often what happened is put together into one mail."""

    SOON = "soon", _("Soon: what happened in a quarter of an hour")
    HOURLY = "hourly", _("Once an hour")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week, on Monday")
    NEVER = "never", _("Never")


class NoticeChoice(models.Model):
    """What a person wants to be told, and how; whoever has no row gets everything, by mail once a day at eight."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choice")
    rhythm = models.CharField(_("mail"), max_length=10, choices=MailRhythm.choices, default=MailRhythm.DAILY)
    hour = models.PositiveSmallIntegerField(_("at"), default=8)
    """Hour of the day in the person's own time zone, for the daily and the weekly mail."""
    not_in_bell = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    not_by_mail = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="notice_choice_hour_of_the_day")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.rhythm}"


class MailDigest(PublicModel):
    """One mail of everything that had happened to a person's matters until it was put together; sent once.

    ``lease_until`` and ``fence`` as in portal.core.outbox. A mail server that is away is asked again, later each time.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="digest_of_user_newest"),
            models.Index(
                fields=["next_at"],
                name="digest_to_send",
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"mail {self.public_id} to {self.user_id}"


class Notification(PublicModel):
    """That something happened which concerns a person: ids only. Its words are found when it is read, by its reader.

    ``act`` is the act's name in the audit record; target and its label say what it is about.
    """

    user = models.ForeignKey("portal.User", on_delete=models.CASCADE, related_name="notifications", db_index=False)
    act = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80)
    target_public_id = models.UUIDField()
    bell = models.BooleanField(default=True)
    """Whether it stands in the list; what a person wants by mail alone does not."""
    read_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(
        "portal.MailDigest", on_delete=models.SET_NULL, null=True, related_name="notifications", db_index=False
    )

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_newest"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["digest"], name="notification_of_digest", condition=models.Q(digest__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "act", "target_type", "target_public_id"],
                condition=models.Q(read_at__isnull=True),
                name="notification_unread_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} for {self.user_id}"
