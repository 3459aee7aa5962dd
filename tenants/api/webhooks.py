"""Webhooks, for people who are signed in; a token makes none."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.access import fetch
from portal.core.errors import Refused
from portal.ui.addresses import refused_addresses
from tenants.models import Webhook, WebhookDelivery
from tenants.queries.webhooks import lately, places_for
from tenants.services import webhooks

ONCE = gettext_lazy("Shown this once.")
SECRET = inline_serializer("WebhookSecret", {"secret": serializers.CharField(help_text=ONCE)})


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    tenant = serializers.UUIDField(source="tenant.public_id", allow_null=True, default=None)
    authority = serializers.UUIDField(source="authority.public_id", allow_null=True, default=None)
    state = serializers.ChoiceField(Webhook.State.choices, read_only=True)

    class Meta:
        model = Webhook
        fields = (
            "public_id", "name", "url", "acts", "tenant", "authority", "state", "failing_since", "delivered_at",
            "paused_at", "created_at",
        )  # fmt: skip


class MadeWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(read_only=True, help_text=ONCE)

    class Meta(WebhookSerializer.Meta):
        fields: Any = (*WebhookSerializer.Meta.fields, "secret")


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    error = serializers.CharField(source="sentence", read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ("public_id", "act", "state", "attempts", "created_at", "tried_at", "next_at", "status", "error")


class WebhookInput(serializers.Serializer[Any]):
    """``acts``: of which events it is told; empty, of all."""

    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=2000)
    acts = serializers.ListField(child=serializers.CharField(max_length=80), default=list)

    def validate_url(self, url: str) -> str:
        if sentences := refused_addresses([url.strip()]):
            raise serializers.ValidationError(sentences)
        return url


class NewWebhookInput(WebhookInput):
    """``place``: the public id of a tenant that you own or an authority for which you decide."""

    place = serializers.UUIDField()


class AgainInput(serializers.Serializer[Any]):
    delivery = serializers.UUIDField()


class NothingInput(serializers.Serializer[Any]):
    pass


class WebhookViewSet(ReadViewSet):
    queryset = Webhook.objects.select_related("tenant", "authority")
    serializer_class = WebhookSerializer
    never_by_token = True
    verbs = dict.fromkeys(("update", "destroy", "secret", "test", "pause", "resume", "again"), "edit")
    input_classes = {  # noqa: RUF012
        "create": NewWebhookInput, "update": WebhookInput, "again": AgainInput, "secret": NothingInput,
        "test": NothingInput, "pause": NothingInput, "resume": NothingInput,
    }  # fmt: skip

    @extend_schema(responses={201: MadeWebhookSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        wanted = facts.pop("place")
        place = next((each for each in places_for(self.person) if each.public_id == wanted), None)
        if place is None:
            raise Refused(_("You are in charge of no tenant or authority of this id."), field="place")
        row, secret = webhooks.create_webhook(acting_user=self.person, place=place, **facts)
        shown = {**WebhookSerializer(row).data, "secret": secret}
        return Response(shown, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(responses=WebhookSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(webhooks.change_webhook(acting_user=self.person, webhook=row, **self.cleaned(request)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        webhooks.remove_webhook(acting_user=self.person, webhook=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=SECRET)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, **kwargs: Any) -> Response:
        secret = webhooks.renew_secret(acting_user=self.person, webhook=self.get_object())
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        webhooks.try_webhook(acting_user=self.person, webhook=row)
        return self.answer(row)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(webhooks.pause_webhook(acting_user=self.person, webhook=self.get_object()))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(webhooks.resume_webhook(acting_user=self.person, webhook=self.get_object()))

    @extend_schema(responses=DeliverySerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def deliveries(self, request: Request, **kwargs: Any) -> Response:
        return Response(DeliverySerializer(lately(self.get_object()), many=True).data)

    @extend_schema(responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        delivery = fetch(row.deliveries.all(), self.person, "edit", public_id=self.cleaned(request)["delivery"])
        webhooks.deliver_again(acting_user=self.person, delivery=delivery)
        return self.answer(row)
