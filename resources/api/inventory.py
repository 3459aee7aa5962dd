"""Providers, clusters, kinds, pools and shares, for machines."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.errors import Forbidden, Refused
from resources import filters
from resources.api import serializers as s
from resources.api.credentials import PURPOSE, CredentialInput, CredentialSerializer, known
from resources.api.timeline import LevelSerializer, PlanInput
from resources.models import CapacityPool, Cluster, GPUKind, Provider, Share
from resources.queries.capacity import preview
from resources.queries.credentials import slots
from resources.queries.plans import plan, waiting_for
from resources.services import credentials, inventory, providers, sources


class SiteViewSet(ReadViewSet):
    """Rows that the site's administrators write."""

    def admin(self) -> Any:
        if not self.person.is_platform_admin:
            raise Forbidden
        return self.person


class ProviderViewSet(SiteViewSet):
    queryset = Provider.objects.all()
    serializer_class = s.ProviderSerializer
    filterset_class = filters.ProviderFilters
    verbs = {"update": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": s.ProviderInput, "update": s.ProviderInput}  # noqa: RUF012

    @extend_schema(responses={201: s.ProviderSerializer})
    def create(self, request: Request) -> Response:
        row = providers.create_provider(acting_user=self.admin(), **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.ProviderSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(providers.change_provider(acting_user=self.person, provider=row, **self.cleaned(request)))


BY_TOKEN = frozenset({"active", "maintenance"})
"""States into which a program may put a cluster; what cannot be taken back needs a person."""


class ClusterViewSet(ReadViewSet):
    queryset = Cluster.objects.select_related("provider")
    serializer_class = s.ClusterSerializer
    filterset_class = filters.ClusterFilters
    verbs = {  # noqa: RUF012 - declared a ClassVar
        "update": "edit",
        "state": "edit",
        "test": "edit",
        "credentials": "edit",
        "credential": "edit",
        "forget": "edit",
    }
    token_scopes = {"state": "maintenance:write"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {  # noqa: RUF012
        "create": s.ClusterInput, "update": s.ClusterInput, "state": s.ClusterStateInput, "test": s.ReasonInput,
        "credential": CredentialInput,
    }  # fmt: skip

    @extend_schema(responses={201: s.ClusterSerializer})
    def create(self, request: Request) -> Response:
        row = inventory.create_cluster(acting_user=self.person, **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.ClusterSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        facts = {name: value for name, value in self.cleaned(request).items() if name in request.data}
        return self.answer(inventory.change_cluster(acting_user=self.person, cluster=row, **facts))

    @extend_schema(responses=s.ClusterSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        if request.auth is not None and facts["state"] not in BY_TOKEN:
            raise Forbidden(
                _(
                    "A token puts a cluster into maintenance and back, and takes none out of service: that needs a person."
                ),
                code="token.not_for_tokens",
            )
        changed = inventory.set_cluster_state(
            acting_user=self.person, cluster=row, to=facts["state"], reason=facts["reason"]
        )
        return self.answer(changed)

    @extend_schema(request=None, responses=s.ProbeSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **kwargs: Any) -> Response:
        return Response(s.ProbeSerializer(sources.probe(self.get_object())).data)

    @extend_schema(responses=CredentialSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def credentials(self, request: Request, **kwargs: Any) -> Response:
        """What is set, since when and by whom; never what."""
        return Response(CredentialSerializer(slots(self.get_object()), many=True).data)

    @extend_schema(responses={204: None}, parameters=[PURPOSE])
    @action(detail=True, methods=["put"], url_path="credentials/(?P<purpose>[a-z_]+)")
    def credential(self, request: Request, purpose: str = "", **kwargs: Any) -> Response:
        """Set or replace one credential. It is kept sealed and given to nobody again."""
        row, facts = self.get_object(), self.cleaned(request)
        credentials.set_credential(acting_user=self.person, cluster=row, purpose=known(purpose), **facts)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None}, parameters=[PURPOSE])
    @credential.mapping.delete
    def forget(self, request: Request, purpose: str = "", **kwargs: Any) -> Response:
        row = self.get_object()
        credentials.remove_credential(acting_user=self.person, cluster=row, purpose=known(purpose))
        return Response(status=status.HTTP_204_NO_CONTENT)


class KindViewSet(SiteViewSet):
    queryset = GPUKind.objects.all()
    serializer_class = s.KindSerializer
    filterset_class = filters.KindFilters
    verbs = {"update": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": s.KindInput, "update": s.KindInput}  # noqa: RUF012

    @extend_schema(responses={201: s.KindSerializer})
    def create(self, request: Request) -> Response:
        row = inventory.create_kind(acting_user=self.admin(), **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.KindSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(inventory.change_kind(acting_user=self.person, kind=row, **self.cleaned(request)))


class PoolViewSet(ReadViewSet):
    queryset = CapacityPool.objects.select_related("cluster", "kind")
    serializer_class = s.PoolSerializer
    filterset_class = filters.PoolFilters
    verbs = {"update": "edit", "room": "view", "timeline": "view"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": s.PoolInput, "update": s.PoolFacts, "room": s.RoomInput}  # noqa: RUF012

    @extend_schema(responses={201: s.PoolSerializer})
    def create(self, request: Request) -> Response:
        row = inventory.create_pool(acting_user=self.person, **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.PoolSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(inventory.change_pool(acting_user=self.person, pool=row, **self.cleaned(request)))

    @extend_schema(responses=s.EffectSerializer)
    @action(detail=True, methods=["post"])
    def room(self, request: Request, **kwargs: Any) -> Response:
        """What the pool can still promise over a period, and what so many GPUs more would do."""
        row, facts = self.get_object(), self.cleaned(request)
        if facts["ends_at"] <= facts["starts_at"]:
            raise Refused(_("The period ends before it begins. Choose a later end."), field="ends_at")
        found = preview(row, facts["starts_at"], facts["ends_at"], asked=facts["gpus"], give=facts["gpus"])
        return Response(s.EffectSerializer(found).data)

    @extend_schema(parameters=[PlanInput], responses=LevelSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def timeline(self, request: Request, **kwargs: Any) -> Response:
        """What is promised from the pool over a period, and what could be, as times in which neither changes.

        With suppositions: what it would be. Nothing of them is kept.
        """
        row, asked = self.get_object(), PlanInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        chosen = waiting_for(self.person, row).filter(public_id__in=facts.get("requests", ()))
        seen = plan(row, self.person, facts["since"], facts["until"], chosen, asked.supposed)
        return Response(LevelSerializer(seen.times, many=True).data)


class ShareViewSet(SiteViewSet):
    queryset = Share.objects.select_related("pool__cluster", "pool__kind", "authority")
    serializer_class = s.ShareSerializer
    filterset_class = filters.ShareFilters
    verbs = {"update": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": s.ShareInput, "update": s.ShareFacts}  # noqa: RUF012

    @extend_schema(responses={201: s.ShareSerializer})
    def create(self, request: Request) -> Response:
        row = inventory.create_share(acting_user=self.admin(), **self.cleaned(request))
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.ShareSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(inventory.change_share(acting_user=self.person, share=row, **self.cleaned(request)))
