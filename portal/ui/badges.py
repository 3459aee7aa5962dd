"""How a state looks: a tone and an icon, never the colour alone."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.ui.icons import icon

LOOKS: dict[str, tuple[str, str]] = {
    "draft": ("", "circle-dashed"),
    "submitted": ("info", "inbox"),
    "in_review": ("info", "eye"),
    "info_requested": ("warn", "hourglass"),
    "awaiting_second": ("accent", "users"),
    "approved": ("good", "circle-check"),
    "partially_approved": ("good", "chart-pie"),
    "conditionally_approved": ("good", "list-check"),
    "rejected": ("bad", "circle-x"),
    "appealed": ("accent", "flag"),
    "withdrawn": ("", "arrow-back-up"),
    "lapsed": ("", "clock"),
    "active": ("good", "circle-check"),
    "suspended": ("warn", "player-pause"),
    "offboarding": ("warn", "logout"),
    "closed": ("", "lock"),
    "maintenance": ("warn", "settings"),
    "announced": ("info", "calendar"),
    "retired": ("", "ban"),
    "scheduled": ("info", "calendar"),
    "expiring": ("warn", "hourglass"),
    "grace": ("warn", "hourglass"),
    "expired": ("", "clock"),
    "revoked": ("bad", "ban"),
    "superseded": ("", "history"),
    "exhausted": ("", "activity"),
    "open": ("info", "eye"),
    "notified": ("warn", "message"),
    "justified": ("info", "message"),
    "escalated": ("bad", "flag"),
    "released": ("good", "circle-check"),
    "reclaimed": ("good", "arrow-back-up"),
    "dismissed": ("", "circle-x"),
    "pending": ("info", "clock"),
    "applying": ("info", "refresh"),
    "in_force": ("good", "shield-check"),
    "drifted": ("bad", "alert-triangle"),
    "failed": ("bad", "alert-octagon"),
    "counted_only": ("warn", "list-check"),
    "removing": ("warn", "refresh"),
    "removed": ("", "circle-x"),
    "passed": ("good", "circle-check"),
    "waived": ("accent", "users"),
    "proposed": ("accent", "users"),
    "overdue": ("bad", "alert-triangle"),
    "met": ("good", "circle-check"),
    "said_met": ("warn", "message"),
    "lifted": ("", "circle-check"),
    "ended": ("", "clock"),
    "waiting": ("warn", "hourglass"),
    "answered": ("accent", "message"),
    "asked": ("accent", "message"),
    "begun": ("warn", "logout"),
    "erased": ("", "circle-x"),
    "dropped": ("", "arrow-back-up"),
    "unsent": ("", "circle-dashed"),
    "accepted": ("good", "circle-check"),
    "running": ("info", "refresh"),
    "done": ("good", "circle-check"),
    "cancelled": ("", "ban"),
    "clean": ("good", "shield-check"),
    "unscanned": ("", "circle-dashed"),
    "infected": ("bad", "alert-octagon"),
}


def badge(text: object, tone: str = "", icon_name: str = "") -> SafeString:
    return format_html(
        '<span class="badge{}">{}{}</span>',
        f" badge-{tone}" if tone else "",
        icon(icon_name) if icon_name else "",
        text,
    )


def state_badge(state: str, text: object) -> SafeString:
    return _drawn(state, str(text))


@lru_cache(maxsize=1024)
def _drawn(state: str, text: str) -> SafeString:
    """Kept: a list draws the same few of them dozens of times."""
    tone, icon_name = LOOKS.get(state, ("", ""))
    return badge(text, tone, icon_name)
