"""The key that signs checkpoints. It is a file, never in the database: who owns the database cannot sign."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PEM, RAW = serialization.Encoding.PEM, serialization.Encoding.Raw


def signing_key() -> Ed25519PrivateKey:
    """The installation's key; made on first use, 0600, with its public half beside it (``.pub``)."""
    path = Path(settings.AUDIT_KEY_FILE)
    if not path.exists():
        _make(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"AUDIT_KEY_FILE {path} cannot be read: {error}.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"AUDIT_KEY_FILE {path} holds no Ed25519 key.")
    return key


def public_file() -> Path:
    return Path(settings.AUDIT_KEY_FILE).with_suffix(".pub")


def public_key(path: Path | None = None) -> Ed25519PublicKey:
    """The key to check with, from a file that somebody was given, or this installation's own."""
    if path is None:
        return signing_key().public_key()
    key = serialization.load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{path} holds no Ed25519 key.")  # noqa: TRY004 - the file is wrong, not the call
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen digits by which people tell keys apart."""
    raw = key.public_bytes(RAW, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def is_signed(key: Ed25519PublicKey, signature: bytes, statement: str) -> bool:
    try:
        key.verify(signature, statement.encode())
    except InvalidSignature:
        return False
    return True


def _make(path: Path) -> None:
    """Written whole or not at all; of two processes that begin at once, one makes it and the other reads it."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
    path.with_suffix(".pub").write_bytes(public)
