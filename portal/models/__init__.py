"""The bedrock: people, the audit trail, and the code that opens an empty installation."""

from portal.models.audit import AuditEvent
from portal.models.base import PublicModel
from portal.models.setup import SetupCode
from portal.models.user import User

__all__ = ["AuditEvent", "PublicModel", "SetupCode", "User"]
