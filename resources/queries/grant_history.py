"""What happened to a grant, oldest first: asked, decided, begun, told of its end, replaced, ended."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.isolation import as_worker
from portal.core.registry import act_words
from portal.models import AuditEvent
from resources.models import Grant, GrantNotice
from resources.queries.history import SAID, Entry

LOOKS = {
    "grant.scheduled": ("calendar", ""), "grant.active": ("circle-check", "good"), "grant.expiring": ("hourglass", "warn"),
    "grant.reminded": ("hourglass", "warn"), "grant.reminded_again": ("hourglass", "warn"),
    "grant.last_reminder": ("hourglass", "warn"), "grant.grace": ("hourglass", "warn"), "grant.expired": ("clock", ""),
    "grant.suspended": ("player-pause", "warn"), "grant.revoked": ("ban", "bad"), "grant.superseded": ("history", ""),
    "grant.released": ("arrow-back-up", ""), "grant.transferred": ("send", ""),
    "grant.exhausted": ("activity", "bad"), "grant.budget_75": ("activity", "warn"),
    "grant.budget_90": ("activity", "warn"), "grant.budget_100": ("activity", "bad"),
}  # fmt: skip
"""Act → icon and tone of its line."""
ACTS = tuple(LOOKS)
REPLACING = ("grant.superseded", "grant.transferred", "grant.released")
"""Acts that end a grant by putting another one in its place."""


def history_of_grant(grant: Grant) -> list[Entry]:
    """For whoever sees the grant: its own events of the record say when, by whom and why; decisions who gave it."""
    return sorted([*_given(grant), *_moved(grant)], key=lambda entry: entry.at)


def _given(grant: Grant) -> list[Entry]:
    """The steps of the decision that it comes from."""
    request = grant.line.request
    steps = request.decisions.filter(revision=grant.line.revision, lines__line=grant.line)
    found = []
    for step in steps.select_related("decider", "deciding_authority").order_by("pk"):
        what, icon, tone = SAID[step.outcome]
        found.append(
            Entry(step.created_at, f"{step.decider}, {step.deciding_authority}", what, icon, tone, step.reason)
        )
    if grant.supersedes_id:
        text = gettext("%(n)d GPUs, in the place of an older grant") % {"n": grant.amount}
        who = _maker(grant) or gettext("The portal")
        found.append(Entry(grant.created_at, who, _("made this grant"), "history", "", text))
    return found


def _maker(grant: Grant) -> str:
    """Who put it in the place of the older one, which then ended at their hand; "" where the portal did, for a decision
    or by the calendar. A grant of another line comes from a decision, whatever became of the older one.
    """
    older = grant.supersedes
    if older is None or older.line_id != grant.line_id:
        return ""
    with as_worker():
        rows = AuditEvent.objects.filter(target_type=Grant._meta.label, target_id=older.pk, act__in=REPLACING)
        event = rows.filter(actor__isnull=False).select_related("actor").order_by("pk").first()
    return event.actor.get_full_name() if event and event.actor else ""


def _moved(grant: Grant) -> list[Entry]:
    with as_worker():
        rows = AuditEvent.objects.filter(target_type=Grant._meta.label, target_id=grant.pk, act__in=ACTS)
        events = list(rows.select_related("actor").order_by("pk"))
    found = []
    for event in events:
        icon, tone = LOOKS[event.act]
        who = event.actor.get_full_name() if event.actor else gettext("The portal")
        found.append(Entry(event.at, f"{who}:", act_words[event.act], icon, tone, event.reason))
    return found


def notices_of(grant: Grant) -> list[GrantNotice]:
    """Of which steps people were told, the oldest first."""
    return list(grant.notices.filter(about=GrantNotice.About.END, told=True).order_by("pk"))
