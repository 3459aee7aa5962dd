"""What the acts of this app are called in the audit record, and which page shows what they are about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.core.registry import act_words, fact_words, notice_acts, target_pages

ACTS = {
    "request.drafted": _("Request drafted"),
    "request.draft_changed": _("Draft of a request changed"),
    "request.submitted": _("Request sent"),
    "request.in_review": _("Request taken up for review"),
    "request.info_requested": _("Tenant asked for changes"),
    "request.answered": _("Tenant answered"),
    "request.awaiting_second": _("Request approved by the first person"),
    "request.approved": _("Request approved"),
    "request.sent_back": _("Request sent back by the second person"),
    "request.rejected": _("Request refused"),
    "request.withdrawn": _("Request withdrawn"),
    "grant.scheduled": _("Grant made for later"),
    "grant.active": _("Grant in force"),
    "grant.expiring": _("Grant about to end"),
    "grant.grace": _("Grant in its last days"),
    "grant.expired": _("Grant ended"),
    "grant.suspended": _("Grant suspended"),
    "grant.revoked": _("Grant revoked"),
    "grant.superseded": _("Grant replaced"),
    "quota.pending": _("Quota waits"),
    "quota.applying": _("Quota is being applied"),
    "quota.in_force": _("Quota in force"),
    "quota.drifted": _("Cluster said another quota"),
    "quota.failed": _("Quota could not be applied"),
    "quota.counted_only": _("Quota counted only"),
    "quota.removing": _("Quota is being removed"),
    "quota.removed": _("Quota removed"),
    "cluster.created": _("Cluster added"),
    "cluster.changed": _("Cluster changed"),
    "cluster.active": _("Cluster taken into service"),
    "cluster.maintenance": _("Cluster in maintenance"),
    "cluster.retired": _("Cluster out of service"),
    "credential.set": _("Credential of a cluster set"),
    "credential.replaced": _("Credential of a cluster replaced"),
    "credential.removed": _("Credential of a cluster removed"),
    "credential.sealed_anew": _("Credentials sealed with another key"),
    "kind.created": _("GPU kind added"),
    "kind.changed": _("GPU kind changed"),
    "pool.created": _("Pool added"),
    "pool.changed": _("Pool changed"),
    "share.created": _("Share given"),
    "share.changed": _("Share changed"),
    "provider.created": _("Provider added"),
    "provider.changed": _("Provider changed"),
}
FACTS = {
    "gpus": _("GPUs"),
    "lines": _("Lines"),
    "wanted": _("Wanted"),
    "observed": _("Observed"),
    "revision": _("Revision"),
    "pool": _("Pool"),
    "from": _("from"),
    "until": _("until"),
    "asked": _("asked"),
    "granted": _("granted"),
    "promised_before": _("promised before"),
    "promised_after": _("promised after"),
    "over_line": _("past the policy line"),
}
PAGES = {
    "resources.QuotaRequest": "request",
    "resources.Cluster": "cluster",
    "resources.CapacityPool": "pool",
    "resources.Provider": "provider",
}


NOTICES = {
    "request.submitted": "inbox", "request.info_requested": "message", "request.answered": "message",
    "request.awaiting_second": "users", "request.approved": "circle-check", "request.rejected": "circle-x",
}  # fmt: skip
"""Of which of these acts people are notified, and the icon beside it."""


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for registry, words in ((act_words, ACTS), (fact_words, FACTS), (target_pages, PAGES), (notice_acts, NOTICES)):
        for name, word in words.items():
            registry.add(name, word)  # type: ignore[arg-type]  # each registry takes its own kind
