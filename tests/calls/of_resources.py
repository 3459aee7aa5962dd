"""What services of inventory, requests, grants and idle GPUs are called with on a stage."""

from __future__ import annotations

from resources.models import GPUKind
from resources.services import changes, credentials, decisions, grants, idle, inventory, providers, requests
from tests.factories.resources import make_draft, make_kind, make_pool

KIND = {"slug": "fresh-kind", "name": "Fresh", "vendor": "NVIDIA", "memory_gib": 80}
SITE = {"name": "Fresh", "slug": "fresh", "country": "LU", "contact_email": "x@fresh.test"}
CLUSTER = {
    "name": "Fresh", "slug": "fresh", "city": "Bissen", "country": "LU", "data_classes": ["public"], "driver": "counted",
}  # fmt: skip

CALLS = {
    changes.create: lambda s: {"by": s.admin, "args": ("kind.created", GPUKind(**KIND))},
    changes.change: lambda s: {"by": s.admin, "args": ("kind.changed", s.pool.kind, {"name": "Other"})},
    credentials.set_credential: lambda s: {"by": s.operator, "cluster": s.reachable(), "purpose": "source_token", "secret": "x" * 20},
    credentials.remove_credential: lambda s: {"by": s.operator, "cluster": s.sealed(), "purpose": "source_token"},
    decisions.take_into_review: lambda s: {"by": s.approver, "request": s.sent()},
    decisions.approve_request: lambda s: {"by": s.approver, "request": s.sent()},
    decisions.confirm_request: lambda s: {"by": s.second, "request": s.half()},
    decisions.send_back_request: lambda s: {"by": s.second, "request": s.half(), "reason": "x"},
    decisions.reject_request: lambda s: {"by": s.approver, "request": s.sent(), "reason": "x"},
    decisions.ask_for_changes: lambda s: {"by": s.approver, "request": s.sent(), "reason": "x"},
    grants.lower_grant: lambda s: {"by": s.approver, "grant": s.granted(), "gpus": 4, "reason": "x"},
    idle.justify_idle: lambda s: {"by": s.owner, "finding": s.idle(), "reason": "x", "needed_until": s.later()},
    idle.release_idle: lambda s: {"by": s.owner, "finding": s.idle(), "gpus": 4},
    idle.accept_idle: lambda s: {"by": s.approver, "finding": s.idle("justified", needed_until=s.later())},
    idle.escalate_idle: lambda s: {"by": s.approver, "finding": s.idle("justified"), "reason": "x"},
    idle.dismiss_idle: lambda s: {"by": s.approver, "finding": s.idle(), "reason": "x"},
    idle.reclaim_idle: lambda s: {"by": s.approver, "finding": s.idle("escalated"), "gpus": 4, "reason": "x"},
    idle.confirm_reclaim: lambda s: {"by": s.second, "finding": s.half_reclaimed()},
    idle.send_back_reclaim: lambda s: {"by": s.second, "finding": s.half_reclaimed(), "reason": "x"},
    grants.revoke_grant: lambda s: {"by": s.approver, "grant": s.granted(), "reason": "x"},
    grants.freeze_grants: lambda s: {"by": s.officer, "tenant": s.granted().tenant},
    grants.thaw_grants: lambda s: {"by": s.officer, "tenant": s.frozen()},
    inventory.create_cluster: lambda s: {"by": s.operator, "provider": s.cluster.provider, **CLUSTER},
    inventory.change_cluster: lambda s: {"by": s.operator, "cluster": s.cluster, "city": "Elsewhere"},
    inventory.set_cluster_state: lambda s: {"by": s.operator, "cluster": s.cluster, "to": "maintenance"},
    inventory.create_kind: lambda s: {"by": s.admin, **KIND},
    inventory.change_kind: lambda s: {"by": s.admin, "kind": s.pool.kind, "name": "Other"},
    inventory.create_pool: lambda s: {
        "by": s.operator, "cluster": s.cluster, "kind": make_kind(), "installed": 8, "healthy": 8,
    },
    inventory.change_pool: lambda s: {"by": s.operator, "pool": s.pool, "healthy": 99},
    inventory.create_share: lambda s: {"by": s.admin, "pool": make_pool(8), "authority": s.authority, "gpus": 4},
    inventory.change_share: lambda s: {"by": s.admin, "share": s.share, "gpus": 50},
    providers.create_provider: lambda s: {"by": s.admin, **SITE},
    providers.change_provider: lambda s: {"by": s.admin, "provider": s.cluster.provider, "name": "Other"},
    requests.draft_request: lambda s: {"by": s.owner, "project": s.project, "purpose": "p", "wishes": s.wishes()},
    requests.send_request: lambda s: {"by": s.owner, "project": s.project, "purpose": "p", "wishes": s.wishes()},
    requests.change_draft: lambda s: {
        "by": s.owner, "request": make_draft(s.project, s.pool, s.owner), "project": s.project, "purpose": "q",
        "wishes": s.wishes(),
    },
    requests.submit_request: lambda s: {"by": s.owner, "request": make_draft(s.project, s.pool, s.owner)},
    requests.withdraw_request: lambda s: {"by": s.owner, "request": s.sent()},
    requests.answer_request: lambda s: {"by": s.owner, "request": s.asked(), "text": "x"},
}  # fmt: skip
