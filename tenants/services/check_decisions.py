"""What officers do about checks: a verdict with evidence, a proposal, a second person's word, another look.

Waiving a check and clearing a hit of the sanctions list take two people. Four eyes look through delegation, and nobody
of the organisation's own side decides anything here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.errors import MovedMeanwhile, Refused, UnlawfulMove
from portal.core.proof import deciding
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import User
from tenants.checks.catalogue import BY_ITSELF
from tenants.models import CaseDocument, ComplianceCheck, Tenant
from tenants.queries.checks import of_its_side, rounds_of, second_too_near
from tenants.queries.policies import OPEN
from tenants.queries.standing import Standing, standing
from tenants.roles import AuthorityRole
from tenants.services.checks import next_round, tell, until

State = ComplianceCheck.State
Proposal = ComplianceCheck.Proposal
NOTHING_PROPOSED: dict[str, Any] = {
    "proposal": Proposal.NONE, "proposed_by": None, "proposed_for": None, "proposed_at": None, "reason": "",
}  # fmt: skip
Objection = Callable[[ComplianceCheck, User], str]


@deciding
@transaction.atomic
def settle_check(
    *, acting_user: User, check: ComplianceCheck, outcome: str, evidence: str, document: CaseDocument | None = None,
    valid_until: date | None = None,
) -> ComplianceCheck:  # fmt: skip
    """An officer's verdict (passed or failed) with what it rests on. Of the sanctions list nobody alone says passed."""
    right, row = _begin(acting_user, check, of_its_side)
    _say(evidence, _("Write what you have seen, so that somebody else could find it again."), "evidence")
    if outcome not in {State.PASSED, State.FAILED}:
        raise Refused(_("A check is in order or it is not. Choose one of the two."), field="outcome")
    if row.proposal:
        raise Refused(_("Two people are deciding about this check. Agree with the proposal or decline it first."))
    if row.method == "sanctions" and outcome == State.PASSED:
        raise Refused(
            _("Nobody alone says that the sanctions list is in order: propose it, and a second officer looks too."),
            field="outcome", code="tenants.check_takes_two",
        )  # fmt: skip
    if document is not None and document.case_id != row.case_id:
        raise Refused(_("This document belongs to another application."), field="document")
    ends = until(row) if valid_until is None else _end(valid_until)
    advance(
        row, outcome, evidence=evidence.strip(), document=document, verified_by=acting_user,
        on_behalf_of=right.on_behalf_of, verified_at=timezone.now(), next_attempt_at=None, fence=row.fence + 1,
        valid_until=ends if outcome == State.PASSED else None,
    )  # fmt: skip
    tell(f"check.{outcome}", acting_user, row, before={"state": State.OPEN}, after=right.facts, reason=evidence.strip())
    return row


@deciding
@transaction.atomic
def propose_check(*, acting_user: User, check: ComplianceCheck, reason: str) -> ComplianceCheck:
    """The first of two people: waive this check, or clear this hit. Nothing changes until the second agrees.

    Of a check that failed the next round is opened for it; the verdict before stays as it was.
    """
    right, row = _begin(acting_user, check, of_its_side, open_only=False)
    _say(reason, _("Give the reason: the second officer decides by it, and it stays in the record."), "reason")
    if row.state == State.FAILED:
        row = _again(row, run=False)
    what = Proposal.CLEAR if row.method == "sanctions" else Proposal.WAIVE
    taken = ComplianceCheck.objects.filter(pk=row.pk, state=State.OPEN, proposal=Proposal.NONE, current=True)
    facts: dict[str, Any] = {
        "proposal": what, "proposed_by": acting_user, "proposed_for": right.on_behalf_of, "proposed_at": timezone.now(),
        "reason": reason.strip(), "next_attempt_at": None, "fence": row.fence + 1,
    }  # fmt: skip
    if row.state == State.OPEN and not taken.update(**facts):
        raise MovedMeanwhile(
            _("Somebody has proposed something about %(check)s already. Reload it.") % {"check": row.title}
        )
    if row.state != State.OPEN:
        raise UnlawfulMove(_closed(row))
    for name, value in facts.items():
        setattr(row, name, value)
    tell("check.proposed", acting_user, row, after={"proposal": what, **right.facts}, reason=reason.strip())
    return row


@deciding
@transaction.atomic
def confirm_check(*, acting_user: User, check: ComplianceCheck, reason: str) -> ComplianceCheck:
    """The second of two people agrees: the check is waived, or the hit is cleared."""
    right, row = _second(acting_user, check)
    _say(reason, _("Give your own reason: it stands beside the first officer's."), "reason")
    to = State.WAIVED if row.proposal == Proposal.WAIVE else State.PASSED
    advance(
        row, to, verified_by=acting_user, on_behalf_of=right.on_behalf_of, verified_at=timezone.now(),
        remark=reason.strip(), valid_until=until(row) if to == State.PASSED else None, fence=row.fence + 1,
    )  # fmt: skip
    act = "check.waived" if to == State.WAIVED else "check.cleared"
    tell(act, acting_user, row, before={"state": State.OPEN}, after=right.facts, reason=reason.strip())
    return row


