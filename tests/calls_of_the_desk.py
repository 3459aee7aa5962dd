"""What the services around a decision are called with on a stage, for the test that walks all services."""

from __future__ import annotations

from resources.services import appeals, bulk, decisions, desk, rules
from tests.factories.resources import make_rule


def refused(stage):
    return decisions.reject_request(acting_user=stage.approver, request=stage.sent(), reason="x")


def begun(stage):
    return rules.begin_rule(acting_user=stage.approver, authority=stage.authority, slug="x")


def in_force(stage):
    return make_rule(stage.authority, stage.approver, stage.second)


CALLS = {
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
