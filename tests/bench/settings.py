# ruff: noqa: F403, F405 - a settings layer is everything of the layer below plus its own lines
"""Programmes that a bench starts beside itself: its own database and message server, and a real broker."""

from portal.settings.test import *

DATABASES["default"]["NAME"] = f"test_{DATABASES['default']['NAME']}"
CELERY_BROKER_URL = REDIS_ADDRESS["celery"]
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{REDIS_PREFIX}:celery:"}
