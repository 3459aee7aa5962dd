"""The portal's own pages and the account pages of allauth."""

from __future__ import annotations

from portal.core.operations import OperationKind, Step, begin, operation_kinds
from portal.models import Operation, OperationLine
from tests.matrix.doors import Thing
from tests.matrix.people import ADMIN, EVERYBODY, HOUSES, NOBODY, OPERATORS, OWNERS, SIGNED_IN, STAFF, TENANT_PEOPLE
from tests.matrix.rows.of import guests_only, page, public, row
from tests.world import WORDS

operation_kinds.add("test.work", OperationKind("Work of a test", lambda _operation: Step(finished=True)))
LONG_WORKERS = ADMIN | STAFF | OPERATORS | OWNERS

OWN_VIEW = Thing(
    "one owner's",
    lambda world: {"public_id": world.houses["one"].owner.saved_views.get().public_id},
    frozenset({"one owner"}),
)
NOT_THERE = Thing("", lambda _world: {}, NOBODY)
OWN_NOTICE = Thing(
    "one owner's",
    lambda world: {"public_id": world.houses["one"].owner.notifications.order_by("pk")[0].public_id},
    frozenset({"one owner"}),
)


def operation_of(world, key):
    """A long work that the owner of a house began, with a line and a file."""
    owner = world.houses[key].owner
    row = Operation.objects.filter(user=owner).first()
    if row is None:
        row = begin("test.work", acting_user=owner, about=f"For {WORDS[key]}", tenant=world.houses[key].tenant)
        OperationLine.objects.create(operation=row, user=owner, tenant_id=row.tenant_id, text=f"Of {WORDS[key]}")
    return row


def operations(status=200, **facts):
    """Each owner's own, which nobody else sees."""
    return tuple(
        Thing(key, lambda world, key=key: {"public_id": operation_of(world, key).public_id}, frozenset({f"{key} owner"}),
              status=status, **facts)
        for key in HOUSES
    )  # fmt: skip


NO_PASSKEY = Thing("wrong", lambda _world: {"pk": 1}, NOBODY)
NO_PROVIDER = Thing("wrong", lambda _world: {"provider_id": "wrong"}, EVERYBODY, public=True, status=404)
WRONG_KEY = {"uidb36": "1", "key": "set-password"}

ROWS = {
    "home": row(page(status=302)),
    "welcome": row(page()),
    "profile": row(page()),
    "notifications": row(page()),
    "notifications-read": row(page()),
    "notice-choices": row(page()),
    "saved-views": row(page()),
    "view-save": row(Thing("cases", lambda _world: {"page": "cases"}, SIGNED_IN)),
    "saved-view-remove": row(OWN_VIEW),
    "api-saved-view-list": row(page()),
    "api-saved-view-detail": row(OWN_VIEW),
    "api-notification-choices": row(page()),
    "notification-read": row(OWN_NOTICE),
    "api-notification-list": row(page()),
    "api-notification-detail": row(OWN_NOTICE),
    "api-notification-read": row(OWN_NOTICE, gets=False),
    "api-notification-count": row(page()),
    "api-notification-read-all": row(page(), gets=False),
    "operations": row(page(LONG_WORKERS)),
    "operation": row(*operations()),
    "operation-part": row(*operations()),
    "operation-cancel": row(*operations()),
    "operation-file": row(*operations(status=422)),
    "operation-report": row(*operations()),
    "list-export": row(Thing("requests", lambda _world: {"page": "requests"}, STAFF | TENANT_PEOPLE)),
    "api-operation-list": row(page()),
    "api-operation-lists": row(page(), gets=False),
    "api-operation-detail": row(*operations()),
    "api-operation-cancel": row(*operations(), gets=False),
    "api-operation-file": row(*operations(status=422)),
    "api-operation-report": row(*operations()),
    "language": row(page(EVERYBODY, public=True, status=302)),
    "keyboard": row(page()),
    "accessibility": public(),
    "healthz": public(),
    "schema": row(page()),
    "api-docs": row(page()),
    "account_login": guests_only(),
    "account_signup": guests_only(),
    "account_logout": row(page(status=200)),
    "account_inactive": public(),
    "account_reauthenticate": row(page()),
    "account_email": row(page()),
    "account_email_verification_sent": public(),
    "account_confirm_email": row(
        Thing("wrong", lambda _world: {"key": "wrong"}, EVERYBODY, public=True),
    ),
    "account_confirm_login_code": row(page(EVERYBODY, public=True, status=302)),
    "account_change_password": row(page()),
    "account_set_password": row(page(status=302)),
    "account_reset_password": public(),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": row(
        Thing("wrong", lambda _world: WRONG_KEY, EVERYBODY, public=True),
    ),
    "account_reset_password_from_key_done": public(),
    "security": row(page()),
    "second-factor": row(page()),
    "held-form": row(page(status=302)),
    "mfa_index": row(page(EVERYBODY, public=True, status=302)),
    "mfa_authenticate": row(page(EVERYBODY, public=True, status=302)),
    "mfa_reauthenticate": row(page(status=302)),
    "mfa_activate_totp": row(page()),
    "mfa_deactivate_totp": row(NOT_THERE),
    "mfa_view_recovery_codes": row(page(status=302)),
    "mfa_download_recovery_codes": row(page(status=302)),
    "mfa_generate_recovery_codes": row(page()),
    "mfa_list_webauthn": row(page(EVERYBODY, public=True, status=302)),
    "mfa_add_webauthn": row(page()),
    "mfa_reauthenticate_webauthn": row(page(status=302)),
    "mfa_remove_webauthn": row(NO_PASSKEY),
    "mfa_edit_webauthn": row(NO_PASSKEY),
    "mfa_login_webauthn": row(page(EVERYBODY, public=True, status=302)),
    "socialaccount_connections": row(page()),
    "socialaccount_signup": row(page(EVERYBODY, public=True, status=302)),
    "socialaccount_login_cancelled": public(),
    "socialaccount_login_error": public(status=401),
    "openid_connect_login": row(NO_PROVIDER),
    "openid_connect_callback": row(NO_PROVIDER),
}
