"""What the acts of this app are called in the audit record, and which page shows what they are about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.core.registry import act_words, fact_words, notice_acts, target_pages

ACTS = {
    "case.drafted": _("Application drafted"),
    "case.revised": _("Answers of an application changed"),
    "case.redirected": _("Application addressed to another authority"),
    "case.writer_added": _("Somebody else may write an application"),
    "case.writer_removed": _("Somebody taken off an application"),
    "question_set.begun": _("Next version of the questions begun"),
    "question_set.changed": _("Questions changed before publishing"),
    "question_set.published": _("Questions published"),
    "question_set.dropped": _("Next version of the questions given up"),
    "letter.worded": _("Letter worded anew"),
    "letter.written": _("Letter written"),
    "case.submitted": _("Application sent"),
    "case.taken": _("Application taken up for review"),
    "case.assigned": _("Application given to an officer"),
    "case.noted": _("Internal note about an application"),
    "case.escalated": _("Application not decided by its day"),
    "case.info_requested": _("Applicant asked for more"),
    "case.answered": _("Applicant answered"),
    "case.document_added": _("Document added to the application"),
    "case.document_removed": _("Document removed from the application"),
    "case.document_clean": _("Document checked, no virus found"),
    "case.document_infected": _("Virus found in a document, file thrown away"),
    "case.first_approved": _("Application approved by the first officer"),
    "case.approved": _("Application approved"),
    "case.sent_back": _("Application sent back by the second officer"),
    "case.rejected": _("Application refused"),
    "case.withdrawn": _("Application withdrawn"),
    "tenant.admitted": _("Tenant admitted"),
    "tenant.suspended": _("Tenant suspended"),
    "tenant.reactivated": _("Tenant reactivated"),
    "project.created": _("Project opened"),
    "project.changed": _("Project changed"),
    "membership.given": _("Role given"),
    "membership.ended": _("Role ended"),
    "membership.changed": _("Period of a role changed"),
    "claim.mapped": _("Claim mapped to a role"),
    "claim.unmapped": _("Mapping of a claim ended"),
    "delegation.given": _("Stand-in named"),
    "delegation.ended": _("Stand-in ended"),
    "token.created": _("API token made"),
    "token.revoked": _("API token revoked"),
    "profile.changed": _("Profile changed"),
    "notices.chosen": _("Notifications chosen"),
    "grants.projected": _("Rights brought in line with roles"),
    "authority.registered": _("Authority registered"),
    "authority.changed": _("Authority changed"),
    "policy.set": _("Policy set"),
    "person.created": _("Account made"),
    "portal.opened": _("Portal opened by its first administrator"),
    "session.opened": _("Signed in"),
    "session.ended": _("Other sessions signed out"),
    "factor.added": _("Second factor added"),
    "factor.reset": _("Second factor taken off by an administrator"),
    "factor.removed": _("Second factor removed"),
    "factor.codes_renewed": _("Recovery codes made anew"),
    "password.reset": _("Password reset by mail"),
    "password.changed": _("Password changed"),
    "address.changed": _("Mail address changed"),
    "refused.attempt": _("Refused: not this person’s to do"),
    "refused.conflict": _("Refused: no longer possible"),
    "refused.unseen": _("Refused: asked for something of others"),
    "refused.form": _("Refused: form too old or from another site"),
    "refused.sign_in": _("Refused: sign-in failed"),
    "refused.session": _("Refused: session carried to another browser"),
    "refused.token": _("Refused: API token not valid"),
    "refused.second_factor": _("Refused: second factor failed"),
}
FACTS = {
    "state": _("Status"),
    "user": _("Person"),
    "on_behalf_of": _("On behalf of"),
    "delegated_by": _("Delegated by"),
    "role": _("Role"),
    "valid_from": _("From"),
    "valid_until": _("Until"),
    "gpu_limit": _("GPUs per decision, at most"),
    "only_clusters": _("Only on these clusters"),
    "scopes": _("May"),
    "networks": _("From networks"),
    "expires_at": _("Valid until"),
    "revoked_at": _("Revoked"),
    "due_at": _("To be decided by"),
    "surplus": _("Rights taken back"),
    "missing": _("Rights given"),
    "key": _("Rule"),
    "value": _("Value"),
    "version": _("Version"),
    "authority": _("Authority"),
    "case": _("Application"),
    "questions": _("Questions"),
    "tenant": _("Tenant"),
    "is_platform_admin": _("Platform administrator"),
    "code": _("Kind of refusal"),
    "door": _("Where"),
    "kind": _("Kind"),
    "how": _("By what"),
    "device": _("Device"),
    "factors": _("Second factors"),
    "sessions": _("Sessions"),
    "known": _("Address of an account here"),
    "more": _("Further attempts"),
    "language": _("Language"),
    "sha256": _("SHA-256 of the file"),
}
PAGES = {
    "tenants.Tenant": "tenant",
    "tenants.OnboardingCase": "case",
    "tenants.Project": "project",
    "tenants.Authority": "authority",
    "tenants.CaseLetter": "letter",
}


NOTICES = {
    "case.submitted": "inbox", "case.info_requested": "message", "case.answered": "message",
    "case.first_approved": "users", "case.approved": "circle-check", "case.rejected": "circle-x",
}  # fmt: skip
"""Of which of these acts people are notified, and the icon beside it."""


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for registry, words in ((act_words, ACTS), (fact_words, FACTS), (target_pages, PAGES), (notice_acts, NOTICES)):
        for name, word in words.items():
            registry.add(name, word)  # type: ignore[arg-type]  # each registry takes its own kind
