"""Checks from planning to verdict, as far as the portal goes by itself: plan, claim, look, settle, let expire.

The table is the queue. An open check with a ``next_attempt_at`` is due; whoever claims it looks with no transaction
open and settles with one statement. A worker that dies is overtaken after its lease, and its late result finds a stale
fence. What cannot be found out stays open and is asked again; it never counts as in order.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.events import announce
from portal.core.isolation import as_worker
from portal.core.locks import hold
from portal.core.notices import notify
from portal.core.outbox import claim, settle
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from tenants.checks.catalogue import BY_ITSELF, CheckRule, applies
from tenants.checks.findings import HIT, Finding
from tenants.live import announce_case
from tenants.models import CaseDocument, ComplianceCheck, OnboardingCase, PolicyRule, Tenant
from tenants.models.compliance import facts_of
from tenants.queries.checks import RUNS, catalogue_of, due, in_the_way
from tenants.queries.policies import OPEN, policy
from tenants.queries.questions import questions_of
from tenants.questions.answers import relevant
from tenants.roles import AuthorityRole
from tenants.services.looking import look
from tenants.services.notices import staff_ids

log = structlog.get_logger(__name__)
State = ComplianceCheck.State

LEASE_SECONDS = 90.0
RETRY_SECONDS = (60, 300, 1800, 7200, 21_600)
AT_ONCE = 200
MOST_NAMED = 4


@transaction.atomic
def plan_checks(*, case: OnboardingCase) -> list[ComplianceCheck]:
    """Make the checks that what was sent calls for; those whose facts have changed are looked at again.

    Called where something is sent, in the same transaction: what is submitted has its checks.
    """
    with as_worker():
        hold("case-checks", case.pk)
        answers = relevant(questions_of(case), case.answers)
        wanted = [rule for rule in catalogue_of(case.authority_id) if applies(rule, answers)]
        rows = {row.key: row for row in ComplianceCheck.objects.filter(case=case, current=True).select_related("case")}
        made = []
        for rule in wanted:
            row, seen = rows.pop(rule.key, None), digest(case, rule, answers)
            if row is None or row.seen != seen or row.method != rule.method:
                made.append(next_round(case=case, tenant=None, rule=rule, seen=seen, before=row))
        gone = [row.pk for row in rows.values()]  # other answers have made them moot
        ComplianceCheck.objects.filter(pk__in=gone).update(current=False, next_attempt_at=None)
        if made or gone:
            keys = sorted(row.key for row in made)
            record(
                "check.planned", acting_user=None, target=case.authority, authority=case.authority,
                after={"case": case.reference, "checks": keys},
            )  # fmt: skip
            announce_case("check.planned", case)
    nudge("tenants.check_case", case.pk)
    return made


def digest(case: OnboardingCase, rule: CheckRule, answers: dict[str, Any]) -> str:
    """Of the facts that a check is about, so that a change of them is noticed and nothing else."""
    about: dict[str, Any] = {name: str(getattr(case, name)) for name in ABOUT.get(rule.method, ())}
    keys = (*rule.when, *rule.passes, *ASKED.get(rule.method, ()))
    about |= {f"answer:{key}": answers.get(key) for key in keys}
    if rule.method == "documents" and (papers := _papers(case)):
        about["documents"] = papers
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


def _papers(case: OnboardingCase) -> list[str]:
    """What the documents are that may be read now or once the scanner has answered."""
    rows = CaseDocument.objects.filter(case=case).exclude(state=CaseDocument.State.INFECTED)
    return sorted(rows.values_list("sha256", flat=True))


ABOUT = {
    "legal_id": ("legal_id", "country"), "register": ("organisation", "legal_id", "country"),
    "country": ("legal_id", "country", "contact_email"), "mail_domain": ("contact_email",),
    "duplicate": ("organisation", "legal_id", "country"), "sanctions": ("organisation",),
}  # fmt: skip
ASKED = {"country": ("website",), "mail_domain": ("website",), "sanctions": ("signatory_name",), "pic": ("pic",)}


def next_round(
    *, case: OnboardingCase | None, tenant: Tenant | None, rule: CheckRule, seen: str,
    before: ComplianceCheck | None, run: bool = True,
) -> ComplianceCheck:  # fmt: skip
    """An open check, in the place of the one ``before`` it. With ``run`` the portal looks by itself where it can."""
    authority_id = case.authority_id if case else tenant.authority_id if tenant else None
    assert authority_id is not None, "a check is about something"
    rows = ComplianceCheck.objects.filter(Q(case=case) if case else Q(tenant=tenant), key=rule.key)
    rows.filter(current=True).update(current=False, next_attempt_at=None)
    last = rows.aggregate(last=Max("round"))["last"] or 0
    manual = rule.method not in BY_ITSELF
    return ComplianceCheck.objects.create(
        case=case, tenant=tenant, authority_id=authority_id, key=rule.key, round=last + 1, rule=rule.plain(),
        method=rule.method, required=rule.required, seen=seen, finding="manual" if manual else "",
        next_attempt_at=timezone.now() if run and not manual else None,
    )  # fmt: skip


def sweep_unplanned() -> int:
    """Applications that were sent before there were checks get theirs; how many did."""
    rows = OnboardingCase.objects.filter(state__in=OPEN, submitted_at__isnull=False, checks__isnull=True)
    count = 0
    for case in rows.select_related("authority", "question_set").order_by("pk")[:AT_ONCE]:
        count += bool(plan_checks(case=case))
    return count


@transaction.atomic
def look_soon(*, case: OnboardingCase, method: str) -> None:
    """Look at the open checks of this method now, rather than when it is their turn: what they wait for is there."""
    with as_worker():
        rows = due(timezone.now() + timedelta(days=365)).filter(case=case, method=method)
        if rows.update(next_attempt_at=timezone.now()):
            nudge("tenants.check_case", case.pk)


def check_case(case_id: int) -> int:
    """Do what is due for one application; how many checks were settled."""
    return _run(due().filter(case_id=case_id))


def run_due() -> int:
    """Do what is due anywhere: what a wake-up was lost for, and what is to be asked again."""
    return _run(due())


def _run(rows: Any) -> int:
    settled = 0
    for check in claim(rows, lease_seconds=LEASE_SECONDS, limit=AT_ONCE):
        try:
            finding = look(check)
        except Exception as error:
            log.exception("check_failed", check=check.pk, error=repr(error))
            finding = Finding("open", "fault", retry=True)
        settled += settle_look(check, finding)
    return settled


@transaction.atomic
def settle_look(check: ComplianceCheck, finding: Finding) -> bool:
    """Write what was found if the claim is still ours, the check still open, and nobody has decided meanwhile."""
    rows = ComplianceCheck.objects.select_for_update(of=("self",)).select_related("case", "tenant", "authority")
    row = rows.filter(pk=check.pk, fence=check.fence, state=State.OPEN, current=True).first()
    if row is None:
        log.info("check_overtaken", check=check.pk, fence=check.fence)
        return False
    before = {"finding": row.finding}
    attempts = row.attempts + 1 if finding.retry else 0
    again = timezone.now() + timedelta(seconds=RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])
    facts = {} if row.proposal else facts_of(finding)  # what two people are looking at does not change under them
    settle(row, ran_at=timezone.now(), attempts=attempts, next_attempt_at=again if finding.retry else None, **facts)
    if finding.outcome != "open" and not row.proposal:
        advance(row, finding.outcome, verified_at=timezone.now(), valid_until=until(row))
    if row.state != State.OPEN or before["finding"] != row.finding:
        tell(f"check.{'hit' if row.finding == HIT else row.state}", None, row, before=before)
    return True


def until(check: ComplianceCheck) -> Any:
    """Until when a verdict of today is good: None where the catalogue sets no end."""
    days = check.as_planned.valid_days
    return timezone.now() + timedelta(days=days) if days else None


@transaction.atomic
def tell(
    act: str, by: User | None, check: ComplianceCheck, *, before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None, reason: str = "",
) -> None:  # fmt: skip
    """Record in the authority's own stream (a tenant reads its own, and this is not for it), and tell open pages."""
    facts = {"check": check.key, "state": check.state, "finding": check.finding, **(after or {})}
    record(
        act, acting_user=by, target=check, authority=check.authority_id, before=before or {}, after=facts,
        reason=reason,
    )  # fmt: skip
    if check.case is not None and check.tenant is None:
        announce_case("check.changed", check.case)
    else:
        announce("tenant.changed", topics=[f"authority.{check.authority_id}"], tenant=str(check.about.public_id))
    if act in TOLD:
        with as_worker():
            officer = check.case.officer_id if check.case and check.tenant is None else None
            people = [officer] if officer else staff_ids([check.authority_id], AuthorityRole.ONBOARDING_OFFICER)
        notify(act, to=people, target=check, acting_user=by)


