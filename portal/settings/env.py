"""Reads the environment; a value that cannot be used is named in one sentence.

An empty variable counts as unset, so that ``DATABASE_URL= make test`` means the embedded default.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

from portal.embedded import places

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
CREDENTIAL_KEY_BYTES = 32


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    """A value that only the operator can know; ``why`` completes the sentence about its absence."""
    if value := text(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set: {why}.")


def word(name: str, default: str) -> str:
    """A name that stands in SQL: small letters, digits and underscores."""
    value = text(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; use small letters, digits and underscores.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in YES:
        return True
    if value in NO:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def number(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    value = text(name)
    if not value:
        return default
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number.") from None
    if not low <= result <= high:
        raise ImproperlyConfigured(f"{name} is {result}; it must lie between {low} and {high}.")
    return result


def listed(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def database(url: str, *, pool: int = 0) -> dict[str, Any]:
    """Django's form of ``postgresql://user:password@host:port/name?option=value``.

    ``host`` may also be an option, as libpq allows, which is how a socket folder is named.
    pool: connections kept per process; 0 opens one per request.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://; no other database is supported.")
    if not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL names no database: write postgresql://user:password@host/name.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": bool(pool),
    }


def redis_urls(url: str, database_number: int) -> Mapping[str, str]:
    """One server in the two spellings that exist: ``redis`` for redis-py, ``celery`` for kombu.

    A number at the end of the address is where counting starts; ``database_number`` is added to it.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "unix":
        number_ = int(options.get("db", "0")) + database_number
        path = quote(unquote(parts.path))
        return {
            "redis": f"unix://{path}?db={number_}",
            "celery": f"redis+socket://{path}?virtual_host={number_}",
        }
    if parts.scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
    try:
        number_ = int(parts.path.strip("/") or "0") + database_number
    except ValueError:
        raise ImproperlyConfigured("REDIS_URL must end in a database number, such as redis://host:6379/0.") from None
    address = urlunsplit((parts.scheme, parts.netloc, f"/{number_}", parts.query, ""))
    return {"redis": address, "celery": address}


def credential_keys(lines: str) -> dict[str, bytes]:
    """The keys that seal credentials, by name: ``name:key`` with 32 bytes in base64, separated by commas or lines.

    The first one seals; the others only open what was sealed before. Lines that begin with # say something.
    """
    keys: dict[str, bytes] = {}
    for line in re.split(r"[,\n]", lines):
        name, _, encoded = line.strip().partition(":")
        if not name or name.startswith("#"):
            continue
        try:
            key = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not re.fullmatch(r"[\w.-]{1,40}", name, re.ASCII) or len(key) != CREDENTIAL_KEY_BYTES or name in keys:
            raise ImproperlyConfigured(
                "CREDENTIAL_KEYS cannot be read: write NAME:KEY, each name once, the key as 32 bytes in base64; "
                "`openssl rand -base64 32` makes one."
            )
        keys[name] = key
    if not keys:
        raise ImproperlyConfigured("CREDENTIAL_KEYS names no key: write NAME:KEY; `openssl rand -base64 32` makes one.")
    return keys


def from_file(name: str) -> str:
    """The variable, or what is in the file that the variable with _FILE behind its name names."""
    path = text(f"{name}_FILE")
    if not path or text(name):
        return text(name)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from None


def make_credential_key(name: str = "k1") -> str:
    return f"{name}:{base64.urlsafe_b64encode(os.urandom(CREDENTIAL_KEY_BYTES)).decode()}"


def _random_text() -> str:
    return secrets.token_urlsafe(50)


def kept_secret(path: Path, make: Callable[[], str] = _random_text) -> str:
    """A random key for development, made once and kept in ``path`` (0600); in memory only where nothing can be written."""
    try:
        return path.read_text().strip() or make()
    except OSError:
        key = make()
    try:
        places.make_dirs(path.parent)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    except OSError:
        return path.read_text().strip() if path.exists() else key
    return key


@dataclass(frozen=True)
class Provider:
    """An identity provider (OpenID Connect). ``domains``: mail domains whose addresses it may vouch for; ``tenants``:
    short names of the tenants whose people it knows, so that their owners may let it give roles.
    """

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    origin: str
    tenants: tuple[str, ...] = ()

    def as_app(self) -> dict[str, Any]:
        """Allauth's form of it."""
        return {
            "provider_id": self.key,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.client_secret,
            "settings": {"server_url": self.issuer, "domains": list(self.domains)},
        }


def oidc_providers() -> list[Provider]:
    """The identity providers that OIDC_PROVIDERS lists, each with OIDC_<KEY>_ISSUER, _CLIENT_ID and _CLIENT_SECRET.

    Optional: _NAME (on the button), _DOMAINS (mail domains it vouches for), _TENANTS (short names of the tenants whose
    owners may map its claims), _AUTHORIZE_ORIGIN (where its sign-in page is, if that is not the issuer's host).
    """
    found = []
    for word in listed("OIDC_PROVIDERS"):
        key = word.lower()
        if not key.replace("-", "").isalnum():
            raise ImproperlyConfigured(f"OIDC_PROVIDERS names {word!r}; use letters, digits and hyphens.")
        prefix = f"OIDC_{key.upper().replace('-', '_')}_"
        issuer = required(f"{prefix}ISSUER", f"the identity provider {key} needs its address")
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise ImproperlyConfigured(f"{prefix}ISSUER is {issuer!r}; it must begin with https://.")
        found.append(
            Provider(
                key=key,
                name=text(f"{prefix}NAME", key.capitalize()),
                issuer=issuer.rstrip("/"),
                client_id=required(f"{prefix}CLIENT_ID", f"{key} knows this portal by it"),
                client_secret=required(f"{prefix}CLIENT_SECRET", f"{key} gave it with the client id"),
                domains=tuple(domain.lower().lstrip("@") for domain in listed(f"{prefix}DOMAINS")),
                origin=text(f"{prefix}AUTHORIZE_ORIGIN", f"{parts.scheme}://{parts.netloc}"),
                tenants=tuple(listed(f"{prefix}TENANTS")),
            )
        )
    return found
