"""Rules approve what is sent: in full, once, under every wall that holds for people; what they leave waits for people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from portal.core.errors import PortalError, Refused
from portal.models import AuditEvent, Notification, User
from resources.models import AccessMode, AutoRule, CapacityPool, Decision, Grant, QuotaRequest, RuleLook
from resources.queries.rules import REFUSALS, WHY, Miss
from resources.services.appeals import appeal_request
from resources.services.decisions import approve_request, reject_request, take_into_review
from resources.services.requests import submit_request
from resources.services.rule_decisions import look_at_request, look_at_requests
from resources.services.rules import retire_rule
from resources.services.wishes import Wish
from tenants.models import AuthorityMembership, PolicyRule
from tests.factories.resources import (
    make_draft,
    make_pool,
    make_request,
    make_rule,
    make_share,
    period,
    playground,
)
from tests.factories.tenants import end_silently, make_authority, make_member, make_policy

pytestmark = pytest.mark.django_db


def ask(house, amount=2, days=14, pool=None, **facts):
    return make_request(house.project, pool or house.pool, house.owner, amount, days=days, **{**playground(), **facts})


def rule_of(house, **facts):
    return make_rule(house.authority, house.approver, house.second, **facts)


def codes(request):
    """What each rule that was asked said, as codes."""
    return [[code for code, _facts in each["why"]] for each in RuleLook.objects.get(request=request).said]


def test_what_a_rule_says_holds_and_it_is_approved_in_full_at_once(house):
    rule, request = rule_of(house), ask(house)
    assert look_at_request(request.pk)
    request.refresh_from_db()
    decision, grant = Decision.objects.get(request=request), Grant.objects.get(line__request=request)
    assert (request.state, request.reviewer, grant.amount, grant.state) == ("approved", None, 2, "active")
    assert (decision.rule, decision.decider, decision.outcome, decision.second_because) == (
        rule, house.second, "approve", "",
    )  # fmt: skip
    look = RuleLook.objects.get(request=request)
    assert (look.rule, codes(request)) == (rule, [[]])
    event = AuditEvent.objects.get(act="request.approved")
    assert (event.actor, event.after["rule"], event.after["on_behalf_of"]) == (None, rule.cited, house.second.pk)
    assert Notification.objects.filter(act="request.approved", user=house.owner).count() == 1


def test_it_is_looked_at_once_however_often_the_task_comes(house):
    rule, request = rule_of(house, max_gpus=1), ask(house)
    assert [look_at_request(request.pk), look_at_request(request.pk), look_at_requests()] == [False, False, 0]
    assert codes(request) == [["gpus"]]
    retire_rule(acting_user=house.approver, row=rule, reason="x")
    rule_of(house)
    assert look_at_requests() == 0
    assert QuotaRequest.objects.get(pk=request.pk).state == "submitted"


def test_the_sweep_finds_what_a_lost_wake_up_left(house):
    rule_of(house)
    first, second = ask(house), ask(house)
    assert look_at_requests() == 2
    assert set(QuotaRequest.objects.filter(state="approved")) == {first, second}


@pytest.mark.parametrize(
    ("facts", "asks", "code"),
    [
        ({"max_gpus": 1}, {}, "gpus"),
        ({"max_days": 13}, {}, "days"),
        ({"max_gpu_hours": 100}, {}, "hours"),
        ({"modes": ["fast-lane"]}, {}, "mode"),
        ({"tenant_kinds": ["industry"]}, {}, "tenant_kind"),
        ({"kinds": ["00000000-0000-0000-0000-000000000000"]}, {}, "kind"),
        ({"max_data_class": "public"}, {}, "data_class"),
        ({"keep_free_percent": 99}, {}, "free"),
    ],
)
def test_one_thing_that_does_not_hold_leaves_it_to_people(house, facts, asks, code):
    type(house.project).objects.filter(pk=house.project.pk).update(data_class="internal")
    house.project.refresh_from_db()
    rule_of(house, **facts)
    request = ask(house, **asks)
    assert not look_at_request(request.pk)
    request.refresh_from_db()
    assert (request.state, codes(request)) == ("submitted", [[code]])
    assert not Decision.objects.exists()


def test_at_its_bounds_a_rule_holds(house):
    rule_of(
        house, max_gpus=2, max_days=14, max_gpu_hours=2 * 14 * 24, kinds=[house.pool.kind.public_id],
        tenant_kinds=[house.tenant.kind], keep_free_percent=98, max_held=0,
    )  # fmt: skip
    assert look_at_request(ask(house).pk)


def test_what_the_tenant_holds_already_counts(house):
    rule_of(house, max_held=2)
    assert look_at_request(ask(house).pk)
    assert look_at_request(ask(house).pk)
    third = ask(house)
    assert not look_at_request(third.pk)
    assert RuleLook.objects.get(request=third).said[0]["why"] == [["held", {"asked": 4, "most": 2}]]


def test_the_first_rule_that_holds_decides_in_their_order(house):
    last, first = rule_of(house, position=20), rule_of(house, position=10)
    narrow = rule_of(house, position=5, max_gpus=1)
    request = ask(house)
    look_at_request(request.pk)
    assert Decision.objects.get(request=request).rule == first != last
    said = RuleLook.objects.get(request=request).said
    assert [each["name"] for each in said] == [narrow.name, first.name]


def test_a_rule_never_passes_what_needs_a_second_person(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 2)
    rule_of(house)
    request = ask(house)
    assert not look_at_request(request.pk)
    assert (codes(request), Decision.objects.count()) == ([["second"]], 0)


@pytest.mark.parametrize(
    ("gpus", "share", "line", "code"), [(1, 1, 100, "capacity"), (100, 1, 100, "capacity"), (100, 100, 1, "line")]
)
def test_a_rule_never_passes_the_pool_the_share_or_the_policy_line(house, gpus, share, line, code):
    CapacityPool.objects.filter(pk=house.pool.pk).update(healthy=gpus, policy_line_percent=line)
    type(house.share).objects.filter(pk=house.share.pk).update(gpus=share)
    rule_of(house)
    request = ask(house)
    assert not look_at_request(request.pk)
    assert codes(request) == [[code]]


def test_a_pool_past_its_line_at_another_time_stops_a_rule_that_asks_for_calm(house):
    later = make_request(house.project, house.pool, house.owner, 80, start_days=200, days=10)
    approve_request(acting_user=house.approver, request=later, reason="Needed")
    CapacityPool.objects.filter(pk=house.pool.pk).update(policy_line_percent=50)
    rule = rule_of(house)
    assert not look_at_request((calm := ask(house)).pk)
    assert codes(calm) == [["calm"]]
    retire_rule(acting_user=house.approver, row=rule, reason="x")
    rule_of(house, only_calm=False)
    assert look_at_request(ask(house).pk)


def test_a_cluster_that_may_not_hold_the_data_is_left_to_people(house):
    request = ask(house)
    rule_of(house)
    type(house.cluster).objects.filter(pk=house.cluster.pk).update(data_classes=["restricted"])
    assert not look_at_request(request.pk)
    assert codes(request) == [["refused"]]
    facts = RuleLook.objects.get(request=request).said[0]["why"][0][1]
    assert (facts["code"], "may not host" in facts["sentence"]) == ("request.not_offered", True)


def test_a_refusal_is_said_in_the_language_of_whoever_reads_it(monkeypatch):
    spoken = lazy(lambda: f"said in {get_language()}", str)()
    monkeypatch.setitem(REFUSALS, "request.not_offered", spoken)
    miss = Miss("refused", {"code": "request.not_offered", "sentence": "as the portal said it then"})
    with override("en"):
        assert miss.sentence == "the decision was refused: said in en"
    with override("de"):
        assert miss.sentence.endswith("said in de")


@pytest.mark.parametrize("facts", [{"sentence": "Too late."}, {"code": "of.another.day", "sentence": "Too late."}])
def test_a_refusal_without_words_says_what_was_said_then(facts):
    assert Miss("refused", facts).sentence == "the decision was refused: Too late."


def test_every_refusal_with_words_is_one_that_the_portal_gives():
    families = [PortalError]
    for family in families:
        families += family.__subclasses__()
    assert set(REFUSALS) - {family.code for family in families} == {"decision.not_by_rule", "portal.constraint"}


def test_what_the_authority_cannot_pay_is_left_to_people(house):
    rule_of(house)
    request = ask(house)
    type(house.share).objects.filter(pk=house.share.pk).update(authority=make_authority())
    assert not look_at_request(request.pk)
    assert codes(request) == [["share"]]


def test_only_modes_that_are_open_to_rules_and_requests_in_a_mode_are_looked_at(house):
    rule_of(house, modes=["playground", "fast-lane"])
    fast = AccessMode.objects.get(slug="fast-lane", authority=None)
    closed = ask(house, mode=fast, mode_answers={"needs": "Two nodes"})
    without = make_request(house.project, house.pool, house.owner, 2)
    assert look_at_requests() == 0
    assert set(QuotaRequest.objects.filter(state="submitted")) == {closed, without}
    assert not RuleLook.objects.exists()


def test_what_people_took_up_or_what_was_sent_before_the_rule_is_theirs(house):
    taken = ask(house)
    rule = rule_of(house)
    take_into_review(acting_user=house.approver, request=taken)
    assert not look_at_request(taken.pk)
    before = ask(house)
    retire_rule(acting_user=house.approver, row=rule, reason="x")
    rule_of(house, activated_at=timezone.now() + timedelta(seconds=60))
    assert not look_at_request(before.pk)
    assert RuleLook.objects.get(request=before).said == []


def test_a_refused_request_that_is_appealed_is_not_a_rules(house):
    request = ask(house)
    reject_request(acting_user=house.approver, request=request, reason="No")
    appeal_request(acting_user=house.owner, request=request, text="Look again")
    rule_of(house)
    assert look_at_requests() == 0


@pytest.mark.parametrize("who", ["second", "approver"])
def test_nobody_who_made_the_rule_has_their_own_request_decided_by_it(house, who):
    person = getattr(house, who)
    make_member(house.tenant, "project_manager", person)
    rule_of(house)
    request = make_request(house.project, house.pool, person, 2, days=14, **playground())
    assert not look_at_request(request.pk)
    assert codes(request) == [["right" if who == "second" else "author"]]
    assert not Decision.objects.exists()


def test_a_rule_rests_when_who_answers_for_it_no_longer_decides(house):
    rule_of(house)
    end_silently(AuthorityMembership.objects.get(user=house.second, role="quota_approver"))
    request = ask(house)
    assert not look_at_request(request.pk)
    assert codes(request) == [["share"]]
    User.objects.filter(pk=house.second.pk).update(is_active=False)
    other = ask(house)
    look_at_request(other.pk)
    assert codes(other) == [["right"]]


def test_a_line_that_names_no_cluster_goes_where_most_is_free(house):
    roomy = make_pool(500, kind=house.pool.kind)
    make_share(roomy, house.authority)
    rule_of(house)
    wish = Wish(None, 2, *period(0, 14), kind=house.pool.kind)
    request = make_request(house.project, house.pool, house.owner, wishes=[wish], **playground())
    assert look_at_request(request.pk)
    assert Grant.objects.get(line__request=request).pool == roomy


def test_all_lines_or_none(house):
    other = make_pool(100)
    make_share(other, house.authority, 1)
    rule_of(house)
    wishes = [Wish(house.pool, 1, *period(0, 14)), Wish(other, 2, *period(0, 14))]
    request = make_request(house.project, house.pool, house.owner, wishes=wishes, **playground())
    assert not look_at_request(request.pk)
    assert codes(request) == [["capacity"]]
    assert not Grant.objects.exists()


def test_changes_of_grants_are_peoples(house):
    rule_of(house)
    first = ask(house)
    look_at_request(first.pk)
    grant = Grant.objects.get()
    draft = make_draft(house.project, house.pool, house.owner, 2, 14, 10, **playground())
    QuotaRequest.objects.filter(pk=draft.pk).update(change="extension", grant=grant)
    longer = submit_request(acting_user=house.owner, request=QuotaRequest.objects.get(pk=draft.pk))
    assert not look_at_request(longer.pk)
    assert codes(longer) == [["change"]]


def test_the_service_refuses_a_rule_that_would_give_a_part_or_go_to_a_second_person(house):
    rule, request = rule_of(house), ask(house)
    line = request.current_lines.get()
    with pytest.raises(Refused, match="in full and alone"):
        approve_request(acting_user=house.second, request=request, amounts={line.pk: 1}, reason="x", rule=rule)
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 1)
    request.refresh_from_db()
    with pytest.raises(Refused, match="in full and alone"):
        approve_request(acting_user=house.second, request=request, rule=rule)
    assert not Decision.objects.exists()


def test_the_database_takes_no_decision_of_a_rule_that_is_not_in_force_or_in_anothers_name(house):
    rule, request = rule_of(house), ask(house)
    facts = {
        "tenant_id": request.tenant_id, "authority_id": request.authority_id, "request": request, "revision": 1, "step": 1,
        "deciding_authority": house.authority, "rule": rule,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="not by a rule in force"), transaction.atomic():
        Decision.objects.create(**facts, decider=house.approver, outcome="approve")
    with pytest.raises(IntegrityError, match="decision_by_rule_only_approves"), transaction.atomic():
        Decision.objects.create(**facts, decider=house.second, outcome="reject")
    retire_rule(acting_user=house.approver, row=rule, reason="x")
    with pytest.raises(IntegrityError, match="not by a rule in force"), transaction.atomic():
        Decision.objects.create(**facts, decider=house.second, outcome="approve")


def test_a_decision_keeps_the_version_that_took_it(house):
    rule, request = rule_of(house), ask(house)
    look_at_request(request.pk)
    retire_rule(acting_user=house.approver, row=rule, reason="x")
    kept = Decision.objects.get(request=request).rule
    assert (kept, kept.cited) == (rule, f"rule “{rule.name}”, version 1")
    assert AutoRule.objects.filter(pk=rule.pk).exists()


def test_every_reason_has_its_words():
    facts = {"asked": 3, "most": 2, "pool": "P", "person": "X", "sentence": "No."}
    said = {code: Miss(code, facts).sentence for code in WHY}
    assert all(text and "%(" not in text for text in said.values())
    assert Miss("data_class", {"asked": "internal"}).sentence == "the project’s data is “Internal”"
