"""The audit trail, for those who may read it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core.access import powers
from portal.core.errors import NotFound
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from tenants.filters import TrailFilters
from tenants.models import Trail
from tenants.tables import TrailTable


class AuditTrail(ListPage):
    queryset = Trail.objects.select_related("actor")
    table_class = TrailTable
    filterset_class = TrailFilters
    title = _("Audit record")
    lede = _("Who did what to which object, and why. Nothing here can be changed")
    nav = "audit"
    noun = _("events")
    search_hint = _("Act, person, object, reason")
    sorts = {"newest": Sort("at", descending=True), "oldest": Sort("at")}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"newest": _("Newest first"), "oldest": _("Oldest first")}  # noqa: RUF012
    empty = Empty(_("Nothing has been recorded yet"), icon="history")

    def allow(self) -> None:
        if not may_read(self.user):
            raise NotFound


def may_read(user: Any) -> bool:
    """Whether there is any trail that this person may read; for the menu and the page."""
    return bool(user.is_platform_admin or "read_audit" in powers(user))
