"""What is true in every installation; local, test and production change only what they must."""

from __future__ import annotations

import getpass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from portal.embedded import places
from portal.settings import env, logs
from portal.settings.people import *

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = places.var_dir()
DEBUG = False
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))

INSTALLED_APPS = [
    "portal",
    "tenants",
    "resources",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "guardian",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_countries",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    # Both rewrite the template loaders on their own; as Simple configs they leave TEMPLATES below alone.
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    # Last: the form renderer looks for stock widgets after ours.
    "django.forms",
]

MIDDLEWARE = [
    # The first three put their headers on everything that follows, static files and refusals included.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.ui.middleware.BrowserRules",
    "portal.ui.static.StaticFiles",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.api.authentication.TokenSignIn",
    # Around the scope: what was refused inside it is written down when its transaction is over.
    "portal.ui.middleware.Door",
    "portal.ui.middleware.Isolation",
    "portal.ui.middleware.Preferences",
    "portal.accounts.middleware.Lifetime",
    "portal.ui.errors.PortalErrors",
    # Innermost: what a decision lacks it answers before a refusal is drawn.
    "portal.accounts.middleware.SecondFactor",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.nav.shell",
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "portal.ui.renderer.PortalRenderer"
CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"
DJANGO_TABLES2_TEMPLATE = "portal/table.html"
FILTERS_EMPTY_CHOICE_LABEL = _("Any")

# guardian is a table of grants behind portal.core.access; nobody asks it through the authentication backends.
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# What it is called, and the zone of people who chose none.
PORTAL_NAME = env.text("PORTAL_NAME", "Sovereign AI Factory")
PORTAL_URL = env.text("PORTAL_URL", f"http://localhost:{env.number('PORT', 8000, low=1, high=65535)}")
"""Where people find it; mails and messages to other machines, which answer no request, link there."""
PORTAL_TIME_ZONE = env.text("PORTAL_TIME_ZONE", "Europe/Brussels")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Servers: the configured ones, or else the embedded ones, on sockets below VAR_DIR.
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
EMBEDDED_POSTGRES = not DATABASE_URL
EMBEDDED_VALKEY = not REDIS_URL
REDIS_PREFIX = env.text("REDIS_PREFIX", "portal")
REDIS_ADDRESS = env.redis_urls(REDIS_URL or places.valkey_url(), env.number("REDIS_DATABASE", 0, high=63))
DATABASES = {
    "default": env.database(DATABASE_URL or places.postgres_url(), pool=env.number("DATABASE_POOL", 0, high=200))
}
# The second wall (portal.core.isolation). The application's login owns nothing and turns into a role for each
# transaction; migrations run as the role that owns the tables, through a login of their own where one is named.
MIGRATE_DATABASE_URL = env.text("MIGRATE_DATABASE_URL") or (
    places.postgres_url("portal_migrator") if EMBEDDED_POSTGRES else ""
)
DATABASE_ROLE_PREFIX = env.word("DATABASE_ROLE_PREFIX", "portal")
DATABASE_LOGIN = DATABASES["default"]["USER"] or getpass.getuser()
DATABASE_LOGIN_OWNS = False
ISOLATION_REQUIRED = True
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_ADDRESS["redis"],
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_ADDRESS["redis"]], "prefix": f"{REDIS_PREFIX}:layer"},
    }
}

# Background work: the table is the queue, a task is only the wake-up, so nothing is kept and nothing is retried.
CELERY_BROKER_URL = REDIS_ADDRESS["celery"]
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = ("portal.core.tasks.route",)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_TIMEZONE = "UTC"

