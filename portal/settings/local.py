"""The portal on one's own machine: `make run`. It looks like production; DEBUG=1 is for those who change it."""

from portal.settings import env
from portal.settings.base import *

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(VAR_DIR / "secret_key")
CREDENTIAL_KEYS = env.credential_keys(
    env.from_file("CREDENTIAL_KEYS") or env.kept_secret(VAR_DIR / "credential_keys", env.make_credential_key)
)
ALLOWED_HOSTS = [*ALLOWED_HOSTS, env.text("HOST", "localhost")]
# Files are served where they lie, and as they are now: a file that changes under a running server (a pull, an edit)
# would otherwise be sent with the length it had before.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 0

# The demo's sources and engines are on this machine.
ALLOWED_NETWORKS = env.listed("ALLOWED_NETWORKS", ("127.0.0.0/8", "::1/128"))
# Nobody outside is asked about invented organisations: the demo's registers are recorded.
REGISTER_VERIFIERS = env.listed("REGISTER_VERIFIERS", ("recorded",))
REGISTER_RECORDED = env.text("REGISTER_RECORDED", str(VAR_DIR / "demo" / "registers.json"))
# The demo's people are invented, and so are their second factors: their codes may be shown.
DEMO_CODES = True
