"""Telling people what happened that concerns them: rows of ids, whose words are found by whoever reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from portal.core.access import PersonScope, ScopedQuerySet
from portal.core.audit import record
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.registry import act_words, notice_acts, target_pages, target_rows
from portal.models import MailRhythm, NoticeChoice, Notification, User


class NotificationQuerySet(ScopedQuerySet[Notification]):
    """A person's own; nobody else sees them, whatever their role."""

    scopes = (PersonScope("user", ["view"]),)

    def in_bell(self) -> NotificationQuerySet:
        """Without those that the person wants by mail alone."""
        return self.filter(bell=True)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True, bell=True)


def notifications() -> NotificationQuerySet:
    return NotificationQuerySet(Notification)


def notify(act: str, *, to: Iterable[int], target: Any, acting_user: User | None) -> None:
    """Notify the people with the ids ``to`` of ``act`` on ``target``, inside the transaction of the act.

    Never the one who acted, nobody twice of the same while the first is unread, and nobody of what they do not want.
    """
    if act not in notice_acts:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"notification of {act!r} outside the transaction of its act")
    people = sorted(set(to) - {acting_user.pk if acting_user else None})
    about = {"act": act, "target_type": target._meta.label, "target_public_id": target.public_id}
    with as_worker():
        choices = NoticeChoice.objects.filter(user_id__in=people).in_bulk(field_name="user_id")
        wanted = {pk: ways(choices.get(pk), act) for pk in people}
        rows = [Notification(user_id=pk, bell=bell, **about) for pk, (bell, mail) in wanted.items() if bell or mail]
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
    announce("notification.new", topics=[f"user.{row.user_id}" for row in rows if row.bell])


def ways(choice: NoticeChoice | None, act: str) -> tuple[bool, bool]:
    """Whether somebody wants to be told of ``act`` in the bell, and whether by mail."""
    if choice is None:
        return True, True
    return act not in choice.not_in_bell, choice.rhythm != MailRhythm.NEVER and act not in choice.not_by_mail


def targets(rows: Iterable[Any], reader: User) -> dict[tuple[str, Any], models.Model]:
    """(kind, public id) → what the rows are about and the reader may see today: one query for each kind of target.

    ``rows``: notifications or events of the record. Who may read that something happened may not always see the thing.
    """
    wanted: dict[str, set[Any]] = defaultdict(set)
    for row in rows:
        if row.target_type in target_pages:
            wanted[row.target_type].add(row.target_public_id)
    found: dict[tuple[str, Any], models.Model] = {}
    for label, ids in wanted.items():
        model: Any = apps.get_model(label)
        about: Any = target_rows[label]() if label in target_rows else model.objects
        visible = about.visible_to(reader).filter(public_id__in=ids - {None})
        if beside := getattr(model, "described_with", ()):
            visible = visible.select_related(*beside)
        for target in visible:
            found[label, target.public_id] = target
    return found


def attach_targets(rows: Sequence[Notification], reader: User) -> None:
    """Put onto each row its ``target`` as the reader may see it today, or None."""
    found = targets(rows, reader)
    for row in rows:
        row.target = found.get((row.target_type, row.target_public_id))  # type: ignore[attr-defined]  # for the page alone


def described(target: Any) -> str:
    """What a notification is about, in more words than its name where it has some."""
    return str(getattr(target, "described", target))


def word(row: Notification) -> str:
    return str(act_words[row.act]) if row.act in act_words else row.act


def unread_count(reader: User) -> int:
    return notifications().visible_to(reader).unread().count()


def choice_of(user: User) -> NoticeChoice:
    """What somebody wants to be told, and how; not saved yet for those who never chose."""
    return NoticeChoice.objects.filter(user=user).first() or NoticeChoice(user=user)


@transaction.atomic
def choose_notices(
    *, acting_user: User, rhythm: str, hour: int, not_in_bell: Iterable[str] = (), not_by_mail: Iterable[str] = ()
) -> NoticeChoice:
    """Keep what a person wants to be told: by acts, in the bell and by mail. What is there already stays."""
    row, _new = NoticeChoice.objects.update_or_create(
        user=acting_user,
        defaults={
            "rhythm": rhythm, "hour": hour,
            "not_in_bell": sorted({act for act in not_in_bell if act in notice_acts}),
            "not_by_mail": sorted({act for act in not_by_mail if act in notice_acts}),
        },
    )  # fmt: skip
    record("notices.chosen", acting_user=acting_user, target=acting_user, after={"rhythm": rhythm, "hour": hour})
    return row


@transaction.atomic
def mark_read(*, acting_user: User, notification: Notification | None = None) -> int:
    """Mark one of the person's own notifications as read, or all of them. How many were unread."""
    rows = notifications().visible_to(acting_user).unread()
    if notification is not None:
        rows = rows.filter(pk=notification.pk)
    changed = rows.update(read_at=timezone.now())
    if changed:
        announce("notification.read", topics=[f"user.{acting_user.pk}"])
    return changed
