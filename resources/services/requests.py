"""A tenant asks for GPUs: drafts, sends, answers, withdraws. Deciding is in ``decisions``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import Conflict, MovedMeanwhile, Refused
from portal.core.events import announce
from portal.core.references import next_reference
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import AccessMode, Decision, Grant, QuotaRequest, RequestAnswer, RequestSubmission
from resources.queries.modes import offered_modes
from resources.queries.requests import face_of
from resources.services import topics
from resources.services.grant_changes import check_change
from resources.services.notices import notify_of_request
from resources.services.wishes import Wish, check_mode, check_wishes, kept_answers, plain, wish_of, write_lines
from tenants.models import PolicyRule, Project
from tenants.queries.policies import policy

State = QuotaRequest.State


class Extra(TypedDict, total=False):
    """What a request says beside its purpose and its lines."""

    mode: AccessMode | None
    stage: str
    mode_answers: Mapping[str, Any]
    change: str
    grant: Grant | None


@transaction.atomic
def draft_request(
    *, acting_user: User, project: Project, purpose: str, wishes: Sequence[Wish], **extra: Unpack[Extra]
) -> QuotaRequest:
    """Keep a request that only the tenant sees."""
    check_wishes(project, wishes)
    check_change(extra.get("change", ""), extra.get("grant"), project, wishes)
    request = QuotaRequest.objects.create(
        tenant_id=project.tenant_id,
        authority_id=project.authority_id,
        project=project,
        reference=next_reference("QR"),
        purpose=purpose,
        requested_by=acting_user,
        change=extra.get("change") or QuotaRequest.Change.NEW,
        grant=extra.get("grant"),
        **_said(project, extra),
    )
    write_lines(request, wishes)
    _record("request.drafted", acting_user, request, after={"lines": plain(wishes)})
    return request


@transaction.atomic
def send_request(
    *, acting_user: User, project: Project, purpose: str, wishes: Sequence[Wish], **extra: Unpack[Extra]
) -> QuotaRequest:
    """Write a request and send it at once: both or neither."""
    request = draft_request(acting_user=acting_user, project=project, purpose=purpose, wishes=wishes, **extra)
    return submit_request(acting_user=acting_user, request=request)


@transaction.atomic
def change_draft(
    *,
    acting_user: User,
    request: QuotaRequest,
    project: Project,
    purpose: str,
    wishes: Sequence[Wish],
    send: bool = False,
    seen: str = "",
    **extra: Unpack[Extra],
) -> QuotaRequest:
    """Rewrite a draft, and ``send`` it in the same breath or not; what was sent is never edited.

    ``seen``: which text was read before (``face_of``); one that somebody changed meanwhile is not written over unread.
    """
    request = QuotaRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != State.DRAFT or project.tenant_id != request.tenant_id:
        raise Conflict(
            _("%(reference)s was sent and can no longer be edited. Withdraw it, or wait for the decision.")
            % {"reference": request.reference}
        )
    if seen and seen != face_of(request):
        raise MovedMeanwhile(
            _(
                "%(reference)s was changed meanwhile, by a colleague or in another window. Look at it there; to put what "
                "stands here in its place, press the button again."
            )
            % {"reference": request.reference}
        )
    check_wishes(project, wishes)
    request.lines.all().delete()
    said = {"project": project, "purpose": purpose, **_said(project, extra)}
    for name, value in said.items():
        setattr(request, name, value)
    request.save(update_fields=list(said))
    write_lines(request, wishes)
    _record("request.draft_changed", acting_user, request, after={"lines": plain(wishes)})
    return submit_request(acting_user=acting_user, request=request) if send else request


@transaction.atomic
def copy_request(*, acting_user: User, request: QuotaRequest) -> QuotaRequest:
    """A draft that asks for the same, whatever became of the other. Its access mode is the one that is offered now."""
    mode = request.mode and next(
        (each for each in offered_modes(request.authority_id) if each.slug == request.mode.slug), None
    )
    return draft_request(
        acting_user=acting_user, project=request.project, purpose=request.purpose, mode=mode, stage=request.stage,
        wishes=[wish_of(line) for line in request.current_lines], mode_answers=request.mode_answers,
    )  # fmt: skip


def _said(project: Project, extra: Extra) -> dict[str, Any]:
    mode = extra.get("mode")
    if mode is not None and (not mode.is_published or mode.authority_id not in {None, project.authority_id}):
        raise Refused(
            _("“%(mode)s” is no access mode of the authority of %(tenant)s. Choose one of those that it offers.")
            % {"mode": mode, "tenant": project.tenant.name},
            field="mode",
        )
    answers = kept_answers(mode, extra.get("mode_answers") or {})
    return {"mode": mode, "stage": extra.get("stage") or project.stage, "mode_answers": answers}


@transaction.atomic
def submit_request(*, acting_user: User, request: QuotaRequest) -> QuotaRequest:
    """Send a draft to those who decide; from here on its content stands. Its access mode says by when it is decided."""
    wishes = [wish_of(line) for line in request.current_lines]
    check_wishes(request.project, wishes)
    check_change(request.change, request.grant, request.project, wishes)
    if request.mode:
        check_mode(request.mode, wishes, request.mode_answers)
    now = timezone.now()
    days = request.mode.service_days if request.mode else policy(request.authority_id, PolicyRule.Key.DECISION_DAYS)
    advance(request, State.SUBMITTED, submitted_at=now, due_at=now + timedelta(days=days))
    _keep_as_sent(acting_user, request)
    _record("request.submitted", acting_user, request, after={"due_at": request.due_at})
    announce("request.submitted", topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request("request.submitted", request, acting_user)
    if request.mode and request.mode.auto_decision:
        nudge("resources.look_at_request", request.pk)
    return request


def _keep_as_sent(acting_user: User, request: QuotaRequest) -> None:
    RequestSubmission.objects.create(
        tenant_id=request.tenant_id, authority_id=request.authority_id, request=request, revision=request.revision,
        purpose=request.purpose, stage=request.stage, mode_answers=request.mode_answers, sent_by=acting_user,
    )  # fmt: skip


@transaction.atomic
def withdraw_request(*, acting_user: User, request: QuotaRequest, reason: str = "") -> QuotaRequest:
    """Take back what is not decided yet."""
    before = request.state
    advance(request, State.WITHDRAWN, decided_at=timezone.now())
    _record("request.withdrawn", acting_user, request, before={"state": before}, reason=reason)
    announce("request.withdrawn", topics=topics.of_request(request), request=str(request.public_id))
    return request


@transaction.atomic
def answer_request(
    *,
    acting_user: User,
    request: QuotaRequest,
    text: str,
    purpose: str = "",
    wishes: Sequence[Wish] = (),
    mode_answers: Mapping[str, Any] | None = None,
    stage: str = "",
) -> QuotaRequest:
    """Answer what the approver asked, with changed lines or the same ones: a new revision, which resets decisions.

    The clock of the request stood while it waited for this answer; the due date moves by that long.
    """
    lines = list(request.current_lines)
    wanted = list(wishes) or [wish_of(line) for line in lines]
    answers = request.mode_answers if mode_answers is None else kept_answers(request.mode, mode_answers)
    check_wishes(request.project, wanted)
    if request.mode:
        check_mode(request.mode, wanted, answers)
    asked = request.decisions.filter(outcome=Decision.Outcome.ASK).order_by("-pk").first()
    waited = timezone.now() - asked.created_at if asked else timedelta()
    revision = request.revision + 1
    advance(
        request,
        State.IN_REVIEW,
        revision=revision,
        purpose=purpose or request.purpose,
        stage=stage or request.stage,
        mode_answers=answers,
        due_at=request.due_at + waited if request.due_at else None,
    )
    owned = {"tenant_id": request.tenant_id, "authority_id": request.authority_id}
    RequestAnswer.objects.create(**owned, request=request, revision=revision, text=text, answered_by=acting_user)
    write_lines(request, wanted)
    _keep_as_sent(acting_user, request)
    _record(
        "request.answered",
        acting_user,
        request,
        before={"lines": plain([wish_of(line) for line in lines])},
        after={"lines": plain(wanted), "revision": revision},
        reason=text,
    )
    announce("request.answered", topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request("request.answered", request, acting_user)
    return request


def _record(act: str, acting_user: User, request: QuotaRequest, **facts: object) -> None:
    audit.record(
        act,
        acting_user=acting_user,
        target=request,
        tenant=request.tenant,
        authority=request.authority,
        **facts,  # type: ignore[arg-type]  # before, after and reason, as audit.record takes them
    )
