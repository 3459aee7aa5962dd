"""What an authority asks: versions of its question set. A published one is never edited; a case keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.locks import hold
from portal.models import User
from tenants.models import Authority, QuestionSet
from tenants.questions.schema import WrongSet, read
from tenants.services.answers import set_to_ask


@transaction.atomic
def begin_set(*, acting_user: User, authority: Authority) -> QuestionSet:
    """A next version to work on, made of what is asked now; the one that is worked on already, if there is one."""
    hold("question-set", authority.pk)
    mine = QuestionSet.objects.filter(authority=authority)
    found = mine.filter(published_at=None).first()
    if found is not None:
        return found
    now = set_to_ask(acting_user=acting_user, authority=authority)
    version = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
    row = QuestionSet.objects.create(authority=authority, version=version, content=now.content, set_by=acting_user)
    record("question_set.begun", acting_user=acting_user, target=row, authority=authority, after={"version": version})
    return row


@transaction.atomic
def write_set(*, acting_user: User, row: QuestionSet, content: Mapping[str, Any]) -> QuestionSet:
    """Put ``content`` in the place of the whole unpublished version. A set that cannot be asked is refused."""
    locked = _unpublished(row)
    try:
        read(content)
    except WrongSet as wrong:
        raise Refused(wrong.sentences[0], code="tenants.question_set", sentences=wrong.sentences) from None
    locked.content, locked.set_by = dict(content), acting_user
    locked.save(update_fields=["content", "set_by"])
    record("question_set.changed", acting_user=acting_user, target=locked, authority=locked.authority)
    return locked


@transaction.atomic
def publish_set(*, acting_user: User, row: QuestionSet, note: str) -> QuestionSet:
    """Ask this from now on. Applications begun before go on with the version they were asked."""
    locked = _unpublished(row)
    if not note.strip():
        raise Refused(_("Write what changed: whoever compares the versions reads it."), field="note")
    locked.note, locked.published_at, locked.set_by = note.strip(), timezone.now(), acting_user
    locked.save(update_fields=["note", "published_at", "set_by"])
    record(
        "question_set.published", acting_user=acting_user, target=locked, authority=locked.authority,
        after={"version": locked.version}, reason=locked.note,
    )  # fmt: skip
    return locked


@transaction.atomic
def drop_set(*, acting_user: User, row: QuestionSet) -> None:
    """Give up the version that is worked on; what is asked stays as it is."""
    locked = _unpublished(row)
    record(
        "question_set.dropped", acting_user=acting_user, target=locked, authority=locked.authority,
        before={"version": locked.version},
    )  # fmt: skip
    locked.delete()


def _unpublished(row: QuestionSet) -> QuestionSet:
    locked = QuestionSet.objects.select_for_update(of=("self",)).select_related("authority").filter(pk=row.pk).first()
    if locked is None or locked.is_published:
        raise Conflict(
            _("This version is in force or gone, and what was asked stays as it was. Begin the next version instead."),
            code="tenants.question_set_published",
        )
    return locked
