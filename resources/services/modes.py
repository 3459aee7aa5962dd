"""Access modes of an authority: versions of each. A published one is never edited; a request keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from resources.errors import OverMode
from resources.models import AccessMode, QuotaRequest
from resources.queries.modes import modes_in_force
from resources.queries.requests import with_lines
from resources.services.wishes import check_mode, wish_of
from tenants.models import Authority
from tenants.questions.schema import WrongSet, read_questions

FACTS = (
    "name", "about", "questions", "max_gpus", "max_gpu_hours", "max_months", "service_days", "auto_decision", "offered",
    "position",
)  # fmt: skip
LOOKS_BACK, MOST = timedelta(days=365), 2_000
NOT_HERE = frozenset({"file", "legal_id"})
"""Kinds of questions that requests do not ask: files are documents of the request, and its tenant is known."""


@transaction.atomic
def begin_mode(*, acting_user: User, authority: Authority, slug: str) -> AccessMode:
    """A next version to work on, made of what is in force by that short name, or a new mode; the one begun already."""
    hold("access-mode", authority.pk)
    mine = AccessMode.objects.filter(authority=authority, slug=slug)
    found = mine.filter(published_at=None).first()
    if found is not None:
        return found
    now = next((mode for mode in modes_in_force(authority) if mode.slug == slug), None)
    facts: dict[str, Any] = {name: getattr(now, name) for name in FACTS} if now else {"service_days": 10}
    if not now:
        facts["name"] = {"en": slug.replace("-", " ").capitalize()}
    version = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
    row = AccessMode.objects.create(authority=authority, slug=slug, version=version, set_by=acting_user, **facts)
    record(
        "mode.begun", acting_user=acting_user, target=row, authority=authority, after={"mode": slug, "version": version}
    )
    return row


@transaction.atomic
def write_mode(*, acting_user: User, row: AccessMode, facts: Mapping[str, Any]) -> AccessMode:
    """Write ``facts`` (of FACTS) into an unpublished version. Questions that cannot be asked are refused."""
    locked = _unpublished(row)
    if "questions" in facts:
        _check_questions(facts["questions"])
    if not facts.get("name", locked.name).get("en", "").strip():
        raise Refused(_("Give it a name in English; other languages fall back to it."), field="name_en")
    before = {name: getattr(locked, name) for name in facts if name in FACTS and getattr(locked, name) != facts[name]}
    for name in before:
        setattr(locked, name, facts[name])
    locked.set_by = acting_user
    locked.save(update_fields=[*before, "set_by"])
    record(
        "mode.changed", acting_user=acting_user, target=locked, authority=locked.authority, before=before,
        after={name: getattr(locked, name) for name in before},
    )  # fmt: skip
    return locked


def _check_questions(questions: Any) -> None:
    try:
        asked = read_questions(questions)
    except WrongSet as wrong:
        raise Refused(wrong.sentences[0], code="tenants.question_set", sentences=wrong.sentences) from None
    for question in asked:
        if question.kind in NOT_HERE:
            raise Refused(
                _("“%(key)s” cannot be asked here: files are attached to the request, and its tenant is known.")
                % {"key": question.key},
                field="kind",
            )


@deciding
@transaction.atomic
def publish_mode(*, acting_user: User, row: AccessMode, note: str) -> AccessMode:
    """Offer this from now on. Requests that were begun before go on with the version that they were asked."""
    locked = _unpublished(row)
    if not note.strip():
        raise Refused(_("Write what changed: whoever compares the versions reads it."), field="note")
    locked.note, locked.published_at, locked.set_by = note.strip(), timezone.now(), acting_user
    locked.save(update_fields=["note", "published_at", "set_by"])
    record(
        "mode.published", acting_user=acting_user, target=locked, authority=locked.authority,
        after={"mode": locked.slug, "version": locked.version}, reason=locked.note,
    )  # fmt: skip
    return locked


@transaction.atomic
def drop_mode(*, acting_user: User, row: AccessMode) -> None:
    """Give up the version that is worked on; what is offered stays as it is."""
    locked = _unpublished(row)
    record(
        "mode.dropped", acting_user=acting_user, target=locked, authority=locked.authority,
        before={"mode": locked.slug, "version": locked.version},
    )  # fmt: skip
    locked.delete()


@dataclass(frozen=True, slots=True)
class Hit:
    """Requests of the last year in a mode: how many, which of them its limits would refuse and why, how many are open."""

    asked: int
    open: int
    refused: tuple[tuple[QuotaRequest, str], ...]


def hit_by(mode: AccessMode, user: User) -> Hit:
    """Of what ``user`` sees: whom the limits of a version would hit, tried on what was asked in the last year."""
    rows = QuotaRequest.objects.visible_to(user).filter(
        mode__slug=mode.slug, authority=mode.authority_id, submitted_at__gte=timezone.now() - LOOKS_BACK
    )  # fmt: skip
    found = list(rows.select_related("tenant").prefetch_related(with_lines()).order_by("-submitted_at", "-pk")[:MOST])
    refused = []
    for request in found:
        wishes = [wish_of(line) for line in request.lines.all() if line.revision == request.revision]
        try:
            check_mode(mode, wishes)
        except OverMode as refusal:
            refused.append((request, str(refusal)))
    return Hit(len(found), sum(request.state in QuotaRequest.OPEN for request in found), tuple(refused))


def _unpublished(row: AccessMode) -> AccessMode:
    locked = AccessMode.objects.select_for_update(of=("self",)).select_related("authority").filter(pk=row.pk).first()
    if locked is None or locked.is_published:
        raise Conflict(
            _(
                "This version is in force or gone, and what was offered stays as it was. Begin the next version instead."
            ),
            code="resources.mode_published",
        )
    return locked
