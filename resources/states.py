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
        "active": {"suspended", "expiring", "revoked", "superseded", "exhausted"},
        "suspended": {"active", "expired", "revoked", "superseded"},
        "expiring": {"grace", "revoked", "superseded", "exhausted"},
        "grace": {"expired", "revoked", "superseded", "exhausted"},
        "expired": set(),
        "revoked": set(),
        "superseded": set(),
        "exhausted": set(),
    },
)

IDLE = Moves(
    "idle finding",
    {
        "open": {"notified", "dismissed"},
        "notified": {"justified", "released", "escalated", "dismissed"},
        "justified": {"released", "escalated", "dismissed"},
        "escalated": {"released", "awaiting_second", "reclaimed", "dismissed"},
        "awaiting_second": {"released", "reclaimed", "escalated", "dismissed"},
        "released": set(),
        "reclaimed": set(),
        "dismissed": set(),
    },
)

CONDITION = Moves(
    "condition of a grant",
    {
        "proposed": {"open", "dropped"},
        "open": {"said_met", "overdue", "lifted", "ended"},
        "said_met": {"met", "open", "overdue", "lifted", "ended"},
        "overdue": {"said_met", "lifted", "ended"},
        "met": set(),
        "lifted": set(),
        "dropped": set(),
        "ended": set(),
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

MAINTENANCE = Moves(
    "maintenance window",
    {
        "announced": {"running", "cancelled"},
        "running": {"done"},
        "done": set(),
        "cancelled": set(),
    },
)
