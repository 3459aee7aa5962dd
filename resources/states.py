"""The lawful moves of this app's rows (docs/architecture.md draws them)."""

from portal.core.states import Moves

REQUEST = Moves(
    "quota request",
    {
        "draft": {"submitted", "withdrawn"},
        "submitted": {"in_review", "withdrawn"},
        "in_review": {
            "info_requested", "approved", "partially_approved", "rejected", "awaiting_second", "withdrawn",
        },
        "info_requested": {"in_review", "lapsed", "withdrawn"},
        "awaiting_second": {"approved", "partially_approved", "rejected", "in_review"},
        "approved": set(),
        "partially_approved": set(),
        "rejected": {"appealed"},
        "appealed": {"in_review"},
        "withdrawn": set(),
        "lapsed": set(),
    },
)  # fmt: skip

GRANT = Moves(
    "grant",
    {
        "scheduled": {"active", "revoked", "superseded"},
        "active": {"suspended", "expiring", "revoked", "superseded"},
        "suspended": {"active", "revoked", "superseded"},
        "expiring": {"grace", "revoked", "superseded"},
        "grace": {"expired", "revoked", "superseded"},
        "expired": set(),
        "revoked": set(),
        "superseded": set(),
    },
)

QUOTA = Moves(
    "quota",
    {
        "pending": {"applying", "counted_only"},
        "applying": {"in_force", "failed", "counted_only", "pending", "removed"},
        "in_force": {"pending", "applying", "drifted", "removing"},
        "drifted": {"applying", "pending", "in_force", "removing"},
        "failed": {"applying", "pending", "removing"},
        "counted_only": {"pending", "removing"},
        "removing": {"removed", "failed"},
        "removed": {"pending"},
    },
)

CLUSTER = Moves(
    "cluster",
    {
        "active": {"maintenance", "retired"},
        "maintenance": {"active", "retired"},
        "retired": set(),
    },
)