@deciding
@transaction.atomic
def decline_check(*, acting_user: User, check: ComplianceCheck, reason: str) -> ComplianceCheck:
    """The second of two people does not agree: the check stands as it stood before the proposal."""
    right, row = _second(acting_user, check)
    _say(reason, _("Write why not: the first officer reads it."), "reason")
    before, none = {"proposal": row.proposal}, dict(NOTHING_PROPOSED)
    failed = _failed_before(row)
    if failed is not None:
        advance(
            row, State.FAILED, verified_by=failed.verified_by, on_behalf_of=failed.on_behalf_of,
            verified_at=failed.verified_at, **none,
        )  # fmt: skip
    else:
        none["next_attempt_at"] = timezone.now() if row.method in BY_ITSELF else None
        ComplianceCheck.objects.filter(pk=row.pk).update(**none)
        for name, value in none.items():
            setattr(row, name, value)
    tell("check.declined", acting_user, row, before=before, after=right.facts, reason=reason.strip())
    return row


@transaction.atomic
def renew_check(*, acting_user: User, check: ComplianceCheck) -> ComplianceCheck:
    """Look at it again: the portal at once where it can, an officer otherwise. The verdict before stays as it was."""
    right, row = _begin(acting_user, check, of_its_side, open_only=False)
    if row.state != State.OPEN:
        row = _again(row, run=True)
    elif row.proposal:
        raise Refused(_("Two people are deciding about this check. Agree with the proposal or decline it first."))
    elif row.method not in BY_ITSELF:
        raise Refused(_("Only an officer can do this check: write down what you find."))
    else:
        ComplianceCheck.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now(), attempts=0)
        row.refresh_from_db(fields=["next_attempt_at", "attempts"])
    tell("check.renewed", acting_user, row, after={"round": row.round, **right.facts})
    nudge("tenants.run_checks")
    return row


def _failed_before(row: ComplianceCheck) -> ComplianceCheck | None:
    """The verdict that the proposal was to put aside, if the check had failed and nobody has looked since."""
    last = rounds_of(row).first()
    same = last is not None and last.state == State.FAILED and (last.finding, last.facts) == (row.finding, row.facts)
    return last if same else None


def _begin(
    acting_user: User, check: ComplianceCheck, objection: Objection, *, open_only: bool = True
) -> tuple[Standing, ComplianceCheck]:
    """In whose right somebody acts, and the row under its lock."""
    rows = ComplianceCheck.objects.select_for_update(of=("self",))
    row = rows.select_related("case__authority", "tenant__authority", "authority", "proposed_by").get(pk=check.pk)
    role = AuthorityRole.ONBOARDING_OFFICER
    right = standing(acting_user, row.authority_id, role, lambda who: objection(row, who))
    if not row.current:
        raise MovedMeanwhile(_("%(check)s has been looked at again since. Reload the page.") % {"check": row.title})
    over = (
        row.tenant.state == Tenant.State.CLOSED if row.tenant else row.case is not None and row.case.state not in OPEN
    )
    if over:
        raise Refused(_("%(about)s is over, so its checks stay as they are.") % {"about": row.about})
    if open_only and row.state != State.OPEN:
        raise UnlawfulMove(_closed(row))
    return right, row


def _second(acting_user: User, check: ComplianceCheck) -> tuple[Standing, ComplianceCheck]:
    right, row = _begin(acting_user, check, second_too_near)
    if not row.proposal:
        raise MovedMeanwhile(
            _("Nothing is proposed about %(check)s any more. Reload the page.") % {"check": row.title}
        )  # fmt: skip
    return right, row


def _again(row: ComplianceCheck, *, run: bool) -> ComplianceCheck:
    """The next round; without ``run`` it keeps what was found, since two people look at just that."""
    fresh = next_round(case=row.case, tenant=row.tenant, rule=row.as_planned, seen=row.seen, before=row, run=run)
    if not run:
        kept = {"finding": row.finding, "facts": row.facts, "ran_at": row.ran_at, "evidence": row.evidence}
        ComplianceCheck.objects.filter(pk=fresh.pk).update(**kept)
        fresh.refresh_from_db()
    return fresh


def _say(text: str, sentence: str, field: str) -> None:
    if not text.strip():
        raise Refused(sentence, field=field)


def _end(day: date) -> datetime:
    """The end of a last day."""
    if day < timezone.localdate():
        raise Refused(_("The last day is over already. Choose a later one, or say that it is not in order."), field="valid_until")  # fmt: skip
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _closed(row: ComplianceCheck) -> str:
    return _("%(check)s is “%(state)s” already. Have it looked at again if something has changed.") % {
        "check": row.title, "state": row.get_state_display(),
    }  # fmt: skip
