"""The endpoints of this app, below /api/v1/."""

from rest_framework.routers import BaseRouter

from tenants.api import (
    authorities,
    checks,
    claims,
    documents,
    imports,
    letters,
    lifecycle,
    onboarding,
    outcomes,
    questions,
    tenant_claims,
    tenants,
    tokens,
    webhooks,
)


def register(router: BaseRouter) -> None:
    router.register("applications", onboarding.CaseViewSet, basename="api-application")
    router.register("checks", checks.CheckViewSet, basename="api-check")
    router.register("check-rules", checks.CheckRulesViewSet, basename="api-check-rules")
    router.register("documents", documents.DocumentViewSet, basename="api-document")
    router.register("conditions", outcomes.ConditionViewSet, basename="api-condition")
    router.register("stock-texts", outcomes.StockTextViewSet, basename="api-stock-text")
    router.register("letters", letters.LetterViewSet, basename="api-letter")
    router.register("letter-templates", letters.TemplateViewSet, basename="api-letter-template")
    router.register("question-sets", questions.QuestionSetViewSet, basename="api-question-set")
    router.register("tenant-imports", imports.ImportViewSet, basename="api-import")
    router.register("recertifications", lifecycle.RecertificationViewSet, basename="api-recertification")
    router.register("departures", lifecycle.DepartureViewSet, basename="api-departure")
    router.register("invitations", lifecycle.InvitationViewSet, basename="api-invitation")
    router.register("kind-defaults", lifecycle.DefaultsViewSet, basename="api-kind-defaults")
    router.register("tenants", tenants.TenantViewSet, basename="api-tenant")
    router.register("projects", tenants.ProjectViewSet, basename="api-project")
    router.register("memberships", tenants.MembershipViewSet, basename="api-membership")
    router.register("authorities", authorities.AuthorityViewSet, basename="api-authority")
    router.register("policies", authorities.PolicyViewSet, basename="api-policy")
    router.register("staff", authorities.StaffViewSet, basename="api-staff")
    router.register("claim-mappings", claims.ClaimMappingViewSet, basename="api-claim")
    router.register("webhooks", webhooks.WebhookViewSet, basename="api-webhook")
    router.register("tenant-claims", tenant_claims.TenantClaimViewSet, basename="api-tenant-claim")
    router.register("tokens", tokens.TokenViewSet, basename="api-token")
    router.register("audit", authorities.TrailViewSet, basename="api-audit")
