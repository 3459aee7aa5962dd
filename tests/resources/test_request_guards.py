"""What the database refuses of requests, access modes and what lines are granted when nobody asks a service."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from resources.models import AccessMode, DecisionLine, Grant, QuotaRequest, RequestDocument, RequestLine
from resources.services.decisions import approve_request
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tests.factories.resources import make_draft, make_pool, make_request, make_share, period
from tests.factories.tenants import make_project
from tests.resources.test_guards import step


def refused(text):
    return pytest.raises(IntegrityError, match=text)


def anywhere(house, amount=10, budget=None):
    wish = Wish(None, amount, *period(), kind=house.pool.kind, budget_hours=budget)
    return draft_request(acting_user=house.owner, project=house.project, purpose="Training", wishes=[wish])


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "Something nicer"},
        {"stage": "edge"},
        {"mode_answers": {"a": "b"}},
        {"state": "draft"},
        {"revision": 0},
        {"submitted_at": timezone.now()},
        {"revision": 3, "purpose": "Skipped one"},
    ],
)
def test_a_sent_request_stays_as_it_was_sent(house, fields):
    request = make_request(house.project, house.pool, house.owner)
    with refused("stays as it was sent"), transaction.atomic():
        QuotaRequest.objects.filter(pk=request.pk).update(**fields)


def test_a_sent_request_keeps_project_and_mode(house):
    request = make_request(house.project, house.pool, house.owner)
    mode = AccessMode.objects.get(slug="playground")
    for fields in ({"project": make_project(house.tenant)}, {"mode": mode}):
        with refused("stays as it was sent"), transaction.atomic():
            QuotaRequest.objects.filter(pk=request.pk).update(**fields)


def test_a_draft_may_change_and_a_next_revision_may_say_more(house):
    draft = make_draft(house.project, house.pool, house.owner)
    QuotaRequest.objects.filter(pk=draft.pk).update(purpose="Otherwise")
    sent = make_request(house.project, house.pool, house.owner)
    QuotaRequest.objects.filter(pk=sent.pk).update(purpose="Otherwise", revision=2)


def test_what_was_sent_with_a_revision_stays(house):
    request = make_request(house.project, house.pool, house.owner)
    for edit in (lambda: request.submissions.update(purpose="x"), lambda: request.submissions.all().delete()):
        with refused("stays as it was written"), transaction.atomic():
            edit()


def test_a_document_of_a_sent_request_stays(house):
    request = make_request(house.project, house.pool, house.owner)
    row = RequestDocument.objects.create(
        tenant=house.tenant, authority=house.authority, request=request, name="a.pdf", ending="pdf", size=1,
        sha256="0" * 64, key="k" * 32, added_by=house.owner,
    )  # fmt: skip
    RequestDocument.objects.filter(pk=row.pk).update(state="clean")
    for edit in (lambda: request.documents.update(name="b.pdf"), lambda: request.documents.all().delete()):
        with refused("stays as it was attached"), transaction.atomic():
            edit()


def test_a_published_mode_stays():
    mode = AccessMode.objects.filter(authority=None).first()
    with refused("stays as it was written"), transaction.atomic():
        AccessMode.objects.filter(pk=mode.pk).update(max_gpus=1)
    with refused("stays as it was written"), transaction.atomic():
        AccessMode.objects.filter(pk=mode.pk).delete()


test_a_published_mode_stays = pytest.mark.django_db(test_a_published_mode_stays)


def test_a_line_names_pool_and_cluster_or_neither(house):
    line = make_draft(house.project, house.pool, house.owner).lines.get()
    for fields in ({"pool": None}, {"cluster": None}, {"capped": True}, {"budget_hours": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RequestLine.objects.filter(pk=line.pk).update(**fields)
    RequestLine.objects.filter(pk=line.pk).update(pool=None, cluster=None)


def test_a_line_is_granted_in_its_kind_alone(house):
    request = submit_request(acting_user=house.owner, request=anywhere(house))
    other = make_share(make_pool(cluster=house.cluster), house.authority)
    decision = step(house, request, house.approver)
    common = {"tenant": house.tenant, "authority": house.authority, "decision": decision, "granted": 5}
    with refused("another kind granted"), transaction.atomic():
        DecisionLine.objects.create(line=request.lines.get(), share=other, **common)
    DecisionLine.objects.create(line=request.lines.get(), share=house.share, **common)


@pytest.mark.parametrize("budget", [None, 1001])
def test_a_budget_is_granted_within_what_was_asked(house, budget):
    request = submit_request(acting_user=house.owner, request=anywhere(house, amount=0, budget=1000))
    common = {
        "tenant": house.tenant, "authority": house.authority, "decision": step(house, request, house.approver),
        "share": house.share, "line": request.lines.get(), "granted": 2,
    }  # fmt: skip
    with refused("more GPU-hours granted"), transaction.atomic():
        DecisionLine.objects.create(budget_hours=budget, **common)
    DecisionLine.objects.create(budget_hours=1000, **common)


@pytest.mark.parametrize("fields", [{"budget_hours": 7}, {"supersedes_id": 1}])
def test_a_grant_keeps_its_budget_and_what_it_replaced(house, fields):
    approve_request(acting_user=house.approver, request=make_request(house.project, house.pool, house.owner))
    (grant,) = Grant.objects.values("pk", *fields)
    # Two triggers forbid it; the one whose name comes first in the alphabet says so.
    with refused(f"grant {grant['pk']}.*(stays as it was written|may be given up, not changed)"), transaction.atomic():
        Grant.objects.update(**fields)
    assert Grant.objects.values("pk", *fields).get() == grant
