from tenants.models.authority import (
    Authority,
    AuthorityMembership,
    AuthorityUserPermission,
    MembershipBase,
    PolicyRule,
    StaffMembershipBase,
)
from tenants.models.case_link import CaseLink
from tenants.models.claims import ClaimMapping, MappedMembership
from tenants.models.compliance import CheckCatalogue, ComplianceCheck, SanctionsList, SanctionsName
from tenants.models.document import CaseDocument
from tenants.models.imports import TenantImport
from tenants.models.letter import CaseLetter, LetterTemplate
from tenants.models.lifecycle import Departure, Invitation, KindDefaults, Recertification
from tenants.models.onboarding import CaseAnswer, CaseDecision, CaseMember, OnboardingCase
from tenants.models.outcome import CaseAppeal, CaseCondition, StockText
from tenants.models.questions import CaseSubmission, QuestionSet
from tenants.models.review import CaseNote
from tenants.models.tenant import DataClass, Membership, OrganisationKind, Project, Stage, Tenant, TenantUserPermission
from tenants.models.tenant_claims import TenantClaim, TenantClaimGiven
from tenants.models.token import ApiToken, TokenScope
from tenants.models.trail import Trail
from tenants.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "Authority",
    "AuthorityMembership",
    "AuthorityUserPermission",
    "CaseAnswer",
    "CaseAppeal",
    "CaseCondition",
    "CaseDecision",
    "CaseDocument",
    "CaseLetter",
    "CaseLink",
    "CaseMember",
    "CaseNote",
    "CaseSubmission",
    "CheckCatalogue",
    "ClaimMapping",
    "ComplianceCheck",
    "DataClass",
    "Departure",
    "Invitation",
    "KindDefaults",
    "LetterTemplate",
    "MappedMembership",
    "Membership",
    "MembershipBase",
    "OnboardingCase",
    "OrganisationKind",
    "PolicyRule",
    "Project",
    "QuestionSet",
    "Recertification",
    "SanctionsList",
    "SanctionsName",
    "StaffMembershipBase",
    "Stage",
    "StockText",
    "Tenant",
    "TenantClaim",
    "TenantClaimGiven",
    "TenantImport",
    "TenantUserPermission",
    "TokenScope",
    "Trail",
    "Webhook",
    "WebhookDelivery",
]
