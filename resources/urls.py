"""Addresses of this app's pages."""

from django.urls import path

from resources.views import capacity, clusters, credentials, inventory, live, providers, requests, review, timeline

urlpatterns = [
    path("capacity/", capacity.Capacity.as_view(), name="capacity"),
    path("live/ticket/", live.Ticket.as_view(), name="live-ticket"),
    path("live/snapshot/", live.Snapshot.as_view(), name="live-snapshot"),
    path("requests/", requests.RequestList.as_view(), name="requests"),
    path("requests/new/", requests.RequestNew.as_view(), name="request-new"),
    path("requests/offer/", requests.Availability.as_view(), name="request-offer"),
    path("requests/<uuid:public_id>/", requests.RequestDetail.as_view(), name="request"),
    path("requests/<uuid:public_id>/edit/", requests.RequestEdit.as_view(), name="request-edit"),
    path("requests/<uuid:public_id>/submit/", requests.Submit.as_view(), name="request-submit"),
    path("requests/<uuid:public_id>/withdraw/", requests.Withdraw.as_view(), name="request-withdraw"),
    path("requests/<uuid:public_id>/answer/", requests.Answer.as_view(), name="request-answer"),
    path("requests/<uuid:public_id>/quotas/", requests.RequestQuotas.as_view(), name="request-quotas"),
    path("requests/<uuid:public_id>/moved/", requests.RequestMoved.as_view(), name="request-moved"),
    path("requests/<uuid:public_id>/impact/", review.Impact.as_view(), name="request-impact"),
    path("requests/<uuid:public_id>/review/", review.TakeIntoReview.as_view(), name="request-review"),
    path("requests/<uuid:public_id>/decide/", review.Decide.as_view(), name="request-decide"),
    path("tenants/<uuid:public_id>/quotas/", requests.TenantQuotas.as_view(), name="tenant-quotas"),
    path("clusters/", clusters.ClusterList.as_view(), name="clusters"),
    path("clusters/new/", clusters.ClusterNew.as_view(), name="cluster-new"),
    path("clusters/<uuid:public_id>/", clusters.ClusterDetail.as_view(), name="cluster"),
    path("clusters/<uuid:public_id>/edit/", clusters.ClusterEdit.as_view(), name="cluster-edit"),
    path("clusters/<uuid:public_id>/state/", clusters.ClusterState.as_view(), name="cluster-state"),
    path("clusters/<uuid:public_id>/test/", clusters.TestSource.as_view(), name="cluster-test"),
    path(
        "clusters/<uuid:public_id>/credentials/<str:purpose>/",
        credentials.SetCredential.as_view(),
        name="cluster-credential",
    ),
    path(
        "clusters/<uuid:public_id>/credentials/<str:purpose>/remove/",
        credentials.RemoveCredential.as_view(),
        name="cluster-credential-remove",
    ),
    path("providers/", providers.ProviderList.as_view(), name="providers"),
    path("providers/new/", providers.ProviderNew.as_view(), name="provider-new"),
    path("providers/<uuid:public_id>/", providers.ProviderDetail.as_view(), name="provider"),
    path("providers/<uuid:public_id>/edit/", providers.ProviderEdit.as_view(), name="provider-edit"),
    path("providers/<uuid:public_id>/staff/new/", providers.StaffNew.as_view(), name="provider-staff-new"),
    path("providers/<uuid:public_id>/people/", providers.ProviderPeople.as_view(), name="provider-people"),
    path("providers/staff/<uuid:public_id>/change/", providers.StaffChange.as_view(), name="provider-staff-change"),
    path(
        "providers/staff/<uuid:public_id>/delegate/", providers.StaffDelegate.as_view(), name="provider-staff-delegate"
    ),
    path("providers/staff/<uuid:public_id>/end/", providers.StaffEnd.as_view(), name="provider-staff-end"),
    path("kinds/", inventory.KindList.as_view(), name="kinds"),
    path("kinds/alias/", inventory.KindAlias.as_view(), name="kind-alias"),
    path("kinds/new/", inventory.KindNew.as_view(), name="kind-new"),
    path("kinds/<uuid:public_id>/", inventory.KindEdit.as_view(), name="kind"),
    path("pools/", inventory.PoolList.as_view(), name="pools"),
    path("pools/new/", inventory.PoolNew.as_view(), name="pool-new"),
    path("pools/<uuid:public_id>/", inventory.PoolDetail.as_view(), name="pool"),
    path("pools/<uuid:public_id>/edit/", inventory.PoolEdit.as_view(), name="pool-edit"),
    path("pools/<uuid:public_id>/timeline/", timeline.PoolTimeline.as_view(), name="pool-timeline"),
    path("shares/", inventory.ShareList.as_view(), name="shares"),
    path("shares/new/", inventory.ShareNew.as_view(), name="share-new"),
    path("shares/<uuid:public_id>/", inventory.ShareEdit.as_view(), name="share"),
]
