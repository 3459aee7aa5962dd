"""The addresses of what comes after an admission."""

from django.urls import path

from tenants.views import defaults, imports, invitations, leaving, projects, recertification

urlpatterns = [
    path("tenants/imports/", imports.Imports.as_view(), name="imports"),
    path("tenants/imports/new/", imports.NewImport.as_view(), name="import-new"),
    path("tenants/imports/template/", imports.ImportTemplate.as_view(), name="import-template"),
    path("tenants/imports/<uuid:public_id>/", imports.ImportPage.as_view(), name="import"),
    path("tenants/imports/<uuid:public_id>/part/", imports.ImportPart.as_view(), name="import-part"),
    path("tenants/imports/<uuid:public_id>/try/", imports.TryImport.as_view(), name="import-try"),
    path("tenants/imports/<uuid:public_id>/run/", imports.RunImport.as_view(), name="import-run"),
    path("tenants/<uuid:public_id>/leave/", leaving.BeginLeaving.as_view(), name="tenant-leave"),
    path("tenants/<uuid:public_id>/ask-to-leave/", leaving.AskToLeave.as_view(), name="tenant-ask-leave"),
    path("tenants/<uuid:public_id>/archive/", leaving.ArchiveTenant.as_view(), name="tenant-archive"),
    path("departures/<uuid:public_id>/confirm/", leaving.ConfirmLeaving.as_view(), name="departure-confirm"),
    path("departures/<uuid:public_id>/drop/", leaving.DropLeaving.as_view(), name="departure-drop"),
    path("tenants/<uuid:public_id>/invitations/", invitations.Invitations.as_view(), name="tenant-invitations"),
    path("tenants/<uuid:public_id>/members/many/", invitations.AddMembers.as_view(), name="members-many"),
    path("invitations/<uuid:public_id>/send/", invitations.ResendInvitation.as_view(), name="invitation-resend"),
    path("invitations/<uuid:public_id>/revoke/", invitations.RevokeInvitation.as_view(), name="invitation-revoke"),
    path("recertifications/", recertification.Recertifications.as_view(), name="recertifications"),
    path("recertifications/<uuid:public_id>/", recertification.RecertificationPage.as_view(), name="recertification"),
    path(
        "recertifications/<uuid:public_id>/answer/", recertification.AnswerRecertification.as_view(),
        name="recertification-answer",
    ),
    path(
        "recertifications/<uuid:public_id>/close/", recertification.CloseRecertification.as_view(),
        name="recertification-close",
    ),
    path(
        "recertifications/<uuid:public_id>/back/", recertification.SendBackRecertification.as_view(),
        name="recertification-back",
    ),
    path(
        "recertifications/<uuid:public_id>/move/", recertification.MoveRecertification.as_view(),
        name="recertification-move",
    ),
    path("authorities/<uuid:public_id>/kinds/", defaults.Defaults.as_view(), name="kind-defaults"),
    path("authorities/<uuid:public_id>/kinds/<slug:kind>/", defaults.SetDefaults.as_view(), name="kind-defaults-set"),
    path("projects/<uuid:public_id>/end/", projects.EndProject.as_view(), name="project-end"),
]  # fmt: skip
