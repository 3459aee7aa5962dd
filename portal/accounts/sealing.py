"""Keeps the secrets of second factors unreadable in the database: AES-256-GCM under a key made of SECRET_KEY.

A sealed text begins with "v1:". SECRET_KEY_FALLBACKS are tried when opening, so that the key can be changed.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "v1:"
PURPOSE = b"portal second factors"
NONCE_BYTES = 12


def seal(text: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, text.encode(), PURPOSE)
    return MARK + base64.b64encode(sealed).decode()


def unseal(sealed: str) -> str:
    """Raises ValueError when no key of this installation opens it."""
    data = base64.b64decode(sealed.removeprefix(MARK))
    for key in (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)):
        try:
            return _cipher(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], PURPOSE).decode()
        except InvalidTag:
            continue
    raise ValueError("a second factor was sealed with a SECRET_KEY that is not known here any more")


def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive(secret.encode()))
