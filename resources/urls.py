from django.urls import path

from resources.views import capacity, live

urlpatterns = [
    path("capacity/", capacity.Capacity.as_view(), name="capacity"),
    path("live/ticket/", live.Ticket.as_view(), name="live-ticket"),
    path("live/snapshot/", live.Snapshot.as_view(), name="live-snapshot"),
]
