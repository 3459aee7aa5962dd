"""One mail of what happened, when its reader wants it: nothing twice, nothing of what they may not see."""

import smtplib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from portal.core import digests
from portal.core.notices import choose_notices, notify, unread_count
from portal.models import MailDigest, MailRhythm, NoticeChoice, Notification
from tests.factories.people import make_user
from tests.factories.tenants import make_case

TUESDAY = datetime(2026, 3, 24, 6, 30, tzinfo=UTC)


@pytest.fixture
def reader(db):
    return make_user(full_name="Zoë Ädler", time_zone="Europe/Brussels")


def tell(reader, case=None, act="case.approved", at=None):
    case = case or make_case("approved", applicant=reader)
    with transaction.atomic():
        notify(act, to=[reader.pk], target=case, acting_user=None)
    if at:
        Notification.objects.filter(user=reader).order_by("-pk").first().__class__.objects.filter(
            target_public_id=case.public_id
        ).update(created_at=at)
    return case


def choose(reader, rhythm, **more):
    return NoticeChoice.objects.create(user=reader, rhythm=rhythm, **more)


def sent_at(now):
    """How many mails the sweeps send that run at this moment."""
    digests.make_digests(now)
    return digests.send_digests()


def test_everything_of_a_day_is_one_mail_with_links(reader):
    yesterday = timezone.now() - timedelta(days=1, hours=1)
    one, two = tell(reader, at=yesterday), tell(reader, at=yesterday)
    digests.make_digests()
    assert (digests.send_digests(), len(mail.outbox)) == (1, 1)
    (sent,) = mail.outbox
    assert sent.to == [reader.email]
    assert sent.subject == "Sovereign AI Factory: 2 things concern you"
    for case in (one, two):
        assert f"http://localhost:8000/applications/{case.public_id}/" in sent.body or str(case.public_id) in sent.body
    assert "Hello Zoë Ädler," in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_nothing_is_mailed_twice_and_nothing_that_was_read(reader):
    tell(reader, at=timezone.now() - timedelta(days=2))
    read = tell(reader, at=timezone.now() - timedelta(days=2))
    Notification.objects.filter(target_public_id=read.public_id).update(read_at=timezone.now())
    assert sent_at(timezone.now()) == 1
    assert str(read.public_id) not in mail.outbox[0].body
    assert (sent_at(timezone.now()), len(mail.outbox)) == (0, 1)


def test_what_one_may_not_see_any_more_is_left_out(reader):
    case = tell(reader, at=timezone.now() - timedelta(days=2))
    case.members.all().delete()
    assert (sent_at(timezone.now()), mail.outbox) == (0, [])
    assert MailDigest.objects.get().sent_at is not None


def test_nobody_who_may_not_sign_in_is_mailed(reader):
    tell(reader, at=timezone.now() - timedelta(days=2))
    type(reader).objects.filter(pk=reader.pk).update(is_active=False)
    assert (sent_at(timezone.now()), mail.outbox) == (0, [])


