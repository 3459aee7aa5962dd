"""Ways into an application by mail: begun without an account, or asked by a colleague to write it too.

Nobody is told whether an address has an account: what is shown and sent is the same. The link proves the address, so
an account that is opened with it needs no second mail. Following it changes nothing (programs that look at mails
follow links too); a button does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from zlib import crc32

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Forbidden, NotFound, Refused
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.tasks import nudge
from portal.models import User
from tenants.live import announce_case
from tenants.models import Authority, CaseLink, CaseMember, OnboardingCase
from tenants.queries.people import person_by_address
from tenants.questions.plain import seen
from tenants.services.answers import whose
from tenants.services.onboarding import draft_case
from tenants.services.people import create_person
from tenants.services.writers import MOST, lock_writers

SALT = "tenants.case-link"
GOOD_FOR = timedelta(days=7)
QUIET = timedelta(hours=1)
MOST_IN_THAT_TIME = 3
"""Mails to one address that nobody has answered; more would be a nuisance to its owner."""
AGAIN = timedelta(minutes=2)


def token_of(link: CaseLink) -> str:
    """What stands in the mail."""
    return signing.Signer(salt=SALT).sign(str(link.public_id))


def link_of(token: str) -> CaseLink:
    """The link that ``token`` is of, used or not; NotFound for anything that this portal has not signed."""
    try:
        public_id = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        raise NotFound from None
    with as_worker():
        row = (
            CaseLink.objects.select_related("authority", "case__question_set", "invited_by")
            .filter(public_id=public_id)
            .first()
        )
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def begin_without_account(
    *, email: str, full_name: str, authority: Authority, facts: Mapping[str, Any], site: str
) -> None:
    """Keep what a stranger typed, and mail the link with which they go on. What is too much is dropped silently."""
    address = User.objects.normalize_email(email.strip())
    with as_worker():
        hold("case-link", crc32(address.lower().encode()))
        lately = CaseLink.objects.filter(email__iexact=address, created_at__gt=timezone.now() - QUIET)
        if lately.count() >= MOST_IN_THAT_TIME:
            return
        row = CaseLink.objects.create(
            email=address, full_name=full_name.strip(), language=translation.get_language() or "", site=site,
            authority=authority, facts=dict(facts), expires_at=timezone.now() + GOOD_FOR,
        )  # fmt: skip
        record("case.link_asked", acting_user=None, target=row, name=str(authority)[:200])
        nudge("tenants.send_case_link", row.pk)


@transaction.atomic
def ask_again(*, link: CaseLink) -> None:
    """A new link to the same address, in the place of one that has ended."""
    begin_without_account(
        email=link.email, full_name=link.full_name, authority=link.authority, facts=link.facts, site=link.site
    )


@transaction.atomic
def invite_writer(*, acting_user: User, case: OnboardingCase, email: str, site: str) -> CaseLink:
    """Ask a colleague to write too. They get a mail, and find it under “Apply” if they have an account here."""
    address = User.objects.normalize_email(email.strip())
    with as_worker():
        lock_writers(case)
        if CaseMember.objects.filter(case=case, user__email__iexact=address).exists():
            raise Refused(_("%(email)s writes this application already.") % {"email": address}, field="email")
        open_links = CaseLink.objects.filter(case=case, used_at=None)
        open_links.filter(Q(email__iexact=address) | Q(expires_at__lte=timezone.now())).delete()
        if CaseMember.objects.filter(case=case).count() + open_links.count() >= MOST:
            raise Refused(
                _("%(count)s people write this application already or are asked to; remove somebody first.")
                % {"count": MOST}
            )
        row = CaseLink.objects.create(
            email=address, language=translation.get_language() or "", site=site, authority=case.authority, case=case,
            invited_by=acting_user, expires_at=timezone.now() + GOOD_FOR,
        )  # fmt: skip
        record("case.writer_invited", acting_user=acting_user, target=case, after={"link": row.pk}, **whose(case))
        announce_case("case.writer_invited", case)
        nudge("tenants.send_case_link", row.pk)
    return row


@transaction.atomic
def take_back_invitation(*, acting_user: User, case: OnboardingCase, invitation: str) -> None:
    """The link stops working."""
    with as_worker():
        lock_writers(case)
        row = CaseLink.objects.filter(case=case, used_at=None, public_id=invitation).first()
        if row is None:
            raise NotFound
        record("case.writer_uninvited", acting_user=acting_user, target=case, before={"link": row.pk}, **whose(case))
        row.delete()
        announce_case("case.writer_uninvited", case)


@transaction.atomic
def open_account(*, link: CaseLink, full_name: str, password: str) -> User:
    """An account for who holds the link, and has none yet: the mail has shown that the address is theirs."""
    with as_worker():
        row = _usable(link)
        if person_by_address(row.email) is not None:
            raise Refused(_("There is an account with %(email)s already. Sign in to go on.") % {"email": row.email})
        return create_person(acting_user=None, email=row.email, full_name=full_name, password=password)


@transaction.atomic
def go_on(*, acting_user: User, link: CaseLink) -> OnboardingCase:
    """Into the application: the draft of what was typed, or the colleague's. Twice leads to the same."""
    with as_worker():
        row = CaseLink.objects.select_for_update(of=("self",)).select_related("case", "authority").get(pk=link.pk)
        if acting_user.email.lower() != row.email.lower():
            raise Forbidden(
                _("This link was sent to %(email)s, and you are signed in as %(me)s. Sign out and follow it again.")
                % {"email": row.email, "me": acting_user.email}
            )
        if row.used_at and row.case and row.used_by_id == acting_user.pk:
            return row.case
        row = _usable(row)
        if row.case is None:
            facts = {"contact_email": acting_user.email, **row.facts}
            row.case = draft_case(acting_user=acting_user, authority=row.authority, facts=facts)
        else:
            CaseMember.objects.get_or_create(case=row.case, user=acting_user)
            record(
                "case.writer_added", acting_user=acting_user, target=row.case, after={"user": acting_user.pk},
                **whose(row.case),
            )  # fmt: skip
        row.used_at, row.used_by = timezone.now(), acting_user
        row.save(update_fields=["case", "used_at", "used_by"])
        announce_case("case.writer_added", row.case)
        return row.case


