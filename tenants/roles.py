"""What each role may do, as guardian codenames on its anchor. Membership rows are the truth; grants follow them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TenantRole(TextChoices):
    OWNER = "owner", _("Owner")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    MEMBER = "member", _("Member")


class AuthorityRole(TextChoices):
    ONBOARDING_OFFICER = "onboarding_officer", _("Onboarding officer")
    QUOTA_APPROVER = "quota_approver", _("Quota approver")
    AUDITOR = "auditor", _("Auditor")


TENANT_GRANTS: dict[str, frozenset[str]] = {
    TenantRole.OWNER: frozenset({"view_tenant", "manage_members", "manage_projects", "request_quotas", "read_audit"}),
    TenantRole.PROJECT_MANAGER: frozenset({"view_tenant", "manage_projects", "request_quotas"}),
    TenantRole.MEMBER: frozenset({"view_tenant"}),
}

AUTHORITY_GRANTS: dict[str, frozenset[str]] = {
    AuthorityRole.ONBOARDING_OFFICER: frozenset({"view_authority", "decide_onboarding"}),
    AuthorityRole.QUOTA_APPROVER: frozenset({"view_authority", "approve_quotas"}),
    AuthorityRole.AUDITOR: frozenset({"view_authority", "read_audit"}),
}
