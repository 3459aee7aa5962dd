"""Why a pool can promise so little over a period, in words: the same in refusals, previews and lists."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from resources.queries.capacity import Preview


def because_of_maintenance(effect: Preview) -> str:
    """That maintenance is why no more can be promised, from when until when and how many it takes; "" where it is not."""
    if not effect.taken_by or effect.most_otherwise <= effect.most:
        return ""
    begins = min(each.starts_at for each in effect.taken_by)
    ends = max(each.ends_at for each in effect.taken_by)
    return _(
        "Maintenance from %(since)s until %(until)s takes %(out)d away; without it %(most)d could be promised."
    ) % {"since": _moment(begins), "until": _moment(ends), "out": effect.out, "most": effect.most_otherwise}


def with_cause(sentence: str, effect: Preview) -> str:
    """The sentence, and behind it the cause where maintenance is it."""
    cause = because_of_maintenance(effect)
    return f"{sentence} {cause}" if cause else sentence


def _moment(at: datetime) -> str:
    return str(date_format(timezone.localtime(at), "j M Y H:i"))
