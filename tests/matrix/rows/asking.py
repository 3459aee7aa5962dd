"""The doors of documents of requests, access modes, and what a tenant does with its own grants."""

from __future__ import annotations

from resources.models import AccessMode, AutoRule, RequestDocument, RequestLetter
from tests.matrix.people import ADMIN, HOUSES, NOBODY, house, request, tenant
from tests.matrix.rows.of import Who, nobody, of_houses, of_named, page, row
from tests.matrix.rows.resources import asks, deciders, drafts, granted, grants, sent
from tests.matrix.rows.tenants import authorities, sees_authority, staff_of, with_more


def rest(may: Who, sees: Who) -> Who:
    return lambda key: sees(key) - may(key)


def documents(may: Who, sees: Who = nobody, **facts):
    return of_houses(lambda h: RequestDocument.objects.get(request=h.open), may, sees, **facts)


def letters(**facts):
    return row(of_houses(lambda h: RequestLetter.objects.get(request=h.decided), letter_readers, nobody, **facts))


def letter_readers(key):
    """The tenant, and its authority, which paid for it itself."""
    return tenant(key)


def begun(_world):
    """North works on a version of its own."""
    return {"north": AccessMode.objects.get(authority__slug="north", published_at=None)}


APPROVER = frozenset({"north approver"})
WATCHES = (staff_of("north") | ADMIN) - APPROVER


def on_mode(status=200, **more):
    return row(*with_more(of_named(begun, {"north": (APPROVER, WATCHES)}, status=status), more))


def rules(_world):
    return {"north": AutoRule.objects.get(authority__slug="north", activated_at=None)}


def running(_world):
    return {"north": AutoRule.objects.get(authority__slug="north", activated_at__isnull=False)}


SEES = (staff_of("north") | ADMIN) - ADMIN
EDITS, READS_RULE = (APPROVER, SEES - APPROVER), (SEES, NOBODY)


ADDS = row(drafts(asks, rest(asks, house)), sent(asks, rest(asks, request)))
OWN_GRANT = row(grants(asks, rest(asks, granted)))
OF_APPROVERS = {
    n: (frozenset({f"{n} approver"}), (ADMIN | sees_authority(n)) - {f"{n} approver"}) for n in ("north", "south")
}
APPROVERS_OF = row(of_named(authorities, OF_APPROVERS))
ROWS = {
    "request-documents": ADDS,
    "request-document": row(documents(request)),
    "request-document-remove": row(documents(asks, rest(asks, request))),
    "grant-give-back": OWN_GRANT,
    "grant-transfer": OWN_GRANT,
    "modes": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "mode-begin": row(
        of_named(
            authorities,
            {
                n: (frozenset({f"{n} approver"}), (ADMIN | sees_authority(n)) - {f"{n} approver"})
                for n in ("north", "south")
            },
        )
    ),
    "mode": row(of_named(begun, {"north": (staff_of("north") | ADMIN, NOBODY)})),
    "mode-edit": on_mode(),
    "mode-question-new": on_mode(),
    "mode-question": on_mode(key="first_time"),
    "mode-question-move": on_mode(key="first_time", status=302),
    "mode-publish": on_mode(),
    "mode-drop": on_mode(),
    "request-letter": letters(),
    "request-letter-file": letters(),
    "api-request-letter-list": row(page(), shows={key: letter_readers(key) for key in HOUSES}),
    "api-request-letter-detail": letters(),
    "api-request-letter-content": letters(),
    "request-texts": APPROVERS_OF,
    "request-text-new": APPROVERS_OF,
    "request-text-copy": row(of_named(authorities, OF_APPROVERS, status=302)),
    "request-reason": row(sent(deciders, rest(deciders, request), status=302)),
    "rules": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "rule-begin": row(
        of_named(
            authorities,
            {
                n: (frozenset({f"{n} approver"}), (ADMIN | sees_authority(n)) - {f"{n} approver"})
                for n in ("north", "south")
            },
        )
    ),
    "rule": row(of_named(rules, {"north": READS_RULE})),
    "rule-trial": row(of_named(running, {"north": READS_RULE})),
    "rule-edit": row(of_named(rules, {"north": EDITS})),
    "rule-activate": row(of_named(rules, {"north": EDITS})),
    "rule-drop": row(of_named(rules, {"north": EDITS})),
    "rule-retire": row(of_named(running, {"north": EDITS})),
    "api-rule-list": row(page()),
    "api-rule-detail": row(of_named(rules, {"north": READS_RULE})),
    "api-rule-trial": row(of_named(running, {"north": READS_RULE})),
    "api-rule-activate": row(of_named(rules, {"north": EDITS}), gets=False),
    "api-rule-retire": row(of_named(running, {"north": EDITS}), gets=False),
    "api-request-copy": row(drafts(asks, rest(asks, house)), sent(asks, rest(asks, request)), gets=False),
    "api-request-documents": row(drafts(asks, rest(asks, house)), sent(asks, rest(asks, request)), gets=False),
    "api-request-document-list": row(page(), shows={key: request(key) for key in HOUSES}),
    "api-request-document-detail": row(documents(request)),
    "api-request-document-content": row(documents(request)),
    "api-grant-release": row(grants(asks, rest(asks, granted)), gets=False),
    "api-grant-transfer": row(grants(asks, rest(asks, granted)), gets=False),
    "api-mode-list": row(page()),
    "api-mode-detail": row(of_named(begun, {"north": (staff_of("north") | ADMIN, NOBODY)})),
    "api-mode-publish": row(of_named(begun, {"north": (APPROVER, WATCHES)}), gets=False),
    "api-mode-offered": row(page(NOBODY, other=404)),
}
