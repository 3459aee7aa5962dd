"""The lawful moves of this app's rows (docs/architecture.md draws them)."""

from portal.core.states import Moves

CASE = Moves(
    "onboarding case",
    {
        "draft": {"submitted", "withdrawn"},
        "submitted": {"in_review", "withdrawn"},
        "in_review": {
            "info_requested", "approved", "conditionally_approved", "rejected", "awaiting_second", "withdrawn",
        },
        "info_requested": {"in_review", "lapsed", "withdrawn"},
        "awaiting_second": {"approved", "conditionally_approved", "rejected", "in_review"},
        "approved": set(),
        "conditionally_approved": {"approved"},
        "rejected": {"appealed"},
        "appealed": {"in_review"},
        "withdrawn": set(),
        "lapsed": set(),
    },
)  # fmt: skip

CONDITION = Moves(
    "condition",
    {
        "proposed": {"open", "dropped"},
        "open": {"met", "overdue"},
        "overdue": {"met"},
        "met": set(),
        "dropped": set(),
    },
)

DOCUMENT = Moves(
    "document",
    {
        "waiting": {"clean", "infected", "unscanned"},
        "unscanned": {"waiting"},
        "clean": set(),
        "infected": set(),
    },
)

CHECK = Moves(
    "check",
    {
        "open": {"passed", "failed", "waived"},
        "passed": {"expiring"},
        "expiring": {"expired"},
        "failed": set(),
        "waived": set(),
        "expired": set(),
    },
)
"""A verdict is not taken back: who looks again makes the next round, which is open (tenants.services.checks)."""

TENANT = Moves(
    "tenant",
    {
        "active": {"suspended", "offboarding"},
        "suspended": {"active", "offboarding"},
        "offboarding": {"closed"},
        "closed": set(),
    },
)

DELIVERY = Moves(
    "message to a webhook",
    {
        "waiting": {"delivered", "given_up"},
        "given_up": {"waiting"},
        "delivered": set(),
    },
)

RECERTIFICATION = Moves(
    "recertification",
    {
        "open": {"answered", "closed"},
        "answered": {"open", "closed"},
        "closed": set(),
    },
)

DEPARTURE = Moves(
    "departure",
    {
        "asked": {"awaiting_second", "begun", "dropped"},
        "awaiting_second": {"begun", "dropped"},
        "begun": {"closed"},
        "closed": {"erased"},
        "erased": set(),
        "dropped": set(),
    },
)
