"""What the services around a decision are called with on a stage."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from resources.models import GrantCondition
from resources.services import appeals, bulk, condition_holds, conditions, decisions, desk, rules
from resources.services.condition_watch import sweep_conditions
from tests.factories.resources import make_rule


def refused(stage):
    return decisions.reject_request(acting_user=stage.approver, request=stage.sent(), reason="x")


def begun(stage):
    return rules.begin_rule(acting_user=stage.approver, authority=stage.authority, slug="x")


def in_force(stage):
    return make_rule(stage.authority, stage.approver, stage.second)


def bound(stage, state="open"):
    """A condition of a grant that holds, is said to be met, or is overdue."""
    day = timezone.localdate() + timedelta(days=9)
    terms = [conditions.Condition("A paper", day)]
    decisions.approve_request(acting_user=stage.approver, request=stage.sent(), conditions=terms)
    row = GrantCondition.objects.select_related("tenant", "request__tenant", "request__authority", "decision").get()
    if state == "said_met":
        conditions.say_met(acting_user=stage.owner, condition=row, note="x")
    if state == "overdue":
        sweep_conditions(row.due_at + timedelta(hours=1))
        row.refresh_from_db(fields=["state"])
    return row


CALLS = {
    conditions.say_met: lambda s: {"by": s.owner, "condition": bound(s), "note": "x"},
    conditions.confirm_met: lambda s: {"by": s.second, "condition": bound(s, "said_met")},
    conditions.send_back_condition: lambda s: {"by": s.second, "condition": bound(s, "said_met"), "reason": "x"},
    conditions.lift_condition: lambda s: {"by": s.second, "condition": bound(s), "reason": "x"},
    condition_holds.suspend_for_condition: lambda s: {"by": s.second, "condition": bound(s, "overdue"), "reason": "x"},
    condition_holds.shorten_for_condition: lambda s: {
        "by": s.second,
        "condition": bound(s, "overdue"),
        "reason": "x",
        "last_day": timezone.localdate() + timedelta(days=2),
    },
    rules.begin_rule: lambda s: {"by": s.approver, "authority": s.authority, "slug": "x"},
    rules.write_rule: lambda s: {"by": s.approver, "row": begun(s), "facts": {"max_gpus": 3}},
    rules.activate_rule: lambda s: {"by": s.second, "row": make_rule(s.authority, s.approver), "note": "x"},
    rules.retire_rule: lambda s: {"by": s.approver, "row": in_force(s), "reason": "x"},
    rules.drop_rule: lambda s: {"by": s.approver, "row": begun(s)},
    appeals.appeal_request: lambda s: {"by": s.owner, "request": refused(s), "text": "Look again"},
    bulk.approve_requests: lambda s: {"by": s.approver, "requests": [s.sent()]},
    decisions.take_back_request: lambda s: {"by": s.approver, "request": s.half()},
    desk.assign_request: lambda s: {"by": s.approver, "request": s.sent(), "approver": s.second.public_id},
}
