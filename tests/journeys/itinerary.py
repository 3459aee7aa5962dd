"""Who walks where in test_pages.py, what they begin on the way, and which pages no walk comes to, each with its reason."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.journeys.walk import Begun, Start

CSV = (
    b"name,legal_id,kind,country,contact_email,data_class\n"
    b"Vassvik Institute,SE-REG 802400-1187,academia,SE,office@vassvik.example,internal\n"
)


class Visitor(NamedTuple):
    """Somebody who walks. ``only_new``: only to pages of kinds that nobody came to before; ``connects``: an app first."""

    email: str
    starts: tuple[Start, ...] = ("/",)
    begins: tuple[Begun, ...] = ()
    only_new: bool = False
    connects: bool = False


VISITORS = {
    "nobody": Visitor(
        "", ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/")
    ),
    "applicant": Visitor("stina.hagg@sjohagen.example"),
    "owner": Visitor(
        "freja.holm@norvik-weather.example",
        ("/", "/requests/?q=ensemble"),
        (Begun("view-save", {"name": "The ensemble"}, "/views/"),),
    ),
    "officer": Visitor(
        "maja.lindqvist@lysvik.example",
        (
            "/",
            ("/applications/?q=Ferries", "case"),
            ("/applications/?tab=all&q=Norvik", "case"),
            ("/tenants/?tab=suspended", "tenant"),
            ("/tenants/?q=Lindmoss", "tenant"),
            ("/recertifications/?tab=answered", "recertification"),
        ),
        (
            Begun("questions-begin"),
            Begun("stock-text-new", {"text_en": "The register does not know this number."}),
            Begun("import-new", {"file": {"name": "tenants.csv", "mimeType": "text/csv", "buffer": CSV}}),
            Begun("import-try", {}, ("/tenants/imports/", "import"), "Done"),
        ),
    ),
    "approver": Visitor(
        "olof.backman@lysvik.example",
        (
            "/",
            ("/requests/?q=languages", "request"),
            ("/idle/?tab=approver", "idle-finding"),
            ("/grant-conditions/?tab=approver", "grant-condition"),
            ("/idle/?tab=approver&q=Blekvatten", "idle-finding"),
            ("/idle/?q=Tallbacken", "idle-finding"),
        ),
        (
            Begun("mode-begin", {"mode": re.compile("Fast lane")}),
            Begun("rule-begin", {"own": "Small and short"}),
            Begun("request-text-new", {"text_en": "The share is used up until spring."}),
        ),
    ),
    "auditor": Visitor("henrik.stahl@lysvik.example"),
    "operator": Visitor("aksel.nyberg@isgrund.example"),
    "admin": Visitor("admin@portal.example"),
    "writer": Visitor("per.lundin@granby.example", (("/apply/", "case"),), only_new=True),
    "asked applicant": Visitor("theo.garnier@brumeval.example", (("/applications/?q=Brumeval", "case"),), only_new=True),
    "warned owner": Visitor("nils.forsman@tallbacken.example", (("/idle/", "idle-finding"),), only_new=True),
    "asked owner": Visitor("astrid.norell@isfall-genomics.example", (("/requests/?q=cohort", "request"), ("/grant-conditions/?q=60", "grant-condition")), only_new=True),
    "refused owner": Visitor(
        "nora.galli@lingua-viva.example",
        (("/requests/?tab=decided&q=scratch", "request"), ("/tokens/", "token-new"), ("/webhooks/", "webhook-new"), ("/tenants/", "tenant", "tenant-invitations", "members-many")),
        (
            Begun("token-new", {"name": "nightly report"}, "/tokens/"),
            Begun("webhook-new", {"name": "ticket system", "url": "https://tickets.lingua-viva.example/"}, "/webhooks/"),
            Begun("members-many", {"people": "rita.sala@lingua-viva.example, Rita Sala, member"}, ("/tenants/", "tenant", "tenant-invitations")),
        ),
        only_new=True,
        connects=True,
    ),
}  # fmt: skip

PARTS = {
    "healthz", "schema", "account_logout", "live-ticket", "live-snapshot", "request-offer", "request-quotas",
    "request-impact", "request-moved", "tenant-quotas", "tenant-ends", "tenant-admission", "tenant-maintenance", "maintenance-moved", "case-facts", "case-aside", "case-keep", "case-files",
    "case-effect", "case-writer-remove", "question-move", "policy-effect", "document", "request-document",
    "mode-question-move", "mfa_download_recovery_codes", "grant-moved", "idle-moved", "grant-condition-moved", "request-conditions", "import-part", "import-template",
    "operation-part", "operation-file", "operation-report", "letter-preview", "letter-file", "letter-sample",
    "request-letter-file", "request-letters",
}  # fmt: skip
"""Not pages: parts of one, data, files, and what answers with another page."""

NO_WALK_COMES_THERE = {
    "language": "a form leads there",
    "first-run": "only while nobody has an account",
    "account_confirm_email": "from a mail",
    "account_email_verification_sent": "after signing up",
    "account_confirm_login_code": "not in use",
    "account_set_password": "for people without a password",
    "account_reset_password_done": "after asking for a mail",
    "account_reset_password_from_key": "from a mail",
    "account_reset_password_from_key_done": "after a mail",
    "account_reauthenticate": "before a change of the address",
    "held-form": "after the second factor, when something was typed before",
    "mfa_authenticate": "after the password",
    "mfa_reauthenticate": "before a decision",
    "mfa_reauthenticate_webauthn": "before a decision of people who have a passkey only",
    "mfa_index": "leads on to another page",
    "mfa_list_webauthn": "leads on to another page",
    "mfa_login_webauthn": "a form leads there",
    "mfa_remove_webauthn": "for people with a passkey",
    "mfa_edit_webauthn": "for people with a passkey",
    "socialaccount_connections": "where identity providers are configured",
    "socialaccount_signup": "after an identity provider that says too little",
    "socialaccount_login_cancelled": "after an identity provider",
    "socialaccount_login_error": "after an identity provider",
    "claims": "where identity providers are configured",
    "claim-new": "where identity providers are configured",
    "claim-end": "where identity providers are configured",
    "claims-dry-run": "where identity providers are configured",
    "tenant-claims": "where an identity provider knows the tenant's people",
    "tenant-claim-new": "where an identity provider knows the tenant's people",
    "tenant-claim-end": "where an identity provider knows the tenant's people",
    "tenant-claims-dry-run": "where an identity provider knows the tenant's people",
    "openid_connect_login": "where identity providers are configured",
    "openid_connect_callback": "where identity providers are configured",
    "welcome": "for people who belong to nothing yet",
    "request-decide": "a form leads there",
    "case-decide": "a form leads there",
    "stock-copy": "a form leads there",
    "request-text-copy": "a form leads there",
    "request-reason": "a form leads there",
    "rule-activate": "after a colleague's version",
    "requests-bulk": "a form leads there",
    "notification-read": "a form leads there",
    "case-invitation-take-back": "a form leads there",
    "list-export": "where a list is longer than anybody waits for",
    "maintenance-end": "while a maintenance runs",
    "case-link": "from a mail",
    "case-link-sent": "after asking for a mail",
    "api-docs": "for programmers, from the README; looked at in a test of its own",
    "case-appeal": "after a refusal",
    "condition-met": "after an admission with conditions",
    "check-second": "after a colleague's proposal",
    "departure-confirm": "after a colleague's first word",
    "request-condition-rows": "a form leads there",
    "grant-condition-suspend": "while a condition is overdue",
    "grant-condition-shorten": "while a condition is overdue",
    "idle-confirm": "after a colleague's first word",
    "idle-send-back": "after a colleague's first word",
    "cluster-credential-remove": "where a credential was stored",
    "kind-alias": "where a cluster has GPUs of an unknown name",
    "request-document-remove": "where a file was attached",
    "webhook-resume": "after a pause",
    "webhook-again": "a form leads there",
}
"""Pages that no walk comes to; journeys and the matrix open most of them."""

SELDOM = {
    "case-answer": "while the question of the demo's authority was not answered by a journey before",
    "mfa_generate_recovery_codes": "until somebody on the way has made codes",
    "operation-cancel": "while a long work runs, and the walk may be slower",
    "request-edit": "while the demo's draft was not sent by a journey before",
    "request-submit": "while the demo's draft was not sent by a journey before",
    "rule-drop": "while the version that is met first is being worked on",
    "rule-retire": "while the version that is met first is in force",
}
"""Pages that a walk comes to or not."""
