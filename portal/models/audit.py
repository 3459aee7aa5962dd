"""The audit trail: events, the chain over them, the checkpoints that seal it, and who has looked at it last."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class AuditEvent(models.Model):
    """One act, as it was. Insert-only: the database refuses UPDATE, DELETE and TRUNCATE, but for an address erased.

    ``tenant_id``, ``authority_id`` and ``provider_id`` are plain numbers because the apps that own these rows stand
    above this floor, and because an event outlives what it speaks of. The first two name the event's stream; the
    third says whose clusters it concerns. ``address_salt`` is what the chain's digest of the address was made with.
    """

    act = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    address_salt = models.UUIDField(null=True)
    target_type = models.CharField(max_length=80)
    target_id = models.BigIntegerField()
    target_public_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=200, blank=True)
    tenant_id = models.BigIntegerField(null=True)
    authority_id = models.BigIntegerField(null=True)
    provider_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "-at", "-id"], name="audit_tenant_newest"),
            models.Index(fields=["authority_id", "-at", "-id"], name="audit_authority_newest"),
            models.Index(
                fields=["provider_id", "-at", "-id"], name="audit_provider_newest",
                condition=models.Q(provider_id__isnull=False),
            ),
            models.Index(fields=["actor", "-at"], name="audit_actor_newest"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_target_newest"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            BrinIndex(fields=["at"], name="audit_at_brin"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.act} {self.target_name}"


class AuditEntry(models.Model):
    """An event's place in its stream's chain. Written by the database alone, when the event's transaction commits.

    ``payload`` is the event as canonical JSON, exactly as it was hashed. ``position`` grows over all streams in the
    order of commits, with gaps; it is what an export resumes from.
    """

    position = models.BigAutoField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.DO_NOTHING, related_name="entry", db_constraint=False)
    stream = models.CharField(max_length=40)
    seq = models.BigIntegerField()
    prev = models.BinaryField()
    hash = models.BinaryField()
    payload = models.TextField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_entry_once")]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


class AuditHead(models.Model):
    """The last entry of each stream. Written by the database alone."""

    stream = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


class AuditCheckpoint(models.Model):
    """All heads at one moment under one signed root. ``statement`` is the signed text; ``changed`` the heads that
    moved since the checkpoint before, as [stream, seq, hash], from which all heads at that moment can be told.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    statement = models.TextField()
    signature = models.BinaryField()
    changed = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"checkpoint {self.number}"


class AuditVerification(models.Model):
    """What the portal found when it last checked its own chain. ``faults``: the first wrong entry of each stream."""

    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    checkpoint = models.BigIntegerField(null=True)
    checkpoint_at = models.DateTimeField(null=True)
    entries = models.BigIntegerField()
    seconds = models.FloatField()
    faults = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"verified at {self.at:%Y-%m-%d %H:%M}"


class AuditWitness(models.Model):
    """How far somebody outside knows the checkpoints: the number handed over last, and what went wrong since."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
