"""What changed between the revisions of a request, from what was sent each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.ui.times import last_day
from resources.models import QuotaRequest, RequestLine, RequestSubmission
from tenants.questions.answers import shown
from tenants.questions.schema import said


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that two revisions say differently; "" where one of them says nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    sent_at: datetime
    sent_by: str
    changed: tuple[Changed, ...]


def revisions(request: QuotaRequest) -> list[Revision]:
    """Each revision after the first with what it changed, the newest first. Two queries."""
    sent = list(request.submissions.select_related("sent_by").order_by("revision"))
    lines: dict[int, list[RequestLine]] = {}
    for line in request.lines.select_related("kind", "cluster").order_by("pk"):
        lines.setdefault(line.revision, []).append(line)
    labels = {each.key: said(each.label) for each in request.mode.asked} if request.mode else {}
    return [
        Revision(
            new.revision, new.created_at, str(new.sent_by),
            (*_words(old, new, labels), *_lines(lines.get(old.revision, []), lines.get(new.revision, []))),
        )
        for old, new in reversed(list(pairwise(sent)))
    ]  # fmt: skip


def answers_of(request: QuotaRequest) -> list[tuple[str, str]]:
    """What the access mode asked and what was answered, in words."""
    if request.mode is None:
        return []
    given = request.mode_answers
    return [(said(each.label), shown(each, given[each.key])) for each in request.mode.asked if given.get(each.key)]


def _words(old: RequestSubmission, new: RequestSubmission, labels: dict[str, str]) -> Iterable[Changed]:
    if old.purpose != new.purpose:
        yield Changed(_("What they will do with it"), old.purpose, new.purpose)
    if old.stage != new.stage:
        yield Changed(_("Life-cycle stage"), old.get_stage_display(), new.get_stage_display())
    for key, label in labels.items():
        before, after = (str(each.mode_answers.get(key) or "") for each in (old, new))
        if before != after:
            yield Changed(label, before, after)


def _lines(old: list[RequestLine], new: list[RequestLine]) -> Iterable[Changed]:
    for number in range(max(len(old), len(new))):
        before, after = (line_text(each[number]) if number < len(each) else "" for each in (old, new))
        if before != after:
            yield Changed(_("Line %(n)d") % {"n": number + 1}, before, after)


def line_text(line: RequestLine) -> str:
    """A line in one sentence: what, where, from–until."""
    begin = date_format(timezone.localtime(line.starts_at), "j M Y")
    return _("%(asked)s on %(where)s, %(begin)s – %(end)s") % {
        "asked": line.asked, "where": line.cluster or _("any cleared cluster"), "begin": begin,
        "end": date_format(last_day(line.ends_at), "j M Y"),
    }  # fmt: skip
