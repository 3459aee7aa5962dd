"""The portal's own pages and the account pages of allauth."""

from __future__ import annotations

from tests.matrix.doors import Thing
from tests.matrix.people import EVERYBODY
from tests.matrix.rows.of import guests_only, page, public, row

WRONG_KEY = {"uidb36": "1", "key": "set-password"}

ROWS = {
    "home": row(page(status=302)),
    "welcome": row(page()),
    "profile": row(page()),
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
}
