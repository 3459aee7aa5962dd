"""What leaving means here: open requests are taken back, grants end, quotas become zero, and so do environments.

Said beforehand in numbers (``effects_of``), done afterwards by the same choice of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import ngettext

from portal.core import audit, files
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.registry import Effect
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from resources.models import (
    Environment,
    Grant,
    GrantCondition,
    GrantConditionStep,
    IdleFinding,
    IdleStep,
    Quota,
    QuotaRequest,
    RequestAnswer,
    RequestDocument,
    RequestLetter,
    RequestSubmission,
    SampleMinute,
)
from resources.services import topics
from resources.services.quotas import set_wanted
from tenants.models import Project, Tenant

OPEN = ("draft", *QuotaRequest.OPEN)
Scope = dict[str, Any]
"""Whose: {"tenant": …} or {"project": …}."""


def open_requests(of: Tenant | Project) -> QuerySet[QuotaRequest]:
    return QuotaRequest.objects.filter(**_scope(of, "project"), state__in=OPEN)


def counting_grants(of: Tenant | Project) -> QuerySet[Grant]:
    return Grant.objects.filter(**_scope(of, "environment__project"), state__in=Grant.COUNTING)


def quotas_there(of: Tenant | Project) -> QuerySet[Quota]:
    """Quotas that a cluster still has."""
    return Quota.objects.filter(**_scope(of, "environment__project")).exclude(state=Quota.State.REMOVED)


def _scope(of: Tenant | Project, path: str) -> Scope:
    return {"tenant": of} if isinstance(of, Tenant) else {path: of}


def effects_of(of: Tenant | Project) -> list[Effect]:
    """What ends, in numbers. A tenant's grants and requests end when it is closed, its quotas become zero before."""
    last = "close" if isinstance(of, Tenant) else "begin"
    grants, requests, quotas = counting_grants(of), open_requests(of), quotas_there(of)
    gpus = grants.aggregate(all=Sum("amount"))["all"] or 0
    running = quotas.aggregate(all=Sum("observed_used"))["all"] or 0
    places = Environment.objects.filter(quotas__in=quotas).distinct().count()
    told = [
        Effect("quotas", quotas.filter(wanted__gt=0).count(), ngettext(
            "%(n)d quota becomes zero on its cluster: nothing new can start.",
            "%(n)d quotas become zero on their clusters: nothing new can start.", quotas.filter(wanted__gt=0).count(),
        )),
        Effect("running", running, ngettext(
            "Work on %(n)d GPU runs now; it is not killed and may end by itself.",
            "Work on %(n)d GPUs runs now; it is not killed and may end by itself.", running,
        ), "keep"),
        Effect("requests", requests.count(), ngettext(
            "%(n)d open request for GPUs is taken back.", "%(n)d open requests for GPUs are taken back.", requests.count(),
        ), last),
        Effect("grants", grants.count(), ngettext(
            "%(n)d grant is revoked, with %(gpus)d GPUs in all.", "%(n)d grants are revoked, with %(gpus)d GPUs in all.",
            grants.count(),
        ), last),
        Effect("environments", places, ngettext(
            "%(n)d environment is removed from its cluster, with what lies in it there.",
            "%(n)d environments are removed from their clusters, with what lies in them there.", places,
        ), last),
    ]  # fmt: skip
    return [
        Effect(each.key, each.count, each.sentence % {"n": each.count, "gpus": gpus}, each.when)
        for each in told
        if each.count
    ]


@transaction.atomic
def end_everything(*, acting_user: User | None, of: Tenant | Project) -> None:
    """Take back open requests, revoke what is granted, let quotas become zero and their environments go."""
    for request in open_requests(of).select_related("tenant", "authority", "project").order_by("pk"):
        _withdraw(acting_user, request)
    grants = list(
        counting_grants(of).select_related("environment", "pool__cluster", "tenant", "authority").order_by("pk")
    )
    hold("pool", *(grant.pool_id for grant in grants))
    for grant in grants:
        before = grant.state
        advance(grant, Grant.State.REVOKED)
        set_wanted(grant.environment, grant.pool)
        audit.record(
            "grant.revoked", acting_user=acting_user, target=grant, tenant=grant.tenant, authority=grant.authority,
            before={"state": before}, after={"state": grant.state, "gpus": grant.amount},
        )  # fmt: skip
        told = [f"tenant.{grant.tenant_id}", f"authority.{grant.authority_id}"]
        announce("grant.revoked", topics=told, grant=str(grant.public_id))
    nudge("resources.enforce_quotas")


def _withdraw(acting_user: User | None, request: QuotaRequest) -> None:
    before = request.state
    if request.state == QuotaRequest.State.AWAITING_SECOND:
        advance(request, QuotaRequest.State.IN_REVIEW)
    advance(request, QuotaRequest.State.WITHDRAWN, decided_at=timezone.now())
    audit.record(
        "request.withdrawn", acting_user=acting_user, target=request, tenant=request.tenant,
        authority=request.authority, before={"state": before}, after={"state": request.state},
    )  # fmt: skip
    announce("request.withdrawn", topics=topics.of_request(request), request=str(request.public_id))


@contextmanager
def erasing(tenant: Tenant) -> Iterator[None]:
    """Within it the database lets what a closed tenant had sent be emptied (migrations/_erasing.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.erasing', %s, true)", [str(tenant.pk)])
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.erasing', '', true)")


def erase_texts(tenant: Tenant) -> dict[str, int]:
    """What people of the tenant wrote and attached, and what they used by the minute.

    Numbers stay: requests, decisions and grants are the record of who was promised what, and hours of use are its sum.
    """
    with erasing(tenant):
        conditions = GrantCondition.objects.filter(tenant=tenant).update(note="", document=None)
        documents = list(RequestDocument.objects.filter(tenant=tenant))
        for document in documents:
            files.forget(document.key)
            document.delete()
        return {
            "documents_of_requests": len(documents),
            "requests": QuotaRequest.objects.filter(tenant=tenant).update(purpose="", mode_answers={}),
            "submissions": RequestSubmission.objects.filter(tenant=tenant).update(purpose="", mode_answers={}),
            "answers": RequestAnswer.objects.filter(tenant=tenant).delete()[0],
            "letters_of_requests": RequestLetter.objects.filter(tenant=tenant).update(subject="", body="", pdf=b""),
            "reasons_of_idle": IdleFinding.objects.filter(tenant=tenant).update(reason=""),
            "texts_of_idle": IdleStep.objects.filter(tenant=tenant).update(text=""),
            "notes_on_conditions": conditions,
            "texts_of_conditions": GrantConditionStep.objects.filter(tenant=tenant).update(text=""),
            "minutes": SampleMinute.objects.filter(tenant=tenant).delete()[0],
        }
