"""Applications, for machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.views import ReadViewSet
from portal.core.errors import Refused
from tenants.api import applying as a
from tenants.api import outcomes as o
from tenants.api import review as r
from tenants.api import serializers as s
from tenants.api.checks import ToldSerializer
from tenants.api.documents import DocumentInput, DocumentSerializer
from tenants.api.people import PersonSerializer
from tenants.filters import CaseFilters
from tenants.models import Authority, OnboardingCase
from tenants.queries.case_links import invitations_of
from tenants.queries.cases import is_named, near
from tenants.queries.checks import told
from tenants.queries.known import known_here
from tenants.queries.outcomes import effect_of, stock_of
from tenants.queries.progress import stations, usual_time
from tenants.queries.questions import asked_now
from tenants.queries.questions import writers as writers_of
from tenants.queries.review import loads
from tenants.services import admission, answers, appeals, case_links, onboarding, review, writers
from tenants.services.documents import attach_document


class CaseViewSet(ReadViewSet):
    """Applications that the caller wrote or may decide."""

    queryset = OnboardingCase.objects.select_related("authority", "tenant", "question_set")
    serializer_class = s.CaseSerializer
    filterset_class = CaseFilters
    verbs = {  # noqa: RUF012 - declared a ClassVar
        "update": "edit", "questions": "edit", "standing": "edit", "keep": "edit", "writers": "edit",
        "add_writer": "edit", "remove_writer": "edit", "invitations": "edit", "take_back": "edit",
        "documents": "edit", "submit": "edit", "answer": "edit", "withdraw": "withdraw",
        "take": "decide", "ask": "decide", "approve": "decide", "reject": "decide", "send_back": "decide",
        "assign": "decide", "officers": "decide", "note": "decide", "appeal": "edit", "grounds": "decide", "effect": "decide",
    }  # fmt: skip
    token_scopes = dict.fromkeys(
        ("create", "update", "keep", "documents", "submit", "answer", "withdraw"), "onboarding:write"
    )
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "documents": DocumentInput, "keep": s.OneAnswerInput, "add_writer": s.WriterInput,
        "create": s.CaseInput, "update": s.CaseInput, "submit": s.NothingInput, "answer": s.AnswerInput,
        "withdraw": s.OptionalReasonInput, "take": s.NothingInput, "ask": o.AskInput,
        "approve": o.ApproveInput, "reject": o.RejectInput, "appeal": o.AppealInput, "send_back": s.ReasonInput,
        "assign": r.AssignInput, "note": r.CaseNoteInput,
    }  # fmt: skip

    @extend_schema(responses=s.CaseDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        case = self.get_object()
        context = {
            **self.get_serializer_context(),
            "officer": not is_named(self.person, case),
            "near": bool(near(case, self.person)),
        }
        return Response(s.CaseDetailSerializer(case, context=context).data)

    @extend_schema(responses={201: s.CaseSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        authority = self._authority(facts)
        case = onboarding.draft_case(acting_user=self.person, authority=authority, facts=facts["answers"])
        return self.answer_with(case, status.HTTP_201_CREATED)

    @extend_schema(responses=s.CaseSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        case, facts = self.get_object(), self.cleaned(request)
        authority = self._authority(facts)
        case = onboarding.revise_case(acting_user=self.person, case=case, authority=authority, facts=facts["answers"])
        return self.answer_with(case)

    @extend_schema(responses=s.AskedSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def questions(self, request: Request, **kwargs: Any) -> Response:
        """What is asked now, with the answers as they stand and what is wrong with each."""
        return Response(s.AskedSerializer(asked_now(self.get_object()), many=True).data)

    @extend_schema(responses=s.AskedSerializer(many=True))
    @action(detail=True, methods=["put"], url_path="questions/(?P<key>[a-z][a-z0-9_]{1,39})")
    def keep(self, request: Request, key: str, **kwargs: Any) -> Response:
        """Keep one answer as it is; what is asked afterwards."""
        case = self.get_object()
        case = answers.keep_answer(acting_user=self.person, case=case, key=key, **self.cleaned(request))
        return Response(s.AskedSerializer(asked_now(case), many=True).data)

    @extend_schema(responses=a.StandingSerializer)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def standing(self, request: Request, **kwargs: Any) -> Response:
        """Where it stands and how long it usually takes; whether the organisation is known here already."""
        case = self.get_object()
        found = {
            "stations": stations(case),
            "usual": usual_time(case.authority_id),
            "known": known_here(case, self.person),
        }
        return Response(a.StandingSerializer(found).data)

    @extend_schema(responses=PersonSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def writers(self, request: Request, **kwargs: Any) -> Response:
        """Who writes the application."""
        return Response(PersonSerializer(writers_of(self.get_object()), many=True).data)

    @extend_schema(responses={201: a.WriterInvitationSerializer})
    @writers.mapping.post
    def add_writer(self, request: Request, **kwargs: Any) -> Response:
        """Ask somebody to write it too: a link goes to the address, whether there is an account with it or not."""
        case, site = self.get_object(), request.build_absolute_uri("/")
        link = case_links.invite_writer(acting_user=self.person, case=case, site=site, **self.cleaned(request))
        return Response(a.WriterInvitationSerializer(link).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=a.WriterInvitationSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def invitations(self, request: Request, **kwargs: Any) -> Response:
        """Who was asked to write it and has not come yet."""
        return Response(a.WriterInvitationSerializer(invitations_of(self.get_object()), many=True).data)

    @extend_schema(responses={204: None})
    @action(
        detail=True, methods=["delete"],
        url_path="invitations/(?P<invitation>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    )  # fmt: skip
    def take_back(self, request: Request, invitation: str, **kwargs: Any) -> Response:
        case_links.take_back_invitation(acting_user=self.person, case=self.get_object(), invitation=invitation)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path="writers/(?P<person>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
    def remove_writer(self, request: Request, person: str, **kwargs: Any) -> Response:
        writers.remove_writer(acting_user=self.person, case=self.get_object(), person=person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _authority(self, facts: dict[str, Any]) -> Authority:
        row = Authority.objects.visible_to(self.person, "apply").filter(public_id=facts.pop("authority")).first()
        if row is None:
            raise Refused(
                _("There is no such authority. GET /api/v1/authorities/apply/ lists those that take applications."),
                field="authority",
            )
        return row

    def _act(self, request: Request, service: Callable[..., OnboardingCase]) -> Response:
        case = self.get_object()
        return self.answer_with(service(acting_user=self.person, case=case, **self.cleaned(request)))

    def answer_with(self, case: OnboardingCase, code: int = 200) -> Response:
        return Response(s.CaseSerializer(case, context=self.get_serializer_context()).data, status=code)

    @extend_schema(request={"multipart/form-data": DocumentInput}, responses={201: DocumentSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def documents(self, request: Request, **kwargs: Any) -> Response:
        """Attach a file, to a question or to the application as such. The same file twice is refused.

        GET /api/v1/documents/ lists them.
        """
        case, facts = self.get_object(), self.cleaned(request)
        file = facts["file"]
        row = attach_document(
            acting_user=self.person, case=case, name=file.name, content=file.read(), question=facts["question"]
        )
        return Response(DocumentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ToldSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def checks(self, request: Request, **kwargs: Any) -> Response:
        """What the authority verifies about the applicant, as far as it tells them. Officers read /api/v1/checks/."""
        return Response(ToldSerializer(told(self.get_object()), many=True).data)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, onboarding.submit_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, **kwargs: Any) -> Response:  # type: ignore[override]
        return self._act(request, onboarding.answer_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, onboarding.withdraw_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, admission.take_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, admission.ask_applicant)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, admission.approve_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, admission.reject_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, admission.send_back_case)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, **kwargs: Any) -> Response:
        """Appeal against a refusal, once; officers who had no part in it decide."""
        return self._act(request, appeals.appeal_case)

    @extend_schema(responses=o.GroundSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def grounds(self, request: Request, **kwargs: Any) -> Response:
        """The grounds on which the authority refuses."""
        return Response(o.GroundSerializer(stock_of(self.get_object().authority_id, "ground"), many=True).data)

    @extend_schema(responses=o.CaseEffectSerializer)
    @action(
        detail=True,
        pagination_class=None,
        filterset_class=None,
        url_path="effect/(?P<outcome>approve|conditions|ask|reject|send_back)",
    )
    def effect(self, request: Request, outcome: str, **kwargs: Any) -> Response:
        """What follows when somebody decides like this now."""
        return Response(o.CaseEffectSerializer(effect_of(self.get_object(), outcome, self.person)).data)

    @extend_schema(responses=r.LoadSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def officers(self, request: Request, **kwargs: Any) -> Response:
        """Who may be given the application, and how much each of them has in hand."""
        return Response(r.LoadSerializer(loads(self.get_object().authority_id), many=True).data)

    @extend_schema(responses=s.CaseSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, **kwargs: Any) -> Response:
        return self._act(request, review.assign_case)

    @extend_schema(responses={201: r.NoteSerializer})
    @action(detail=True, methods=["post"])
    def note(self, request: Request, **kwargs: Any) -> Response:
        """Write an internal note. The history of the application shows all of them, to officers and auditors."""
        row = review.note_case(acting_user=self.person, case=self.get_object(), **self.cleaned(request))
        return Response(r.NoteSerializer(row).data, status=status.HTTP_201_CREATED)
