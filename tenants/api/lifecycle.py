"""What comes after an admission, for machines: recertification, leaving and its archive, invitations, defaults."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.operations import OperationSerializer
from portal.api.views import ReadViewSet
from portal.core.access import fetch
from tenants.api.people import PersonSerializer
from tenants.api.serializers import PublicId
from tenants.lifecycle_tables import InvitationFilters, RecertificationFilters
from tenants.models import (
    Authority,
    DataClass,
    Departure,
    Invitation,
    KindDefaults,
    OrganisationKind,
    Recertification,
    Stage,
    Tenant,
)
from tenants.queries.leaving import effects
from tenants.services.archive import export_tenant
from tenants.services.equipment import set_defaults
from tenants.services.invitations import resend_invitation, revoke_invitation
from tenants.services.leaving import ask_to_leave, begin_leaving, confirm_leaving, drop_leaving
from tenants.services.people_lists import add_members
from tenants.services.recertification import (
    answer_recertification,
    close_recertification,
    send_back_recertification,
    set_due,
)


class RecertificationSerializer(serializers.ModelSerializer[Recertification]):
    """``proposed`` holds the owner's corrections until an officer takes them over."""

    tenant = PublicId("tenant")
    authority = PublicId("authority")
    proposed = serializers.DictField(read_only=True)
    overdue = serializers.BooleanField(source="is_overdue", read_only=True)

    class Meta:
        model = Recertification
        fields = (
            "public_id", "tenant", "authority", "due_on", "state", "overdue", "proposed", "note", "remark",
            "answered_at", "closed_at", "escalated_at",
        )  # fmt: skip


class FactsInput(serializers.Serializer[Any]):
    """The facts as they are now; what is left out is confirmed as it stands."""

    name = serializers.CharField(max_length=200, required=False)
    legal_id = serializers.CharField(max_length=60, required=False)
    country = serializers.CharField(max_length=2, required=False)
    contact_email = serializers.EmailField(required=False)
    data_class = serializers.ChoiceField(DataClass.choices, required=False)
    residency = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RemarkInput(serializers.Serializer[Any]):
    remark = serializers.CharField(max_length=4000, allow_blank=True, default="")


