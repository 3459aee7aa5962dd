"""A real installation, behind a proxy that speaks TLS. It starts only when everything it needs is said."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings import env, logs
from portal.settings.base import *

SECRET_KEY = env.required("SECRET_KEY", "give a long random text and keep it secret")
env.required("ALLOWED_HOSTS", "name the hosts that people use, separated by commas")
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is *: any name would be believed. Name the hosts that people use.")
# The first key seals what clusters are reached with, the others still open: "2026-11:BASE64, 2026-01:BASE64".
CREDENTIAL_KEYS = env.credential_keys(
    env.from_file("CREDENTIAL_KEYS")
    or env.required(
        "CREDENTIAL_KEYS", "write NAME:KEY with a key from `openssl rand -base64 32`, or CREDENTIAL_KEYS_FILE"
    )
)
env.required("DATABASE_URL", "the embedded database is for evaluation, development and tests only")
env.required("REDIS_URL", "the embedded Valkey is for evaluation, development and tests only")
PORTAL_URL = env.text("PORTAL_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
LOGGING = logs.configure(machine_readable=True)