def _usable(link: CaseLink) -> CaseLink:
    """The link, held, if it still leads somewhere."""
    row = CaseLink.objects.select_for_update(of=("self",)).select_related("case", "authority").get(pk=link.pk)
    if row.used_at:
        raise Refused(_("This link was used already. Sign in, and you find the application under “Apply”."))
    if row.is_over:
        raise Refused(_("This link was good for a week, and that is over. Ask for a new one."))
    return row


def send_case_link(link_id: int) -> None:
    """Mail one link that was not mailed yet. Should the portal die in between, the sweep does it two minutes later."""
    now = timezone.now()
    waits = CaseLink.objects.filter(pk=link_id, sent_at=None, expires_at__gt=now)
    if not waits.filter(Q(tried_at=None) | Q(tried_at__lt=now - AGAIN)).update(tried_at=now):
        return
    row = CaseLink.objects.select_related("authority", "case", "invited_by").get(pk=link_id)
    with translation.override(row.language or settings.LANGUAGE_CODE):
        subject, text = _mail(row)
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [row.email])
    CaseLink.objects.filter(pk=link_id).update(sent_at=timezone.now())


def sweep_case_links() -> list[int]:
    """Links whose mail has not gone out; those that led nowhere for a month are forgotten."""
    now = timezone.now()
    CaseLink.objects.filter(used_at=None, expires_at__lt=now - timedelta(days=30)).delete()
    rows = CaseLink.objects.filter(sent_at=None, expires_at__gt=now).order_by("pk")
    return list(rows.filter(Q(tried_at=None) | Q(tried_at__lt=now - AGAIN)).values_list("pk", flat=True)[:200])


def _mail(row: CaseLink) -> tuple[str, str]:
    facts = {
        "organisation": seen(row.organisation), "authority": row.authority.name, "portal": settings.PORTAL_NAME,
        "url": urljoin(row.site, reverse("case-link", args=[token_of(row)])),
        "person": seen(row.invited_by.get_full_name()) if row.invited_by else "",
    }  # fmt: skip
    if row.case_id:
        return _("Write the application of an organisation at %(portal)s") % facts, _(
            "Hello,\n\n%(person)s asks you to write the application of “%(organisation)s” to %(authority)s together.\n\n"
            "Go on here; the link is good for a week:\n\n%(url)s\n\n"
            "If you did not expect this message, you need not do anything."
        ) % facts
    return _("Your application at %(portal)s") % facts, _(
        "Hello,\n\nsomebody, probably you, has begun the application of “%(organisation)s” to %(authority)s with this "
        "address.\n\nGo on here; what was typed is kept, and the link is good for a week:\n\n%(url)s\n\n"
        "If it was not you, you need not do anything: without this link nobody can go on."
    ) % facts
