"""One mail of what happened, at the time that its reader chose: many notifications, never a storm.

A digest is a row before it is a mail: what it holds is taken out of the pending notifications in one transaction, then
it is claimed, written with no transaction open, sent, and settled. Killed between sending and settling it goes out
once more, under the same Message-ID, which mail programmes show once.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.locks import hold
from portal.core.notices import attach_targets, described, word
from portal.core.outbox import claim, settle
from portal.core.registry import target_pages
from portal.core.tasks import nudge
from portal.models import MailDigest, MailRhythm, NoticeChoice, Notification, User

log = structlog.get_logger(__name__)

QUARTER = timedelta(minutes=15)
OLDEST = timedelta(days=8)
"""What nobody was mailed of by then is no news any more."""
MOST_LINES = 60
AT_ONCE = 200
LEASE_SECONDS = 120
TRIED_FOR = timedelta(days=2)
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=4)


def make_digests(now: datetime | None = None) -> int:
    """Put together what is due to be mailed, one digest for each person; how many. Late or twice, nothing is lost."""
    moment = now or timezone.now()
    pending = _pending(moment).order_by().values_list("user_id").annotate(Min("created_at"))
    waiting: dict[int, datetime] = dict(pending)
    people = User.objects.filter(pk__in=waiting, is_active=True).in_bulk()
    choices = NoticeChoice.objects.filter(user_id__in=waiting).in_bulk(field_name="user_id")
    due = [
        pk for pk, person in people.items()
        if waiting[pk] < slot(choices.get(pk), person, moment)
    ]  # fmt: skip
    return sum(_put_together(pk, choices.get(pk), moment) for pk in sorted(due)[:AT_ONCE])


def slot(choice: NoticeChoice | None, person: User, now: datetime) -> datetime:
    """The last moment at which a mail was to be put together: what happened before it is due."""
    chosen = choice or NoticeChoice()
    here = now.astimezone(_zone(person))
    match chosen.rhythm:
        case MailRhythm.SOON:
            return now - QUARTER
        case MailRhythm.HOURLY:
            return here.replace(minute=0, second=0, microsecond=0)
        case MailRhythm.NEVER:
            return now - OLDEST
    today = here.replace(hour=chosen.hour, minute=0, second=0, microsecond=0)
    begun = today if today <= here else today - timedelta(days=1)
    return begun - timedelta(days=begun.weekday()) if chosen.rhythm == MailRhythm.WEEKLY else begun


def send_digests() -> int:
    """Send what waits and is due; how many mails went out."""
    due = MailDigest.objects.filter(sent_at=None, given_up_at=None, next_at__lte=timezone.now())
    return sum(_send(digest) for digest in claim(due, lease_seconds=LEASE_SECONDS, limit=AT_ONCE))


def _pending(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(read_at=None, digest=None, created_at__gte=now - OLDEST)


@transaction.atomic
def _put_together(user_id: int, choice: NoticeChoice | None, now: datetime) -> bool:
    hold("digest", user_id)
    rows = _pending(now).filter(user_id=user_id)
    if choice is not None:
        rows = rows.exclude(act__in=choice.not_by_mail)
    if not rows.exists():
        return False
    digest = MailDigest.objects.create(user_id=user_id, next_at=now)
    rows.update(digest=digest)
    nudge("tenants.send_digests")
    return True


def _send(digest: MailDigest) -> bool:
    mail = write(digest)
    try:
        if mail is not None:
            mail.send()
    except OSError as error:  # smtplib's errors are OSErrors, as are a server's that is away
        log.warning("digest_not_sent", digest=str(digest.public_id), error=type(error).__name__)
        _later(digest)
        return False
    settle(digest, sent_at=timezone.now())
    digest.notifications.filter(bell=False, read_at=None).update(read_at=timezone.now())
    return mail is not None


def _later(digest: MailDigest) -> None:
    now = timezone.now()
    given_up = now if now - digest.created_at > TRIED_FOR else None
    wait = min(FIRST_WAIT * 2**digest.attempts, LONGEST_WAIT)
    settle(digest, attempts=digest.attempts + 1, next_at=now + wait, given_up_at=given_up)


def write(digest: MailDigest) -> EmailMessage | None:
    """The mail, in its reader's language and time; None when nothing of it is left for them to read."""
    reader = digest.user
    if not reader.is_active:
        return None
    rows = list(digest.notifications.filter(read_at=None).order_by("act", "created_at")[: MOST_LINES + 1])
    attach_targets(rows, reader)
    rows = [row for row in rows if row.target is not None]  # type: ignore[attr-defined]  # attached above
    if not rows:
        return None
    with translation.override(reader.language or settings.LANGUAGE_CODE), timezone.override(_zone(reader)):
        count = len(rows)
        facts = {"count": count, "portal": settings.PORTAL_NAME}
        subject = ngettext(
            "%(portal)s: %(count)d thing concerns you", "%(portal)s: %(count)d things concern you", count
        )
        return EmailMessage(
            subject % facts, "\n".join(_lines(reader, rows)), settings.DEFAULT_FROM_EMAIL, [reader.email],
            headers={
                "Message-ID": f"<{digest.public_id}@{urlsplit(settings.PORTAL_URL).hostname or 'localhost'}>",
                "Auto-Submitted": "auto-generated",
            },
        )  # fmt: skip


def _lines(reader: User, rows: Iterable[Notification]) -> Iterator[str]:
    yield _("Hello %(name)s,") % {"name": reader.get_full_name()}
    yield ""
    yield _("this happened since the last mail:")
    for act_word, group in groupby(list(rows)[:MOST_LINES], key=word):
        yield f"\n{act_word}"
        for row in group:
            when = timezone.localtime(row.created_at).strftime("%Y-%m-%d %H:%M %Z")
            yield f"- {described(row.target)} ({when})"  # type: ignore[attr-defined]  # attached by write
            yield f"  {_address(target_pages[row.target_type], row.target_public_id)}"
    if len(list(rows)) > MOST_LINES:
        yield "\n" + _("There is more; all of it stands here:") + f"\n{_address('notifications')}"
    yield ""
    yield _("How often you get this mail, and about what, you choose here:")
    yield _address("notice-choices")


def _address(name: str, *args: object) -> str:
    return urljoin(settings.PORTAL_URL, reverse(name, args=args))


def _zone(person: User) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(person.time_zone or settings.PORTAL_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
