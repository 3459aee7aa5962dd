"""The endpoints of this app, below /api/v1/."""

from __future__ import annotations

from rest_framework.routers import BaseRouter

from resources.api import (
    conditions,
    grants,
    inventory,
    maintenance,
    modes,
    people,
    request_documents,
    request_letters,
    requests,
    rules,
)


def register(router: BaseRouter) -> None:
    router.register("providers", inventory.ProviderViewSet, basename="api-provider")
    router.register("provider-staff", people.ProviderStaffViewSet, basename="api-provider-staff")
    router.register("clusters", inventory.ClusterViewSet, basename="api-cluster")
    router.register("kinds", inventory.KindViewSet, basename="api-kind")
    router.register("pools", inventory.PoolViewSet, basename="api-pool")
    router.register("maintenance", maintenance.MaintenanceViewSet, basename="api-maintenance")
    router.register("shares", inventory.ShareViewSet, basename="api-share")
    router.register("requests", requests.RequestViewSet, basename="api-request")
    router.register("grants", grants.GrantViewSet, basename="api-grant")
    router.register("grant-conditions", conditions.ConditionViewSet, basename="api-grant-condition")
    router.register("idle", grants.IdleViewSet, basename="api-idle")
    router.register("request-documents", request_documents.RequestDocumentViewSet, basename="api-request-document")
    router.register("request-letters", request_letters.RequestLetterViewSet, basename="api-request-letter")
    router.register("access-modes", modes.ModeViewSet, basename="api-mode")
    router.register("auto-rules", rules.RuleViewSet, basename="api-rule")
    router.register("quotas", requests.QuotaViewSet, basename="api-quota")
