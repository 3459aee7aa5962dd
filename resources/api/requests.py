"""Quota requests, grants and quotas, for machines: the same services as the pages."""

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
from resources import filters
from resources.api import decision_inputs as d
from resources.api import serializers as s
from resources.api import wish_inputs as w
from resources.api.request_documents import RequestDocumentSerializer
from resources.api.rules import LookedSerializer
from resources.models import CapacityPool, Quota, QuotaRequest, RequestLine
from resources.queries.capacity import effects_of
from resources.queries.conditions import with_conditions
from resources.queries.deciders import choose_payer, payers
from resources.queries.requests import with_decisions, with_lines
from resources.queries.rule_work import looked_at
from resources.queries.rulings import as_watched, before_step, so_far
from resources.services import bulk, decisions, desk
from resources.services import requests as service
from resources.services.appeals import appeal_request
from resources.services.conditions import Condition
from resources.services.placing import Term, wanted
from resources.services.request_documents import attach_document
from resources.services.wishes import Wish


class RequestViewSet(ReadViewSet):
    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "authority", "mode").prefetch_related(
        with_lines(), with_decisions(), with_conditions()
    )
    serializer_class = s.RequestSerializer
    filterset_class = filters.RequestFilters
    verbs = {  # noqa: RUF012 - declared a ClassVar
        **dict.fromkeys(("update", "submit", "withdraw", "answer_question", "copy", "documents", "appeal"), "edit"),
        **dict.fromkeys(
            (
                "review",
                "approve",
                "reject",
                "ask",
                "confirm",
                "send_back",
                "take_back",
                "preview",
                "assign",
                "approve_many",
            ),
            "decide",
        ),
        "rules": "read_rules",
    }
    token_scopes = dict.fromkeys(
        ("create", "update", "submit", "withdraw", "answer_question", "copy", "documents"), "requests:write"
    )
    input_classes = {  # noqa: RUF012 - declared a ClassVar
        "create": w.RequestInput, "update": w.RequestInput, "answer_question": w.AnswerInput, "approve": d.ApprovalInput,
        "preview": d.PreviewInput, "documents": w.FileInput, "assign": d.AssignInput, "appeal": d.AppealInput,
        "approve_many": d.ManyInput,
        **dict.fromkeys(("submit", "withdraw", "review", "reject", "ask", "confirm", "send_back", "take_back"), s.ReasonInput),
    }  # fmt: skip

    @extend_schema(responses={201: s.RequestSerializer})
    def create(self, request: Request) -> Response:
        facts = self.cleaned(request)
        row = service.draft_request(
            acting_user=self.person, project=facts["project"], purpose=facts["purpose"], wishes=wishes(facts),
            **beside(facts),
        )  # fmt: skip
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(responses=s.RequestSerializer)
    def update(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        changed = service.change_draft(
            acting_user=self.person, request=row, project=facts["project"], purpose=facts["purpose"],
            wishes=wishes(facts), **beside(facts),
        )  # fmt: skip
        return self.again(changed)

    @extend_schema(request=None, responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **kwargs: Any) -> Response:
        return self.again(service.submit_request(acting_user=self.person, request=self.get_object()))

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        return self.act(service.withdraw_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_question(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        answered = service.answer_request(
            acting_user=self.person, request=row, text=facts["text"], purpose=facts["purpose"], wishes=wishes(facts),
            stage=facts["stage"], mode_answers=facts.get("mode_answers"),
        )  # fmt: skip
        return self.again(answered)

    @extend_schema(request=None, responses={201: s.RequestSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, **kwargs: Any) -> Response:
        """A draft that asks for the same."""
        made = service.copy_request(acting_user=self.person, request=self.get_object())
        return self.again(made, status.HTTP_201_CREATED)

    @extend_schema(responses={201: RequestDocumentSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def documents(self, request: Request, **kwargs: Any) -> Response:
        """Attach a file (multipart). GET /api/v1/request-documents/ lists them."""
        row, file = self.get_object(), self.cleaned(request)["file"]
        made = attach_document(acting_user=self.person, request=row, name=file.name, content=file.read())
        return Response(RequestDocumentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, **kwargs: Any) -> Response:
        return self.again(decisions.take_into_review(acting_user=self.person, request=self.get_object()))

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(
            decisions.approve_request(
                acting_user=self.person,
                request=row,
                terms=terms_of(row, facts),
                reason=facts["reason"],
                authority=facts.get("authority"),
                conditions=[Condition(**each) for each in facts.get("conditions", ())],
            )
        )

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.reject_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.ask_for_changes, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.confirm_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.send_back_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, **kwargs: Any) -> Response:
        return self.act(decisions.take_back_request, request)

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(desk.assign_request(acting_user=self.person, request=row, approver=str(facts["approver"])))

    @extend_schema(responses=s.RequestSerializer)
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, **kwargs: Any) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(appeal_request(acting_user=self.person, request=row, text=facts["text"]))

    @extend_schema(responses=d.OutcomeSerializer(many=True))
    @action(detail=False, methods=["post"], url_path="approve-many")
    def approve_many(self, request: Request) -> Response:
        """Approve several in full, each counted in its turn and taken by itself; what cannot go stays as it was."""
        facts = self.cleaned(request)
        rows = self.queryset.all().visible_to(self.person, "decide").filter(public_id__in=facts["requests"])
        outcomes = bulk.approve_requests(
            acting_user=self.person, requests=list(rows.order_by("due_at", "pk")), reason=facts["reason"]
        )
        return Response(d.OutcomeSerializer(outcomes, many=True).data)

    @extend_schema(responses=s.EffectSerializer(many=True))
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """What a decision would do to capacity, line by line; nothing is decided."""
        row, facts = self.get_object(), self.cleaned(request)
        lines = so_far(row)
        payer = choose_payer(payers(self.person, row, lines), row, facts.get("authority"))
        standing = before_step(lines)
        placements = wanted(lines, payer, terms_of(row, facts)) if payer else as_watched(lines)
        effects = effects_of([*standing, *placements])[len(standing) :]
        return Response(s.EffectSerializer(effects, many=True).data)

    @extend_schema(responses=LookedSerializer)
    @action(detail=True, methods=["get"])
    def rules(self, request: Request, **kwargs: Any) -> Response:
        """Which rule approved it, or why no rule did, rule by rule as they were asked; for who may see the authority's
        rules. Everybody else reads in ``decisions`` which rule took one.
        """
        return Response(LookedSerializer(looked_at(self.get_object(), self.person) or {}).data)

    def act(self, what: Callable[..., QuotaRequest], request: Request) -> Response:
        row, facts = self.get_object(), self.cleaned(request)
        return self.again(what(acting_user=self.person, request=row, reason=facts["reason"]))

    def again(self, row: QuotaRequest, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is after the act, with all that hangs on it."""
        return self.answer(self.queryset.all().get(pk=row.pk), code)


def wishes(facts: dict[str, Any]) -> list[Wish]:
    return [
        Wish(
            line.get("pool"), line.get("amount", 0), line["starts_at"], line["ends_at"],
            kind=line.get("kind"), budget_hours=line.get("budget_hours"),
        )
        for line in facts["lines"]
    ]  # fmt: skip


def beside(facts: dict[str, Any]) -> service.Extra:
    return {
        "mode": facts["mode"], "stage": facts["stage"], "mode_answers": facts["mode_answers"],
        "change": facts["change"], "grant": facts["grant"],
    }  # fmt: skip


def terms_of(row: QuotaRequest, facts: dict[str, Any]) -> dict[int, Term] | None:
    """Line id → what is wanted of it; None: all that is open where it was asked for.

    Of a line that is not named nothing is given. ``placements`` alone: all of it, with the places they name.
    """
    ids = {str(line.public_id): line for line in row.current_lines}
    places, amounts = facts.get("placements", {}), facts.get("amounts")
    terms = {str(each["line"]): each for each in facts.get("lines", ())}
    if amounts is None and not terms and not places:
        return None
    if unknown := sorted({*places, *(amounts or ()), *terms} - ids.keys()):
        raise Refused(
            _("%(reference)s has no line %(line)s in its newest revision.")
            % {"reference": row.reference, "line": unknown[0]},
            field="amounts",
        )
    if amounts is None and not terms:
        amounts = {name: line.amount for name, line in ids.items()}
    found = {ids[name].pk: Term(gpus, pool_id(ids[name], places.get(name))) for name, gpus in (amounts or {}).items()}
    for name, each in terms.items():
        pool = each.get("pool")
        found[ids[name].pk] = Term(
            each["amount"], pool.pk if pool else None, each.get("starts_at"), each.get("ends_at"),
            rest_open=each["rest_open"], budget_hours=each.get("budget_hours"),
        )  # fmt: skip
    return found


def pool_id(line: RequestLine, pool: CapacityPool | None) -> int | None:
    """A placement is for lines that name no pool; others are moved by ``lines`` only."""
    return pool.pk if pool and line.pool_id is None else None


class QuotaViewSet(ReadViewSet):
    queryset = Quota.objects.select_related("tenant", "pool", "environment")
    serializer_class = s.QuotaSerializer
    filterset_class = filters.QuotaFilters
