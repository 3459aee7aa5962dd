"""How letters are worded, and which were written."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import OuterRef, Subquery

from portal.core.letters.text import letter_kinds
from portal.models import User
from tenants.models import Authority, CaseLetter, LetterTemplate, OnboardingCase
from tenants.models.letter import CaseLetterQuerySet


@dataclass(frozen=True)
class Wording:
    """How a kind of letter is worded in a language. ``current`` None: the portal's own wording."""

    kind: str
    label: str
    language: str
    subject: str
    body: str
    current: LetterTemplate | None = None

    @property
    def version(self) -> int | None:
        return self.current.version if self.current else None

    @property
    def language_name(self) -> str:
        return str(dict(settings.LANGUAGES).get(self.language, self.language))


def wording_in_force(authority: Authority | int, kind: str, language: str) -> Wording:
    """The authority's newest wording, else the portal's; of a language that has none, the English one."""
    authority_id = authority if isinstance(authority, int) else authority.pk
    rows = LetterTemplate.objects.filter(authority_id=authority_id, kind=kind, language=language)
    return _wording(kind, language, rows.select_related("set_by").order_by("-version").first())


def _wording(kind: str, language: str, row: LetterTemplate | None) -> Wording:
    what = letter_kinds[kind]
    subject, body = (row.subject, row.body) if row else what.texts.get(language) or what.texts["en"]
    return Wording(kind, str(what.label), language, subject, body, row)


def wordings_of(authority: Authority) -> list[tuple[str, list[Wording]]]:
    """Every kind of letter with its wording in each language; two queries."""
    rows = LetterTemplate.objects.filter(authority=authority).select_related("set_by")
    newest = {(row.kind, row.language): row for row in rows.order_by("version")}
    return [
        (str(kind.label), [_wording(name, code, newest.get((name, code))) for code, _language in settings.LANGUAGES])
        for name, kind in letter_kinds.items()
    ]


def versions_of(authority: Authority, kind: str, language: str) -> list[LetterTemplate]:
    """The authority's wordings of it, the newest first."""
    rows = LetterTemplate.objects.filter(authority=authority, kind=kind, language=language)
    return list(rows.select_related("set_by").order_by("-version"))


def case_of(letter: CaseLetter, reader: User) -> OnboardingCase | None:
    """The application that a letter is about; None for the tenant's owners who did not write it, and do not see it."""
    return OnboardingCase.objects.visible_to(reader).filter(pk=letter.case_id).first()


def what_is_seen_of_the_case() -> dict[str, Subquery]:
    """Annotations of letters: public id and reference of the application, None where the database does not show it."""
    case = OnboardingCase.objects.filter(pk=OuterRef("case"))
    return {"application": Subquery(case.values("public_id")), "reference": Subquery(case.values("reference"))}


def letters_about(case: OnboardingCase, reader: User) -> CaseLetterQuerySet:
    """The letters of an application that the person may read, the newest first, without their files."""
    return CaseLetter.objects.visible_to(reader).filter(case=case).defer("pdf").order_by("-pk")
