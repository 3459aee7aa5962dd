"""Letters: how an authority words them, and the writing of one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.letters.paper import Sheet, print_letter
from portal.core.letters.text import Fact, check_wording, fill, letter_kinds, plain
from portal.core.locks import hold
from portal.models import User
from tenants.models import Authority, LetterTemplate
from tenants.models.letter import LetterBase
from tenants.queries.letters import wording_in_force


@transaction.atomic
def set_template(
    *, acting_user: User, authority: Authority, kind: str, language: str, subject: str, body: str, note: str
) -> LetterTemplate:
    """Word a kind of letter anew. Letters that were written before stay as they are."""
    if kind not in letter_kinds:
        raise Refused(_("There is no kind of letter called “%(kind)s”.") % {"kind": kind[:60]}, field="kind")
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("The portal speaks no language “%(code)s”.") % {"code": language[:10]}, field="language")
    if not note.strip():
        raise Refused(_("Write what changed: whoever compares the versions reads it."), field="note")
    subject, body = " ".join(plain(subject).split()), plain(body.replace("\r\n", "\n")).strip()
    check_wording(letter_kinds[kind], subject, body)
    hold("letter-template", authority.pk)
    now = wording_in_force(authority, kind, language)
    if (now.subject, now.body) == (subject, body):
        raise Conflict(_("The letter is worded like this already. Nothing was changed."), field="body")
    row = LetterTemplate.objects.create(
        authority=authority, kind=kind, language=language, version=(now.version or 0) + 1, subject=subject, body=body,
        note=note.strip(), set_by=acting_user,
    )  # fmt: skip
    record(
        "letter.worded", acting_user=acting_user, target=row, authority=authority, reason=row.note,
        before={"version": now.version}, after={"kind": kind, "language": language, "version": row.version},
    )  # fmt: skip
    return row


@dataclass(frozen=True)
class Matter:
    """What a letter is about: whose it is, what kind, in which language, to whom, its facts, and when it is written."""

    authority: Authority
    kind: str
    language: str
    to: Sequence[str]
    reference: str
    facts: Mapping[str, Fact]
    written_at: datetime


def letter_fields(matter: Matter) -> dict[str, Any]:
    """The columns of a letter (``LetterBase``) about ``matter``: worded, filled in and printed.

    For a row that the caller makes in the transaction of the decision, so that there is no decision without its letter.
    """
    wording = wording_in_force(matter.authority, matter.kind, matter.language)
    with translation.override(matter.language):
        written = fill(wording.subject, wording.body, matter.facts)
        pdf = print_letter(sheet_of(matter, written.subject, written.body))
    return {
        "kind": matter.kind, "language": matter.language, "template_version": wording.version,
        "subject": written.subject[:500], "body": written.body, "pdf": pdf,
        "sha256": hashlib.sha256(pdf).hexdigest(),
    }  # fmt: skip


def sheet_of(matter: Matter, subject: str, body: str) -> Sheet:
    """The letter as it is printed; in the language that is active."""
    office = matter.authority
    place = ", ".join(part for part in (office.region, office.country.name) if part)
    return Sheet(
        head=(office.name, place, office.contact_email), to=tuple(matter.to),
        facts=(
            (_("Reference"), matter.reference),
            (_("Date"), day_in(matter.written_at, office)),
        ),
        subject=subject, body=body, language=matter.language, written_at=matter.written_at,
        foot=f"{settings.PORTAL_NAME}    {matter.reference}", author=office.name,
    )  # fmt: skip


def day_in(moment: datetime, office: Authority, language: str = "") -> str:
    """A day as letters of the authority write it, in its own zone; in the language that is active, or the given one."""
    with translation.override(language or translation.get_language()):
        return date_format(timezone.localtime(moment, ZoneInfo(office.time_zone)), "j F Y")


def language_of(person: User | None) -> str:
    """In which language somebody is written to."""
    asked = person.language if person else ""
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def file_of(letter: LetterBase) -> bytes:
    """The letter's file. Raises Conflict when it is not what was written."""
    if not letter.is_as_written:
        raise Conflict(
            _(
                "The file of “%(letter)s” is not what was written, so it is not given out. The people who run this portal have to look into it."
            )
            % {"letter": letter}
        )
    return bytes(letter.pdf)
