"""Services of requests, grants and access modes, and what each is called with on a stage."""

from resources.services import grant_changes as own
from resources.services import modes as ways
from resources.services import requests
from tests.factories.tenants import make_project


def begun(stage):
    return ways.begin_mode(acting_user=stage.approver, authority=stage.authority, slug="x")


CALLS = {
    requests.copy_request: lambda s: {"by": s.owner, "request": s.sent()},
    own.release_grant: lambda s: {"by": s.owner, "grant": s.granted(), "gpus": 4},
    own.transfer_grant: lambda s: {
        "by": s.owner,
        "grant": s.granted(),
        "gpus": 4,
        "project": make_project(s.tenant),
    },
    ways.begin_mode: lambda s: {"by": s.approver, "authority": s.authority, "slug": "flood"},
    ways.write_mode: lambda s: {"by": s.approver, "row": begun(s), "facts": {"max_gpus": 3}},
    ways.publish_mode: lambda s: {"by": s.approver, "row": begun(s), "note": "x"},
    ways.drop_mode: lambda s: {"by": s.approver, "row": begun(s)},
}
