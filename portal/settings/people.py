"""How people sign in: passwords, second factors, identity providers, sessions; all of it django-allauth's."""

from portal.settings import env

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "portal.accounts.passwords.OneVoice"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser in which the account was opened, and in no other
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # portal.accounts ends the other sessions and keeps this one
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Per address of the network, per account ("key") and per person ("user"); a refusal is a page with the way out.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "20/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "confirm_email": "1/3m/key",
    "apply": "20/h/ip",
}
# How many proxies of ours stand in front; without them X-Forwarded-For is somebody's claim and is not read.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0, high=10)

# The second factor: a code of an app, a passkey, or one of the codes on paper.
MFA_ADAPTER = "portal.accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.CodeForm",
    "reauthenticate": "portal.accounts.forms.CodeAgainForm",
    "activate_totp": "portal.accounts.forms.FirstCodeForm",
    "add_webauthn": "portal.accounts.forms.PasskeyForm",
}
DEMO_CODES = False  # local settings show invented people's codes

# Sign-in through an identity provider: OIDC_PROVIDERS=work, then OIDC_WORK_ISSUER and so on (portal.settings.env).
OIDC_PROVIDERS = env.oidc_providers()
# A role that a claim gave ends after so many days, unless the provider says the claim again at a sign-in.
OIDC_ROLE_DAYS = env.number("OIDC_ROLE_DAYS", 30, low=1, high=366)
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapter.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": [each.as_app() for each in OIDC_PROVIDERS], "OAUTH_PKCE_ENABLED": True}
}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"

# A session ends when nobody used it for a while, and in any case after a working day (portal.accounts.sessions).
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_MINUTES", 120, low=5, high=1440) * 60
SESSION_LONGEST_SECONDS = env.number("SESSION_HOURS", 12, low=1, high=168) * 3600
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS
