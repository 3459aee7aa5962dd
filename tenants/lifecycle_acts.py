"""What the acts after an admission are called in the record, whom they ring for, and the registries they fill."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.core.operations import operation_kinds
from portal.core.registry import (
    act_words,
    fact_words,
    kept_files,
    leave_effects,
    notice_acts,
    target_pages,
    tenant_erasers,
)
from tenants import archive_tables
from tenants.models import TenantImport
from tenants.services import archive, erasing, imports

ACTS = {
    "import.uploaded": _("File of tenants brought"),
    "import.tried": _("File of tenants tried"),
    "import.begun": _("File of tenants taken over"),
    "tenant.imported": _("Tenant taken over from another site"),
    "tenant.changed": _("Facts of the tenant changed"),
    "defaults.set": _("Defaults of a kind set"),
    "invitation.sent": _("Invitation sent"),
    "invitation.sent_again": _("Invitation sent again"),
    "invitation.revoked": _("Invitation taken back"),
    "recertification.due": _("Recertification comes due"),
    "recertification.escalated": _("Recertification past its day"),
    "recertification.answered": _("Facts confirmed or corrected by the tenant"),
    "recertification.sent_back": _("Recertification sent back to the tenant"),
    "recertification.closed": _("Recertification closed"),
    "recertification.moved": _("Recertification moved to another day"),
    "departure.asked": _("Tenant asked to leave"),
    "departure.proposed": _("Leaving proposed, second person wanted"),
    "departure.begun": _("Tenant is leaving"),
    "departure.dropped": _("Leaving not carried out"),
    "departure.closed": _("Tenant closed"),
    "departure.erased": _("Data of a closed tenant erased"),
    "person.erased": _("Person erased"),
    "tenant.exported": _("Archive of the tenant’s data asked for"),
    "project.ended": _("Project ended"),
    "project.reopened": _("Project opened again"),
}
FACTS = {
    "rows": _("Rows"),
    "due_on": _("Due"),
    "proposed": _("Corrected"),
    "closes_on": _("Closes on"),
    "erase_on": _("Data erased on"),
    "erased": _("Erased"),
}
NOTICES = {
    "recertification.due": "calendar", "recertification.escalated": "alert-triangle",
    "recertification.answered": "message", "recertification.sent_back": "message",
    "recertification.closed": "circle-check", "departure.asked": "logout", "departure.proposed": "users",
    "departure.begun": "logout", "departure.dropped": "arrow-back-up", "departure.closed": "lock",
}  # fmt: skip
PAGES = {"tenants.TenantImport": "import", "tenants.Recertification": "recertification"}


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for registry, words in ((act_words, ACTS), (fact_words, FACTS), (notice_acts, NOTICES), (target_pages, PAGES)):
        for name, word in words.items():
            registry.add(name, word)  # type: ignore[arg-type]  # each registry takes its own kind
    for name, kind in {**imports.KINDS, **archive.KINDS}.items():
        operation_kinds.add(name, kind)
    kept_files.add("imports", lambda key: TenantImport.objects.filter(key=key).exists())
    leave_effects.add("tenants", erasing.own_effects, weight=10)
    tenant_erasers.add("tenants", erasing.erase_texts, weight=90)
    archive_tables.register()
