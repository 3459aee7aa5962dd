"""The bedrock: people, the audit trail, notifications, long works, and the code that opens an empty installation."""

from portal.models.audit import (
    AuditCheckpoint,
    AuditEntry,
    AuditEvent,
    AuditHead,
    AuditVerification,
    AuditWitness,
)
from portal.models.base import MARKS, PublicModel, isolated
from portal.models.notification import MailDigest, MailRhythm, NoticeChoice, Notification
from portal.models.operation import Operation, OperationLine
from portal.models.saved_view import SavedView
from portal.models.setup import SetupCode
from portal.models.user import User

__all__ = [
    "MARKS",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditEvent",
    "AuditHead",
    "AuditVerification",
    "AuditWitness",
    "MailDigest",
    "MailRhythm",
    "NoticeChoice",
    "Notification",
    "Operation",
    "OperationLine",
    "PublicModel",
    "SavedView",
    "SetupCode",
    "User",
    "isolated",
]
