"""The caller's own notifications: a list, how many are unread, mark one or all as read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.notices import attach_targets, choice_of, choose_notices, mark_read, notifications, unread_count
from portal.models import MailRhythm, Notification

COUNT = inline_serializer("UnreadCount", {"unread": serializers.IntegerField()})


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """``target`` is null where the caller may not see any more what it was about."""

    target = serializers.SerializerMethodField()
    target_type = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ("public_id", "act", "target_type", "target", "created_at", "read_at")

    def get_target(self, row: Any) -> str | None:
        return str(row.target_public_id) if row.target else None

    def get_target_type(self, row: Any) -> str | None:
        return str(row.target_type) if row.target else None


class NoticeChoiceSerializer(serializers.Serializer[Any]):
    """Acts that are not named are told in the bell and by mail."""

    rhythm = serializers.ChoiceField(MailRhythm.choices)
    hour = serializers.IntegerField(min_value=0, max_value=23)
    not_in_bell = serializers.ListField(child=serializers.CharField(max_length=80), default=list)
    not_by_mail = serializers.ListField(child=serializers.CharField(max_length=80), default=list)


class NotificationViewSet(ReadViewSet):
    queryset = notifications().in_bell()
    serializer_class = NotificationSerializer
    never_by_token = True

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        attach_targets(page or [], self.person)
        return page

    def answer(self, row: Any, status: int = 200) -> Response:
        attach_targets([row], self.person)
        return super().answer(row, status)

    @extend_schema(responses=COUNT)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def count(self, request: Request) -> Response:
        return Response({"unread": unread_count(self.person)})

    @extend_schema(request=NoticeChoiceSerializer, responses=NoticeChoiceSerializer)
    @action(detail=False, methods=["get", "put"], pagination_class=None, filter_backends=[])
    def choices(self, request: Request) -> Response:
        if request.method == "PUT":
            said = NoticeChoiceSerializer(data=request.data)
            said.is_valid(raise_exception=True)
            choose_notices(acting_user=self.person, **said.validated_data)
        return Response(NoticeChoiceSerializer(choice_of(self.person)).data)

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, public_id: str) -> Response:
        row = self.get_object()
        mark_read(acting_user=self.person, notification=row)
        row.refresh_from_db()
        return self.answer(row)

    @extend_schema(operation_id="notifications_read_all", request=None, responses=COUNT)
    @action(detail=False, methods=["post"], url_path="read", url_name="read-all", pagination_class=None)
    def read_all(self, request: Request) -> Response:
        mark_read(acting_user=self.person)
        return Response({"unread": unread_count(self.person)})