@pytest.mark.parametrize(
    ("rhythm", "hour", "last"),
    [
        ("soon", 8, datetime(2026, 3, 24, 6, 15, tzinfo=UTC)),
        ("hourly", 8, datetime(2026, 3, 24, 6, 0, tzinfo=UTC)),
        ("daily", 7, datetime(2026, 3, 24, 6, 0, tzinfo=UTC)),
        ("daily", 8, datetime(2026, 3, 23, 7, 0, tzinfo=UTC)),
        ("weekly", 7, datetime(2026, 3, 23, 6, 0, tzinfo=UTC)),
        ("weekly", 8, datetime(2026, 3, 23, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_readers_own(reader, rhythm, hour, last):
    """It is 7:30 in Brussels, on a Tuesday."""
    assert digests.slot(NoticeChoice(user=reader, rhythm=rhythm, hour=hour), reader, TUESDAY) == last


def test_the_day_on_which_clocks_change_has_one_mail(reader):
    choice = NoticeChoice(user=reader, rhythm=MailRhythm.DAILY, hour=2)  # 2:00 does not exist on 2026-03-29
    slots = {
        digests.slot(choice, reader, datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(minutes=10 * step))
        for step in range(6 * 36)
    }
    assert len(slots) == 2


def test_who_wants_no_mail_gets_none_and_keeps_the_bell(reader):
    choose(reader, MailRhythm.NEVER)
    tell(reader, at=timezone.now() - timedelta(days=2))
    assert (sent_at(timezone.now()), unread_count(reader)) == (0, 1)


def test_acts_that_are_not_wanted_by_mail_wait_for_nobody(reader):
    choose(reader, MailRhythm.SOON, not_by_mail=["case.rejected"])
    tell(reader, act="case.rejected", at=timezone.now() - timedelta(hours=1))
    assert (sent_at(timezone.now()), MailDigest.objects.count()) == (0, 0)


def test_acts_wanted_by_mail_alone_do_not_ring(reader):
    choose(reader, MailRhythm.SOON, not_in_bell=["case.approved"])
    tell(reader, at=timezone.now() - timedelta(hours=1))
    assert unread_count(reader) == 0
    assert sent_at(timezone.now()) == 1
    assert Notification.objects.get().read_at is not None


def test_acts_wanted_nowhere_are_not_kept(reader):
    choose(reader, MailRhythm.DAILY, not_in_bell=["case.approved"], not_by_mail=["case.approved"])
    tell(reader)
    assert Notification.objects.count() == 0


def test_a_mail_server_that_is_away_is_asked_again_later(reader, monkeypatch):
    tell(reader, at=timezone.now() - timedelta(days=2))
    digests.make_digests()
    with monkeypatch.context() as patch:
        patch.setattr(
            "django.core.mail.message.EmailMessage.send",
            lambda _self: (_ for _ in ()).throw(smtplib.SMTPServerDisconnected("gone")),
        )
        assert digests.send_digests() == 0
    row = MailDigest.objects.get()
    assert (row.sent_at, row.attempts, row.next_at > timezone.now()) == (None, 1, True)
    assert digests.send_digests() == 0
    MailDigest.objects.update(next_at=timezone.now())
    assert digests.send_digests() == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{row.public_id}@localhost>"


def test_a_mail_server_that_stays_away_is_given_up(reader, monkeypatch):
    tell(reader, at=timezone.now() - timedelta(days=2))
    digests.make_digests()
    MailDigest.objects.update(created_at=timezone.now() - timedelta(days=3))
    monkeypatch.setattr(
        "django.core.mail.message.EmailMessage.send", lambda _self: (_ for _ in ()).throw(ConnectionRefusedError())
    )
    digests.send_digests()
    assert MailDigest.objects.get().given_up_at is not None


def test_killed_between_claim_and_mail_another_worker_takes_over(reader, monkeypatch):
    tell(reader, at=timezone.now() - timedelta(days=2))
    digests.make_digests()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(digests, "write", lambda _digest: (_ for _ in ()).throw(KeyboardInterrupt))
        digests.send_digests()
    assert digests.send_digests() == 0, "the lease still runs"
    MailDigest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert (digests.send_digests(), len(mail.outbox)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_put_together_one_mail():
    reader = make_user()
    tell(reader, at=timezone.now() - timedelta(days=2))
    made = []

    def sweep():
        made.append(digests.make_digests())
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(made), MailDigest.objects.count()) == (1, 1)


def test_choosing_keeps_only_acts_that_there_are(reader):
    row = choose_notices(
        acting_user=reader, rhythm="weekly", hour=6, not_in_bell=["case.approved", "no.such"], not_by_mail=["no.such"]
    )
    assert (row.rhythm, row.hour, row.not_in_bell, row.not_by_mail) == ("weekly", 6, ["case.approved"], [])
