"""What officers do about checks: verdicts with evidence, and two people where one is not enough."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.core.errors import Conflict, MovedMeanwhile, PortalError, Refused, UnlawfulMove
from portal.core.states import advance
from portal.models import AuditEvent
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, ComplianceCheck
from tenants.queries.checks import rounds_of
from tenants.services import check_catalogues
from tenants.services.check_decisions import confirm_check, decline_check, propose_check, renew_check, settle_check
from tenants.services.delegations import delegate_role
from tenants.states import CHECK
from tests.factories.people import make_admin
from tests.factories.tenants import make_authority, make_case, make_check, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
MOVES = {
    ("open", "passed"), ("open", "failed"), ("open", "waived"), ("passed", "expiring"), ("expiring", "expired"),
}  # fmt: skip
HIT = {"finding": "sanctions.hit", "facts": {"names": [], "entities": ["1"]}}


def office(state="open", key="mandate", **facts):
    """A case with one check, and three officers of its authority."""
    case = make_case("in_review")
    check = make_check(case, state, key=key, **facts)
    return check, *(make_staff(case.authority) for _each in range(3))


def reloaded(check):
    return ComplianceCheck.objects.get(pk=check.pk)


@pytest.mark.parametrize(("old", "new"), list(product(CHECK.states, CHECK.states)))
def test_a_check_moves_only_as_the_table_says(old, new):
    two = {"proposal": "waive", "reason": "x", "remark": "y", "verified_at": timezone.now()}
    check, first, second, _third = office("passed")
    facts = {**two, "proposed_by": first, "verified_by": second}
    ComplianceCheck.objects.filter(pk=check.pk).update(state=old, **facts)
    check = reloaded(check)
    if (old, new) in MOVES:
        advance(check, new)
    else:
        with pytest.raises(UnlawfulMove):
            advance(check, new)
    assert reloaded(check).state == (new if (old, new) in MOVES else old)


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_an_officer_settles_with_evidence(outcome):
    check, officer, *_ = office()
    row = settle_check(acting_user=officer, check=check, outcome=outcome, evidence=" Seen the original. ")
    assert (row.state, row.evidence, row.verified_by) == (outcome, "Seen the original.", officer)
    assert (row.valid_until is not None) == (outcome == "passed")  # the rule says 365 days
    event = AuditEvent.objects.get(act=f"check.{outcome}")
    assert (event.actor, event.tenant_id, event.authority_id) == (officer, None, check.authority_id)


def test_a_verdict_says_its_own_last_day():
    check, officer, *_ = office()
    last = timezone.localdate() + timedelta(days=3)
    row = settle_check(acting_user=officer, check=check, outcome="passed", evidence="x", valid_until=last)
    assert timezone.localtime(row.valid_until).date() == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"outcome": "passed", "evidence": "  "}, "what you have seen"),
        ({"outcome": "waived", "evidence": "x"}, "in order or it is not"),
        ({"outcome": "passed", "evidence": "x", "valid_until": timezone.localdate() - timedelta(days=1)}, "over already"),
    ],
)  # fmt: skip
def test_a_verdict_that_says_too_little_is_refused(facts, said):
    check, officer, *_ = office()
    with pytest.raises(Refused, match=said):
        settle_check(acting_user=officer, check=check, **facts)
    assert reloaded(check).state == "open"


@pytest.mark.parametrize("state", ["passed", "failed", "expiring", "expired"])
def test_a_verdict_is_not_given_twice(state):
    check, officer, *_ = office(state)
    with pytest.raises(UnlawfulMove):
        settle_check(acting_user=officer, check=check, outcome="passed", evidence="x")


def test_nobody_alone_says_that_the_sanctions_list_is_in_order():
    check, officer, *_ = office(key="sanctions", **HIT)
    with pytest.raises(Refused, match="Nobody alone"):
        settle_check(acting_user=officer, check=check, outcome="passed", evidence="x")
    assert settle_check(acting_user=officer, check=check, outcome="failed", evidence="It is them").state == "failed"


@pytest.mark.parametrize(("key", "facts", "ends"), [("mandate", {}, "waived"), ("sanctions", HIT, "passed")])
def test_two_people_with_a_reason_each(key, facts, ends):
    check, first, second, _third = office(key=key, **facts)
    with pytest.raises(Refused, match="Give the reason"):
        propose_check(acting_user=first, check=check, reason=" ")
    row = propose_check(acting_user=first, check=check, reason="One")
    assert (row.state, row.proposed_by) == ("open", first)
    with pytest.raises(Refused, match="your own reason"):
        confirm_check(acting_user=second, check=row, reason="")
    row = confirm_check(acting_user=second, check=row, reason="Two")
    assert (row.state, row.verified_by, row.reason, row.remark) == (ends, second, "One", "Two")
    assert set(AuditEvent.objects.filter(act__startswith="check.").values_list("act", flat=True)) == {
        "check.proposed", "check.waived" if ends == "waived" else "check.cleared",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "said"), [("open", "Possible hit on the list"), ("passed", "Cleared: who is"), ("expired", "Cleared"), ("failed", "On the list of")]
)  # fmt: skip
def test_a_hit_reads_as_people_have_settled_it(state, said):
    facts = {"list_date": "2026-11-26", "list_version": "1", "names": [{"name": "Ilarion", "percent": 100}]}
    row = ComplianceCheck(state=state, finding="sanctions.hit", facts=facts)
    assert row.found.startswith(said)
    assert row.found.endswith("Ilarion (100 %).")
    facts["names"][0]["reference"] = "EU.13.1"
    assert row.found.endswith("Ilarion (100 %, entry EU.13.1).")


@pytest.mark.parametrize("service", [confirm_check, decline_check])
def test_the_first_is_not_the_second(service):
    check, first, *_ = office()
    row = propose_check(acting_user=first, check=check, reason="One")
    with pytest.raises(FourEyes, match="You proposed this"):
        service(acting_user=first, check=row, reason="Two")


@pytest.mark.parametrize("who", ["stands in for the first", "is stood in for by the first"])
def test_who_stands_in_for_the_first_is_no_second(who):
    check, first, second, third = office()
    absent, colleague = (first, second) if who.startswith("stands") else (second, first)
    membership = AuthorityMembership.objects.get(user=absent, authority=check.authority)
    delegate_role(
        acting_user=absent, membership=membership, to=colleague, valid_until=timezone.now() + timedelta(days=3)
    )
    row = propose_check(acting_user=first, check=check, reason="One")
    with pytest.raises(FourEyes, match="third officer"):
        confirm_check(acting_user=second, check=row, reason="Two")
    assert confirm_check(acting_user=third, check=row, reason="Two").state == "waived"


@pytest.mark.parametrize("service", [settle_check, propose_check, renew_check])
@pytest.mark.parametrize("how", ["named", "belongs"])
def test_nobody_of_its_own_side_does_anything(service, how):
    check, officer, *_ = office()
    if how == "named":
        check.case.members.create(user=officer)
    else:
        tenant = make_tenant(authority=check.authority, country=check.case.country, legal_id=check.case.legal_id)
        make_member(tenant, user=officer)
    facts = {settle_check: {"outcome": "passed", "evidence": "x"}, propose_check: {"reason": "x"}}.get(service, {})
    with pytest.raises(FourEyes):
        service(acting_user=officer, check=check, **facts)


def test_a_member_of_the_tenant_decides_none_of_its_checks():
    check, officer, second, _third = office()
    tenant = make_tenant(authority=check.authority)
    ComplianceCheck.objects.filter(pk=check.pk).update(tenant=tenant)
    row = propose_check(acting_user=officer, check=reloaded(check), reason="x")
    make_member(tenant, user=second)
    with pytest.raises(FourEyes, match="member"):
        confirm_check(acting_user=second, check=row, reason="y")


def test_a_second_officer_who_does_not_agree_puts_it_back():
    check, first, second, _third = office()
    row = propose_check(acting_user=first, check=check, reason="One")
    row = decline_check(acting_user=second, check=row, reason="No")
    assert (row.state, row.proposal, row.proposed_by) == ("open", "", None)
    with pytest.raises(MovedMeanwhile, match="Nothing is proposed"):
        confirm_check(acting_user=second, check=row, reason="Two")
    assert propose_check(acting_user=second, check=row, reason="After all").proposal == "waive"


def test_a_failed_check_is_waived_in_its_next_round_and_its_verdict_stays():
    check, first, second, _third = office(
        "failed", key="mail_domain", finding="mail.free", facts={"domain": "gmail.com"}
    )
    row = propose_check(acting_user=first, check=check, reason="A founder of one week")
    assert (row.round, row.state, row.finding) == (2, "open", "mail.free")
    back = decline_check(acting_user=second, check=row, reason="Ask for an own domain")
    assert (back.state, back.round) == ("failed", 2)
    row = propose_check(acting_user=first, check=back, reason="It has none yet")
    assert confirm_check(acting_user=second, check=row, reason="Agreed").state == "waived"
    assert [each.state for each in rounds_of(row)] == ["failed", "failed"]


def test_while_two_decide_nobody_settles_or_looks_again():
    check, first, second, _third = office(key="mail_domain")
    row = propose_check(acting_user=first, check=check, reason="x")
    for act in (
        lambda: settle_check(acting_user=second, check=row, outcome="passed", evidence="x"),
        lambda: renew_check(acting_user=second, check=row),
        lambda: propose_check(acting_user=second, check=row, reason="x"),
    ):
        with pytest.raises((Refused, MovedMeanwhile)):
            act()


@pytest.mark.parametrize("state", ["passed", "failed", "expiring", "expired"])
def test_looking_again_opens_the_next_round(state):
    check, officer, *_ = office(state, key="country")
    row = renew_check(acting_user=officer, check=check)
    assert (row.round, row.state, row.current) == (2, "open", True)
    assert row.next_attempt_at is not None
    assert (reloaded(check).state, reloaded(check).current) == (state, False)
    with pytest.raises(MovedMeanwhile):
        renew_check(acting_user=officer, check=check)


def test_checks_of_what_is_over_stay_as_they_are():
    check, officer, *_ = office()
    type(check.case).objects.filter(pk=check.case_id).update(state="rejected")
    with pytest.raises(Refused, match="is over"):
        settle_check(acting_user=officer, check=check, outcome="passed", evidence="x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "waived"},
        {"state": "waived", "proposal": "waive", "reason": "x", "remark": "y", "both": "one"},
        {"state": "waived", "proposal": "waive", "reason": "x", "remark": "", "both": "two"},
        {"state": "passed", "method": "sanctions", "both": "one", "proposal": "clear", "reason": "x", "remark": "y"},
        {"state": "passed", "method": "sanctions", "finding": "sanctions.hit"},
        {"state": "waived", "method": "sanctions", "proposal": "waive", "reason": "x", "remark": "y", "both": "two"},
        {"state": "passed", "verified_at": None},
        {"state": "elsewhere"},
        {"case": None, "tenant": None},
    ],
)
def test_the_database_holds_it_without_any_service(wrong):
    check, first, second, _third = office()
    facts = {"verified_at": timezone.now(), **wrong}
    both = facts.pop("both", "")
    if both:
        facts |= {"proposed_by": first, "verified_by": first if both == "one" else second}
    with pytest.raises(IntegrityError), transaction.atomic():
        ComplianceCheck.objects.filter(pk=check.pk).update(**facts)


def test_a_catalogue_is_the_next_version_and_leaves_what_was_planned():
    admin, authority = make_admin(), make_authority()
    content = {"checks": [{"key": "energy", "method": "manual", "title": {"en": "Energy plan"}}]}
    row = check_catalogues.set_catalogue(acting_user=admin, authority=authority, content=content, reason="x")
    assert (row.version, [rule.key for rule in row.catalogue]) == (1, ["energy"])
    with pytest.raises(Conflict):
        check_catalogues.set_catalogue(acting_user=admin, authority=authority, content=content, reason="x")
    rule = {"key": "energy", "required": False}
    row = check_catalogues.change_rule(acting_user=admin, authority=authority, rule=rule, reason="y")
    assert (row.version, row.catalogue.rule("energy").required) == (2, False)
    row = check_catalogues.change_rule(acting_user=admin, authority=authority, rule=rule, drop=True, reason="z")
    assert (row.version, list(row.catalogue)) == (3, [])
    with pytest.raises(Refused, match="which there is not"):
        check_catalogues.change_rule(
            acting_user=admin,
            authority=authority,
            rule={"key": "a1", "method": "magic", "title": {"en": "x"}},
            reason="x",
        )


def at_once(acts):
    def one(act):
        try:
            act()
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.mark.django_db(transaction=True)
def test_sixteen_officers_at_once_make_one_proposal_and_one_second_word():
    check, *_ = office(key="sanctions", **HIT)
    officers = [make_staff(check.authority) for _each in range(16)]
    acts = [lambda who=who: propose_check(acting_user=who, check=reloaded(check), reason="One") for who in officers]
    outcomes = at_once(acts)
    assert (outcomes.count("done"), set(outcomes)) == (1, {"done", "portal.moved_meanwhile"})
    first = reloaded(check).proposed_by
    acts = [
        lambda who=who, word=word: word(acting_user=who, check=reloaded(check), reason="Two")
        for who, word in zip(officers, [confirm_check, decline_check] * 8, strict=True)
    ]
    outcomes = dict(zip(officers, at_once(acts), strict=True))
    assert list(outcomes.values()).count("done") == 1
    assert outcomes[first] != "done"
    after = reloaded(check)
    assert (after.state == "passed") == (AuditEvent.objects.filter(act="check.cleared").count() == 1)
    assert (after.state == "open") == (AuditEvent.objects.filter(act="check.declined").count() == 1)
    assert after.state == "open" or after.verified_by != after.proposed_by