class DueInput(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    reason = serializers.CharField(max_length=4000)


class RecertificationViewSet(ReadViewSet):
    queryset = Recertification.objects.select_related("tenant", "authority")
    serializer_class = RecertificationSerializer
    filterset_class = RecertificationFilters
    verbs = {"reply": "answer", "close": "decide", "send_back": "decide", "move": "decide"}  # noqa: RUF012
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "reply": FactsInput, "close": RemarkInput, "send_back": RemarkInput, "move": DueInput,
    }  # fmt: skip

    @extend_schema(responses=RecertificationSerializer)
    @action(detail=True, methods=["post"], url_path="answer")
    def reply(self, request: Request, **kwargs: Any) -> Response:
        """An owner confirms the facts, or corrects them."""
        row, facts = self.get_object(), self.cleaned(request)
        note = facts.pop("note")
        return self.answer(answer_recertification(acting_user=self.person, recertification=row, facts=facts, note=note))

    @extend_schema(responses=RecertificationSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        return self.answer(close_recertification(acting_user=self.person, recertification=row, **self.cleaned(request)))

    @extend_schema(responses=RecertificationSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.answer(send_back_recertification(acting_user=self.person, recertification=row, **facts))

    @extend_schema(responses=RecertificationSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Set another day."""
        row = self.get_object()
        return self.answer(set_due(acting_user=self.person, recertification=row, **self.cleaned(request)))


class DepartureSerializer(serializers.ModelSerializer[Departure]):
    tenant = PublicId("tenant")
    authority = PublicId("authority")
    said = serializers.ListField(child=serializers.CharField(), read_only=True)
    erased = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Departure
        fields = (
            "public_id", "tenant", "authority", "state", "reason", "said", "begun_at", "closes_on", "closed_at",
            "erase_on", "erased_at", "erased",
        )  # fmt: skip


class LeaveInput(serializers.Serializer[Any]):
    tenant = serializers.UUIDField()
    reason = serializers.CharField(max_length=4000)


class DropInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class LeavingEffectSerializer(serializers.Serializer[Any]):
    """``when``: "begin", "close", "erase", or "keep" for what stays."""

    key = serializers.CharField()
    count = serializers.IntegerField()
    sentence = serializers.CharField()
    when = serializers.CharField()


class DepartureViewSet(ReadViewSet):
    """Tenants that leave: asked for by owners, begun and agreed to by officers."""

    queryset = Departure.objects.select_related("tenant", "authority", "first")
    serializer_class = DepartureSerializer
    verbs = {"confirm": "decide"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"create": LeaveInput, "ask": LeaveInput, "drop": DropInput}  # noqa: RUF012

    def _tenant(self, verb: str, public_id: Any) -> Tenant:
        return fetch(Tenant.objects.select_related("authority"), self.person, verb, public_id=public_id)

    @extend_schema(responses={201: DepartureSerializer})
    def create(self, request: Request) -> Response:
        """An officer lets the tenant leave; a second one agrees where policy wants one."""
        facts = self.cleaned(request)
        tenant = self._tenant("decide", facts["tenant"])
        row = begin_leaving(acting_user=self.person, tenant=tenant, reason=facts["reason"])
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses={201: DepartureSerializer})
    @action(detail=False, methods=["post"])
    def ask(self, request: Request) -> Response:
        """An owner asks to leave."""
        facts = self.cleaned(request)
        tenant = self._tenant("manage_members", facts["tenant"])
        row = ask_to_leave(acting_user=self.person, tenant=tenant, reason=facts["reason"])
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=DepartureSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(confirm_leaving(acting_user=self.person, departure=self.get_object()))

    @extend_schema(responses=DepartureSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, **kwargs: Any) -> Response:
        """Not carried out: by an officer, or by whoever asked for it."""
        row, facts = self.get_object(), self.cleaned(request)
        if row.asked_by_id != self.person.pk:
            fetch(Departure.objects.all(), self.person, "decide", pk=row.pk)
        return self.answer(drop_leaving(acting_user=self.person, departure=row, reason=facts["reason"]))


class TenantLife(ReadViewSet):
    """What leaving would mean for a tenant, and the archive of its own data; mixed into the endpoint of tenants."""

    @extend_schema(responses=LeavingEffectSerializer(many=True))
    @action(detail=True, url_path="leaving-effects", pagination_class=None)
    def leaving_effects(self, request: Request, **kwargs: Any) -> Response:
        """What follows from leaving, counted, before anybody begins it."""
        return Response(LeavingEffectSerializer(effects(self.get_object()), many=True).data)

    @extend_schema(request=None, responses={202: OperationSerializer})
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, **kwargs: Any) -> Response:
        """Let an archive be made; its file asks for a fresh second factor."""
        work = export_tenant(acting_user=self.person, tenant=self.get_object())
        return Response(OperationSerializer(work).data, status.HTTP_202_ACCEPTED)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    tenant = PublicId("tenant")
    user = PersonSerializer(read_only=True)
    role = serializers.CharField(source="membership.role", read_only=True)
    state = serializers.CharField(source="now", read_only=True)

    class Meta:
        model = Invitation
        fields = ("public_id", "tenant", "user", "role", "state", "sent_at", "expires_at", "times", "revoked_at")


class PeopleInput(serializers.Serializer[Any]):
    """``people``: a CSV of address, name, role; the first line may be headings."""

    tenant = serializers.UUIDField()
    people = serializers.CharField(max_length=100_000)


class PersonOutcomeSerializer(serializers.Serializer[Any]):
    """``tone``: "good" (role given), "same" (held already), "bad" (left out)."""

    place = serializers.IntegerField()
    email = serializers.CharField()
    tone = serializers.CharField()
    text = serializers.CharField()


class InvitationViewSet(ReadViewSet):
    queryset = Invitation.objects.select_related("tenant", "user", "membership")
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilters
    verbs = {"send": "edit", "revoke": "edit"}  # noqa: RUF012 - declared a ClassVar
    input_classes = {"people": PeopleInput}  # noqa: RUF012

    @extend_schema(responses=PersonOutcomeSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def people(self, request: Request) -> Response:
        """Give many people a role at once; who has no account is invited. One answer a row."""
        facts = self.cleaned(request)
        tenant = fetch(
            Tenant.objects.select_related("authority"), self.person, "manage_members", public_id=facts["tenant"]
        )
        site = request.build_absolute_uri("/")
        report = add_members(acting_user=self.person, tenant=tenant, text=facts["people"], site=site)
        return Response(PersonOutcomeSerializer(report, many=True).data)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, **kwargs: Any) -> Response:
        """Send it again; links sent before stop working."""
        site, row = request.build_absolute_uri("/"), self.get_object()
        return self.answer(resend_invitation(acting_user=self.person, invitation=row, site=site))

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(revoke_invitation(acting_user=self.person, invitation=self.get_object()))


class FirstProject(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    stage = serializers.ChoiceField(Stage.choices)


class DefaultsSerializer(serializers.ModelSerializer[KindDefaults]):
    authority = PublicId("authority")
    projects = FirstProject(many=True, read_only=True)

    class Meta:
        model = KindDefaults
        fields = (
            "public_id", "authority", "kind", "recertify_months", "highest_class", "residency", "writers_role",
            "projects", "version", "reason", "created_at",
        )  # fmt: skip


class DefaultsInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    kind = serializers.ChoiceField(OrganisationKind.choices)
    recertify_months = serializers.IntegerField(min_value=1, max_value=120, required=False)
    highest_class = serializers.ChoiceField(DataClass.choices, required=False)
    residency = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    writers_role = serializers.CharField(max_length=30, allow_blank=True, required=False)
    projects = FirstProject(many=True, required=False)
    reason = serializers.CharField(max_length=300)


class DefaultsViewSet(ReadViewSet):
    """Every version of what an authority gives tenants of a kind; the newest is in force."""

    queryset = KindDefaults.objects.select_related("authority")
    serializer_class = DefaultsSerializer
    input_classes = {"create": DefaultsInput}  # noqa: RUF012 - declared a ClassVar

    @extend_schema(responses={201: DefaultsSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        authority = fetch(Authority.objects.all(), self.person, "decide", public_id=facts.pop("authority"))
        kind, reason = facts.pop("kind"), facts.pop("reason")
        if "projects" in facts:
            facts["projects"] = [dict(each) for each in facts["projects"]]
        row = set_defaults(acting_user=self.person, authority=authority, kind=kind, facts=facts, reason=reason)
        return self.answer(row, status.HTTP_201_CREATED)
