"""A rule is tried on the past: each request as it was sent, at its moment, beside what people decided."""

import pytest

from resources.models import CapacityPool, Grant, QuotaRequest
from resources.queries.rule_trials import try_rule
from resources.services.decisions import approve_request, ask_for_changes, reject_request
from resources.services.grants import revoke_grant
from resources.services.requests import answer_request, withdraw_request
from resources.services.rule_decisions import look_at_request
from tenants.models import PolicyRule
from tests.factories.resources import make_draft, make_request, make_rule, playground
from tests.factories.tenants import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(house):
    return make_rule(house.authority, house.approver, max_gpus=4)


def ask(house, amount=2, days=14, **facts):
    return make_request(house.project, house.pool, house.owner, amount, days=days, **{**playground(), **facts})


def told(trial):
    return [(row.request, row.verdict, row.became) for row in trial.rows]


def test_differences_come_first_and_are_counted(house, rule):
    full, part, refused, withdrawn, waits, large, changed = (ask(house, n) for n in (2, 2, 3, 1, 1, 9, 2))
    approve_request(acting_user=house.approver, request=full)
    approve_request(
        acting_user=house.approver, request=part, amounts={part.current_lines.get().pk: 1}, reason="One is enough"
    )
    reject_request(acting_user=house.approver, request=refused, reason="No")
    withdraw_request(acting_user=house.owner, request=withdrawn)
    approve_request(acting_user=house.approver, request=large)
    ask_for_changes(acting_user=house.approver, request=changed, reason="Why?")
    answer_request(acting_user=house.owner, request=changed, text="So")
    approve_request(acting_user=house.second, request=changed)
    trial = try_rule(rule, house.approver, 30)
    assert told(trial) == [
        (changed, "differs", "changed"), (refused, "differs", "refused"), (part, "differs", "part"),
        (waits, "undecided", "open"), (withdrawn, "undecided", "gone"), (full, "same", "full"), (large, "left", "full"),
    ]  # fmt: skip
    assert (trial.counts, trial.approved, trial.cut) == (
        {"differs": 3, "undecided": 2, "same": 1, "left": 1}, 6, False,
    )  # fmt: skip
    assert [miss.code for miss in trial.rows[-1].missing] == ["gpus"]
    assert trial.rows[1].by == str(house.approver)


def test_nothing_is_decided_by_trying(house, rule):
    request = ask(house)
    try_rule(rule, house.approver, 30)
    assert QuotaRequest.objects.get(pk=request.pk).state == "submitted"
    assert not Grant.objects.exists()


def test_what_a_rule_decided_is_told_as_such(house):
    force = make_rule(house.authority, house.approver, house.second)
    request = ask(house)
    look_at_request(request.pk)
    row = try_rule(force, house.approver, 30).rows[0]
    assert (row.verdict, row.became, row.by) == ("same", "rule", force.cited)


def test_drafts_and_what_was_sent_before_the_days_are_left_out(house, rule):
    first, second = ask(house), ask(house)
    make_draft(house.project, house.pool, house.owner, **playground())
    assert [row.request for row in try_rule(rule, house.approver, 30).rows] == [second, first]
    assert try_rule(rule, house.approver, 0).rows == ()


def test_a_request_is_tried_against_what_was_promised_at_its_moment(house, rule):
    """Room that came later does not help, and what was promised later does not hurt."""
    full = make_request(house.project, house.pool, house.owner, 89)
    approve_request(acting_user=house.approver, request=full)
    tight = ask(house)
    grant = Grant.objects.get()
    revoke_grant(acting_user=house.approver, grant=grant, reason="Over")
    roomy = ask(house)
    again = make_request(house.project, house.pool, house.owner, 89)
    approve_request(acting_user=house.approver, request=again)
    rows = {row.request: [miss.code for miss in row.missing] for row in try_rule(rule, house.approver, 30).rows}
    assert (rows[tight], rows[roomy]) == (["line"], [])


@pytest.mark.parametrize(
    ("facts", "code"), [({"max_held": 1}, "held"), ({"keep_free_percent": 97}, "free"), ({"only_calm": True}, None)]
)
def test_what_depends_on_the_moment_is_tried_too(house, facts, code):
    approve_request(acting_user=house.approver, request=ask(house))
    asked = ask(house)
    tried = make_rule(house.authority, house.approver, **facts)
    row = next(row for row in try_rule(tried, house.approver, 30).rows if row.request == asked)
    assert [miss.code for miss in row.missing] == ([code] if code else [])


def test_two_people_and_the_pools_line_of_today_count(house, rule):
    ask(house)
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 2)
    CapacityPool.objects.filter(pk=house.pool.pk).update(policy_line_percent=1)
    row = try_rule(rule, house.approver, 30).rows[0]
    assert [miss.code for miss in row.missing] == ["line", "second"]


@pytest.mark.parametrize("n", [1, 4])
def test_a_trial_takes_as_many_queries_for_one_request_as_for_many(house, rule, n, django_assert_num_queries):
    for _number in range(n):
        ask(house)
    with django_assert_num_queries(8):
        try_rule(rule, house.approver, 30)
