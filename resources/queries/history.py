"""What happened to a request, oldest first, from its own rows: everybody who sees the request may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from resources.models import Decision, DecisionLine, QuotaRequest, RequestAppeal

Outcome = Decision.Outcome


@dataclass(frozen=True)
class Entry:
    """One line of the history: who did what, when, and in which words."""

    at: datetime
    who: str
    what: str | Promise
    icon: str
    tone: str = ""
    text: str = ""
    details: tuple[str, ...] = ()


SAID: dict[str, tuple[str | Promise, str, str]] = {
    Outcome.APPROVE: (_("approved it in full"), "circle-check", "good"),
    Outcome.APPROVE_PART: (_("approved it in part"), "chart-pie", "good"),
    Outcome.REJECT: (_("refused it"), "circle-x", "bad"),
    Outcome.ASK: (_("asked for changes"), "message", "warn"),
    Outcome.SEND_BACK: (_("sent it back to review"), "arrow-back-up", "warn"),
    Outcome.TAKE_BACK: (_("took the approval back"), "arrow-back-up", "warn"),
}


def history(request: QuotaRequest) -> list[Entry]:
    """Sent, decided, answered, withdrawn."""
    entries = [Entry(request.created_at, str(request.requested_by), _("began the request"), "circle-dashed")]
    if request.submitted_at:
        entries.append(Entry(request.submitted_at, str(request.requested_by), _("sent the request"), "send"))
    decisions = request.decisions.select_related("decider", "on_behalf_of", "deciding_authority", "rule")
    for decision in decisions.prefetch_related("lines__line__kind", "lines__share__pool__cluster"):
        what, icon, tone = SAID[decision.outcome]
        who = f"{decision.taken_by}, {decision.deciding_authority}"
        if decision.rule:
            who = gettext("%(who)s; responsible: %(person)s") % {"who": who, "person": decision.decider}
            who = who[:1].upper() + who[1:]
        elif decision.on_behalf_of:
            who = gettext("%(who)s, standing in for %(absent)s") % {"who": who, "absent": decision.on_behalf_of}
        if decision.answers_id and decision.outcome in Decision.GIVES:
            what = _("confirmed it as the second person")
        entries.append(Entry(decision.created_at, who, what, icon, tone, decision.reason, tuple(given(decision))))
    entries += [
        Entry(answer.created_at, str(answer.answered_by), _("answered"), "message", text=answer.text)
        for answer in request.answers.select_related("answered_by")
    ]
    appeal = RequestAppeal.objects.filter(request=request).select_related("appealed_by").first()
    if appeal:
        entries.append(Entry(appeal.created_at, str(appeal.appealed_by), _("appealed"), "flag", "warn", appeal.text))
    if request.state == QuotaRequest.State.LAPSED and request.decided_at:
        what = _("let the request lapse: no answer came in time")
        entries.append(Entry(request.decided_at, str(request.authority), what, "clock"))
    if request.state == QuotaRequest.State.WITHDRAWN and request.decided_at:
        entries.append(Entry(request.decided_at, str(request.tenant), _("withdrew the request"), "arrow-back-up"))
    return sorted(entries, key=lambda entry: entry.at)


def given(decision: Decision) -> list[str]:
    """What a step says of each line, where that is more than yes or no to all of it."""
    steps = [*decision.lines.all()]
    if len(steps) <= 1 and decision.outcome != Decision.Outcome.APPROVE_PART:
        return []
    return [_of_line(step) for step in steps]


def _of_line(step: DecisionLine) -> str:
    facts = {"given": step.granted, "asked": step.line.amount, "kind": step.line.kind, "pool": step.pool}
    if not step.granted:
        return gettext("None of %(asked)d %(kind)s") % facts
    return gettext("%(given)d of %(asked)d %(kind)s on %(cluster)s") % {
        **facts, "cluster": step.pool.cluster if step.pool else ""
    }  # fmt: skip
