from __future__ import annotations

from django.db import models


class SetupCode(models.Model):
    """The one-time code that lets the first administrator of an empty installation in. Only its hash is kept."""

    code_hash = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)
    failures = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"setup code of {self.created_at:%Y-%m-%d %H:%M}"
