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


DELEGABLE = frozenset({AuthorityRole.ONBOARDING_OFFICER, AuthorityRole.QUOTA_APPROVER})
"""Roles that a colleague may hold for an absence. Who audits does not decide, so the auditor's is not among them."""

TENANT_ABILITIES = {
    "view_tenant": _("see the tenant’s projects, quotas and use"),
    "manage_members": _("give and end roles of the tenant"),
    "manage_projects": _("open and change projects"),
    "request_quotas": _("ask for GPUs"),
    "read_audit": _("read the tenant’s own record"),
}
AUTHORITY_ABILITIES = {
    "view_authority": _("see the authority, its tenants and its staff"),
    "decide_onboarding": _("review and decide applications"),
    "approve_quotas": _("decide requests for GPUs that are paid from the authority’s shares"),
    "read_audit": _("read everything of the authority, its record included"),
}
"""Codename → what it lets a person do; said before a role ends."""

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
