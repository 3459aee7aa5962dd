"""The letter about the decision that ended a request, written by the portal within moments after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.events import announce
from portal.core.letters.text import Fact
from resources.letters import APPROVED, IN_PART, REJECTED
from resources.models import Decision, DecisionLine, GrantCondition, QuotaRequest, RequestLetter, RequestLine
from resources.queries.rulings import so_far, standing_steps
from resources.services import topics
from resources.services.appeals import appeal_ends
from resources.services.safeguards import INSTANT
from tenants.models import Authority
from tenants.services.letters import Matter, day_in, language_of, letter_fields

State = QuotaRequest.State
AT_ONCE = 200
WITH = ("tenant", "project", "authority", "requested_by")
KINDS = {State.APPROVED: APPROVED, State.PARTIALLY_APPROVED: IN_PART, State.REJECTED: REJECTED}


def write_letters() -> int:
    """Write every letter that is due; how many. A decision waits for none: printing takes longer than a pool is held."""
    due = QuotaRequest.objects.filter(~Exists(_letters()), state__in=KINDS, decided_at__isnull=False)
    return sum(write_letter(number) for number in due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def write_letter(number: int) -> bool:
    """Write the letter about what became of a request, unless it is written; late or twice, there is one."""
    rows = QuotaRequest.objects.select_for_update(skip_locked=True, of=("self",)).select_related(*WITH)
    request = rows.filter(~Exists(_letters()), pk=number, state__in=KINDS).first()
    decision = _ended(request) if request else None
    if request is None or decision is None:
        return False
    office, language = decision.deciding_authority, language_of(request.requested_by)
    kind = KINDS[State(request.state)]
    with translation.override(language):
        facts = facts_of(request, decision)
        to = [request.tenant.name, request.requested_by.get_full_name(), request.project.name]
        matter = Matter(office, kind, language, to, request.reference, facts, timezone.now())
    letter = RequestLetter.objects.create(
        tenant_id=request.tenant_id, authority_id=request.authority_id, office=office, request=request, decision=decision,
        **letter_fields(matter),
    )  # fmt: skip
    record(
        "request.letter_written", acting_user=None, target=request, tenant=request.tenant, authority=request.authority,
        after={"kind": kind, "language": language, "sha256": letter.sha256},
    )  # fmt: skip
    announce("request.letter_written", topics=topics.of_request(request), request=str(request.public_id))
    return True


def _letters() -> QuerySet[RequestLetter]:
    """Of requests: the letters about the decision that ended them last."""
    return RequestLetter.objects.filter(request=OuterRef("pk"), decision__gt=OuterRef("appealed_after"))


def _ended(request: QuotaRequest) -> Decision | None:
    """The step with which the request was decided."""
    steps = request.decisions.filter(outcome__in=(*Decision.GIVES, Decision.Outcome.REJECT))
    return steps.select_related("deciding_authority", "rule").order_by("pk").last()


def facts_of(request: QuotaRequest, decision: Decision) -> dict[str, Fact]:
    """What the letter may speak of, in the language that is active."""
    office, lines = decision.deciding_authority, so_far(request)
    given = [step for each in lines for step in each.steps if step.granted]
    ends = appeal_ends(request)
    appeal = day_in(ends - INSTANT, office) if ends and not request.appealed_after else ""
    return {
        "tenant": request.tenant.name, "project": request.project.name, "reference": request.reference,
        "authority": office.name, "contact": office.contact_email, "portal": settings.PORTAL_NAME,
        "requester": request.requested_by.get_full_name(),
        "sent_on": day_in(request.submitted_at, office) if request.submitted_at else "",
        "decided_on": day_in(decision.created_at, office), "deciders": deciders(request, decision),
        "asked": [_line(each.line, office) for each in lines], "granted": [_step(step, office) for step in given],
        "reason": reasons(request, decision), "conditions": _conditions(request, office), "grounds": [], "appeal_until": appeal,
    }  # fmt: skip


def deciders(request: QuotaRequest, decision: Decision) -> list[str]:
    """Who decided what stands, in their order; a rule by its name and version, with who answers for it."""
    steps = [*standing_steps(request).select_related("rule"), *_answers(request, decision)]
    return list(dict.fromkeys(_decider(step) for step in steps))


def reasons(request: QuotaRequest, decision: Decision) -> str:
    """What the people wrote who took the steps that stand, the last of them last."""
    steps = [*standing_steps(request), decision]
    return "\n\n".join(dict.fromkeys(step.reason.strip() for step in steps if step.reason.strip()))


def _answers(request: QuotaRequest, decision: Decision) -> Iterable[Decision]:
    """The second persons' steps, of which the last may be the one that ended it."""
    rows = request.decisions.filter(revision=request.revision, pk__gt=request.appealed_after, answers__isnull=False)
    agreed = rows.filter(outcome__in=Decision.GIVES).select_related("decider", "rule").order_by("pk")
    return [*agreed, decision] if decision.outcome == Decision.Outcome.REJECT else agreed


def _decider(step: Decision) -> str:
    if not step.rule:
        return step.decider.get_full_name()
    return _("%(rule)s (responsible: %(person)s)") % {"rule": step.rule.cited, "person": step.decider.get_full_name()}


def _conditions(request: QuotaRequest, office: Authority) -> list[str]:
    """The conditions of the steps that stand, each with its last day, and with who set it where that is another authority."""
    standing = standing_steps(request).values("pk")
    rows = GrantCondition.objects.filter(request=request, decision__in=standing).select_related(
        "decision__deciding_authority"
    )
    said = []
    for row in rows.order_by("decision", "number"):
        by = row.decision.deciding_authority
        facts = {"condition": row.text, "day": day_in(row.due_at - INSTANT, by), "authority": by.name}
        said.append(
            (_("%(condition)s, by %(day)s (set by %(authority)s)") if by != office else _("%(condition)s, by %(day)s"))
            % facts
        )
    return said


def _line(line: RequestLine, office: Authority) -> str:
    where = line.cluster.name if line.cluster else _("any cleared cluster")
    return f"{line.asked}, {where}, {_days(line.starts_at, line.ends_at, office)}"


def _step(step: DecisionLine, office: Authority) -> str:
    what = f"{step.granted} {step.line.kind}"
    if step.budget_hours is not None:
        what = _("%(n)s GPU hours of %(kind)s, at most %(most)d at once") % {
            "n": f"{step.budget_hours:,}", "kind": step.line.kind, "most": step.granted,
        }  # fmt: skip
    return f"{what}, {step.pool.cluster.name if step.pool else ''}, {_days(step.begins, step.ends, office)}"


def _days(begins: datetime, ends: datetime, office: Authority) -> str:
    zone = ZoneInfo(office.time_zone)
    first, last = timezone.localtime(begins, zone), timezone.localtime(ends - INSTANT, zone)
    return f"{date_format(first, 'j M Y')} – {date_format(last, 'j M Y')}"
