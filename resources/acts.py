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
    "request.lines_decided": _("Lines of a request decided; others decide the rest"),
    "request.assigned": _("Request given to an approver"),
    "request.escalated": _("Request not decided by its day"),
    "request.reminded": _("Tenant reminded of a question"),
    "request.lapsed": _("Request lapsed without an answer"),
    "request.appealed": _("Refusal appealed"),
    "request.taken_back": _("Approval of a request taken back"),
    "request.approved": _("Request approved"),
    "request.sent_back": _("Request sent back by the second person"),
    "request.rejected": _("Request refused"),
    "request.withdrawn": _("Request withdrawn"),
    "grant.scheduled": _("Grant made for later"),
    "grant.active": _("Grant in force"),
    "grant.expiring": _("Grant about to end"),
    "grant.grace": _("Grant in its last days"),
    "grant.expired": _("Grant ended"),
    "grant.reminded": _("Grant ends soon, second notice"),
    "grant.reminded_again": _("Grant ends soon, third notice"),
    "grant.last_reminder": _("Grant ends soon, last notice"),
    "grant.exhausted": _("GPU-hours used up, grant ended"),
    "grant.budget_75": _("Three quarters of the GPU-hours are used"),
    "grant.budget_90": _("Nine tenths of the GPU-hours are used"),
    "grant.budget_100": _("All GPU-hours are used"),
    "grant.suspended": _("Grant suspended"),
    "grant.revoked": _("Grant revoked"),
    "grant.superseded": _("Grant replaced"),
    "idle.found": _("Idle GPUs found"),
    "idle.told": _("Idle GPUs, first notice"),
    "idle.told_again": _("Idle GPUs, another notice"),
    "idle.told_last": _("Idle GPUs, last notice"),
    "idle.justified": _("Reason given for idle GPUs"),
    "idle.released": _("Idle GPUs given back"),
    "idle.accepted": _("Reason for idle GPUs accepted"),
    "idle.refused": _("Reason for idle GPUs not accepted"),
    "idle.escalated": _("Idle GPUs passed to the approvers"),
    "idle.proposed": _("Taking idle GPUs back waits for a second person"),
    "idle.sent_back": _("Taking idle GPUs back not agreed to"),
    "idle.reclaimed": _("Idle GPUs taken back"),
    "idle.dismissed": _("Finding of idle GPUs closed"),
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
    "left": _("GPUs left"),
    "idle": _("Idle GPUs"),
    "given_back": _("GPUs given back"),
    "notices": _("Notices"),
    "used_hours": _("GPU-hours used"),
    "budget_hours": _("GPU-hours granted"),
    "step": _("Percent"),
}
PAGES = {
    "resources.QuotaRequest": "request",
    "resources.Cluster": "cluster",
    "resources.CapacityPool": "pool",
    "resources.Provider": "provider",
    "resources.Grant": "grant",
    "resources.IdleFinding": "idle-finding",
}


NOTICES = {
    "request.submitted": "inbox", "request.info_requested": "message", "request.answered": "message",
    "request.awaiting_second": "users", "request.lines_decided": "scale", "request.assigned": "users", "request.escalated": "clock",
    "request.reminded": "message", "request.lapsed": "clock", "request.appealed": "flag",
    "request.approved": "circle-check", "request.rejected": "circle-x",
    "grant.expiring": "hourglass", "grant.reminded": "hourglass", "grant.reminded_again": "hourglass",
    "grant.last_reminder": "hourglass", "grant.grace": "hourglass", "grant.expired": "clock", "grant.revoked": "ban",
    "grant.exhausted": "activity", "grant.budget_75": "activity", "grant.budget_90": "activity", "grant.budget_100": "activity",
    "idle.told": "player-pause", "idle.told_again": "player-pause", "idle.told_last": "player-pause",
    "idle.justified": "message", "idle.accepted": "circle-check", "idle.refused": "message", "idle.escalated": "flag",
    "idle.proposed": "users", "idle.sent_back": "arrow-back-up", "idle.reclaimed": "arrow-back-up",
    "idle.released": "circle-check",
}  # fmt: skip
"""Of which of these acts people are notified, and the icon beside it."""


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for registry, words in ((act_words, ACTS), (fact_words, FACTS), (target_pages, PAGES), (notice_acts, NOTICES)):
        for name, word in words.items():
            registry.add(name, word)  # type: ignore[arg-type]  # each registry takes its own kind
