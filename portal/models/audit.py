from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AuditEvent(models.Model):
    """One act, as it was. Insert-only: the database refuses UPDATE, DELETE and TRUNCATE (migration 0002).

    ``tenant_id`` and ``authority_id`` are plain numbers because the apps that own these rows stand above this
    floor, and because an event outlives what it speaks of.
    """

    act = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    target_type = models.CharField(max_length=80)
    target_id = models.BigIntegerField()
    target_public_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=200, blank=True)
    tenant_id = models.BigIntegerField(null=True)
    authority_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "-at", "-id"], name="audit_tenant_newest"),
            models.Index(fields=["authority_id", "-at", "-id"], name="audit_authority_newest"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_target_newest"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            BrinIndex(fields=["at"], name="audit_at_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.target_name}"
