"""A tenant asks for GPUs: drafts, sends, answers, withdraws. Deciding is in ``decisions``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.references import next_reference
from portal.core.states import advance
from portal.models import User
from resources.errors import NotOffered
from resources.models import CapacityPool, Decision, QuotaRequest, RequestAnswer, RequestLine
from resources.queries.offers import offered_pools
from resources.services import topics
from resources.services.notices import notify_of_request
from tenants.errors import NotOpen
from tenants.models import PolicyRule, Project
from tenants.queries.policies import policy

State = QuotaRequest.State


@dataclass(frozen=True)
class Wish:
    """One line as asked: GPUs of a pool from ``starts_at`` until just before ``ends_at``."""

    pool: CapacityPool
    amount: int
    starts_at: datetime
    ends_at: datetime


@transaction.atomic
def draft_request(*, acting_user: User, project: Project, purpose: str, wishes: Sequence[Wish]) -> QuotaRequest:
    """Keep a request that only the tenant sees."""
    _check(project, wishes)
    request = QuotaRequest.objects.create(
        tenant_id=project.tenant_id,
        authority_id=project.authority_id,
        project=project,
        reference=next_reference("QR"),
        purpose=purpose,
        requested_by=acting_user,
    )
    _write_lines(request, wishes)
    _record("request.drafted", acting_user, request, after={"lines": _plain(wishes)})
    return request


@transaction.atomic
def change_draft(
    *, acting_user: User, request: QuotaRequest, project: Project, purpose: str, wishes: Sequence[Wish]
) -> QuotaRequest:
    """Rewrite a draft; what was sent is never edited."""
    request = QuotaRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != State.DRAFT or project.tenant_id != request.tenant_id:
        raise Conflict(
            _("%(reference)s was sent and can no longer be edited. Withdraw it, or wait for the decision.")
            % {"reference": request.reference}
        )
    _check(project, wishes)
    request.lines.all().delete()
    request.project, request.purpose = project, purpose
    request.save(update_fields=["project", "purpose"])
    _write_lines(request, wishes)
    _record("request.draft_changed", acting_user, request, after={"lines": _plain(wishes)})
    return request


@transaction.atomic
def submit_request(*, acting_user: User, request: QuotaRequest) -> QuotaRequest:
    """Send a draft to those who decide; from here on its content stands."""
    _check(request.project, [_wish(line) for line in request.current_lines])
    now = timezone.now()
    days = policy(request.authority_id, PolicyRule.Key.DECISION_DAYS)
    advance(request, State.SUBMITTED, submitted_at=now, due_at=now + timedelta(days=days))
    _record("request.submitted", acting_user, request, after={"due_at": request.due_at})
    announce("request.submitted", topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request("request.submitted", request, acting_user)
    return request


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
    *, acting_user: User, request: QuotaRequest, text: str, purpose: str = "", wishes: Sequence[Wish] = ()
) -> QuotaRequest:
    """Answer what the approver asked, with changed lines or the same ones: a new revision, which resets decisions.

    The clock of the request stood while it waited for this answer; the due date moves by that long.
    """
    lines = list(request.current_lines)
    wanted = list(wishes) or [_wish(line) for line in lines]
    _check(request.project, wanted)
    asked = request.decisions.filter(outcome=Decision.Outcome.ASK).order_by("-pk").first()
    waited = timezone.now() - asked.created_at if asked else timedelta()
    revision = request.revision + 1
    advance(
        request,
        State.IN_REVIEW,
        revision=revision,
        purpose=purpose or request.purpose,
        due_at=request.due_at + waited if request.due_at else None,
    )
    owned = {"tenant_id": request.tenant_id, "authority_id": request.authority_id}
    RequestAnswer.objects.create(**owned, request=request, revision=revision, text=text, answered_by=acting_user)
    _write_lines(request, wanted)
    _record(
        "request.answered",
        acting_user,
        request,
        before={"lines": _plain([_wish(line) for line in lines])},
        after={"lines": _plain(wanted), "revision": revision},
        reason=text,
    )
    announce("request.answered", topics=topics.of_request(request), request=str(request.public_id))
    notify_of_request("request.answered", request, acting_user)
    return request


def _check(project: Project, wishes: Sequence[Wish]) -> None:
    tenant = project.tenant
    if tenant.state != "active":
        raise NotOpen(
            _("%(tenant)s is not active, so nothing can be asked for it. Its authority can say why.")
            % {"tenant": tenant.name}
        )
    if not wishes:
        raise Refused(_("A request needs at least one line. Choose a cluster, a kind of GPU and how many."))
    offered = set(offered_pools(project).values_list("pk", flat=True))
    for wish in wishes:
        if wish.pool.pk not in offered:
            raise NotOffered(
                _(
                    "%(cluster)s cannot take %(project)s: it is not cleared for %(data)s data, lies outside the "
                    "countries of %(tenant)s, or takes nothing new. Choose one of the clusters offered."
                )
                % {
                    "cluster": wish.pool.cluster.name,
                    "project": project.name,
                    "data": project.get_data_class_display().lower(),
                    "tenant": tenant.name,
                },
                field="pool",
            )
        _check_wish(project, wish)


def _check_wish(project: Project, wish: Wish) -> None:
    if wish.amount < 1:
        raise Refused(_("Ask for at least one GPU."), field="amount")
    if wish.amount > wish.pool.installed:
        raise Refused(
            _("%(pool)s has %(installed)d GPUs in all. Ask for that many at most, or choose another cluster.")
            % {"pool": wish.pool, "installed": wish.pool.installed},
            field="amount",
        )
    if wish.ends_at <= wish.starts_at:
        raise Refused(_("The period ends before it begins. Choose a later last day."), field="until")
    if wish.ends_at <= timezone.now():
        raise Refused(_("The period is already over. Choose a later last day."), field="until")
    if project.ends_on and timezone.localtime(wish.ends_at - timedelta(microseconds=1)).date() > project.ends_on:
        raise Refused(
            _("%(project)s ends on %(day)s. Choose a last day no later than that, or change the project.")
            % {"project": project.name, "day": project.ends_on.isoformat()},
            field="until",
        )


def _write_lines(request: QuotaRequest, wishes: Sequence[Wish]) -> None:
    RequestLine.objects.bulk_create(
        [
            RequestLine(
                tenant_id=request.tenant_id,
                authority_id=request.authority_id,
                request=request,
                revision=request.revision,
                cluster_id=wish.pool.cluster_id,
                kind_id=wish.pool.kind_id,
                pool=wish.pool,
                amount=wish.amount,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
            )
            for wish in wishes
        ]
    )


def _wish(line: RequestLine) -> Wish:
    return Wish(line.pool, line.amount, line.starts_at, line.ends_at)


def _plain(wishes: Sequence[Wish]) -> list[dict[str, object]]:
    return [
        {
            "pool": str(wish.pool),
            "gpus": wish.amount,
            "from": wish.starts_at.isoformat(),
            "until": wish.ends_at.isoformat(),
        }
        for wish in wishes
    ]


def _record(act: str, acting_user: User, request: QuotaRequest, **facts: object) -> None:
    audit.record(
        act,
        acting_user=acting_user,
        target=request,
        tenant=request.tenant,
        authority=request.authority,
        **facts,  # type: ignore[arg-type]  # before, after and reason, as audit.record takes them
    )
