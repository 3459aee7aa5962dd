"""Secrets that the database keeps without being able to read them.

AES-256-GCM. In front stands the name of the key, so that keys can be replaced one row at a time; the identity of the
row is bound in as associated data, so that a ciphertext which somebody moves to another row does not open there.

    1 byte form (1) · 1 byte length of the key's name · the name · 12 bytes nonce · ciphertext with its tag
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORM = 1
NONCE_BYTES = 12
HEAD_BYTES = 2


class Unopenable(Exception):
    """It does not open; ``key_name`` is the key that is missing, "" when the key is there and the content is not right."""

    def __init__(self, key_name: str = "") -> None:
        super().__init__(key_name)
        self.key_name = key_name


def current_key() -> str:
    """The name of the key that seals: the first of the setting CREDENTIAL_KEYS."""
    name: str = next(iter(settings.CREDENTIAL_KEYS))
    return name


def seal(secret: str, identity: Sequence[str]) -> bytes:
    """Close ``secret`` for the row that ``identity`` names."""
    name = current_key().encode()
    head = bytes([FORM, len(name)]) + name
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(settings.CREDENTIAL_KEYS[name.decode()]).encrypt(nonce, secret.encode(), _bound(head, identity))
    return head + nonce + sealed


def unseal(sealed: bytes, identity: Sequence[str]) -> str:
    """What was sealed for exactly this row. Raises Unopenable."""
    name = key_of(sealed)
    key = settings.CREDENTIAL_KEYS.get(name)
    if key is None:
        raise Unopenable(name)
    end = HEAD_BYTES + len(name.encode())
    head, nonce, rest = sealed[:end], sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, _bound(head, identity)).decode()
    except (InvalidTag, ValueError):
        raise Unopenable from None


def key_of(sealed: bytes) -> str:
    """The name of the key that sealed it. Raises Unopenable."""
    try:
        if sealed[0] != FORM:
            raise Unopenable
        return sealed[HEAD_BYTES : HEAD_BYTES + sealed[1]].decode()
    except (IndexError, UnicodeDecodeError):
        raise Unopenable from None


def _bound(head: bytes, identity: Sequence[str]) -> bytes:
    """Each part with its length before it, so that no two identities read the same."""
    parts = [head, *(part.encode() for part in identity)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