# The API speaks JSON only; a browser signs in with its session, a machine with a token (django-rest-knox hashes them).
KNOX_TOKEN_MODEL = "tenants.ApiToken"
# Of knox only the hashing and the header are used: its own table would stand there empty.
MIGRATION_MODULES = {"knox": None}
API_TOKEN_MAX_DAYS = env.number("API_TOKEN_MAX_DAYS", 365, low=1, high=3650)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.api.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "portal.api.permissions.WithinToken",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.api.errors.problem",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI factory portal",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # A link inside each button that opens an operation is more than a keyboard can use.
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated", "portal.api.permissions.WithinToken"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.schema.add_problems",
    ],
    # Choices that several fields share, or several models call "state" and "role".
    "ENUM_NAME_OVERRIDES": {
        "Country": "tenants.questions.europe.EUROPE",
        "TenantRole": "tenants.roles.TenantRole",
        "AuthorityRole": "tenants.roles.AuthorityRole",
        "ProviderRole": "resources.roles.ProviderRole",
        "DataClass": "tenants.models.DataClass",
        "OrganisationKind": "tenants.models.OrganisationKind",
        "CaseState": "tenants.models.OnboardingCase.State",
        "TenantState": "tenants.models.Tenant.State",
        "ClusterState": "resources.models.Cluster.State",
        "RequestState": "resources.models.QuotaRequest.State",
        "GrantState": "resources.models.Grant.State",
        "QuotaState": "resources.models.Quota.State",
        "TokenState": "tenants.models.ApiToken.State",
        "WebhookState": "tenants.models.Webhook.State",
        "DocumentState": "tenants.models.CaseDocument.State",
        "RequestChange": "resources.models.QuotaRequest.Change",
    },
}

# The browser: no inline script, no inline style, no eval, nobody else's server.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        # A sign-in form is answered with the way to the identity provider, which browsers count as its target.
        "form-action": ["'self'", *[each.origin for each in OIDC_PROVIDERS]],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Where files that people attach are kept, under random names; nothing serves this folder.
UPLOAD_DIR = env.folder("UPLOAD_DIR", VAR_DIR / "files")
UPLOAD_LARGEST_MIB = env.number("UPLOAD_LARGEST_MIB", 20, low=1, high=500)
# A clamd that looks at them: the path of its socket, or host:port. Without one they are marked as not checked.
CLAMD = env.text("CLAMD")

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "portal@localhost")

# Addresses that clusters may have although they are of this machine or private: "127.0.0.0/8, 10.20.0.0/16". Never
# from a page; local and test settings allow loopback for the demo's sources.
ALLOWED_NETWORKS = env.listed("ALLOWED_NETWORKS", ())

# What applications and tenants are verified with: the Union's consolidated list of financial sanctions in XML (loaded
# when the file changes; `manage.py load_sanctions FILE` does it at once), and the registers that are asked, in this
# order: vies, gleif, france, recorded (which answers from a file). Tests name other addresses of them.
SANCTIONS_FILE = env.text("SANCTIONS_FILE")
REGISTER_VERIFIERS = env.listed("REGISTER_VERIFIERS", ("vies", "gleif", "france"))
REGISTER_ADDRESSES: dict[str, str] = {}
REGISTER_SECONDS = env.number("REGISTER_SECONDS", 10, low=1, high=60)
REGISTER_RECORDED: str | dict[str, object] = env.text("REGISTER_RECORDED")

# The audit trail: the key that signs its checkpoints, and where they are written, both outside the database; who else
# is told (udp://host:514, tcp://host:601, unix:///dev/log; an address that takes a POST); the name of our structured
# data in syslog; after how many days the network addresses of events are erased (0: never).
AUDIT_KEY_FILE = env.folder("AUDIT_KEY_FILE", VAR_DIR / "audit" / "key.pem")
AUDIT_CHECKPOINT_FILE = env.folder("AUDIT_CHECKPOINT_FILE", VAR_DIR / "audit" / "checkpoints.jsonl")
AUDIT_SYSLOG = env.text("AUDIT_SYSLOG")
AUDIT_WITNESS_URL = env.text("AUDIT_WITNESS_URL")
AUDIT_SD_ID = env.text("AUDIT_SD_ID", "audit@32473")
AUDIT_ADDRESS_DAYS = env.number("AUDIT_ADDRESS_DAYS", 365)

# Where the demo's data sources keep their state, and a folder of real traces for them to replay.
DEMO_DIR = VAR_DIR / "demo"
DEMO_TRACES = env.text("DEMO_TRACES")

DJANGO_STRUCTLOG_CELERY_ENABLED = False
LOGGING = logs.configure(machine_readable=False)
