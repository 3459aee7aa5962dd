"""What the services around a decision are called with on a stage, for the test that walks all services."""

from __future__ import annotations

from resources.services import appeals, bulk, decisions, desk


def refused(stage):
    return decisions.reject_request(acting_user=stage.approver, request=stage.sent(), reason="x")


CALLS = {
    appeals.appeal_request: lambda s: {"by": s.owner, "request": refused(s), "text": "Look again"},
    bulk.approve_requests: lambda s: {"by": s.approver, "requests": [s.sent()]},
    decisions.take_back_request: lambda s: {"by": s.approver, "request": s.half()},
    desk.assign_request: lambda s: {"by": s.approver, "request": s.sent(), "approver": s.second.public_id},
}