TOLD = frozenset({"check.hit", "check.failed", "check.proposed", "check.expiring", "check.expired"})


def require_checks(case: OnboardingCase) -> None:
    """Refuse to approve while a required check is neither in order nor waived; the sentence names which, and why.

    Inside the deciding transaction: a verdict that comes at the same moment waits, or is seen here.
    """
    rows = ComplianceCheck.objects.filter(case=case, current=True)
    if not rows.exists():
        plan_checks(case=case)
    checks = list(rows.select_for_update(of=("self",)).order_by("pk"))
    wrong = in_the_way(checks)
    if not wrong:
        return
    named = "; ".join(f"{check.title} ({check.found or _('the portal is looking')})" for check in wrong[:MOST_NAMED])
    more = len(wrong) - MOST_NAMED
    if more > 0:
        named += _("; and %(count)d more") % {"count": more}
    raise Refused(
        _(
            "%(case)s cannot be approved while required checks are not in order: %(checks)s. Settle them on the page of the application, or have them waived by two officers."
        )
        % {"case": case, "checks": named.replace(".)", ")")},
        code="tenants.checks_not_in_order",
        checks=[check.key for check in wrong],
    )


def carry_over(case: OnboardingCase, tenant: Tenant) -> None:
    """The checks of an application are from now on its tenant's, with everything that was found."""
    ComplianceCheck.objects.filter(case=case, tenant=None).update(tenant=tenant)


