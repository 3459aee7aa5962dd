from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models.base import PublicModel


class Notification(PublicModel):
    """That something happened which concerns a person: ids only. Its words are found when it is read, by its reader.

    ``act`` is the act's name in the audit record; target and its label say what it is about.
    """

    user = models.ForeignKey("portal.User", on_delete=models.CASCADE, related_name="notifications", db_index=False)
    act = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80)
    target_public_id = models.UUIDField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_newest"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at__isnull=True)),
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
