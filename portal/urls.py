"""Every address of the portal; each app brings its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from portal.api.notifications import NotificationViewSet
from portal.api.operations import OperationViewSet
from portal.api.saved_views import SavedViewViewSet
from portal.ui import errors, exports, languages, notice_choices, notifications, operations, saved_views, views
from portal.ui.docs import SwaggerPage
from resources.api.urls import register as register_resources
from tenants.api.urls import register as register_tenants

router = SimpleRouter(use_regex_path=True)
register_tenants(router)
register_resources(router)
router.register("views", SavedViewViewSet, basename="api-saved-view")
router.register("notifications", NotificationViewSet, basename="api-notification")
router.register("operations", OperationViewSet, basename="api-operation")

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("welcome/", views.Welcome.as_view(), name="welcome"),
    path("profile/", views.Profile.as_view(), name="profile"),
    path("notifications/", notifications.Notifications.as_view(), name="notifications"),
    path("notifications/choices/", notice_choices.NoticeChoices.as_view(), name="notice-choices"),
    path("views/", saved_views.SavedViews.as_view(), name="saved-views"),
    path("views/<slug:page>/save/", saved_views.SaveView.as_view(), name="view-save"),
    path("views/<uuid:public_id>/remove/", saved_views.RemoveView.as_view(), name="saved-view-remove"),
    path("notifications/read/", notifications.ReadAll.as_view(), name="notifications-read"),
    path("notifications/<uuid:public_id>/read/", notifications.ReadOne.as_view(), name="notification-read"),
    path("operations/", operations.Operations.as_view(), name="operations"),
    path("operations/<uuid:public_id>/", operations.OperationPage.as_view(), name="operation"),
    path("operations/<uuid:public_id>/part/", operations.OperationPart.as_view(), name="operation-part"),
    path("operations/<uuid:public_id>/cancel/", operations.CancelOperation.as_view(), name="operation-cancel"),
    path("operations/<uuid:public_id>/file/", operations.OperationFile.as_view(), name="operation-file"),
    path("operations/<uuid:public_id>/report/", operations.OperationReport.as_view(), name="operation-report"),
    path("exports/<slug:page>/", exports.ExportList.as_view(), name="list-export"),
    path("language/", languages.ChooseLanguage.as_view(), name="language"),
    path("keyboard/", views.Keyboard.as_view(), name="keyboard"),
    path("accessibility/", views.Accessibility.as_view(), name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/", include("portal.accounts.urls")),
    path("", include("tenants.urls")),
    path("", include("resources.urls")),
    path("api/v1/", include(router.urls)),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SwaggerPage.as_view(url_name="schema"), name="api-docs"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many
handler500 = errors.server_error