def sweep_validity() -> int:
    """Say of verdicts that they end soon, and end those whose day is over; how many moved."""
    now = timezone.now()
    rows = ComplianceCheck.objects.filter(RUNS, current=True, valid_until__isnull=False)
    moved = 0
    for number in rows.filter(state=State.EXPIRING, valid_until__lte=now).values_list("pk", flat=True)[:AT_ONCE]:
        moved += _expire(number, State.EXPIRING, State.EXPIRED)
    longest = now + timedelta(days=LONGEST_NOTICE)
    soon = rows.filter(state=State.PASSED, valid_until__lte=longest).values_list("pk", "authority_id", "valid_until")
    days: dict[int, int] = {}
    for number, authority_id, last in soon.order_by("valid_until", "pk")[: 10 * AT_ONCE]:
        notice = days.setdefault(authority_id, policy(authority_id, PolicyRule.Key.CHECK_NOTICE_DAYS))
        if last and last <= now + timedelta(days=notice):
            moved += _expire(number, State.PASSED, State.EXPIRING)
    return moved


LONGEST_NOTICE = 400


@transaction.atomic
def _expire(number: int, old: str, new: str) -> bool:
    """One verdict, looked at again under its lock. What the portal can look at by itself it does once more."""
    rows = ComplianceCheck.objects.select_for_update(skip_locked=True, of=("self",))
    row = rows.select_related("case", "tenant").filter(pk=number, state=old, current=True).first()
    if row is None:
        return False
    advance(row, new)
    tell(f"check.{new}", None, row, before={"state": old}, after={"valid_until": row.valid_until})
    if new == State.EXPIRED and row.method in BY_ITSELF:
        next_round(case=row.case, tenant=row.tenant, rule=row.as_planned, seen=row.seen, before=row)
    return True
