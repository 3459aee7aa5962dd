"""Tests: throwaway servers, cheap passwords, no mail.

pytest-django reads this before any conftest.py, so only addresses are made here; tests/conftest.py starts the servers.
"""

import os
import re
import tempfile

# The workers of one run inherit this name from their controller and so find its servers.
os.environ["VAR_DIR"] = os.environ.setdefault(
    "TEST_VAR_DIR", f"{os.path.realpath(tempfile.gettempdir())}/portal-test-{os.getuid()}-{os.getpid()}"
)
# An ordinary server has 16 databases; beyond that the prefix keeps workers apart.
WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
os.environ["REDIS_DATABASE"] = str(WORKER % 15)
os.environ["REDIS_PREFIX"] = f"test-{os.environ['VAR_DIR'].rpartition('-')[2]}-{WORKER}"

from portal.settings import env
from portal.settings.base import *

SECRET_KEY = "only for tests: nothing signed with it leaves the test run"
CREDENTIAL_KEYS = {"test": b"only for tests, no secret at all"}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A nudge by name ends here; tests call services and tasks themselves.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}

# The demo's sources and engines are on this machine.
ALLOWED_NETWORKS = env.listed("ALLOWED_NETWORKS", ("127.0.0.0/8", "::1/128"))

REGISTER_VERIFIERS = ["recorded"]

# Tests set rows up as the owner of the tables; requests and tasks act in their roles all the same.
DATABASE_LOGIN_OWNS = True
ISOLATION_REQUIRED = False
